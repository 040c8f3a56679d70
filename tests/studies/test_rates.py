"""The study of learning rates, and the rates that follow from its table."""

import numpy as np
import pandas as pd
import pytest

from helpers.networks.backbones import Backbone
from helpers.networks.rates import MEASURED
from helpers.studies import photo_rates, rates
from helpers.studies.engine import runner, tables


def test_training_and_validation_images_are_disjoint_and_balanced():
    y = np.repeat(["a", "b", "c"], 60)
    for seed in range(2):
        train, held_out = rates.drawn(y, seed)
        assert np.unique(y[train], return_counts=True)[1].tolist() == [rates.IMAGES] * 3
        assert np.unique(y[held_out], return_counts=True)[1].tolist() == [rates.HELD_OUT] * 3
        assert not set(train) & set(held_out)


def test_every_network_has_three_targets_and_three_seeds():
    cells = pd.DataFrame(rates.cells())
    counts = cells.groupby(["source", "strategy"])[["target", "seed"]].nunique()
    assert (counts == 3).all(axis=None)
    assert set(cells["source"]) <= set(MEASURED)


@pytest.mark.parametrize("strategy", [rates.HEAD_ONLY, rates.FINE_TUNE, rates.PROBE_FIRST])
def test_a_cell_can_be_measured(strategy):
    cell = {"source": "shapes", "strategy": strategy, "target": "streets_night", "seed": 0}
    base = 0.0 if strategy == rates.HEAD_ONLY else 3e-4
    assert 0.4 < rates.measure(cell | {"head_rate": 3e-3, "base_rate": base})["accuracy"] <= 1


@pytest.mark.parametrize("strategy", photo_rates.STRATEGIES, ids=lambda entry: entry.name)
def test_stored_tables_keep_the_rates_that_they_were_measured_with(strategy):
    """The rates of a backbone may change; the rows of a table may not."""
    made = runner.strategy_of({"strategy": strategy.name}, Backbone("MobileNet"), base_lr=1e-4)
    assert (made.head_lr, made.base_lr) == (runner.HEAD_RATES[strategy.name], 1e-4)
    made = runner.strategy_of({"strategy": strategy.name}, Backbone("shapes"))
    assert (made.head_lr, made.base_lr) == (runner.HEAD_RATES[strategy.name], 3e-4)


def by_rank(runs, rate, units):
    """Mean rank of each rate over the units, 1 for the best; accuracies are means over seeds."""
    accuracy = runs.groupby([*units, rate])["accuracy"].mean().unstack()
    assert runs.groupby([*units, rate])["seed"].nunique().min() >= 2
    return accuracy.rank(axis=1, ascending=False).mean()


@pytest.mark.parametrize("source", rates.TARGETS)
def test_the_rate_of_the_head_is_best_on_validation_or_next_to_it(source):
    runs = tables.read_results("rates").query("source == @source and strategy == @rates.HEAD_ONLY")
    assert runs["target"].nunique() == runs["seed"].nunique() == 3
    ranks = by_rank(runs, "head_rate", ["target"]).sort_values()
    assert MEASURED[source].head == min(ranks.index[:2])


def test_the_rate_of_mobilenet_is_best_over_last_block_and_all_layers():
    last = tables.read_results("rates").query("source == 'MobileNet' and strategy == 'Fine-tune'")
    every = tables.read_results("photo_rates").rename(columns={"base_lr": "base_rate"})
    runs = pd.concat([last.assign(study="rates"), every.assign(study="photo_rates")])
    runs = runs[runs["base_rate"].isin(last["base_rate"])]
    ranks = by_rank(runs, "base_rate", ["study", "strategy", "target"])
    assert ranks.idxmin() == MEASURED["MobileNet"].backbone


@pytest.mark.parametrize("source", ["shapes", "photos"])
def test_the_rate_of_a_small_model_is_best_on_average_or_next_to_it(source):
    """Over three targets, for the last block with one head rate, and for all layers."""
    runs = tables.read_results("rates").query("source == @source and strategy != @rates.HEAD_ONLY")
    runs = runs[(runs["strategy"] == rates.PROBE_FIRST) | (runs["head_rate"] == 3e-3)]
    accuracy = runs.groupby(["strategy", "target", "base_rate"])["accuracy"].mean().unstack()
    assert len(accuracy) == 6 and accuracy.notna().all(axis=None)
    assert accuracy.mean().max() - accuracy.mean()[MEASURED[source].backbone] < 0.003


def test_the_rate_of_vgg16_is_best_for_block5_with_the_rate_of_its_head():
    runs = tables.read_results("rates").query("source == 'VGG16' and strategy == 'Fine-tune'")
    assert set(runs["head_rate"]) == {MEASURED["VGG16"].head}
    assert runs["target"].nunique() == runs["seed"].nunique() == 3
    assert by_rank(runs, "base_rate", ["target"]).idxmin() == MEASURED["VGG16"].backbone


def test_the_rate_of_vgg16_is_best_over_block5_and_all_layers():
    runs = tables.read_results("vgg16_full").query("chosen_by_validation == 'base_lr'")
    tried = [
        {
            "unit": f"{row.strategy}, {row.target}, {row.images}",
            "seed": row.seed,
            "base_rate": rate,
            "accuracy": value,
        }
        for row in runs.itertuples()
        for rate, value in zip(
            map(float, row.tried.split()), map(float, row.validation_accuracies.split()), strict=True
        )
    ]
    ranks = by_rank(pd.DataFrame(tried), "base_rate", ["unit"])
    assert ranks.idxmin() == MEASURED["VGG16"].backbone


def test_all_rates_but_those_that_networks_of_this_size_share_are_measured():
    tuned = set(tables.read_results("rates").query("strategy != @rates.HEAD_ONLY")["source"])
    assert set(MEASURED) - {"MiniVGG", "simclr"} == tuned
    assert MEASURED["MiniVGG"] == MEASURED["simclr"] == MEASURED["shapes"]
