"""How similar are your images to those that a source model learned from?

Two answers: how far your images shift the statistics that the source's BatchNorm layers have stored (no image
of the source is needed), and the accuracy of quick probes on its features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.data.image_sets import ImageSet, reduced
from helpers.data.splits import training_sample
from helpers.findings.html_table import html_table
from helpers.networks.backbones import Backbone
from helpers.networks.batchnorm import SHIFTS_SAMPLE, shifts
from helpers.networks.default_sources import cheapest_first
from helpers.strategies.probes import SAMPLE, quick_probes


@dataclass(frozen=True)
class Row:
    """One source model.

    Args:
        source: its name.
        image_size: side of the images that it saw here, in pixels.
        shifts: of `helpers.networks.batchnorm.shifts`, by block; empty if the model has no BatchNorm.
        probe: cross-validated accuracy of a linear probe on the last layer.
        svm: cross-validated accuracy of an SVM on the middle layer.

    Example:
        >>> Row("shapes", 32, {"block1": 0.1, "block4": 0.3}, probe=0.9, svm=0.8).probe
        0.9
    """

    source: str
    image_size: int
    shifts: dict[str, float]
    probe: float
    svm: float


class Similarity(tuple):
    """Rows of source models, the best probe first, displayed as a table.

    Example:
        >>> Similarity([Row("shapes", 32, {"block1": 0.1, "block4": 0.3}, probe=0.9, svm=0.8)])
        shapes, 32 pixels: shift, first block 0.10, last block 0.30; probe, last layer 90%; SVM, ...
    """

    __slots__ = ()
    HEAD = (
        "source model",
        "image size",
        "shift, first block",
        "shift, last block",
        "probe, last layer",
        "SVM, middle layer",
    )

    def _cells(self):
        for row in self:
            shifts = [f"{s:.2f}" for s in row.shifts.values()] or ["no BatchNorm"]
            size = f"{row.image_size} pixels"
            yield row.source, size, shifts[0], shifts[-1], f"{row.probe:.0%}", f"{row.svm:.0%}"

    def __repr__(self):
        return "\n".join(
            f"{source}, {size}: shift, first block {first}, last block {last}; "
            f"probe, last layer {probe}; SVM, middle layer {svm}"
            for source, size, first, last, probe, svm in self._cells()
        )

    def _repr_html_(self):
        return html_table("Similarity to each source model", self._cells(), self.HEAD)


def similarity(data: ImageSet, backbones: Sequence[Backbone]) -> Similarity:
    """Compare the training images with what each source model learned from.

    Each source model sees the images at the size that it was trained on, if they are at least as large. The
    cheaper one of two equally good source models comes first.

    Args:
        data: at least 3 training images of each class.
        backbones: the source models.

    Raises:
        ValueError: a class has fewer than 3 training images, the images are too small for a source, or there
            is no source.
        TypeError: a source is not a Backbone.
    """
    rows = [_row(data, backbone) for backbone in cheapest_first(backbones)]
    return Similarity(sorted(rows, key=lambda row: -max(row.probe, row.svm)))


def _row(data, backbone):
    few, *_ = training_sample(data, SHIFTS_SAMPLE)
    X, y, groups = training_sample(data, SAMPLE)
    few, X = (reduced(images, backbone.image_size) for images in (few, X))
    return Row(backbone.title, X.shape[1], shifts(backbone, few), **quick_probes(X, y, backbone, groups))
