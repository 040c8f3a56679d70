import time

import numpy as np
import pytest

from helpers.networks.backbones import Backbone
from helpers.strategies import FineTune, FromScratch, FullFineTune, durations


@pytest.fixture
def a_millisecond_an_image(monkeypatch):
    monkeypatch.setattr(durations, "_forward_seconds", lambda model, X: 1e-3)


X = np.zeros((4, 32, 32, 3), "uint8")


def test_what_trains_counts_in_every_epoch(a_millisecond_an_image):
    def seconds(strategy, images=100):
        return durations.training_seconds(strategy, X, images, classes=5)

    shapes = Backbone("shapes")
    # Forward and backward through all layers take three times as long as forward alone, or a little less.
    assert 2.5 < seconds(FullFineTune(shapes, epochs=1), 1000) <= 3
    once, twice = (seconds(FullFineTune(shapes, epochs=epochs)) for epochs in (1, 2))
    assert twice == pytest.approx(2 * once)
    assert seconds(FineTune(shapes, epochs=10)) < 0.5 * seconds(FullFineTune(shapes, epochs=10))
    only_head = seconds(FineTune(shapes, from_block=None, epochs=10))
    assert only_head == pytest.approx(0.1, rel=0.01), "the frozen layers run once"
    assert seconds(FullFineTune(shapes)) == seconds(FullFineTune(shapes, epochs=30)), "epochs by default"


@pytest.mark.slow
def test_the_estimate_is_about_right():
    X = np.random.default_rng(0).integers(0, 256, (320, 48, 48, 3)).astype("uint8")
    y = np.arange(320) % 4
    ends = []
    strategy = FromScratch(epochs=4)
    expected = durations.training_seconds(FromScratch(epochs=3), X, len(X), 4)
    strategy.fit(X, y, on_epoch=lambda epoch, logs: ends.append(time.perf_counter()))
    assert expected / 5 < ends[-1] - ends[0] < 5 * expected  # the computer may do other work meanwhile
