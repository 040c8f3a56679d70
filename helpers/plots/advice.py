"""Figures of the practical advice: learning rates, distortion, curves of silent bugs."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data.validation import check_rows
from helpers.plots.style import PALETTE, figure, powers, say_left_out, styled
from helpers.strategies import registry
from helpers.studies.engine.statistics import intervals

if TYPE_CHECKING:
    from helpers.strategies.rate_finder import RangeTest


def case_curves(axis: Axes, rows: pd.DataFrame, title: str) -> tuple[float, float, float]:
    """Draw training and validation curves of one case: a thin line per seed, a thick one for the mean.

    Args:
        axis: to draw on; it is not cleared.
        rows: of the study `silent_bugs`, one case.
        title: of the axis.

    Returns:
        Mean of the last training, last validation and test accuracies.
    """
    ends = []
    for key, colour, line, label in (
        ("accuracy", PALETTE[6], "--", "training"),
        ("val_accuracy", PALETTE[0], "-", "validation"),
    ):
        runs = rows[key].str.split(expand=True).astype(float).to_numpy()
        epochs = np.arange(1, runs.shape[1] + 1)
        axis.plot(epochs, runs.T, color=colour, linestyle=line, linewidth=1, alpha=0.4)
        axis.plot(epochs, runs.mean(axis=0), color=colour, linestyle=line, label=label)
        ends.append(float(runs[:, -1].mean()))
    test = float(rows["test"].mean())
    axis.plot(epochs[-1] + 0.5, test, "*", color=PALETTE[1], markersize=16, label="test set")
    axis.set(title=title, xlabel="epoch", ylabel="accuracy", ylim=(0, 1.03))
    return ends[0], ends[1], test


def by_ratio(axis: Axes, rows: pd.DataFrame, ratio: float) -> tuple[float, float]:
    """Draw accuracy by the ratio of learning rates, and mark one of them.

    Args:
        axis: to draw on; it is not cleared.
        rows: of the study `rate_ratio`, one learning rate of the head.
        ratio: to mark.

    Returns:
        Mean and half width of the 95 % interval at this ratio.
    """
    points = intervals(rows.groupby("ratio")["accuracy"])
    places = range(len(points))
    look: dict[str, Any] = {"marker": "o", "markersize": 9, "capsize": 5, "color": PALETTE[0]}
    axis.errorbar(places, points["mean"], points["interval"], **look)
    axis.plot(points.index.get_loc(ratio), points.loc[ratio, "mean"], "D", color=PALETTE[1], markersize=16)
    axis.set_xticks(places, points.index.astype(str))
    axis.set(xlabel="ratio of learning rates, backbone / head", ylabel="validation accuracy", ylim=(0, 1.03))
    mean, half = points.loc[ratio]
    return mean, half


def distortion(rows: pd.DataFrame) -> Figure:
    """Draw the accuracy of probe, fine-tuning and LP-FT, in distribution and shifted.

    Args:
        rows: of the study `distortion`.
    """
    shifts = rows["shift"].unique()
    by_shift = rows.groupby(["strategy", "shift"], sort=False)["accuracy"]
    drawing, (axis,) = figure(12, 5.2)
    texts = []
    with styled():
        for place, way in enumerate(rows["strategy"].unique()):
            points = intervals(by_shift).loc[way]
            mean, half = points["mean"], points["interval"]
            x = np.arange(len(shifts)) + 0.27 * (place - 1)
            axis.bar(x, mean, 0.26, yerr=half, capsize=4, color=registry.get(way).colour, label=way)
            texts += [f"{way}, {s}: {m:.0%}" for s, m in mean.items()]
        names = ["in distribution" if s == "none" else s for s in shifts]
        axis.set_xticks(range(len(shifts)), names)
        axis.set(ylabel="test accuracy", ylim=(0, 1.03))
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.17), ncol=3)
    drawing.alt = "; ".join(texts)
    return drawing


MOST_TESTS = 4


def range_tests(**tests: "RangeTest") -> Figure:
    """Draw the loss of each step by learning rate, smoothed as well, with the suggested rate.

    Args:
        **tests: of `helpers.strategies.find_rates`; what is tested, such as head=..., becomes the title.
            At most four are shown.

    Raises:
        ValueError: there are no tests, or a loss was never finite or never fell.

    Example:
        >>> from helpers.strategies.rate_finder import RangeTest
        >>> test = RangeTest(np.geomspace(1e-5, 1, 6), np.array([2, 2, 1, 0.5, 9, 99]))
        >>> range_tests(head=test).alt
        'Loss by rising learning rate: it falls, then grows. Suggested rates: head 0.001.'
    """
    check_rows(tests=tests)
    shown = dict(list(tests.items())[:MOST_TESTS])
    rates = ", ".join(f"{name} {test.suggestion:.1g}" for name, test in shown.items())
    drawing, axes = figure(6 * len(shown), 4.8, columns=len(shown))
    with styled():
        for axis, (name, test) in zip(axes, shown.items(), strict=True):
            highest = test.smoothed[: np.argmin(test.smoothed) + 1].max()  # before the loss diverges
            axis.semilogx(test.rates, test.losses, color=PALETTE[4], linewidth=1, label="each step")
            axis.semilogx(test.rates, test.smoothed, color=PALETTE[0], label="smoothed")
            powers(axis.xaxis)
            axis.axvline(test.suggestion, color=PALETTE[1], linestyle="--", label="suggested rate")
            axis.set(title=name, xlabel="learning rate", ylabel="loss", ylim=(0, 1.5 * highest))
        axes[0].legend()
    drawing.alt = f"Loss by rising learning rate: it falls, then grows. Suggested rates: {rates}."
    say_left_out(drawing, len(tests) - len(shown), "tests")
    return drawing
