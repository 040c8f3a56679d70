"""Figures for a class: how it voted, and which exercises were hard."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import PALETTE, legible


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
