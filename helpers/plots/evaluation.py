"""Figures of one trained model: stages of training, confusion matrix, mistakes, class maps."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.data.validation import check_integer, check_rows
from helpers.findings.held_out import HeldOut
from helpers.plots.style import PALETTE, WIDEST, figure, legible, say_left_out, styled, wrapped

CURVES = ("accuracy", "loss", "val_accuracy", "val_loss")
MOST_STAGES = 4
MOST_NAMES = 40  # on an axis of the confusion matrix
MOST_CONFUSIONS = 20  # in its alternative text
MOST_MISTAKES = 24
MOST_MAPS = 4
MOST_HELD_OUT = 18


def stages(histories: Sequence[dict], names: Sequence[str]) -> Figure:
    """Draw accuracy and loss over the first four stages of training; a dotted line starts each.

    Args:
        histories: the results of `helpers.strategies.training.fit` with validation, stage by stage.
        names: of the stages.

    Raises:
        TypeError: a history is not a dict.
        ValueError: there are no stages, not as many names as stages, or a stage without epochs or without
            validation curves.
    """
    check_rows(histories=histories, names=names)
    for history, name in zip(histories, names, strict=True):
        if not isinstance(history, dict):
            raise TypeError(
                f"The history of stage {name!r} must be a dict of curves. Received: "
                f"{type(history).__name__}. Of what Keras' fit returns, pass its .history."
            )
        if lacking := [key for key in CURVES if not len(history.get(key, ()))]:
            raise ValueError(
                f"The history of stage {name!r} lacks {', '.join(lacking)}. Train at least one epoch, and "
                "pass validation=(X, y) to fit."
            )
    stages = len(histories)
    histories, names = histories[:MOST_STAGES], names[:MOST_STAGES]
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
                axis.text(start + 0.7, top, legible(name), va="bottom", fontsize=14)
            axis.set(xlabel="epoch", ylabel=key)
        axes[0].legend(loc="lower right")
    ends = [f"{name} ends at {h['val_accuracy'][-1]:.1%}" for h, name in zip(histories, names, strict=True)]
    drawing.alt = f"Validation accuracy: {', '.join(ends)}."
    say_left_out(drawing, stages - len(histories), "stages")
    return drawing


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draw the confusion matrix: numbers of images by true class (rows) and predicted class (columns).

    Args:
        truth: labels (n,).
        predicted: predicted labels (n,).
        classes: all labels, in the order of the axes.

    Raises:
        ValueError: there are no labels, `truth` and `predicted` differ in length, or a label is not in
            `classes` or is listed there twice.

    Example:
        >>> confusion(np.array(["cat", "dog"]), np.array(["dog", "dog"]), ["cat", "dog"]).alt
        '1 of 2 correct. cat predicted as dog: 1'
    """
    from sklearn.metrics import confusion_matrix

    check_rows(truth=truth, predicted=predicted)
    if twice := [label for label, times in Counter(classes).items() if times > 1]:
        raise ValueError(f"classes lists {twice[0]!r} several times. List each label once.")
    if unknown := sorted({*np.ravel(truth).tolist(), *np.ravel(predicted).tolist()} - {*classes}, key=str):
        listed = ", ".join(repr(label) for label in unknown[:5])
        raise ValueError(
            f"Labels that are not in classes: {listed}{', ...' if len(unknown) > 5 else ''}. Add them to "
            "classes, or leave out their images."
        )
    table = confusion_matrix(truth, predicted, labels=list(classes))
    side = min(WIDEST - 1, 4 + 0.5 * len(classes))
    drawing, (axis,) = figure(side + 1, side)
    many = len(classes) > 15  # too many for a number in each cell, so only the colour shows it
    step = -(-len(classes) // MOST_NAMES)
    named = range(0, len(classes), step)
    with styled():
        cells = axis.imshow(table, cmap="Blues")
        if many:
            drawing.colorbar(cells, shrink=0.6, label="images")
        else:
            for (row, column), count in np.ndenumerate(table):
                colour = "white" if count > table.max() / 2 else "black"
                axis.text(column, row, count, ha="center", va="center", color=colour)
        turned: dict[str, Any] = {"rotation": 90} if many else {"rotation": 35, "ha": "right"}
        names = [legible(classes[k]) for k in named]
        axis.set_xticks(named, names, **turned)
        axis.set_yticks(named, names)
        axis.grid(False)
        axis.set(xlabel="predicted", ylabel="true")
        if step > 1:
            axis.set_xlabel(f"predicted ({len(named)} of {len(classes):,} classes are named)")
    right = np.trace(table)
    wrong = [(table[r, c], r, c) for r, c in np.argwhere(table) if r != c]
    if len(wrong) > MOST_CONFUSIONS:
        wrong.sort(key=lambda confusion: -confusion[0])
    drawing.alt = f"{right} of {table.sum()} correct. " + "; ".join(
        f"{classes[r]} predicted as {classes[c]}: {n}" for n, r, c in wrong[:MOST_CONFUSIONS]
    )
    if len(wrong) > MOST_CONFUSIONS:
        drawing.alt += f"; and {len(wrong) - MOST_CONFUSIONS:,} more, less frequent confusions"
    return drawing


def most_wrong(
    images: np.ndarray, truth: np.ndarray, predicted: np.ndarray, scores: np.ndarray, most: int = 8
) -> Figure:
    """Show the mistakes with the highest scores.

    Args:
        images: uint8 (n, height, width, 3).
        truth: labels (n,).
        predicted: predicted labels (n,).
        scores: score of each prediction (n,).
        most: largest number of images to show, at most 24.

    Raises:
        ValueError: the arrays are empty or differ in length, or `most` is not a positive integer.

    Example:
        >>> images, truth = np.zeros((2, 8, 8, 3), np.uint8), np.array(["cat", "dog"])
        >>> most_wrong(images, truth, np.array(["dog", "dog"]), np.array([0.9, 0.8])).alt
        '1 of 2 wrong. cat predicted as dog'
    """
    most = min(check_integer("most", most, 1), MOST_MISTAKES)
    check_rows(images=images, truth=truth, predicted=predicted, scores=scores)
    wrong = np.flatnonzero(np.asarray(truth) != np.asarray(predicted))
    chosen = wrong[np.argsort(-np.asarray(scores)[wrong])][:most]
    columns = max(1, min(4, len(chosen)))
    rows = max(1, -(-len(chosen) // columns))
    drawing, axes = figure(3 * columns, 3.1 * rows, columns, rows)
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for axis, k in zip(axes, chosen, strict=False):
            axis.imshow(images[k], interpolation="nearest")
            axis.set_title(wrapped(truth[k], f"predicted as {predicted[k]}"), fontsize=14)
        if not len(chosen):
            axes[0].text(0.5, 0.5, "no mistakes", ha="center")
    named = "; ".join(f"{truth[k]} predicted as {predicted[k]}" for k in chosen)
    drawing.alt = f"{len(wrong)} of {len(truth)} wrong. {named}" if named else "There are no mistakes."
    say_left_out(drawing, len(wrong) - len(chosen), "mistakes")
    return drawing


def held_out(images: np.ndarray, found: HeldOut) -> Figure:
    """Show images with the answers of models that have not seen them: the surest mistakes first.

    Args:
        images: uint8 (n, height, width, 3); the first 18 in the order of `found` are shown.
        found: the answers.

    Raises:
        ValueError: there are no images, or not as many as answers.

    Example:
        >>> from helpers.findings.held_out import held_out as answers
        >>> found = answers(np.array(["cup", "glass"]), [[0.9, 0.1], [0.6, 0.4]], ["1.jpg", "2.jpg"])
        >>> held_out(np.zeros((2, 8, 8, 3), np.uint8), found).alt.partition(". ")[2]
        'glass predicted as cup 60%; cup predicted as cup 90%'
    """
    check_rows(images=images, truth=found.truth)
    shown = found.order[:MOST_HELD_OUT]
    columns = min(6, len(shown))
    rows = -(-len(shown) // columns)
    drawing, axes = figure(max(8, 2 * columns), 0.5 + 2.75 * rows, columns, rows)
    with styled():
        drawing.suptitle(found.headline, fontsize=14)
        for axis in axes[len(shown) :]:
            axis.set_axis_off()
        for axis, k in zip(axes, shown, strict=False):
            wrong = found.wrong[k]
            axis.imshow(images[k])
            axis.set(xticks=[], yticks=[])
            for side in axis.spines.values():
                side.set(visible=wrong, linewidth=6, edgecolor=PALETTE[1])
            answer = f"{legible(found.predicted[k], 12)} {found.probability[k]:.0%}"
            truth = f"\ntrue: {legible(found.truth[k], 12)}" if wrong else ""
            axis.set_title(answer + truth, fontsize=14)
    drawing.alt = f"{found.headline}. " + "; ".join(
        f"{found.truth[k]} predicted as {found.predicted[k]} {found.probability[k]:.0%}" for k in shown
    )
    say_left_out(drawing, len(images) - len(shown), "images")
    return drawing


def class_maps(images: np.ndarray, maps: np.ndarray, titles: Sequence[str]) -> Figure:
    """Show the first four images, and below them their class maps: bright areas raise the class's score.

    Args:
        images: uint8 (n, height, width, 3).
        maps: 0..1, (n, height, width), such as those of `helpers.networks.explain.grad_cam`.
        titles: of the images.

    Raises:
        ValueError: the arrays are empty or differ in length.

    Example:
        >>> images, maps = np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 8, 8))
        >>> class_maps(images, maps, ["cat", "dog"]).alt
        'Images, and below them their class maps: cat, dog.'
    """
    check_rows(images=images, maps=maps, titles=titles)
    everything = list(zip(images, maps, titles, strict=True))
    shown = everything[:MOST_MAPS]
    drawing, axes = figure(3 * len(shown), 6.2, len(shown), 2)
    with styled():
        for k, (image, heat, title) in enumerate(shown):
            axes[k].imshow(image)
            axes[k].set_title(wrapped(*title.split("\n")), fontsize=14)
            axes[k + len(shown)].imshow(np.mean(image, axis=-1), cmap="gray", vmin=0, vmax=255)
            axes[k + len(shown)].imshow(heat, cmap="inferno", alpha=0.55, vmin=0, vmax=1)
        for axis in axes:
            axis.set_axis_off()
    drawing.alt = f"Images, and below them their class maps: {', '.join(title for *_, title in shown)}."
    say_left_out(drawing, len(everything) - len(shown), "images")
    return drawing


def two_opinions(
    images: Sequence[np.ndarray],
    maps: Sequence[np.ndarray],
    answers: Sequence[Sequence[str]],
    truth: Sequence[str],
) -> Figure:
    """Show the same images with the answers of two models, A and B, and the class maps of both.

    Args:
        images: of each model, at the size that it takes: uint8 (n, height, width, 3), at most four.
        maps: of each model, 0..1, (n, height, width), such as those of `helpers.networks.explain.grad_cam`;
            NaN if the model has none. One that is equal everywhere shows nothing and is left out.
        answers: of each model, n names.
        truth: the n right names.

    Example:
        >>> X, heat = np.zeros((1, 8, 8, 3), np.uint8), np.zeros((1, 8, 8))
        >>> two_opinions([X, X], [heat, heat], [["cat"], ["dog"]], ["cat"]).alt
        'Images on which two models disagree. True: cat; A: cat; B: dog.'
    """
    count = len(truth)
    drawing, axes = figure(3 * count, 9.6, count, 3)
    with styled():
        for k, name in enumerate(truth):
            axes[k].imshow(max(images, key=np.size)[k])
            axes[k].set_title(wrapped("true:", name), fontsize=14)
            for row, (seen, heat, answer) in enumerate(zip(images, maps, answers, strict=True)):
                axis = axes[k + (row + 1) * count]
                axis.imshow(np.mean(seen[k], axis=-1), cmap="gray", vmin=0, vmax=255)
                mark = "right" if answer[k] == name else "wrong"
                if np.ptp(heat[k]) > 0:
                    axis.imshow(heat[k], cmap="inferno", alpha=0.55, vmin=0, vmax=1)
                else:  # NaN, nothing supports the answer, or the layer has a single place
                    mark += ", no map"
                axis.set_title(wrapped(f"{'AB'[row]}, {mark}:", answer[k]), fontsize=14)
        for axis in axes:
            axis.set_axis_off()
    drawing.alt = "Images on which two models disagree. " + " ".join(
        f"True: {name}; A: {answers[0][k]}; B: {answers[1][k]}." for k, name in enumerate(truth)
    )
    return drawing
