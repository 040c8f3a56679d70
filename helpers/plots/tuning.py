"""Figures of what is tuned: which part suits which shift, and how far few trained parameters go."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.style import PALETTE, figure, powers, styled
from helpers.studies.engine.statistics import intervals, leaders

PARTS = ("nothing", "statistics", "block1", "block2", "block3", "block4", "head", "block1 and head", "all")
MARKS = "osD^vP"


def heat_map(runs: pd.DataFrame) -> Figure:
    """Draw the accuracy of each tuned part (columns) on each shift (rows); a frame marks the best parts.

    The best part has the highest mean. A part that ties with it over the seeds has a frame, too.

    Args:
        runs: of the study `surgical`, or of one with the same columns.
    """
    shifts = runs.drop_duplicates("shift")[["shift", "kind"]].itertuples(index=False)
    rows = [(shift, kind) for shift, kind in shifts]
    drawing, (axis,) = figure(12, 1.4 + 0.6 * len(rows))
    texts = ["Test accuracy by shift and tuned part."]
    with styled():
        axis.grid(False)
        means = []
        for y, (shift, kind) in enumerate(rows):
            scores = runs[runs["shift"] == shift].pivot(index="seed", columns="tuned", values="accuracy")
            scores = scores[[part for part in PARTS if part in scores]]
            means.append(scores.mean())
            best = leaders(scores)
            for x, part in enumerate(scores):
                _cell(axis, x, y, scores[part].mean(), framed=part in best)
            texts.append(f"{shift} ({kind}), best {', '.join(best)}:")
            texts.append(", ".join(f"{part} {scores[part].mean():.0%}" for part in scores) + ".")
        columns = [part.replace(" and ", "\nand ") for part in means[0].index]
        axis.set_xticks(range(len(columns)), columns)
        axis.set_yticks(range(len(rows)), [f"{shift} ({kind})" for shift, kind in rows])
        axis.set(xlabel="what is tuned", xlim=(-0.5, len(means[0]) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    drawing.alt = " ".join(texts)
    return drawing


def _cell(axis, x, y, accuracy, framed):
    """One cell: darker is more accurate."""
    from matplotlib import colormaps

    edge = {"edgecolor": PALETTE[1], "linewidth": 4} if framed else {"edgecolor": "white", "linewidth": 1}
    axis.barh(y, 0.9, left=x - 0.45, height=0.84, color=colormaps["Blues"](accuracy), **edge)
    ink = "white" if accuracy > 0.6 else "black"
    axis.text(x, y, f"{100 * accuracy:.0f}", ha="center", va="center", color=ink)


def by_part(axis: Axes, runs: pd.DataFrame, part: str) -> tuple[float, float]:
    """Draw one bar per tuned part, for one shift, and return mean and half interval of the marked part.

    Args:
        axis: to draw on.
        runs: of one shift, of the study `surgical`.
        part: to mark.
    """
    points = intervals(runs.groupby("tuned")["accuracy"])
    points = points.loc[[name for name in PARTS if name in points.index]]
    colours = [PALETTE[1] if name == part else PALETTE[0] for name in points.index]
    axis.bar(range(len(points)), points["mean"], yerr=points["interval"], capsize=5, color=colours)
    axis.set_xticks(range(len(points)), points.index, rotation=45, ha="right")
    axis.set(ylim=(0, 1.03), ylabel="test accuracy")
    mean, half = points.loc[part]
    return mean, half


def by_trained_parameters(runs: pd.DataFrame, ways: Sequence[str]) -> Figure:
    """Draw accuracy against the number of trained parameters, one panel per target.

    Args:
        runs: of the study `few_parameters`.
        ways: of training, in the order of the legend.
    """
    targets = runs["target"].unique()
    drawing, axes = figure(12, 5.2, columns=len(targets))
    texts = []
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            here = runs[runs["target"] == target]
            points = by_way(axis, here, ways)
            axis.set(title=target.replace("_", " "))
            counts = here.groupby("way")["trained_parameters"].mean()
            for way in ways:
                mean, half = points.loc[way]
                texts.append(f"{target}, {way}: {counts[way]:,.0f} parameters, {mean:.1%} ± {half:.1%}")
        axes[-1].legend(loc="lower right")
    drawing.alt = "; ".join(texts)
    return drawing


def by_way(axis: Axes, runs: pd.DataFrame, ways: Sequence[str], chosen: str | None = None) -> pd.DataFrame:
    """Draw accuracy against trained parameters for one target.

    Args:
        axis: to draw on.
        runs: of one target, of the study `few_parameters`.
        ways: of training, in the order of the legend.
        chosen: the way with a larger mark; None marks none.

    Returns:
        Of each way, the mean accuracy and the half width of its interval.
    """
    points = intervals(runs.groupby("way")["accuracy"])
    counts = runs.groupby("way")["trained_parameters"].mean()
    for place, way in enumerate(ways):
        mean, half = points.loc[way]
        size = 16 if way == chosen else 8
        axis.errorbar(
            counts[way],
            mean,
            half,
            fmt=MARKS[place],
            color=PALETTE[place],
            markersize=size,
            capsize=5,
            label=way,
        )
    axis.set(xscale="log", xlabel="trained parameters", ylabel="test accuracy")
    powers(axis.xaxis)
    return points
