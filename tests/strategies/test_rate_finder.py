"""The range test of learning rates."""

import random

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, load
from helpers.networks.backend import keras
from helpers.strategies import FineTune, find_rates, rate_finder
from helpers.strategies.rate_finder import RangeTest

SHAPES = Backbone("shapes")


@pytest.fixture(scope="module")
def images():
    data = builtin("new_shapes", 20, 0, 0)
    return data.X_train, data.y_train


@pytest.fixture(scope="module")
def found(images):
    return find_rates(SHAPES, *images)


def test_the_suggestion_is_within_a_factor_of_ten_of_the_measured_rates(found):
    for suggested, measured in zip(found.rates, SHAPES.rates, strict=True):
        assert measured / 10 < suggested < measured * 10


def test_a_network_trained_with_the_found_rates_learns(found, images):
    data = builtin("new_shapes", 20, 30, 0)
    tuned = FineTune(SHAPES, head_lr=found.rates.head, base_lr=found.rates.backbone).fit(*images)
    assert tuned.score(data.X_validation, data.y_validation) > 0.8


def test_the_rate_rises_at_every_step_until_the_loss_diverges(found):
    for test in (found.head, found.backbone):
        assert len(test.rates) == len(test.losses) == len(test.smoothed) <= len(rate_finder.RATES)
        assert (np.diff(test.rates) > 0).all() and np.isfinite(test.losses).all()
        assert test.losses[-1] > 2 * test.smoothed.min()
    np.testing.assert_allclose(found.head.rates[:50], 10 * found.backbone.rates[:50])


def test_losses_are_those_of_single_steps(images):
    """Not means over the steps so far, as `fit` reports them."""
    X, y = images
    network = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    network.layers[-1].set_weights([np.zeros((3072, 10)), np.zeros(10)])
    y = np.unique(y, return_inverse=True)[1]
    losses = rate_finder._losses(network, X, y, batch_size=1, seed=0)
    assert losses[0] == pytest.approx(np.log(10), abs=1e-3)
    assert np.abs(np.diff(losses)).max() > 10  # a step of a wild network, not a mean


def test_backbone_and_random_states_stay_as_they_are(images):
    before = [weights.copy() for weights in load(SHAPES).get_weights()]
    random.seed(3)
    np.random.seed(3)
    expected = random.getstate(), np.random.get_state()[1].copy()
    first = find_rates(SHAPES, *images, batch_size=50)
    assert random.getstate() == expected[0]
    np.testing.assert_array_equal(np.random.get_state()[1], expected[1])
    for now, then in zip(load(SHAPES).get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    random.seed(4)
    np.testing.assert_array_equal(
        find_rates(SHAPES, *images, batch_size=50).backbone.losses, first.backbone.losses
    )


def test_half_of_the_fall_is_done_at_the_suggestion():
    rates = np.geomspace(1e-6, 1, 100)
    losses = 0.5 + 2 / (1 + rates / 1e-3) + 30 * rates**2
    test = RangeTest(rates, losses)
    (at,) = np.flatnonzero(rates == test.suggestion)
    assert test.smoothed[at] == pytest.approx((test.smoothed[0] + test.smoothed.min()) / 2, rel=0.1)
    assert 1e-3 < test.suggestion < 1e-2  # smoothing looks back


@pytest.mark.parametrize(
    "losses, message",
    [
        ([2.0], "never fell: it was 2 at the first of 1 steps"),
        ([1.0, 2.0, 3.0], "never fell.*1e-06 is already too large: begin with a smaller rate"),
        ([1.0, 1.0, 1.0], "never fell.*stayed the same, check that some layers are trainable"),
        ([], "no finite loss.*Check the weights"),
        ([np.nan, np.inf], "no finite loss.*Check the weights"),
    ],
)
def test_without_a_fall_of_the_loss_no_rate_is_suggested(losses, message):
    with pytest.raises(ValueError, match=message):
        _ = RangeTest(np.array([1e-6, 1e-5, 1e-4])[: len(losses)], np.array(losses)).suggestion


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"backbone": "shapes"}, TypeError, "must be a Backbone.*'shapes'"),
        ({"from_block": None}, ValueError, "from_block must be a block.*None"),
        ({"from_block": "block9"}, ValueError, "Unknown block 'block9'"),
        ({"batch_size": 0}, ValueError, "batch_size.*Received: 0"),
        ({"seed": -1}, ValueError, "seed.*Received: -1"),
        ({"y": np.zeros(3)}, ValueError, "label"),
        ({"y": np.zeros(200)}, ValueError, "class"),
        ({"X": np.zeros((200, 8, 8, 3), "uint8")}, ValueError, "8"),
        ({"X": np.zeros((200, 32, 32, 3))}, TypeError, "float"),
    ],
)
def test_bad_input_is_named(images, change, error, message):
    X, y = images
    arguments = {"backbone": SHAPES, "X": X, "y": y} | change
    with pytest.raises(error, match=message):
        find_rates(**arguments)
