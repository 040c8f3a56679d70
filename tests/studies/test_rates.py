"""The study of learning rates, and the rates that follow from its table."""

import numpy as np
import pandas as pd
import pytest

from helpers.networks.rates import MEASURED
from helpers.studies import rates
from helpers.studies.engine import tables


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
