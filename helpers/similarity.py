"""How similar are your pictures to those a source model learnt from? Used in notebook 08.

Asked twice: what the source's BatchNorm layers remember of its pictures (no picture of the source is
needed), and how well quick probes on its codes name your classes.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.datasets import ImageSet, training_sample
from helpers.models import Backbone, block_of, keras, load
from helpers.recommender import quick_probes
from helpers.validation import check_images

MOST = 300  # training pictures that are looked at


@dataclass(frozen=True)
class Row:
    """One source model.

    Args:
        source: its name.
        shifts: of `shifts`, block by block; empty where the model has no BatchNorm.
        probe, svm: cross-validated accuracies of `helpers.recommender.quick_probes`.
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
    X, y = training_sample(data, MOST)
    rows = [Row(b.name, shifts(b, X), **quick_probes(X, y, b)) for b in backbones]
    return Similarity(sorted(rows, key=lambda row: -max(row.probe, row.svm)))


def shifts(backbone: Backbone, X: np.ndarray) -> dict[str, float]:
    """How far activations have moved from the source's, block by block.

    Each channel's mean and variance over the pictures is compared with what BatchNorm stored over the
    source's: symmetric Kullback-Leibler divergence of two normal distributions, the median over the
    channels. Source: Li et al. 2017, "Revisiting batch normalization for practical domain adaptation".

    Args:
        backbone: the source model.
        X: uint8 (n, height, width, 3).

    Returns:
        By block, for its last BatchNorm; 0 where nothing moved. Empty where there is no BatchNorm.
    """
    X, model = check_images(X), load(backbone)
    norms = {
        block: layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization) and (block := block_of(layer.name))
    }
    if not norms:
        return {}
    means = [keras.ops.mean(norm.input, axis=(1, 2)) for norm in norms.values()]
    squares = [keras.ops.mean(keras.ops.square(norm.input), axis=(1, 2)) for norm in norms.values()]
    found = keras.Model(model.input, means + squares).predict(X, batch_size=32, verbose=0)
    found = [part.mean(axis=0) for part in found]
    return {
        block: _divergence(norm, mean, square - mean**2)
        for (block, norm), mean, square in zip(
            norms.items(), found[: len(norms)], found[len(norms) :], strict=True
        )
    }


def _divergence(norm, mean, variance):
    there, spread = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance) + norm.epsilon
    variance = np.maximum(variance, 0) + norm.epsilon
    gap = (mean - there) ** 2
    both = ((variance + gap) / spread + (spread + gap) / variance) / 2 - 1
    return float(np.median(both))
