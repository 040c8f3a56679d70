"""Figures for a class: how it voted, and which exercises were hard."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import PALETTE, figure, legible, styled

COLOURS = ("#0072B2", "#56B4E9", "#D55E00", "#DDDDDD")  # from the first try to none


def votes(axis: Axes, counts: pd.DataFrame, title: str) -> None:
    """Draw how often each answer was given, one bar per vote that has begun.

    Args:
        axis: to draw on; it is cleared first.
        counts: one row per answer, one column per vote.
        title: the question.
    """
    axis.clear()
    begun = [name for name in counts if counts[name].any()] or [*counts][:1]
    height = 0.8 / len(begun)
    for place, name in enumerate(begun):
        column = counts[name]
        rows = [row + (place + 0.5) * height - 0.4 for row in range(len(column))]
        bars = axis.barh(
            rows, column, 0.9 * height, color=PALETTE[[*counts].index(name)], label=f"{name} ({column.sum()})"
        )
        axis.bar_label(bars, [str(n) if n else "" for n in column], padding=4)
    axis.set_yticks(range(len(counts)), [legible(name) for name in counts.index])
    axis.invert_yaxis()
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(title=title, xlabel="number of votes", xlim=(0, 1.1 * max(1, counts.to_numpy().max())))
    axis.figure.legends.clear()  # of the last drawing
    axis.figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=len(begun))


def difficulty(counts: pd.DataFrame, title: str) -> Figure:
    """Draw how many students answered each exercise and quiz question, and how.

    Args:
        counts: one row per exercise or quiz question; the columns are the ways in which it ended, from the
            best one to no try at all.
        title: of the figure.
    """
    quiz = counts.index.str.contains("quiz")
    parts = {"exercises": counts[~quiz], "quiz questions": counts[quiz]}
    drawing, axes = figure(12, 2.2 + 0.34 * max(map(len, parts.values())), columns=2)
    with styled():
        for axis, (name, part) in zip(axes, parts.items(), strict=True):
            start = part.iloc[:, 0] * 0
            for colour, (ending, column) in zip(COLOURS, part.items(), strict=True):
                axis.barh(range(len(part)), column, left=start, color=colour, label=ending)
                start = start + column
            axis.set_yticks(range(len(part)), part.index)
            axis.set_ylim(len(part) - 0.5, -0.5)  # the first row on top
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
            axis.set(title=name, xlabel="number of students")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        drawing.suptitle(title)
    drawing.alt = f"{title}. " + " ".join(
        f"{name}: {', '.join(f'{ending} {n}' for ending, n in row.items())}."
        for name, row in counts.iterrows()
    )
    return drawing
