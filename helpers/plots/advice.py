"""Figures of notebook 06: rates, distortion, curves of silent bugs."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.strategies import COLOURS
from helpers.plots.style import PALETTE, figure, styled
from helpers.studies.engine.statistics import interval


def case_curves(axis: Axes, rows: list[dict], title: str) -> tuple[float, float, float]:
    """Draw training and validation curves of one case, thin for each seed, thick for the mean.

    Returns:
        Mean of the last training, last validation and test accuracies.
    """
    ends = []
    for key, colour, line, label in (
        ("accuracy", PALETTE[6], "--", "training"),
        ("val_accuracy", PALETTE[0], "-", "validation"),
    ):
        runs = np.array([[float(v) for v in row[key].split()] for row in rows])
        epochs = np.arange(1, runs.shape[1] + 1)
        axis.plot(epochs, runs.T, color=colour, linestyle=line, linewidth=1, alpha=0.4)
        axis.plot(epochs, runs.mean(axis=0), color=colour, linestyle=line, label=label)
        ends.append(float(runs[:, -1].mean()))
    test = float(np.mean([float(row["test"]) for row in rows]))
    axis.plot(epochs[-1] + 0.5, test, "*", color=PALETTE[1], markersize=16, label="honest test")
    axis.set(title=title, xlabel="epoch", ylabel="accuracy", ylim=(0, 1.03))
    return ends[0], ends[1], test


def by_ratio(axis: Axes, rows: list[dict], ratio: str) -> tuple[float, float]:
    """Draw accuracy by the ratio of rates, one marked; returns its mean and interval."""
    ratios = list(dict.fromkeys(r["ratio"] for r in rows))
    points = [interval([float(r["accuracy"]) for r in rows if r["ratio"] == value]) for value in ratios]
    mean, half = np.array(points).T
    axis.errorbar(range(len(ratios)), mean, half, marker="o", markersize=9, capsize=5, color=PALETTE[0])
    place = ratios.index(ratio)
    axis.plot(place, mean[place], "D", color=PALETTE[1], markersize=16)
    axis.set_xticks(range(len(ratios)), ratios)
    axis.set(xlabel="backbone rate / head rate", ylabel="validation accuracy", ylim=(0, 1.03))
    return points[place]


def distortion(rows: list[dict]) -> Figure:
    """Accuracy of probe, fine-tuning and LP-FT, in distribution and shifted."""
    shifts = list(dict.fromkeys(r["shift"] for r in rows))
    ways = list(dict.fromkeys(r["strategy"] for r in rows))
    drawing, (axis,) = figure(12, 5.2)
    told = []
    with styled():
        for place, way in enumerate(ways):
            points = [
                interval([float(r["accuracy"]) for r in rows if (r["strategy"], r["shift"]) == (way, s)])
                for s in shifts
            ]
            mean, half = np.array(points).T
            x = np.arange(len(shifts)) + 0.27 * (place - 1)
            axis.bar(x, mean, 0.26, yerr=half, capsize=4, color=COLOURS[way], label=way)
            told += [f"{way}, {s}: {m:.0%}" for s, m in zip(shifts, mean, strict=True)]
        names = ["in distribution" if s == "none" else s for s in shifts]
        axis.set_xticks(range(len(shifts)), names)
        axis.set(ylabel="test accuracy", ylim=(0, 1.03))
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.17), ncol=3)
    drawing.alt = "; ".join(told)
    return drawing
