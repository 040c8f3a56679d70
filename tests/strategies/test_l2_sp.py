"""L2-SP is full fine-tuning with one more term in the loss."""

import pickle

import numpy as np
import pytest

from helpers.data.synthetic import streets
from helpers.networks.backbones import Backbone, fresh
from helpers.strategies import FullFineTune
from helpers.strategies.l2_sp import L2SP, pull

STEPS = {"epochs": 4, "base_lr": 3e-3, "head_lr": 3e-3}


def moved(strategy):
    """The distance of the convolutions from the source."""
    now, start = (
        np.concatenate([np.ravel(layer.kernel) for layer in model.layers if hasattr(layer, "kernel")])
        for model in (strategy.model_.layers[1], fresh(Backbone("shapes")))
    )
    return np.linalg.norm(now - start)


@pytest.fixture(scope="module")
def images():
    return streets(40)


@pytest.fixture(scope="module")
def fitted(images):
    return L2SP(strength=1.0, **STEPS).fit(*images)


def test_the_penalty_is_half_the_strength_times_the_squared_distance():
    network = fresh(Backbone("shapes"))
    pull(network, 0.5)
    assert sum(map(float, network.losses)) == 0
    kernel = network.get_layer("block2_conv1").kernel
    kernel.assign(kernel + 0.1)
    assert sum(map(float, network.losses)) == pytest.approx(0.25 * 0.01 * np.prod(kernel.shape), rel=1e-4)


def test_a_stronger_pull_keeps_the_backbone_closer(images, fitted):
    free = FullFineTune(**STEPS).fit(*images)
    weak = L2SP(strength=1e-9, **STEPS).fit(*images)
    assert moved(fitted) < 0.8 * moved(free)
    assert moved(weak) == pytest.approx(moved(free), rel=0.05)


def test_a_pickle_predicts_the_same_and_has_no_penalty(images, fitted):
    again = pickle.loads(pickle.dumps(fitted))
    X, _ = images
    np.testing.assert_allclose(again.decision_function(X), fitted.decision_function(X), atol=1e-4)
    assert again.model_.losses == []


@pytest.mark.parametrize("strength", [0, -1, "strong", float("nan")])
def test_a_strength_that_is_not_above_zero_is_refused(images, strength):
    with pytest.raises(ValueError, match="^strength must be a finite number greater than 0"):
        L2SP(strength=strength).fit(*images)
