"""The figure of names instead of examples."""

import pandas as pd
import pytest
from legibility import faults

from helpers.plots import zero_shot
from helpers.studies.engine.tables import read_results


def made_up():
    rows = [
        ("held out", "none", "names", 0, 0.9),
        *[("held out", "none", way, n, 0.4 + n / 100) for way in zero_shot.PROBES for n in (1, 2, 50)],
        *[(target, shift, "names", 0, 0.6) for _, target, shift in zero_shot.LIMITS if target != "held out"],
        *[("held out", shift, "names", 0, 0.5) for shift in ("night", "noise", "blur")],
        *[("held out", shift, "probe on the pair", 50, 0.3) for shift in ("night", "noise", "blur")],
    ]
    columns = ["target", "shift", "way", "images", "accuracy"]
    return pd.concat(
        pd.DataFrame(rows, columns=columns).assign(
            seed=seed, accuracy=lambda t, s=seed: t["accuracy"] + s / 50
        )
        for seed in range(3)
    )


def test_the_size_axis_begins_at_zero_and_all_numbers_are_told():
    drawing = zero_shot.from_zero(made_up())
    left, right = drawing.axes
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["0", "1", "2", "50"]
    assert left.get_xticks()[0] == 0 and left.get_ylim()[0] == 0
    assert "names, 0 images per class, 92.0% ± " in drawing.alt and "1: 43%, 2: 44%, 50: 92%" in drawing.alt
    assert "new shapes: names 62% chance 10%" in drawing.alt
    assert "… by night: names 52% (probe with 50 images per class 32%) chance 8%" in drawing.alt
    widths = [bar.get_width() for bar in right.patches]
    assert widths == pytest.approx([0.62, 0.92, 0.52, 0.52, 0.52, 0.62])
    assert not faults(drawing)


def test_the_figure_of_the_table_is_legible():
    assert not faults(zero_shot.from_zero(read_results("zero_shot")))
