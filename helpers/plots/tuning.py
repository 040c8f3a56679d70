"""Figures of what is tuned: parts of a network, few parameters, and weights between two networks."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.style import PALETTE, figure, powers, styled
from helpers.studies.engine.statistics import intervals, leaders

PARTS = ("nothing", "statistics", "block1", "block2", "block3", "block4", "head", "block1 and head", "all")
MARKS = "osD^vP"
SCORED = {
    "target_accuracy": "target",
    "source_accuracy": "source",
    "unseen_accuracy": "unseen shifts",
}


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
            for way, (mean, half) in _with(here, "adapt").iterrows():
                texts.append(f"{target}, {way}, statistics of the target: {mean:.1%} ± {half:.1%}")
        axes[-1].legend(loc="lower right")
    drawing.alt = "; ".join(texts)
    return drawing


def by_way(axis: Axes, runs: pd.DataFrame, ways: Sequence[str], chosen: str | None = None) -> pd.DataFrame:
    """Draw accuracy against trained parameters for one target.

    BatchNorm has the statistics of the source. Hollow marks have those of the target.

    Args:
        axis: to draw on.
        runs: of one target, of the study `few_parameters`.
        ways: of training, in the order of the legend.
        chosen: the way with a larger mark; None marks none.

    Returns:
        Of each way, the mean accuracy and the half width of its interval, with the statistics of the source.
    """
    points, adapted = _with(runs, "keep"), _with(runs, "adapt")
    counts = runs.groupby("way")["trained_parameters"].mean()
    for place, way in enumerate(ways):
        look: dict[str, Any] = {"fmt": MARKS[place], "color": PALETTE[place], "capsize": 5}
        size = 16 if way == chosen else 8
        axis.errorbar(counts[way], *points.loc[way], markersize=size, label=way, **look)
        if way in adapted.index:
            axis.errorbar(counts[way], *adapted.loc[way], markersize=8, fillstyle="none", alpha=0.6, **look)
    axis.set(xscale="log", xlabel="trained parameters", ylabel="test accuracy", ylim=(0, 1.03))
    axis.set_xlim(counts.min() / 3, counts.max() * 3)
    powers(axis.xaxis)
    return points


def _with(runs, batchnorm):
    """Mean and half interval of each way with these statistics of BatchNorm."""
    return intervals(runs[runs["batchnorm"] == batchnorm].groupby("way")["accuracy"])


def between_networks(runs: pd.DataFrame) -> Figure:
    """Draw accuracy in and out of distribution along the line between two networks, one panel per target.

    Beside the fine-tuned network stands a soup of several.

    Args:
        runs: of the study `weight_slider`.
    """
    line, soups = runs[runs["way"] == "line"], runs[runs["way"] == "soup"]
    beside = 1.2  # where the soups stand
    targets = line["target"].unique()
    drawing, axes = figure(12, 5.2, columns=len(targets))
    texts = ["Test accuracy between the source classifier (0) and the fine-tuned network (1)."]
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            by_share = line[line["target"] == target].groupby("share")
            for (column, name), mark, colour in zip(SCORED.items(), MARKS, PALETTE, strict=False):
                points = intervals(by_share[column])
                axis.errorbar(
                    points.index,
                    points["mean"],
                    points["interval"],
                    fmt=f"{mark}-",
                    color=colour,
                    capsize=4,
                    label=name,
                )
                shown = ", ".join(f"{share:g} {mean:.0%}" for share, mean in points["mean"].items())
                (soup,) = intervals(soups[soups["target"] == target].groupby("way")[column]).itertuples()
                axis.errorbar(beside, soup.mean, soup.interval, fmt=mark, color=colour, capsize=4)
                texts.append(f"{target}, on {name}: {shown}, soup {soup.mean:.0%}.")
            axis.set_xticks([0, 0.25, 0.5, 0.75, 1, beside], ["0", "¼", "½", "¾", "1", "soup"])
            axis.set(title=f"fine-tuned on {target}", ylim=(0, 1.03))
            axis.set(xlabel="share of the fine-tuned network", ylabel="test accuracy")
        axes[-1].legend(loc="lower right")
    drawing.alt = " ".join(texts)
    return drawing


def by_share(axis: Axes, line: pd.DataFrame, share: float) -> None:
    """Draw the accuracies of one run along the line between two networks; a vertical line marks a share.

    Args:
        axis: to draw on.
        line: columns of SCORED, indexed by the share of the fine-tuned network.
        share: to mark.
    """
    for (column, name), mark, colour in zip(SCORED.items(), MARKS, PALETTE, strict=False):
        axis.plot(line.index, line[column], f"{mark}-", color=colour, label=name)
    axis.axvline(share, color=PALETTE[6], linestyle=":")
    axis.set(xlabel="share of the fine-tuned network", ylabel="test accuracy", ylim=(0, 1.03))
    axis.legend(loc="lower right")


def in_and_out(axis: Axes, line: pd.DataFrame, share: float) -> None:
    """Draw the same accuracies as a path: on the target to the right, on unseen shifts upwards.

    Args:
        axis: to draw on.
        line: as for `by_share`.
        share: to mark.
    """
    axis.plot(line["target_accuracy"], line["unseen_accuracy"], "o-", color=PALETTE[6])
    for end, name in ((line.index[0], "source"), (line.index[-1], "fine-tuned")):
        x, y = line.loc[end, ["target_accuracy", "unseen_accuracy"]]
        axis.annotate(name, (x, y), xytext=(0, -22), textcoords="offset points", ha="center")
    x, y = line.loc[share, ["target_accuracy", "unseen_accuracy"]]
    axis.plot(x, y, "o", color=PALETTE[1], markersize=16)
    axis.set(xlabel="accuracy on the target", ylabel="accuracy on unseen shifts")
    axis.margins(0.2)
