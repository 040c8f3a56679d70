"""The judged learning curves: what a trial draws, and how often the stored intervals are right."""

import numpy as np
import pytest

from helpers.studies import _targets, learning_curve_judged
from helpers.studies.engine import tables

ROWS = tables.read_results("learning_curve_judged")


def test_every_cell_has_been_measured_once():
    cells = learning_curve_judged.cells()
    assert len(cells) == len(ROWS) >= 100
    measured = ROWS[["target", "source", "images", "seed"]].itertuples(index=False, name=None)
    assert {*measured} == {tuple(cell.values()) for cell in cells}


def test_there_are_builtin_and_real_sets_and_images_left_to_score():
    kinds = {_targets.TARGETS[name].is_builtin for name in ROWS["target"]}
    assert kinds == {True, False} and ROWS["scored"].min() >= 80


def test_the_interval_covers_the_accuracy_at_twice_the_images_as_often_as_it_says():
    covered = ROWS["accuracy"].between(ROWS["low"], ROWS["high"])
    assert 0.85 <= covered.mean() <= 0.95
    assert covered.groupby(ROWS["target"]).mean().min() >= 0.6, "no single target is hopeless"


def test_the_interval_is_narrower_than_one_that_always_covers():
    assert (ROWS["high"] - ROWS["low"]).mean() < 0.25


def test_a_trial_on_builtin_images(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path))
    codes = np.random.default_rng(0).normal(size=(400, 5)).astype("float16")
    codes += np.arange(400)[:, None] % 2
    images = _targets.Images(np.zeros((400, 1, 1, 3), np.uint8), np.arange(400) % 2)
    monkeypatch.setattr(learning_curve_judged, "stored", lambda *_: {"codes": codes})
    monkeypatch.setattr(learning_curve_judged, "pixels", lambda *_: images)
    found = learning_curve_judged.measure({"target": "t", "source": "s", "images": 20, "seed": 0})
    assert found["low"] <= found["forecast"] <= found["high"]
    assert found["scored"] == 400 - 80 and found["test"] == 400
    assert found["accuracy"] == pytest.approx(0.87, abs=0.06)
