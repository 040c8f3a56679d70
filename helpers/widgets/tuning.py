"""The lab of what to tune: eight shifts, and the part of the network that suits each."""

import numpy as np

from helpers.data.shifts import SHIFTS
from helpers.plots import tuning as draw
from helpers.studies.engine import tables
from helpers.widgets.figure_lab import FigureLab, choice


def surgical_lab() -> FigureLab:
    """Show ten images of a shift, and the accuracy of each tuned part, as measured over seeds."""
    rows = tables.read_results("surgical")
    controls = {
        "shift": choice("what is different", list(SHIFTS)),
        "part": choice("what is tuned", list(draw.PARTS), "all"),
    }

    def show(axes, shift, part):
        left, right = axes
        X, y = SHIFTS[shift].draw(1, seed=0)
        left.imshow(_sheet(X), interpolation="nearest")
        left.set_axis_off()
        left.set_title(f"{shift}: a shift of the kind “{SHIFTS[shift].kind}”")
        mean, half = draw.by_part(right, rows[rows["shift"] == shift], part)
        right.set_title(f"tuned: {part}")
        classes = ", ".join(np.unique(y))
        return f"{shift}, tuned: {part}. Test accuracy {mean:.1%} ± {half:.1%}. The classes are {classes}."

    return FigureLab(show, controls, "surgical-lab")


def _sheet(X):
    """Ten images in two rows."""
    height, width = X.shape[1:3]
    return X.reshape(2, 5, height, width, 3).swapaxes(1, 2).reshape(2 * height, 5 * width, 3)
