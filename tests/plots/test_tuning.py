"""Figures of what is tuned."""

import pandas as pd
import pytest
from legibility import faults

from helpers.plots import tuning
from helpers.studies.engine.tables import read_results


def surgical(parts=("nothing", "block1", "all")):
    score = {"nothing": 0.2, "block1": 0.9, "all": 0.7}
    return pd.DataFrame(
        [
            {
                "shift": shift,
                "kind": "input",
                "tuned": part,
                "seed": seed,
                "accuracy": score[part] + seed / 100,
            }
            for shift in ("night", "noise")
            for part in parts
            for seed in range(3)
        ]
    )


def test_the_heat_map_names_the_best_part_and_every_accuracy():
    drawing = tuning.heat_map(surgical())
    assert drawing.alt.count("best block1:") == 2 and "nothing 21%, block1 91%, all 71%" in drawing.alt
    framed = [bar for bar in drawing.axes[0].patches if bar.get_linewidth() > 1]
    assert len(framed) == 2
    assert not faults(drawing)
    assert not faults(tuning.heat_map(read_results("surgical")))


def test_bars_mark_the_chosen_part():
    drawing, (axis,) = tuning.figure(8, 5)
    mean, half = tuning.by_part(axis, surgical().query("shift == 'night'"), "all")
    assert mean == pytest.approx(0.71) and half > 0
    colours = [bar.get_facecolor() for bar in axis.patches]
    assert colours[0] == colours[1] != colours[2]


def test_accuracy_against_trained_parameters_says_both():
    rows = pd.DataFrame(
        [
            {
                "target": target,
                "way": way,
                "seed": seed,
                "trained_parameters": count,
                "accuracy": 0.5 + seed / 10,
            }
            for target in ("new_shapes", "micrographs")
            for way, count in (("head", 970), ("all", 280_000))
            for seed in range(2)
        ]
    )
    drawing = tuning.by_trained_parameters(rows, ["head", "all"])
    assert "new_shapes, head: 970 parameters, 55.0%" in drawing.alt
    assert all(axis.get_xscale() == "log" for axis in drawing.axes)
    assert not faults(drawing)
