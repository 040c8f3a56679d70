"""Studies after the lecture: the line between two networks, the pull to the source, few parameters."""

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.data.shifts import SHIFTS
from helpers.networks.backbones import fresh
from helpers.networks.heads import all_layers
from helpers.studies import _surgery, few_parameters, l2_sp, weight_slider
from helpers.studies.engine.tables import read_results

RATES = {"rate": 1e-3, "head_rate": 1e-3}


@pytest.fixture
def quick(monkeypatch):
    """Few images, two members, two epochs."""
    for name, value in {"TRAIN": 3, "MEMBERS": 2}.items():
        monkeypatch.setattr(weight_slider, name, value)
    monkeypatch.setattr(_surgery, "EPOCHS", 2)
    monkeypatch.setattr(weight_slider, "chosen_rates", lambda target, seed: RATES)
    weight_slider._members.cache_clear()
    yield
    weight_slider._members.cache_clear()


def cell(way, share=1.0):
    return {"target": "night", "seed": 0, "way": way, "share": share}


def test_the_line_goes_from_the_source_classifier_to_the_first_member(quick):
    start, half, end = (weight_slider.measure(cell("line", share)) for share in (0.0, 0.5, 1.0))
    source, tuned = weight_slider.source_weights(), weight_slider.fine_tuned("night", 0, 0, RATES)
    assert start == RATES | weight_slider.scores(source, "night", 0)
    assert end == RATES | weight_slider.scores(tuned, "night", 0)
    assert start["source_accuracy"] > 0.9 > start["target_accuracy"]
    assert half not in (start, end)


def test_members_are_averaged_by_accuracy_and_the_soup_by_weights(quick):
    first, second = (weight_slider.fine_tuned("night", 0, order, RATES) for order in (0, 1))
    scored = [weight_slider.scores(weights, "night", 0) for weights in (first, second)]
    found = weight_slider.measure(cell("members"))
    for name in scored[0]:
        assert found[name] == pytest.approx(np.mean([one[name] for one in scored]))
    mean = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    assert weight_slider.measure(cell("soup")) == RATES | weight_slider.scores(mean, "night", 0)
    assert any(not np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_all_networks_share_the_statistics_of_the_source(quick):
    """So nothing has to be computed anew between them."""
    model = weight_slider._network().model
    model.set_weights(weight_slider.source_weights())
    source = {layer.name: layer.get_weights() for layer in all_layers(model)}
    model.set_weights(weight_slider.fine_tuned("night", 0, 0, RATES))
    same = {
        layer.name: all(map(np.array_equal, layer.get_weights(), source[layer.name]))
        for layer in all_layers(model)
        if layer.weights
    }
    assert {name for name, equal in same.items() if equal} == {n for n in same if n.endswith("_bn")}


def test_the_rates_of_the_fine_tuned_end_are_chosen_by_validation(monkeypatch):
    useless, good = {"rate": 0.0, "head_rate": 1e-9}, {"rate": 3e-3, "head_rate": 3e-3}
    monkeypatch.setattr(weight_slider, "CANDIDATES", [useless, good])
    monkeypatch.setattr(_surgery, "EPOCHS", 4)
    weight_slider.chosen_rates.cache_clear()
    assert weight_slider.chosen_rates("night", 0) == good
    weight_slider.chosen_rates.cache_clear()
    source = weight_slider.source_weights()
    left = weight_slider._network().model.get_weights()
    assert all(map(np.array_equal, left, source))


def test_unseen_shifts_are_no_targets():
    assert not {*weight_slider.UNSEEN} & {*weight_slider.TARGETS}
    assert {*weight_slider.UNSEEN, *weight_slider.TARGETS} <= {*SHIFTS}


def test_both_ways_of_l2_sp_have_the_same_number_of_candidates_and_the_best_counts(monkeypatch):
    assert len({len(grid) for grid in l2_sp.GRIDS.values()}) == 1
    given = iter([(0.7, 0.9), (0.8, 0.6), (0.8, 0.5), (0.1, 1.0)])

    def run(data, rate, strength, seed):
        assert seed == 3
        return dict(zip(("validation_accuracy", "accuracy"), next(given), strict=True))

    monkeypatch.setattr(l2_sp, "_run", run)
    chosen = l2_sp.measure({"target": "micrographs", "way": "L2-SP", "seed": 3})
    assert chosen == {"validation_accuracy": 0.8, "accuracy": 0.6}  # never chosen by test images


def test_without_training_the_backbone_has_not_moved():
    assert l2_sp._moved(fresh(_surgery.SOURCE)) == 0


def test_a_run_with_few_parameters_trains_those_of_its_way(monkeypatch):
    monkeypatch.setattr(few_parameters, "EPOCHS", 1)
    data = builtin("new_shapes", 2, 2, 2)
    ways = ("BatchNorm", "keep"), ("head", "keep"), ("BatchNorm", "adapt"), ("BatchNorm", "keep")
    runs = [few_parameters._run(data, way, batchnorm, 1e-3, 0) for way, batchnorm in ways]
    assert [run["trained_parameters"] for run in runs] == [2570, 1290, 2570, 2570]
    assert runs[0] == runs[3]  # a run starts from the source, whatever was trained before


@pytest.mark.parametrize("study", [few_parameters, weight_slider, l2_sp])
def test_the_tables_hold_every_cell_once(study):
    name = study.__name__.split(".")[-1]
    cells = study.cells()
    held = read_results(name)[[*cells[0]]].itertuples(index=False, name=None)
    assert sorted(held) == sorted(tuple(each.values()) for each in cells)
