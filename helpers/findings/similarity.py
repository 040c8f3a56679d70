"""How similar are your pictures to those a source model learnt from? Used in notebook 08.

Asked twice: what the source's BatchNorm layers remember of its pictures (no picture of the source is
needed), and how well quick probes on its codes name your classes.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.data.image_sets import ImageSet, training_sample
from helpers.networks.backbones import Backbone
from helpers.networks.batchnorm import SHIFTS_SAMPLE, shifts
from helpers.strategies.probes import quick_probes


@dataclass(frozen=True)
class Row:
    """One source model.

    Args:
        source: its name.
        shifts: of `shifts`, block by block; empty where the model has no BatchNorm.
        probe, svm: cross-validated accuracies of `helpers.strategies.probes.quick_probes`.
    """

    source: str
    shifts: dict[str, float]
    probe: float
    svm: float


class Similarity(tuple):
    """Rows of source models, the best probe first; shows itself as a table."""

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
        head = "".join(f"<th scope=col>{name}</th>" for name in self.HEAD)
        body = "".join(
            f"<tr><th scope=row>{html.escape(first)}</th>"
            + "".join(f"<td>{cell}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self._cells()
        )
        label = "Similarity to each source model"
        return f"<table aria-label='{label}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def similarity(data: ImageSet, backbones: Sequence[Backbone]) -> Similarity:
    """Compare the training pictures with what each source model learnt from.

    Args:
        data: at least 3 training pictures of each class.
        backbones: the source models.

    Raises:
        ValueError: a class with fewer than 3 training pictures, or pictures too small for a source.
    """
    X, y = training_sample(data, SHIFTS_SAMPLE)
    rows = [Row(b.name, shifts(b, X), **quick_probes(X, y, b)) for b in backbones]
    return Similarity(sorted(rows, key=lambda row: -max(row.probe, row.svm)))
