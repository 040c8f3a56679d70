"""What an exercise requires of a Keras model: each requirement accepts a good model and names what is bad."""

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.exercises import designs
from helpers.networks.backend import keras


def nested():
    """A backbone of two layers inside a model with a head."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    body = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, name="block1_a"), layers.Dense(4, name="block2_a")], name="body"
    )
    return keras.Sequential([keras.Input((4,)), body, layers.Dense(3, name="output")])


def test_outputs():
    assert designs.outputs(3)(nested()) is None
    assert "Dense(5)" in designs.outputs(5)(nested())
    assert "input shape" in designs.outputs(3)(keras.Sequential([keras.layers.Dense(3)]))


def test_trains_only():
    model = nested()
    only_head = designs.trains_only(["head"], "Why.")
    assert only_head(model) == "The layer block1_a is trainable. Why."
    model.layers[0].trainable = False
    assert only_head(model) is None
    assert designs.trains_only(["block2", "head"], "So.")(model) == "The layer block2_a is frozen. So."
    model.trainable = False
    assert only_head(model) == "The layer output is frozen. Why."


def test_at_most():
    assert designs.at_most(55)(nested()) is None
    assert "55 parameters; at most 54" in designs.at_most(54)(nested())


def test_has_kept():
    original, model = nested(), nested()
    kept = designs.has_kept(lambda: original.layers[0])
    assert kept(model) is None
    model.layers[0].layers[1].set_weights([np.zeros((4, 4)), np.zeros(4)])
    assert "The weights of block2_a are not" in kept(model)
    assert "no layer block1_a" in kept(keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]))


@pytest.mark.parametrize(
    ("order", "reply"), [((0, 1), None), ((1, 0), "accuracy is 0.00; the task asks for")]
)
def test_accuracy_above(order, reply):
    """A model that looks at the brightness: street scenes at night are darker."""
    day, night = (builtin(f"streets_{time}", 1, 0, 4) for time in ("day", "night"))

    class Both:
        classes = ["day", "night"]
        X_test = np.concatenate([day.X_test, night.X_test])
        y_test = np.repeat(classes, 8)

    mean = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    kernel = np.zeros((3072, 2), "float32")
    kernel[:, order[0]] = 1 / 3072
    bias = np.zeros(2, "float32")
    bias[order[1]] = (day.X_test.mean() + night.X_test.mean()) / 2
    mean.layers[-1].set_weights([kernel, bias])
    found = designs.accuracy_above(0.9, Both, "Train longer.")(mean)
    assert found is None if reply is None else reply in found and found.endswith("Train longer.")
