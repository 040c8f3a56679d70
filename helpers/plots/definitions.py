"""Figures of notebooks 02 and 03: what a difference between source and target costs."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from helpers.experiments import interval
from helpers.plots.style import PALETTE, STYLE, figure


def cost_figure(table: dict[str, np.ndarray]) -> Figure:
    """Draw both accuracies for each difference, with 95 % intervals over seeds."""
    drawing, (axis,) = figure(13, 5)
    told = []
    with matplotlib.rc_context(STYLE):
        for place, (name, pair) in enumerate(table.items()):
            for shift, scores, colour, label in (
                (-0.2, pair[0], PALETTE[1], "learnt on the source"),
                (0.2, pair[1], PALETTE[0], "learnt on the target"),
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
                told.append(f"{name}, {label}: {mean:.0%}")
        axis.set_xticks(range(len(table)), table)
        axis.set(ylabel="accuracy on the target", ylim=(0, 1.15))
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.18), ncol=2)
    drawing.alt = "; ".join(told)
    return drawing
