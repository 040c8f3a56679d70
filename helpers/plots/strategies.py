"""Figures that compare strategies: the Strategy Lab, the board, regrets, single bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.findings.board import NO_VERDICT
from helpers.findings.lab_grey import Grey
from helpers.plots.style import NotebookFigure, figure, png, styled
from helpers.strategies import registry


def lab_figure(
    drawing: NotebookFigure,
    axes: Sequence[Axes],
    history: dict,
    title: str,
    table: pd.DataFrame,
    grey: Grey | None = None,
    by_seconds: bool = False,
    marks: Mapping[str, str] | None = None,
) -> bytes:
    """Draw the figure of the Strategy Lab: the learning curve, and what each strategy reached.

    Args:
        drawing: the figure to draw on, from `figure(columns=2)`.
        axes: its two axes.
        history: "accuracy" and, if the run validates, "val_accuracy" by epoch; possibly empty.
        title: of the run.
        table: of `helpers.studies.summary`, one target.
        grey: stored results of the target, drawn in grey; None if there are none.
        by_seconds: accuracy against seconds, instead of images per class.
        marks: what the legend adds to the name of a strategy.

    Returns:
        PNG bytes.
    """
    with styled():
        left, right = axes
        left.clear()
        epochs = np.arange(1, len(history.get("accuracy", ())) + 1)
        if len(epochs):
            left.plot(epochs, history["accuracy"], "--", color="#555555", label="training")
            if history["val_accuracy"]:
                left.plot(epochs, history["val_accuracy"], "o-", color="#0072B2", label="validation")
            left.legend(loc="lower right")
        else:
            _note(left, "The learning curve of a network\nappears here while it trains.")
        left.set(title=title, xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(epochs) == 1:  # else the axis would count in hundredths of an epoch
            left.set_xlim(0, 2)
        if by_seconds:
            accuracy_by_seconds(right, table, grey, marks)
        else:
            accuracy_by_images(right, table, grey=grey, marks=marks)
        if not right.lines:
            _note(right, "There are no stored results of\nthis target with this source.\nRuns appear here.")
    return png(drawing)


def _note(axis, text) -> None:
    """Say in the middle of an empty axis what will appear there."""
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, color="#555555")


def accuracy_by_images(
    axis: Axes,
    table: pd.DataFrame,
    title: str = "Leaderboard of this target",
    ylabel: str = "validation accuracy",
    grey: Grey | None = None,
    marks: Mapping[str, str] | None = None,
) -> None:
    """Draw accuracy against images per class, one line per strategy, with 95 % intervals.

    Args:
        axis: to draw on; it is cleared first.
        table: of `helpers.studies.summary`, one target.
        title: of the axis.
        ylabel: of the axis.
        grey: stored results, drawn in grey behind the others.
        marks: as for `lab_figure`.
    """
    axis.clear()
    if grey:
        _grey_lines(axis, grey.table, "images", {*table["strategy"]})
        title = f"Grey: {grey.says}"
        ylabel += ", or test (grey)" * ("test" in grey.says)
    for name in (*registry.names(), *registry.names_after_lecture()):
        rows = table[table["strategy"] == name].sort_values("images")
        if len(rows):
            entry = registry.get(name)
            look: dict[str, Any] = {
                "marker": entry.marker,
                "markersize": 9,
                "capsize": 5,
                "color": entry.colour,
            }
            half = rows["interval"].fillna(0)
            axis.errorbar(rows["images"], rows["mean"], half, label=name, **look)
    _legend_below(axis, marks)
    sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000)
    drawn = [*table["images"], *(grey.table["images"] if grey else ())]
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.set(
        title=title,
        xlabel="training images per class",
        ylabel=ylabel,
        xlim=(0.8 * min([5, *drawn]), 1.24 * max([500, *drawn])),
        ylim=(0, 1.02),
    )


def _grey_lines(axis, stored, x, labelled) -> None:
    """Draw the means of stored results; strategies that have a line in colour need no second label."""
    for name, rows in stored.groupby("strategy", sort=False):
        rows = rows.sort_values("images")
        label = None if name in labelled else str(name)
        look: dict[str, Any] = {"marker": registry.get(name).marker, "markersize": 7, "color": "#AAAAAA"}
        axis.plot(rows[x], rows["mean"], label=label, **look)


def accuracy_by_seconds(
    axis: Axes, table: pd.DataFrame, grey: Grey | None = None, marks: Mapping[str, str] | None = None
) -> None:
    """Draw accuracy against seconds of training: what does the gain cost?

    Args:
        axis: to draw on; it is cleared first.
        table: of `helpers.studies.summary`, one target; lines connect the sizes of a strategy.
        grey: stored results, drawn in grey behind the others; their seconds are those of another computer.
        marks: as for `lab_figure`.
    """
    axis.clear()
    if grey:
        _grey_lines(axis, grey.table, "seconds", {*table["strategy"]})
    for name in (*registry.names(), *registry.names_after_lecture()):
        rows = table[table["strategy"] == name].dropna(subset="seconds").sort_values("images")
        if len(rows):
            entry, half = registry.get(name), rows["interval"].fillna(0)
            look: dict[str, Any] = {"markersize": 9, "capsize": 5, "color": entry.colour}
            axis.errorbar(rows["seconds"], rows["mean"], half, label=name, marker=entry.marker, **look)
    _legend_below(axis, marks)
    axis.set_xscale("log")
    steps = [second for power in range(-2, 5) for second in (10**power, 3 * 10**power)]
    axis.set_xticks(steps, [f"{second:g}" for second in steps])
    axis.minorticks_off()
    drawn = [*table["seconds"].dropna(), *(grey.table["seconds"] if grey else ())]
    low, high = (f(drawn, default=1) for f in (min, max))
    axis.set(
        xlim=(low / 2, high * 2),
        title=f"Grey: {grey.says}" if grey else "Accuracy and its cost",
        xlabel="seconds of training (grey: of one core)" if grey else "seconds of training",
        ylabel="validation accuracy",
        ylim=(0, 1.02),
    )


def _legend_below(axis, marks=None) -> None:
    """Put the legend of an axis below its figure, in place of the last one; names with marks need room."""
    axis.figure.legends.clear()
    if axis.lines:
        handles, names = axis.get_legend_handles_labels()
        texts = [name + (marks or {}).get(name, "") for name in names]
        ncols = 3 if marks else 4
        axis.figure.legend(handles, texts, loc="outside lower center", ncols=ncols)


def scenario_board(table: pd.DataFrame, small: int, large: int) -> Figure:
    """Draw the board: rows similar and different, columns small and large.

    Args:
        table: of `helpers.studies.summary`, both targets.
        small: images per class of the left column.
        large: images per class of the right column.

    Raises:
        ValueError: the table has several sources of one target.
    """
    drawing, axes = figure(12, 9, columns=2, rows=2)
    cells = [(target, size) for target in ("new_shapes", "micrographs") for size in (small, large)]
    texts = ["Test accuracy of each strategy in four cells."]
    with styled():
        for axis, (target, size) in zip(axes, cells, strict=True):
            here = table.query("target == @target and images == @size").set_index("strategy")
            if not here.index.is_unique:
                raise ValueError(f"{target} has several sources in this table. Choose one of them.")
            rows = here.loc[[name for name in registry.names() if name in here.index]]
            _bars(axis, rows["mean"], rows["interval"], [registry.get(name).colour for name in rows.index])
            axis.set_yticks(range(len(rows)), rows.index)
            likeness = "similar" if target == "new_shapes" else "different"
            axis.set(title=f"{likeness}, {size} images per class\n({target})")
            texts += [f"{target}, {size} images per class, {n}: {m:.1%}." for n, m in rows["mean"].items()]
        for axis in axes[2:]:
            axis.set_xlabel("test accuracy, 95 % interval")
    drawing.alt = " ".join(texts)
    return drawing


def _bars(axis, mean, half, colours):
    """Draw horizontal bars from 0 to 1 with their values, the first on top."""
    half = half.fillna(0)
    axis.barh(range(len(mean)), mean, xerr=half, capsize=5, color=colours, alpha=0.85)
    for place, (value, end) in enumerate(zip(mean, mean + half, strict=True)):
        axis.text(end + 0.02, place, f"{value:.1%}", va="center")
    axis.invert_yaxis()
    axis.set_xlim(0, 1.3)
    axis.set_xticks([0, 0.25, 0.5, 0.75, 1])


VERDICTS = {"beats": ("wins", "#0072B2", "white"), "ties with": ("ties", "#DDDDDD", "black")}
VERDICTS["loses to"] = ("loses", "#E69F00", "black")
VERDICTS[NO_VERDICT] = ("†", "white", "black")
ORDER = ("shapes", "simclr", "photos", "MobileNet", "VGG16")  # of the sources
MANY = 50  # images per class that share a column of the map


def verdict_map(judged: pd.DataFrame) -> Figure:
    """Draw where the textbook's rule wins, ties and loses: targets in rows, sources and sizes in columns.

    A dagger marks a cell without a verdict, and a size in brackets one that differs within a column.

    Args:
        judged: of `helpers.findings.board.verdicts`.

    Example:
        >>> from helpers.findings import board
        >>> verdict_map(board.verdicts(board.rows())).alt[:23]
        "The textbook's strategy"
    """
    names = judged["target"] + " (" + judged["likeness"] + ")"
    rows = names.unique().tolist()
    # The largest size differs between targets, and one column has them all.
    places = pd.MultiIndex.from_arrays([judged["source"], judged["images"].clip(upper=MANY)])
    columns = list(dict.fromkeys(sorted(places, key=lambda place: (ORDER.index(place[0]), place[1]))))
    sizes = judged["images"].groupby(places).unique()
    drawing, (axis,) = figure(12, 2.2 + 0.62 * len(rows))
    with styled():
        axis.grid(False)
        for name, place, cell in zip(names, places, judged.to_dict("records"), strict=True):
            word, colour, ink = VERDICTS[cell["verdict"]]
            x, y = columns.index(place), rows.index(name)
            axis.barh(y, 0.94, left=x - 0.47, height=0.86, color=colour)
            size = f" ({cell['images']})" if len(sizes[place]) > 1 else ""
            axis.text(x, y, f"{word} {cell['gap']:+z.1f}{size}", ha="center", va="center", color=ink)
        labels = [f"{place[0]}\n{' or '.join(map(str, sorted(sizes[place])))}" for place in columns]
        axis.set_xticks(range(len(columns)), labels)
        axis.set_yticks(range(len(rows)), rows)
        axis.set(xlabel="source, and training images per class", xlim=(-0.5, len(columns) - 0.5))
        axis.set_ylim(len(rows) - 0.5, -0.5)  # the first row on top
        drawing.suptitle("The textbook's strategy against the best other one, in points of accuracy")
        if (judged["verdict"] == NO_VERDICT).any():
            drawing.supxlabel("† no verdict: each draw takes all training images", fontsize=16)
    drawing.alt = "The textbook's strategy against the best other one. " + " ".join(
        f"{v['target']}, source {v['source']}, {v['images']} per class: {v['textbook']} {v['verdict']} "
        f"{v['rival']}, {v['gap']:+z.1f} points."
        for v in judged.to_dict("records")
    )
    return drawing


def board_column(axis: Axes, table: pd.DataFrame, trivial: pd.DataFrame, title: str) -> None:
    """Draw one column of the board: test accuracy by images per class, with the trivial baselines.

    Args:
        axis: to draw on; it is cleared first.
        table: of `helpers.studies.summary`, one target and source.
        trivial: rows of the study `trivial_baselines`, the same target.
        title: of the axis.
    """
    accuracy_by_images(axis, table, title, "test accuracy")
    for (name, runs), line in zip(trivial.groupby("strategy"), (":", "-."), strict=True):
        mean = runs.groupby("images")["accuracy"].mean()
        axis.plot(mean.index, mean, line, color="#555555", label=f"{name} (trivial)")
    _legend_below(axis)


def harm_or_help(table: pd.DataFrame, targets: Sequence[str], sizes: Sequence[int]) -> Figure:
    """Draw a probe on each source model beside training from scratch, one axis per target and size.

    Args:
        table: of `helpers.studies.summary` for the study `negative_transfer`.
        targets: to draw, one row each.
        sizes: images per class to draw, one column each.
    """
    drawing, axes = figure(12, 4 * len(targets), columns=len(sizes), rows=len(targets))
    cells = [(target, size) for target in targets for size in sizes]
    texts = ["Test accuracy of a linear probe on three source models, and from scratch."]
    with styled():
        for axis, (target, size) in zip(axes, cells, strict=True):
            here = table.query("target == @target and images == @size").set_index("source").sort_index()
            rows = here.iloc[(here.index == "none").argsort(kind="stable")]  # without a source comes last
            _bars(axis, rows["mean"], rows["interval"], [registry.get(n).colour for n in rows["strategy"]])
            names = ["from scratch" if source == "none" else f"probe on {source}" for source in rows.index]
            axis.set_yticks(range(len(rows)), names)
            axis.set(title=f"{target}\n{size} images per class")
            texts += [f"{target}, {size} per class, {source}: {m:.1%}." for source, m in rows["mean"].items()]
        for axis in axes[-len(sizes) :]:
            axis.set_xlabel("test accuracy, mean and 95 % interval")
    drawing.alt = " ".join(texts)
    return drawing


def bars(scores: dict[str, float], xlabel: str, chance: float | None = None) -> Figure:
    """Draw one bar per strategy, with its value; a dotted line marks chance.

    Args:
        scores: accuracy (0..1) by name of the strategy.
        xlabel: what the scores are.
        chance: accuracy of guessing, or None.

    Example:
        >>> bars({"From scratch": 0.42, "Linear probe": 0.91}, "test accuracy", chance=0.1).alt
        'test accuracy. From scratch: 42.0%, Linear probe: 91.0%'
    """
    drawing, (axis,) = figure(12, 1.2 + 0.8 * len(scores))
    with styled():
        axis.barh(
            list(scores),
            list(scores.values()),
            color=[registry.get(name).colour for name in scores],
            alpha=0.85,
        )
        for place, value in enumerate(scores.values()):
            axis.text(value + 0.02, place, f"{value:.1%}", va="center")
        if chance is not None:
            axis.axvline(chance, color="black", linestyle=":", linewidth=2)
            axis.text(chance, -0.62, " chance", va="center")
        axis.invert_yaxis()
        axis.set(xlabel=xlabel, xlim=(0, 1.15))
        axis.set_xticks([0, 0.25, 0.5, 0.75, 1])
    drawing.alt = f"{xlabel}. " + ", ".join(f"{name}: {value:.1%}" for name, value in scores.items())
    return drawing
