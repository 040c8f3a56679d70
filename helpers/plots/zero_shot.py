"""Figures of names instead of examples: accuracy from zero images on, and where names fail."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.style import PALETTE, figure, styled
from helpers.studies.engine.statistics import intervals

PROBES = ("probe on the pair", "probe on shapes", "probe from names")
MARKS = "sDo"
CHANCE = {"new shapes": 1 / 10}  # of the other targets: 1 / 12
# Rows of the right panel: its name, the target and the shift.
LIMITS = (
    ("seen", "seen", "none"),
    ("held out", "held out", "none"),
    ("… blurred", "held out", "blur"),
    ("… with noise", "held out", "noise"),
    ("… by night", "held out", "night"),
    ("new shapes", "new shapes", "none"),
)


def from_zero(runs: pd.DataFrame) -> Figure:
    """Draw accuracy by images per class, from 0 on, and next to it the limits of names.

    Args:
        runs: of the study `zero_shot`.
    """
    drawing, (left, right) = figure(12, 5.6, columns=2)
    with styled():
        texts = [*by_size(left, runs), *limits(right, runs)]
    drawing.alt = " ".join(texts)
    return drawing


def by_size(axis: Axes, runs: pd.DataFrame) -> list[str]:
    """Draw the accuracy of names and of probes on held-out combinations; return what it shows, in words.

    Args:
        axis: to draw on; its x axis has one place per number of images, the first for 0.
        runs: of the study `zero_shot`.
    """
    here = runs[(runs["target"] == "held out") & (runs["shift"] == "none")]
    places = {size: place for place, size in enumerate(sorted(here["images"].unique()))}
    points = intervals(here.groupby(["way", "images"])["accuracy"])
    mean, half = points.loc["names", 0]
    axis.axhline(mean, color=PALETTE[1], linestyle=":")
    axis.errorbar(0, mean, half, fmt="*", color=PALETTE[1], markersize=18, capsize=4, label="names")
    texts = [f"Accuracy on combinations never seen: names, 0 images per class, {mean:.1%} ± {half:.1%};"]
    for way, mark, colour in zip(PROBES, MARKS, (PALETTE[0], PALETTE[2], PALETTE[5]), strict=True):
        line = points.loc[way]
        x = [places[size] for size in line.index]
        axis.errorbar(x, line["mean"], line["interval"], fmt=f"{mark}-", color=colour, capsize=4, label=way)
        texts.append(f"{way}, " + ", ".join(f"{size}: {y:.0%}" for size, y in line["mean"].items()) + ";")
    axis.set_xticks([*places.values()], [*places])
    axis.set(xlabel="images per class", ylabel="test accuracy", ylim=(0, 1.03), title="never seen together")
    axis.legend(loc="lower right")
    return texts


def limits(axis: Axes, runs: pd.DataFrame) -> list[str]:
    """Draw the accuracy of names where they get harder, next to a probe; return what it shows, in words.

    Args:
        axis: to draw on.
        runs: of the study `zero_shot`.
    """
    most = runs["images"].max()
    points = intervals(runs.groupby(["target", "shift", "way", "images"])["accuracy"])
    texts = ["Limits:"]
    for row, (name, target, shift) in enumerate(LIMITS):
        mean, half = points.loc[target, shift, "names", 0]
        axis.barh(row, mean, xerr=half, height=0.6, capsize=4, color=PALETTE[1], alpha=0.75)
        chance = CHANCE.get(target, 1 / 12)
        axis.plot([chance] * 2, [row - 0.3, row + 0.3], color="black", linestyle=":")
        texts.append(f"{name}: names {mean:.0%}")
        if (target, shift, "probe on the pair", most) in points.index:
            probe, spread = points.loc[target, shift, "probe on the pair", most]
            label = f"probe on the pair, {most}" if name == "held out" else None
            axis.errorbar(
                probe, row, xerr=spread, fmt="s", color=PALETTE[0], capsize=4, markersize=9, label=label
            )
            texts.append(f"(probe with {most} images per class {probe:.0%})")
        texts.append(f"chance {chance:.0%};")
    axis.set_yticks(range(len(LIMITS)), [name for name, *_ in LIMITS])
    axis.set(xlim=(0, 1.03), xlabel="test accuracy", ylim=(len(LIMITS) - 0.4, -0.6), title="names, 0 images")
    axis.legend(loc="lower right")
    return texts
