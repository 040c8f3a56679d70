"""Surgical tuning changes the named parts of the source classifier and nothing else."""

import numpy as np
import pytest

from helpers.data.shifts import SHIFTS, Shift
from helpers.studies import _surgery, surgical

PLAIN = Shift("none")


@pytest.fixture
def quick(monkeypatch):
    """Few images, one epoch, and one learning rate."""
    monkeypatch.setattr(_surgery, "EPOCHS", 1)
    monkeypatch.setattr(_surgery, "TRAIN", 3)
    monkeypatch.setattr(_surgery, "TEST", 10)
    for grid in ("ALONE", "TOGETHER"):
        monkeypatch.setattr(_surgery, grid, [{"rate": 1e-3, "head_rate": 1e-3}])
    _surgery._target.cache_clear()
    yield
    _surgery._target.cache_clear()


def test_an_untouched_classifier_knows_the_source_and_fails_on_other_labels(quick):
    accuracy = {
        name: _surgery.tune(shift, (), 0)["accuracy"]
        for name, shift in (("plain", PLAIN), *((n, SHIFTS[n]) for n in ("exchanged", "regrouped")))
    }
    assert accuracy["plain"] > 0.95 and accuracy["exchanged"] < 0.05 and accuracy["regrouped"] < 0.5


def test_the_rate_is_chosen_by_validation_and_the_head_learns_new_labels(quick, monkeypatch):
    useless = {"rate": 1e-9, "head_rate": 1e-9}
    monkeypatch.setattr(_surgery, "ALONE", [useless, {"rate": 0.1, "head_rate": 0.1}])
    found = _surgery.tune(SHIFTS["exchanged"], ("head",), 0)
    assert found["rate"] == 0.1 and found["accuracy"] > 0.2
    assert np.isnan(_surgery.tune(SHIFTS["exchanged"], ("statistics",), 0)["rate"])


@pytest.mark.parametrize("parts", [("block2",), ("block1", "head"), ("head",)])
def test_only_the_named_parts_change(quick, parts):
    network = _surgery._network(parts, 10)
    _surgery.tune(SHIFTS["exchanged"], parts, 0)
    tuned = {layer.name: layer.get_weights() for layer in _layers(network.model)}
    network.restart(_surgery.source_head())
    changed = {
        layer.name.split("_")[0]
        for layer in _layers(network.model)
        if any(not np.array_equal(a, b) for a, b in zip(layer.get_weights(), tuned[layer.name], strict=True))
    }
    assert changed == set(parts)


def _layers(model):
    return [*model.layers[1].layers, model.get_layer("head")]


def test_the_head_can_have_a_rate_of_its_own(quick, monkeypatch):
    monkeypatch.setattr(_surgery, "TOGETHER", [{"rate": 0.0, "head_rate": 0.1}])
    together = _surgery.tune(SHIFTS["exchanged"], ("block4", "head"), 0)
    monkeypatch.setattr(_surgery, "ALONE", [{"rate": 0.1, "head_rate": 0.1}])
    alone = _surgery.tune(SHIFTS["exchanged"], ("head",), 0)
    assert together["accuracy"] == pytest.approx(alone["accuracy"], abs=0.03)  # the block has not moved


def test_the_rival_of_single_parts_has_at_least_as_many_candidates():
    assert len(_surgery.ALONE) <= len(_surgery.TOGETHER)


def test_a_run_does_not_depend_on_the_runs_before(quick):
    first = _surgery.tune(SHIFTS["night"], ("block1",), 1)
    _surgery.tune(SHIFTS["night"], ("block1",), 2)
    assert _surgery.tune(SHIFTS["night"], ("block1",), 1) == first


def test_every_part_is_tuned_on_every_shift_with_every_seed():
    cells = surgical.cells()
    assert len(cells) == len({tuple(cell.values()) for cell in cells})
    assert len(cells) == surgical.SEEDS * len(SHIFTS) * len(_surgery.PARTS)
    assert [cell["seed"] for cell in cells] == sorted(cell["seed"] for cell in cells)  # whole seeds first
