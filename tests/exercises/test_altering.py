"""Checks of functions that change a network: each typical mistake gets a reply that names it."""

import keras
import numpy as np
import pytest

from helpers.exercises import altering, attempts


def unfreeze(base, first, whole=True, batchnorm=False, later=True, refreeze=True, count="weights"):
    """The right function, or with one mistake."""
    if whole:
        base.trainable = True
    reached = False
    for layer in base.layers:
        here = layer.name.startswith(first)
        reached = (reached or here) if later else here
        is_norm = isinstance(layer, keras.layers.BatchNormalization)
        if reached or refreeze:
            layer.trainable = reached and (batchnorm or not is_norm)
    if count == "layers":
        return sum(layer.trainable for layer in base.layers)
    if count == "all":
        return base.count_params()
    return sum(int(np.prod(weight.shape)) for weight in base.trainable_weights)


@pytest.mark.parametrize(
    ("mistake", "reply"),
    [
        ({}, None),
        ({"whole": False}, "no layer is trainable. Inside a frozen model nothing trains"),
        ({"batchnorm": True}, "block3_conv1_bn is trainable. BatchNorm must stay frozen"),
        ({"later": False}, "block4_conv1 is frozen, although it is in or after block3"),
        ({"refreeze": False}, "block1_conv1 is trainable, although it is before block3"),
        ({"count": "layers"}, "the right layers train, but the function returns 6"),
        ({"count": "all"}, "add the sizes of base.trainable_weights"),
    ],
)
def test_unfreezing(mistake, reply):
    found = altering.unfreezing(lambda base, first: unfreeze(base, first, **mistake))
    assert found is None if reply is None else reply in found


def test_unfreezing_sees_what_an_earlier_call_has_left_trainable():
    def only_adds(base, first):
        if not base.trainable:
            base.trainable = True
            for layer in base.layers:
                layer.trainable = False
        for layer in base.layers[base.layers.index(base.get_layer(f"{first}_conv1")) :]:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
        return sum(int(np.prod(weight.shape)) for weight in base.trainable_weights)

    assert "block1_conv1 is trainable, although it is before block4" in altering.unfreezing(only_adds)


def cut(base, name):
    return keras.Model(base.input, base.get_layer(name).output)


@pytest.mark.parametrize(
    ("function", "reply"),
    [
        (lambda base, n: (cut(base, f"block{n}_pool"), 2**n), None),
        (lambda base, n: (cut(base, f"block{n}_conv1_relu"), 2**n), "the output has the shape (16, 16, 4)"),
        (lambda base, n: (cut(base, f"block{n}_pool"), 2 * n), "leave nothing of an image of 8 pixels"),
        (lambda base, n: (cut(base, f"block{n}_pool"), 32), "an image of 16 pixels still gives an output"),
        (lambda base, n: (cut(base, f"block{n}_pool"), "16"), "but the side of the smallest image"),
        (lambda base, n: (keras.models.clone_model(cut(base, f"block{n}_pool")), 2**n), "random ones"),
        (lambda base, n: cut(base, f"block{n}_pool"), "but a pair (network, side) is expected"),
        (lambda base, n: (base.layers, 2**n), "but a Keras model is expected"),
    ],
)
def test_shortening(function, reply):
    found = altering.shortening(function)
    assert found is None if reply is None else reply in found


def calls(times, momentum=None, size=32, after=()):
    def refresh(model, X):
        norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
        before = [layer.momentum for layer in norms]
        for layer in norms:
            layer.momentum = layer.momentum if momentum is None else momentum
        for k in range(times):
            model(X[k * size % len(X) :][:size], training=True)
        for layer, old in zip(norms, after or before, strict=True):
            layer.momentum = old

    return refresh


def by_fit(rate):
    def refresh(model, X):
        model.compile(keras.optimizers.SGD(rate), "mse")
        model.fit(X, np.ones((len(X), 4)), epochs=5, verbose=0)

    return refresh


@pytest.mark.parametrize(
    ("function", "reply"),
    [
        (calls(30, 0.8), None),
        (calls(1, 0, size=64), None),
        (calls(1, 0, size=64, after=(0, 0)), "the momentum of conv1_bn was 0.99 and is now 0."),
        (calls(30, 0.8, after=(0.99, 0.99)), "the momentum of conv2_bn was 0.98 and is now 0.99"),
        (calls(0, 0), "still those of a new layer. BatchNorm updates them when it runs in training mode"),
        (calls(20), "have covered 18% of the way"),
        (by_fit(0.1), "Only the moving averages may change"),
    ],
)
def test_refreshing(function, reply):
    found = altering.refreshing(function)
    assert found is None if reply is None else reply in found


def test_many_plain_calls_are_in_time_and_endless_ones_get_advice(monkeypatch):
    assert altering.refreshing(calls(600)) is None
    monkeypatch.setattr(attempts, "SECONDS", 0.05)
    assert "With a lower momentum, a few calls" in altering.refreshing(calls(10**6))


@pytest.mark.parametrize("check", [altering.unfreezing, altering.shortening, altering.refreshing])
def test_an_error_in_the_function_is_named(check):
    assert "raises ZeroDivisionError" in check(lambda *given: 1 / 0)
    assert "without calling it" in check(3)
