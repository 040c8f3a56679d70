"""Figures of notebooks 07 and 08: stages of training, confusion, mistakes, class maps."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.data.duplicates import Copies
from helpers.data.image_sets import ImageSet
from helpers.plots.style import PALETTE, figure, styled


def stages(histories: Sequence[dict], names: Sequence[str]) -> Figure:
    """Draw accuracy and loss through several stages of training, a dotted line where one starts.

    Args:
        histories: of `helpers.strategies.training.fit`, with validation, in their order.
        names: of the stages.
    """
    drawing, axes = figure(12, 4.8, columns=2)
    starts = np.cumsum([0, *(len(h["loss"]) for h in histories)])
    with styled():
        for axis, key in zip(axes, ("accuracy", "loss"), strict=True):
            for prefix, line, colour, label in (
                ("", "--", PALETTE[6], "training"),
                ("val_", "-", PALETTE[0], "validation"),
            ):
                values = [v for h in histories for v in h[prefix + key]]
                axis.plot(range(1, len(values) + 1), values, line, color=colour, label=label)
            top = axis.get_ylim()[1]
            for start, name in zip(starts[:-1], names, strict=True):
                if start:
                    axis.axvline(start + 0.5, color="black", linestyle=":")
                axis.text(start + 0.7, top, name, va="bottom", fontsize=14)
            axis.set(xlabel="epoch", ylabel=key)
        axes[0].legend(loc="lower right")
    ends = [f"{name} ends at {h['val_accuracy'][-1]:.1%}" for h, name in zip(histories, names, strict=True)]
    drawing.alt = f"Validation accuracy: {', '.join(ends)}."
    return drawing


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draw the confusion matrix: true classes by predicted classes, as counts."""
    from sklearn.metrics import confusion_matrix

    table = confusion_matrix(truth, predicted, labels=list(classes))
    side = min(11, 4 + 0.5 * len(classes))
    drawing, (axis,) = figure(side + 1, side)
    many = len(classes) > 15  # too many for a number in each field: colour has to do
    named = range(0, len(classes), -(-len(classes) // 40))
    with styled():
        picture = axis.imshow(table, cmap="Blues")
        if many:
            drawing.colorbar(picture, shrink=0.6, label="pictures")
        else:
            for (row, column), count in np.ndenumerate(table):
                colour = "white" if count > table.max() / 2 else "black"
                axis.text(column, row, count, ha="center", va="center", color=colour)
        turned: dict[str, Any] = {"rotation": 90} if many else {"rotation": 35, "ha": "right"}
        axis.set_xticks(named, [classes[k] for k in named], **turned)
        axis.set_yticks(named, [classes[k] for k in named])
        axis.grid(False)
        axis.set(xlabel="predicted", ylabel="true")
    right = np.trace(table)
    drawing.alt = f"{right} of {table.sum()} right. " + "; ".join(
        f"{classes[r]} taken for {classes[c]}: {n}" for (r, c), n in np.ndenumerate(table) if n and r != c
    )
    return drawing


def most_wrong(
    pictures: np.ndarray, truth: np.ndarray, predicted: np.ndarray, scores: np.ndarray, most: int = 8
) -> Figure:
    """Show the mistakes that the model is surest of.

    Args:
        pictures: uint8 (n, height, width, 3).
        truth, predicted: labels (n,).
        scores: how sure the model is of its prediction, (n,).
        most: how many pictures.
    """
    wrong = np.flatnonzero(np.asarray(truth) != np.asarray(predicted))
    chosen = wrong[np.argsort(-np.asarray(scores)[wrong])][:most]
    columns = max(1, min(4, len(chosen)))
    rows = max(1, -(-len(chosen) // columns))
    drawing, axes = figure(3 * columns, 3.1 * rows, columns, rows)
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for axis, k in zip(axes, chosen, strict=False):
            axis.imshow(pictures[k], interpolation="nearest")
            axis.set_title(_title(truth[k], f"taken for {predicted[k]}"), fontsize=14)
        if not len(chosen):
            axes[0].text(0.5, 0.5, "no mistakes", ha="center")
    drawing.alt = f"{len(wrong)} mistakes. " + "; ".join(
        f"{truth[k]} taken for {predicted[k]}" for k in chosen
    )
    return drawing


def where_it_looks(pictures: np.ndarray, maps: np.ndarray, titles: Sequence[str]) -> Figure:
    """Lay class maps (0..1) over their pictures in grey: the brighter, the more it speaks for the class."""
    drawing, axes = figure(3 * len(pictures), 6.2, len(pictures), 2)
    with styled():
        for k, (picture, heat, title) in enumerate(zip(pictures, maps, titles, strict=True)):
            axes[k].imshow(picture)
            axes[k].set_title(_title(*title.split("\n")), fontsize=14)
            axes[k + len(pictures)].imshow(np.mean(picture, axis=-1), cmap="gray", vmin=0, vmax=255)
            axes[k + len(pictures)].imshow(heat, cmap="inferno", alpha=0.55, vmin=0, vmax=1)
        for axis in axes:
            axis.set_axis_off()
    drawing.alt = f"Pictures, and below where they speak for their class: {', '.join(titles)}."
    return drawing


def _title(*lines):
    """Names of classes may be longer than a picture is wide."""
    return "\n".join(textwrap.fill(line, 24) for line in lines)


def _pair(places, labels):
    """Two of a group of copies: of two classes where it has them, else the first and the last."""
    of_another = places[labels != labels[0]]
    return np.array([places[0], of_another[0] if len(of_another) else places[-1]])


def copies(data: ImageSet, found: Copies, most: int = 4) -> Figure:
    """Show pictures beside their copies: of two classes first, then of two splits, then the others.

    Args:
        data: a `helpers.data.image_sets.ImageSet`.
        found: `helpers.data.duplicates.Copies` of it.
        most: how many pairs.
    """
    pairs = [_pair(places, found.labels[places]) for places in found.sets]
    pairs.sort(key=lambda pair: (len(set(found.labels[pair])) == 1, len(set(found.parts[pair])) == 1))
    pairs, (columns, rows) = pairs[:most], (max(1, min(most, len(pairs))), 2)
    drawing, axes = figure(2.9 * columns, 6.2, columns, rows)
    pictures = [x for part in ("train", "validation", "test") for x in getattr(data, f"X_{part}")]
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for column, pair in enumerate(pairs):
            for row, k in enumerate(pair):
                axes[column + row * columns].imshow(pictures[k], interpolation="nearest")
                axes[column + row * columns].set_title(_title(found.parts[k], found.labels[k]), fontsize=14)
        if not pairs:
            axes[0].text(0.5, 0.5, "no copies", ha="center")
    drawing.alt = f"{len(found.sets)} groups of copies. " + "; ".join(
        " = ".join(f"{found.labels[k]} in {found.parts[k]}" for k in pair) for pair in pairs
    )
    return drawing
