"""What the Strategy Lab says in words."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.widgets import lab_texts


def run(strategy, correct, seed=0):
    right = np.arange(10) < correct
    fitted = SimpleNamespace(right=lambda: right)
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
