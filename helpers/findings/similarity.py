"""How similar are your images to those that a source model learned from?

Two answers: how far your images shift the statistics that the source's BatchNorm layers have stored (no image
of the source is needed), and the accuracy of quick probes on its features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.data.image_sets import ImageSet, training_sample
from helpers.findings.html_table import html_table
from helpers.networks.backbones import Backbone
from helpers.networks.batchnorm import SHIFTS_SAMPLE, shifts
from helpers.strategies.probes import quick_probes


@dataclass(frozen=True)
class Row:
    """One source model.

    Args:
        source: its name.
        shifts: of `helpers.networks.batchnorm.shifts`, by block; empty if the model has no BatchNorm.
        probe: cross-validated accuracy of a linear probe on the last layer.
        svm: cross-validated accuracy of an SVM on the middle layer.

    Example:
        >>> Row("shapes", {"block1": 0.1, "block4": 0.3}, probe=0.9, svm=0.8).probe
        0.9
    """

    source: str
    shifts: dict[str, float]
    probe: float
    svm: float


class Similarity(tuple):
    """Rows of source models, the best probe first, displayed as a table.

    Example:
        >>> Similarity([Row("shapes", {"block1": 0.1, "block4": 0.3}, probe=0.9, svm=0.8)])
        shapes: shift, first block 0.10; shift, last block 0.30; probe, last layer 90%; SVM, middle layer 80%
    """

    __slots__ = ()
    HEAD = (
        "source model",
        "shift, first block",
        "shift, last block",
        "probe, last layer",
        "SVM, middle layer",
    )

    def _cells(self):
        for row in self:
            shifts = [f"{s:.2f}" for s in row.shifts.values()] or ["no BatchNorm"]
            yield row.source, shifts[0], shifts[-1], f"{row.probe:.0%}", f"{row.svm:.0%}"

    def __repr__(self):
        lines = [
            "; ".join(f"{name} {value}" for name, value in zip(self.HEAD[1:], cells[1:], strict=True))
            for cells in self._cells()
        ]
        return "\n".join(f"{row.source}: {line}" for row, line in zip(self, lines, strict=True))

    def _repr_html_(self):
        return html_table("Similarity to each source model", self._cells(), self.HEAD)


def similarity(data: ImageSet, backbones: Sequence[Backbone]) -> Similarity:
    """Compare the training images with what each source model learned from.

    Args:
        data: at least 3 training images of each class.
        backbones: the source models.

    Raises:
        ValueError: a class has fewer than 3 training images, or the images are too small for a source.
    """
    X, y = training_sample(data, SHIFTS_SAMPLE)
    rows = [Row(b.name, shifts(b, X), **quick_probes(X, y, b)) for b in backbones]
    return Similarity(sorted(rows, key=lambda row: -max(row.probe, row.svm)))
