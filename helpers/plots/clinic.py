"""Figures that say what ails a model: recall per class, calibration, and a learning curve."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from helpers.data.validation import check_rows
from helpers.findings.reports import accuracy_interval
from helpers.plots.style import PALETTE, figure, legible, say_left_out, styled

if TYPE_CHECKING:
    from helpers.strategies.learning_curve import LearningCurve

MOST_CLASSES = 20
BINS = 5


def recalls(truth: np.ndarray, answers: Mapping[str, np.ndarray], classes: Sequence[str]) -> Figure:
    """Draw the recall of each class with its 95 % interval (Wilson 1927), for one model or several.

    Args:
        truth: labels (n,).
        answers: predicted labels (n,) by the name of the model.
        classes: in the order of the axis. Those without images are left out; of many, those with the lowest
            recall of the first model are shown.

    Raises:
        ValueError: there are no models or no images, or the labels differ in number.

    Example:
        >>> y = np.array(["cat", "cat", "dog"])
        >>> recalls(y, {"model": np.array(["cat", "dog", "dog"])}, ["cat", "dog"]).alt
        'Recall per class. model: cat 50% of 2, dog 100% of 1.'
    """
    if not answers:
        raise ValueError("answers must not be empty. Pass the predicted labels by the name of the model.")
    check_rows(truth=truth, **answers)
    truth = np.asarray(truth)
    shown = [name for name in classes if np.any(truth == name)]
    found = {
        model: [np.asarray(given)[truth == name] == name for name in shown]
        for model, given in answers.items()
    }
    first = next(iter(found.values()))
    if left_out := max(0, len(shown) - MOST_CLASSES):
        kept = sorted(np.argsort([right.mean() for right in first], kind="stable")[:MOST_CLASSES])
        shown = [shown[k] for k in kept]
        found = {model: [rights[k] for k in kept] for model, rights in found.items()}
    step = 0.8 / len(found)
    drawing, (axis,) = figure(9, 1.6 + 0.45 * len(shown) * max(1, len(found) / 1.5))
    with styled():
        for number, (model, rights) in enumerate(found.items()):
            rows = np.arange(len(shown)) + step * (number - (len(found) - 1) / 2)
            values = np.array([right.mean() for right in rights])
            limits = np.array([accuracy_interval(int(right.sum()), len(right)) for right in rights]).T
            axis.errorbar(
                values,
                rows,
                xerr=np.abs(limits - values),
                fmt="os^D"[number % 4],
                color=PALETTE[number % len(PALETTE)],
                markersize=9,
                label=legible(model),
            )
        counts = [int(np.sum(truth == name)) for name in shown]
        names = [f"{legible(name, 24)} ({count})" for name, count in zip(shown, counts, strict=True)]
        axis.set_yticks(range(len(shown)), names)
        axis.set_ylim(len(shown) - 0.5, -0.5)
        axis.set_xlim(-0.02, 1.02)
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.set_xlabel("recall, with 95 % interval (images of the class)")
        if len(found) > 1:
            drawing.legend(loc="outside upper left", ncols=len(found), fontsize=14)
    parts = [
        f"{model}: "
        + ", ".join(
            f"{name} {right.mean():.0%} of {len(right)}" for name, right in zip(shown, rights, strict=True)
        )
        for model, rights in found.items()
    ]
    drawing.alt = f"Recall per class. {'; '.join(parts)}."
    say_left_out(drawing, left_out, "classes")
    return drawing


def calibration(right: np.ndarray, probabilities: Mapping[str, np.ndarray], threshold: float) -> Figure:
    """Draw a reliability diagram, and the accuracy against the share of images that a model answers.

    The bins have about the same number of images (Nixon et al. 2019, "Measuring calibration in deep
    learning"): with few images, bins of equal width would be empty.

    Args:
        right: whether each answer is right, bool (n,).
        probabilities: of the answers, 0..1, float (n,), by name; the last ones are used on the right.
        threshold: the least probability with which the model answers.

    Raises:
        ValueError: there are no images, or the arrays differ in length.

    Example:
        >>> right = np.array([True, True, False, True])
        >>> sure = np.array([0.9, 0.8, 0.4, 0.7])
        >>> calibration(right, {"calibrated": sure}, threshold=0.6).alt[-59:]
        'answers from 60% on: 75% of the images, 100% of them right.'
    """
    check_rows(right=right, **probabilities)
    right = np.asarray(right, float)
    drawing, (left, axis) = figure(12, 4.8, columns=2)
    said = []
    with styled():
        left.plot([0, 1], [0, 1], ":", color=PALETTE[6])
        for number, (name, sure) in enumerate(probabilities.items()):
            bins = np.array_split(np.argsort(sure, kind="stable"), min(BINS, len(right)))
            means = [[np.mean(values[rows]) for rows in bins] for values in (np.asarray(sure), right)]
            left.plot(*means, "os^D"[number % 4] + "-", color=PALETTE[number], label=legible(name))
            said.append(f"{name}: mean probability {np.mean(sure):.0%}, {np.mean(right):.0%} right")
        left.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="probability of the answer", ylabel="share right")
        left.legend(loc="upper left", fontsize=14)
        last = np.asarray([*probabilities.values()][-1])
        order = np.argsort(-last, kind="stable")
        share = np.arange(1, len(right) + 1) / len(right)
        axis.plot(share, np.cumsum(right[order]) / np.arange(1, len(right) + 1), color=PALETTE[0])
        answered = last >= threshold
        axis.axvline(answered.mean(), color=PALETTE[1], linestyle="--", label=f"threshold {threshold:.0%}")
        axis.set(xlim=(0, 1.02), xlabel="share of the images that are answered", ylabel="share right")
        axis.legend(loc="lower left", fontsize=14)
        for one in (left, axis):
            one.set_xticks([0.2, 0.4, 0.6, 0.8, 1])  # at 0, it would touch the number of the other axis
            one.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            one.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    kept = f", {right[answered].mean():.0%} of them right" if answered.any() else ""
    said.append(f"answers from {threshold:.0%} on: {answered.mean():.0%} of the images{kept}")
    drawing.alt = f"{'; '.join(said)}."
    return drawing


def learning_curve(curve: "LearningCurve") -> Figure:
    """Draw a learning curve as far as twice the images, with its 90 % interval.

    Args:
        curve: of `helpers.strategies.learning_curve.learning_curve`.

    Example:
        >>> from helpers.strategies.learning_curve import LearningCurve
        >>> sizes, laws = np.array([10.0, 40.0]), np.array([[1.0, 0.5]])
        >>> curve = LearningCurve(50, sizes, np.array([0.7, 0.8]), laws, variance=0)
        >>> learning_curve(curve).alt[:54]
        'With all 50 images, the probe has an accuracy of about'
    """
    sizes = np.geomspace(curve.sizes[0], 2 * curve.images, 40)
    band = [curve.at(size) for size in sizes]
    drawing, (axis,) = figure(9, 4.8)
    with styled():
        low, high = [one.low for one in band], [one.high for one in band]
        name = "90 % interval"  # given: definition
        axis.fill_between(sizes, low, high, color=PALETTE[4], alpha=0.3, label=name)
        axis.plot(sizes, [one.accuracy for one in band], color=PALETTE[0], label="power law")
        axis.plot(curve.sizes, curve.accuracy, "o", color=PALETTE[1], label="cross-validated")
        axis.axvline(curve.images, color=PALETTE[6], linestyle=":")
        axis.text(curve.images, axis.get_ylim()[0], " your images", va="bottom", fontsize=14)
        axis.set(xlabel="training images", ylabel="accuracy")
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.legend(loc="lower right", fontsize=14)
    drawing.alt = str(curve)
    return drawing
