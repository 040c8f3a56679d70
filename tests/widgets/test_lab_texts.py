"""What the Strategy Lab says in words."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.findings import sharing
from helpers.networks.backbones import Backbone
from helpers.widgets import lab_texts, strategy_lab


def run(strategy, correct, seed=0):
    right = np.arange(10) < correct
    fitted = SimpleNamespace(right=right)
    return {"strategy": strategy, "seed": seed, "accuracy": right.mean(), "fitted": fitted}


def judged(found, target="new_shapes", repeats=1, strategies=2):
    place = {"target": target, "source": "built-in shapes", "images": 20, "repeats": repeats}
    return lab_texts.judged([SimpleNamespace(**place)] * strategies, found)


def test_the_textbooks_choice_is_judged_where_the_likeness_is_declared():
    found = [run("Linear probe", 5), run("Fine-tune", 9)]
    assert "It beats Linear probe, the second and the textbook's choice: +40.0 points" in judged(found)
    assert "textbook" not in judged(found, "streets_day")  # nobody said whether it is similar


def test_after_stop_only_strategies_with_all_repeats_are_judged():
    found = [run(name, 5, seed) for name in ("Linear probe", "Earlier-layer SVM") for seed in (0, 1)]
    said = judged([*found, run("Fine-tune", 10)], repeats=2, strategies=6)
    assert "20 images per class, 2 of 6 strategies: Best over 2 seeds: " in said and "Fine-tune" not in said
    assert judged(found[:3], repeats=2, strategies=6) == ""
    said = judged([run("Fine-tune", 5), run("From scratch", 9)], strategies=6)
    assert "The textbook's choice, Linear probe, has not run." in said


@pytest.mark.parametrize(("epochs", "said"), [(0, "before its first epoch"), (1, "after 1 epoch")])
def test_a_run_that_is_stopped_early_says_so(epochs, said):
    assert lab_texts.stopped(epochs) == f"stopped {said}"


def test_the_alternative_text_says_what_is_grey_and_marks_the_textbooks_choice():
    lab = strategy_lab()
    assert "No runs yet. In grey, stored board, tuned, test accuracy: " in lab.alt
    assert all(f"{name}, 5 per class: " in lab.alt for name in ("Linear probe", "From scratch"))
    lab.view.value = "seconds"
    assert "In grey, stored runs, 5 to 100 per class: " in lab.alt and re.search(
        r"0% after \d+\.\d s", lab.alt
    )
    made = dict(
        zip(sharing.FIELDS, ("new_shapes", "built-in shapes", "Linear probe", "", 5, 0, 0.5), strict=True)
    )
    lab._runs["one"] = made | {"seconds": 1.0}
    lab._draw()
    assert (
        "Linear probe (textbook), 5 per class: 50.0%" in lab.alt
        and "Linear probe (textbook)" in lab.board.value
    )
    lab.target.value = "streets_day"  # the figure shows another target
    lab.view.value = "images per class"
    assert "No runs yet. In grey, stored runs, default settings: " in lab.alt


def test_the_legend_marks_the_textbooks_choices_where_the_likeness_is_declared():
    lab = strategy_lab()
    names = [text.get_text() for text in lab._figure.legends[0].get_texts()]
    assert {"Linear probe (textbook below 100)", "Full fine-tune (textbook from 100)", "Fine-tune"} <= {
        *names
    }
    assert lab._axes[1].get_ylabel() == "validation accuracy, or test (grey)"
    assert lab._axes[1].get_title() == "Grey: stored board, tuned, test accuracy"
    lab.source.value = "photographs (Tiny ImageNet)"  # not on the board with drawings
    assert lab._axes[1].get_ylabel() == "validation accuracy"
    assert lab._axes[1].get_title() == "Grey: stored runs, default settings"


def test_an_empty_figure_says_why():
    lab = strategy_lab(replace(builtin("new_shapes", 5, 5, 5), name="mine"), Backbone("shapes"))
    for lab.view.value in ("images per class", "seconds"):
        assert "no stored results" in lab._axes[1].texts[0].get_text()
        assert lab.alt.endswith("No runs yet. There are no stored results of this target with this source.")
