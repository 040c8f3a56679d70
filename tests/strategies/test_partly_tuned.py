"""Surgical fine-tuning and parameter-efficient fine-tuning train what they name, and nothing else."""

import pickle

import numpy as np
import pytest

from helpers.data.synthetic import streets
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.batchnorm import adapt_batchnorm
from helpers.networks.heads import set_trainable_blocks
from helpers.strategies.export import to_keras
from helpers.strategies.partly_tuned import FewParameters, SurgicalFineTune

WAYS = {  # name of the way -> strategy, and the endings of the paths of the weights that move
    "block": (SurgicalFineTune(block="block2", epochs=1), ("block2_conv1/kernel", "block2_conv2/kernel")),
    "biases": (FewParameters(epochs=1), ("beta",)),
    "BatchNorm": (FewParameters(which="BatchNorm", epochs=1), ("beta", "gamma")),
    "LoRA": (FewParameters(which="LoRA", epochs=1), ("kernel",)),
}


@pytest.fixture(scope="module")
def images():
    return streets(40)


@pytest.fixture(scope="module", params=WAYS)
def fitted(request, images):
    strategy, moved = WAYS[request.param]
    return strategy.fit(*images), moved


def weights(model):
    """The weights of a backbone by path, those of LoRA added to the kernels."""
    return {
        f"{layer.name}/{weight.name}": np.array(layer.kernel if weight.name == "kernel" else weight)
        for layer in model.layers
        for weight in layer.weights
        if not weight.name.startswith("lora")
    }


def test_only_what_it_names_moves(fitted):
    strategy, moved = fitted
    start, now = weights(fresh(Backbone("shapes"))), weights(strategy.model_.layers[1])
    changed = {path for path in start if not np.array_equal(start[path], now[path])}
    assert changed == {path for path in start if path.endswith(moved)}


def test_a_pickle_and_an_exported_model_say_the_same(fitted, images):
    strategy, _ = fitted
    X, _ = images
    again = pickle.loads(pickle.dumps(strategy))
    np.testing.assert_allclose(again.decision_function(X), strategy.decision_function(X), atol=1e-4)
    exported = to_keras(strategy).predict(X, verbose=0).argmax(axis=1)
    np.testing.assert_array_equal(strategy.classes_[exported], strategy.predict(X))


def test_first_and_last_name_blocks(images):
    counts = [
        SurgicalFineTune(block=block, epochs=1).fit(*images).trainable_parameters_
        for block in ("first", "block1", "last", "block4")
    ]
    assert counts[0] == counts[1] < counts[2] == counts[3]


def test_the_first_block_begins_with_the_layer_that_sees_the_images():
    base = set_trainable_blocks(fresh(Backbone("MobileNet", "random")), ["block1"])
    assert [layer.name for layer in base.layers if layer.trainable_weights] == [
        "conv1",
        "conv_dw_1",
        "conv_pw_1",
    ]


@pytest.mark.parametrize("strategy", [SurgicalFineTune, FewParameters])
def test_statistics_of_batchnorm_are_adapted_before_training(strategy, images):
    expected = fresh(Backbone("shapes"))
    adapt_batchnorm(expected, images[0])
    tuned = strategy(epochs=1, batchnorm="adapt").fit(*images)
    means = [
        [np.array(weight) for weight in model.weights if weight.name == "moving_mean"]
        for model in (expected, tuned.model_)
    ]
    for there, here in zip(*means, strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-4)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (SurgicalFineTune(block="block9"), "Unknown block 'block9'. Use some of"),
        (SurgicalFineTune(Backbone("InceptionV3", "random")), "no block can be tuned alone"),
        (FewParameters(which="head"), "which must be 'biases' or 'BatchNorm' or 'LoRA'. Received: 'head'"),
        (FewParameters(which="LoRA", batchnorm="learn"), "LoRA trains no BatchNorm layer"),
        (FewParameters(Backbone("VGG16", "random"), which="BatchNorm"), "'VGG16' has no BatchNorm to train"),
        (FewParameters(Backbone("VGG16", "random"), batchnorm="learn"), "'VGG16' has no BatchNorm to train"),
    ],
)
def test_what_cannot_be_trained_is_refused(strategy, message, images):
    with pytest.raises(ValueError, match=message):
        strategy.fit(*images)
