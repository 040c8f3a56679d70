"""Cells of the stored board, drawn at random and measured again, choice of configuration included."""

import numpy as np
import pytest

from helpers.findings.board import rows
from helpers.studies import _activations, _targets, board
from helpers.studies._grids import PROBE, SVM

KEYS = ["target", "source", "strategy", "images", "seed"]
SHORT = 30  # seconds of processor time; a longer cell would cost the tests too much
IMAGES = 3  # validation images on which another processor may decide otherwise
POINTS = 0.03  # of test accuracy, of a network that trained on another processor


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path))
    for cache in (_targets.images, _activations.stored):
        cache.cache_clear()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_random_sample_of_built_in_cells_can_be_measured_again(own_cache):
    """Another sample each time; the message of a failure names the cell."""
    stored = rows()
    builtin = stored["target"].map(lambda name: _targets.TARGETS[name].is_builtin)
    short = stored[builtin & (stored["seconds"] < SHORT)]
    short = short[short["target"] == np.random.default_rng().choice(short["target"].unique())]
    frozen = short["strategy"].isin([PROBE, SVM])
    for row in [*short[frozen].sample(3).to_dict("records"), *short[~frozen].sample(1).to_dict("records")]:
        again = board.measure({key: row[key] for key in KEYS})
        before, now = (
            np.array(row["validation_scores"].split(), float),
            np.array(again["validation_scores"].split(), float),
        )
        assert again["validated"] == row["validated"]
        assert np.abs(now - before).max() * row["validated"] <= IMAGES + 0.1, (row, again)
        if again["chosen"] == row["chosen"]:
            assert abs(again["accuracy"] - row["accuracy"]) <= POINTS, (row, again)
        else:  # both were as good, within what may differ
            lead = before.max() - before[again["chosen"] - 1]
            assert lead * row["validated"] <= IMAGES + 0.1, (row, again)
