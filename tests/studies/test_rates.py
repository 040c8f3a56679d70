"""The study of learning rates, and the rates that follow from its table."""

import numpy as np
import pandas as pd
import pytest

from helpers.networks.backbones import Backbone
from helpers.networks.rates import MEASURED
from helpers.studies import photo_rates, rates
from helpers.studies.engine import runner


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
def test_the_boards_keep_the_rates_that_they_were_measured_with(strategy):
    """The rates of a backbone may change; the rows of a table may not."""
    made = runner.board_strategy({"strategy": strategy.name}, Backbone("MobileNet"), base_lr=1e-4)
    assert (made.head_lr, made.base_lr) == (runner.HEAD_RATES[strategy.name], 1e-4)
    made = runner.board_strategy({"strategy": strategy.name}, Backbone("shapes"))
    assert (made.head_lr, made.base_lr) == (runner.HEAD_RATES[strategy.name], 3e-4)
