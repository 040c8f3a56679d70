"""Figures of what is tuned."""

import pandas as pd
import pytest
from legibility import faults

from helpers.plots import tuning
from helpers.plots.style import styled
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
                "batchnorm": batchnorm,
                "seed": seed,
                "trained_parameters": count,
                "accuracy": score + seed / 10,
            }
            for target in ("new_shapes", "micrographs")
            for way, batchnorm, count, score in (
                ("head", "keep", 970, 0.5),
                ("head", "adapt", 970, 0.3),
                ("head", "learn", 970, 0.1),
                ("all", "keep", 280_000, 0.5),
            )
            for seed in range(2)
        ]
    )
    drawing = tuning.by_trained_parameters(rows, ["head", "all"])
    assert "new_shapes, head: 970 parameters, 55.0%" in drawing.alt
    assert "new_shapes, head, statistics of the target: 35.0%" in drawing.alt and "15.0%" not in drawing.alt
    assert [len(axis.containers) for axis in drawing.axes] == [3, 3]
    assert all(axis.get_xscale() == "log" for axis in drawing.axes)
    assert not faults(drawing)


def line(shares=(0.0, 0.5, 1.0)):
    """The fine-tuned network is better on the target and worse on the source."""
    return pd.DataFrame(
        [
            {
                "target": target,
                "way": "line",
                "share": share,
                "seed": seed,
                "target_accuracy": 0.2 + 0.7 * share + seed / 100,
                "source_accuracy": 0.99 - 0.2 * share,
                "unseen_accuracy": 0.4 + share * (1 - share),
            }
            for target in ("night", "dashed")
            for share in shares
            for seed in range(3)
        ]
    )


def test_a_panel_per_target_shows_three_accuracies_along_the_line():
    other_ways = line((1.0,)).assign(way="soup", target_accuracy=0.0)
    drawing = tuning.between_networks(pd.concat([line(), other_ways]))
    assert len(drawing.axes) == 2
    assert "night, on target: 0 21%, 0.5 56%, 1 91%, soup 0%." in drawing.alt
    assert [len(axis.containers) for axis in drawing.axes] == [6, 6]
    assert not faults(drawing)


def test_the_share_is_marked_in_both_panels():
    means = line().query("target == 'night' and seed == 0").set_index("share")
    drawing, (left, right) = tuning.figure(columns=2)
    with styled():
        tuning.by_share(left, means, 0.5)
        tuning.in_and_out(right, means, 0.5)
    assert left.lines[-1].get_xdata()[0] == 0.5
    marked = right.lines[-1]
    assert (marked.get_xdata()[0], marked.get_ydata()[0]) == pytest.approx((0.55, 0.65))
    assert [text.get_text() for text in right.texts] == ["source", "fine-tuned"]
    assert not faults(drawing)
