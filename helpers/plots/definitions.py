"""Figures of the definitions: little data, day and night, biased training sets, what a difference costs."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.data.validation import check_rows
from helpers.plots.style import PALETTE, figure, legible, say_left_out, styled
from helpers.studies.engine.statistics import interval, intervals

MOST_DIFFERENCES = 6


def cost_figure(table: dict[str, np.ndarray]) -> Figure:
    """Draw the accuracy on the target after training on the source and on the target itself.

    Args:
        table: of `helpers.data.documents.costs`: by difference, accuracies (2, seeds). At most six
            differences are shown.

    Raises:
        ValueError: the table is empty.
    """
    check_rows(table=table)
    shown = dict(list(table.items())[:MOST_DIFFERENCES])
    drawing, (axis,) = figure(12, 5)
    texts = []
    with styled():
        for place, (name, pair) in enumerate(shown.items()):
            for shift, scores, colour, label in (
                (-0.2, pair[0], PALETTE[1], "trained on the source"),
                (0.2, pair[1], PALETTE[0], "trained on the target"),
            ):
                mean, half = interval(scores)
                axis.bar(
                    place + shift,
                    mean,
                    0.38,
                    yerr=half,
                    capsize=5,
                    color=colour,
                    label=label if not place else None,
                )
                axis.text(place + shift, mean + half + 0.02, f"{mean:.0%}", ha="center")
                texts.append(f"{name}, {label}: {mean:.0%}")
        axis.set_xticks(range(len(shown)), map(legible, shown))
        axis.set(ylabel="accuracy on the target", ylim=(0, 1.15))
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.18), ncol=2)
    drawing.alt = "; ".join(texts)
    say_left_out(drawing, len(table) - len(shown), "differences")
    return drawing


def two_ways() -> Figure:
    """Draw traditional learning beside transfer learning, as boxes and arrows."""
    drawing, axes = figure(12, 4.6, columns=2)
    blue, orange = "#D6E6F2", "#FBE3C8"
    plans = (
        ("Traditional learning", ((0.25, 0.75, "data A", blue), (0.75, 0.75, "model A", blue),
                                  (0.25, 0.25, "data B", orange), (0.75, 0.25, "model B", orange)),
         ((0.36, 0.75, 0.62, 0.75), (0.36, 0.25, 0.62, 0.25))),
        ("Transfer learning", ((0.2, 0.75, "much source data", blue), (0.75, 0.75, "source model", blue),
                               (0.2, 0.25, "little target data", orange),
                               (0.75, 0.25, "target model", orange)),
         ((0.4, 0.75, 0.57, 0.75), (0.38, 0.25, 0.57, 0.25), (0.75, 0.64, 0.75, 0.37))),
    )  # fmt: skip
    with styled():
        for axis, (title, boxes, arrows) in zip(axes, plans, strict=True):
            axis.set_axis_off()
            axis.set(xlim=(0, 1), ylim=(0, 1))
            axis.set_title(title, fontsize=18)
            for x, y, text, colour in boxes:
                box = {"boxstyle": "round,pad=0.6", "facecolor": colour, "edgecolor": "#444444"}
                axis.text(x, y, text, ha="center", va="center", fontsize=16, bbox=box)
            for x, y, to_x, to_y in arrows:
                axis.annotate(
                    "",
                    (to_x, to_y),
                    (x, y),
                    arrowprops={"arrowstyle": "-|>", "linewidth": 2, "color": "#444444"},
                )
        axes[1].text(0.77, 0.5, "knowledge", fontsize=15, va="center", style="italic")
    drawing.alt = (
        "Left: two data sets, each with its own model. Right: a source model is trained on much source "
        "data, and its knowledge helps to train the target model on little target data."
    )
    return drawing


def little_data(rows: pd.DataFrame) -> Figure:
    """Draw accuracy from scratch against images per class, one line per target.

    Args:
        rows: of the study `little_data`.
    """
    drawing, (axis,) = figure(12, 4.8)
    texts = []
    with styled():
        for place, (target, here) in enumerate(rows.groupby("target", sort=False)):
            points = intervals(here.groupby("images")["accuracy"])
            sizes, mean, half = points.index, points["mean"], points["interval"]
            chance = 0.5 if target.startswith("streets") else 0.1
            look: dict[str, Any] = {"color": PALETTE[place], "marker": "os"[place]}
            axis.errorbar(sizes, mean, half, markersize=10, capsize=5, label=target, **look)
            axis.axhline(chance, color=PALETTE[place], linestyle=":")
            first, last = mean.iloc[0], mean.iloc[-1]
            texts.append(f"{target}: {first:.0%} with {sizes[0]} per class, {last:.0%} with {sizes[-1]}")
        axis.set_xscale("log")
        axis.set_xticks(sizes, [str(n) for n in sizes])
        axis.minorticks_off()
        axis.legend(loc="lower right")
        axis.set(xlabel="training images per class", ylabel="test accuracy", ylim=(0, 1.02))
        axis.set_title("From scratch (dotted: chance)")
    drawing.alt = "From scratch. " + "; ".join(texts)
    return drawing


def day_and_night(rows: pd.DataFrame) -> Figure:
    """Draw the accuracy of each detector by day and by night.

    Args:
        rows: of the study `day_night`, or of a table with the same columns.

    Example:
        >>> from helpers.studies.engine.tables import read_results
        >>> day_and_night(read_results("day_night")).alt.split(".")[0]
        'Pedestrian detectors'
    """
    ways = rows["way"].unique()
    drawing, (axis,) = figure(12, 1.4 + 0.8 * len(ways))
    texts = []
    with styled():
        for shift, when, colour, hatch in (
            (-0.2, "by_day", PALETTE[3], ""),
            (0.2, "by_night", PALETTE[0], "//"),
        ):
            points = intervals(rows.groupby("way", sort=False)[when])
            for place, (way, mean, half) in enumerate(points.itertuples(name=None)):
                label = "tested " + when.replace("_", " ") if not place else None
                axis.barh(
                    place + shift, mean, 0.38, xerr=half, capsize=5, color=colour, hatch=hatch,
                    edgecolor="white", label=label,
                )  # fmt: skip
                axis.text(mean + half + 0.01, place + shift, f"{mean:.0%}", va="center")
                texts.append(f"{way}, {when.replace('_', ' ')}: {mean:.0%}")
        axis.set_yticks(range(len(ways)), [way.replace(", ", ",\n") for way in ways])
        axis.invert_yaxis()
        axis.axvline(0.5, color="black", linestyle=":")
        axis.set(xlabel="test accuracy (dotted: chance)", xlim=(0, 1.15))
        axis.set_xticks([0, 0.25, 0.5, 0.75, 1])
        drawing.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncol=2)
    drawing.alt = "Pedestrian detectors. " + "; ".join(texts)
    return drawing


def seen_and_unseen(rows: pd.DataFrame) -> Figure:
    """Draw the accuracy on four kinds of images, one square each; a frame marks those trained on.

    Args:
        rows: of the study `training_bias`.
    """
    from helpers.studies.training_bias import TRAINED

    names = rows["trained"].unique()
    drawing, axes = figure(12, 5, columns=len(names))
    colours = LinearSegmentedColormap.from_list("chance in the middle", (PALETTE[1], "white", PALETTE[0]))
    texts = []
    with styled():
        for axis, name in zip(axes, names, strict=True):
            here = rows[rows["trained"] == name]
            for x, when in enumerate(("day", "night")):
                for y, label in enumerate(("pedestrian", "empty")):
                    mean, half = interval(here[f"{label}_by_{when}"])
                    seen = (label, when) in TRAINED[name]
                    _square(axis, x, y, mean, half, colours(mean), framed=seen)
                    known = "trained on" if seen else "not trained on"
                    texts.append(f"trained {name}: {label} by {when} ({known}) {mean:.0%}")
            axis.set(xlim=(-0.55, 1.55), ylim=(1.55, -0.55), aspect="equal")
            axis.set_xticks([0, 1], ["by day", "by night"], fontsize=16)
            axis.set_yticks([0, 1], ["pedestrian", "empty"], fontsize=16, rotation=90, va="center")
            axis.tick_params(length=0)
            axis.grid(visible=False)
            axis.spines[["left", "bottom"]].set_visible(False)
            axis.set_title("trained " + name.replace(", ", ",\n"), fontsize=16)
        drawing.supxlabel("accuracy (thick frame: kinds of images in the training set)", fontsize=16)
    drawing.alt = "; ".join(texts)
    return drawing


def _square(axis: Axes, x: int, y: int, mean: float, half: float, colour: Any, framed: bool) -> None:
    """Draw a square with an accuracy and its interval."""
    edge: dict[str, Any] = {"edgecolor": "black", "linewidth": 5} if framed else {"edgecolor": "none"}
    axis.add_patch(Rectangle((x - 0.45, y - 0.45), 0.9, 0.9, facecolor=colour, **edge))
    look: dict[str, Any] = {"ha": "center", "va": "center", "color": "white" if mean > 0.9 else "black"}
    axis.text(x, y - 0.08, f"{mean:.0%}", fontsize=24, **look)
    axis.text(x, y + 0.22, f"± {100 * half:.0f}", fontsize=16, **look)
