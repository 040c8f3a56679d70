"""Typical mistakes where students build, train or change a network, in the notebooks 00 to 03."""

import numpy as np
import pytest

from helpers.exercises import checks
from helpers.exercises.designs import weighted_layers
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras

layers = keras.layers


def reply(name, answer):
    found = checks.check(name, answer)
    assert not found.right
    return found.text


@pytest.fixture
def transferred():
    """The network of exercise 00.4 before training."""
    base = fresh(Backbone("shapes"))
    base.trainable = False
    return keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(10)])


def test_00_4_names_what_is_missing(transferred):
    assert "Has the head been trained" in reply("00.4", transferred)
    assert "Dense(10)" in reply("00.4", transferred.layers[0])
    first = next(weighted_layers(transferred))
    first.set_weights([0.9 * weight for weight in first.get_weights()])
    assert "weights of block1_conv1 are not those" in reply("00.4", transferred)
    transferred.layers[0].trainable = True
    assert "block1_conv1 is trainable" in reply("00.4", transferred)


def test_00_4_wants_the_pre_trained_network_inside():
    alone = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)])
    assert "no layer block1_conv1" in reply("00.4", alone)


@pytest.mark.parametrize(
    ("side", "last", "words"),
    [
        (12, [layers.Flatten, lambda: layers.Dense(10)], "at most 2,000"),
        (12, [layers.GlobalMaxPooling2D, lambda: layers.Dense(10)], "the task asks for 0.75"),
        (12, [layers.GlobalMaxPooling2D, lambda: layers.Dense(9)], "Dense(10)"),
        (14, [layers.GlobalMaxPooling2D, lambda: layers.Dense(10)], "keras.Input((12, 12, 1))"),
    ],
)
def test_01_4_names_what_is_wrong(side, last, words):
    parts = [keras.Input((side, side, 1)), layers.Conv2D(8, 3), *(make() for make in last)]
    assert words in reply("01.4", keras.Sequential(parts))


def brightness(threshold):
    """A detector that calls an image a street with a pedestrian if it is bright."""
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.GlobalAveragePooling2D(), layers.Dense(2)])
    kernel = np.array([[0, 1 / 3]] * 3, "float32")
    model.layers[-1].set_weights([kernel, np.array([threshold, 0], "float32")])
    return model


def test_02_3_says_which_images_are_wrong(monkeypatch):
    from helpers.exercises import notebook_02

    assert "near chance" in reply("02.3", brightness(128))
    for accuracies, words in (((0.9, 0.6), "Untouched, the detector has"), ((0.6, 0.9), "forgotten the day")):
        monkeypatch.setattr(notebook_02, "_by_day_and_at_night", lambda model, found=accuracies: found)
        assert words in reply("02.3", brightness(128))


def change(order, bias_order, layer=-1):
    def exchange(model):
        kernel, bias = model.layers[layer].get_weights()
        model.layers[layer].set_weights([kernel[:, order], bias[bias_order]])

    return exchange


def overwrite(model):
    kernel, bias = model.layers[-1].get_weights()
    kernel[:, 0], kernel[:, 1] = kernel[:, 1], kernel[:, 0]
    model.layers[-1].set_weights([kernel, bias[[1, 1, 2]]])


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (change([1, 0, 2], [0, 1, 2]), "its own bias"),
        (change([0, 1, 2], [1, 0, 2]), "the columns of the kernel are not"),
        (change([2, 1, 0], [2, 1, 0]), "two other classes"),
        (change([1, 2, 0], [1, 2, 0]), "not those of before"),
        (change([1, 0, 2, 3, 4, 5], [1, 0, 2, 3, 4, 5], layer=0), "first layer has changed"),
        (overwrite, "Both outputs are the same"),
        (lambda model: keras.models.clone_model(model), "change this model"),
    ],
)
def test_03_5_names_what_was_exchanged(exchange, words):
    assert words in reply("03.5", exchange)
    assert checks.check("03.5", change([1, 0, 2], [1, 0, 2])).right
