"""A run learns from the images, with the settings and under the watch that it is asked for."""

import dataclasses
import threading
import time

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.strategies import NearestColours
from helpers.studies.engine import runner


class Watched(NearestColours):
    """Learns the colours of images, and keeps how it was called."""

    def fit(self, X, y, **watch):
        self.watch_ = watch
        time.sleep(0.01)
        super().fit(X, y)
        self.trainable_parameters_ = 7
        return self

    def score(self, X, y):
        self.scored_ = X
        return super().score(X, y)


@pytest.fixture(scope="module")
def data():
    return builtin("streets_day", 8, 3, 4)


@pytest.mark.parametrize(
    "name, head", [("Fine-tune", 3e-3), ("Full fine-tune", 3e-3), ("Probe, then fine-tune", 3e-4)]
)
def test_stored_tables_name_the_rates_of_fine_tuning(name, head):
    """The tables do not keep these rates: rows measured with others would stand beside the old ones."""
    made = runner.strategy_of({"strategy": name}, Backbone("shapes"), batch_size=16)
    assert (made.head_lr, made.base_lr, made.batch_size) == (head, 3e-4, 16)


def test_the_test_set_is_scored_only_on_request(data):
    strategy = Watched()
    runner.run(strategy, data, 3, seed=0)
    assert strategy.scored_ is data.X_validation


def test_a_run_reports_its_score_its_time_and_its_parameters(data):
    strategy = Watched()
    found = runner.run(strategy, data, 3, seed=0, held_out="test")
    assert found["accuracy"] == np.mean(strategy.predict(data.X_test) == data.y_test)
    assert 0.01 <= found["seconds"] < 60
    assert found["trainable_parameters"] == 7


def test_a_fit_is_watched_timed_and_not_scored(data):
    stop, strategy = threading.Event(), Watched()
    assert 0.01 <= runner.fit(strategy, data, 3, seed=0, stop=stop, on_epoch=print) < 60
    assert strategy.watch_ == {"stop": stop, "on_epoch": print}
    assert not hasattr(strategy, "scored_")


def test_a_run_learns_from_training_images_only(data):
    blank = dataclasses.replace(
        data, X_validation=np.zeros_like(data.X_validation), X_test=np.zeros_like(data.X_test)
    )
    one, other = NearestColours(), NearestColours()
    for strategy, drawn in ((one, data), (other, blank)):
        runner.run(strategy, drawn, 3, seed=1)
    assert np.array_equal(one.predict(data.X_test), other.predict(data.X_test))
