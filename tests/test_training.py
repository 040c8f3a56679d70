import threading

import keras
import numpy as np
import pytest

from helpers import models, synthetic
from helpers.training import LayerwiseAdam, fit


@pytest.fixture(scope="module")
def data():
    return synthetic.streets(64, seed=1)


def small_classifier(seed=0):
    return models.classifier(models.mini_vgg(seed, (4, 4, 4, 4)), 2, seed=seed)


SETTINGS = {"epochs": 2, "batch_size": 32, "seed": 0, "head_lr": 1e-2, "base_lr": 1e-3}


def test_the_same_seed_gives_the_same_weights(data):
    one, two = small_classifier(), small_classifier()
    assert fit(one, *data, **SETTINGS) == fit(two, *data, **SETTINGS)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_backbone_moves_by_its_own_rate(data):
    """Adam's first step has the size of the learning rate, so it shows which rate was used."""
    model = small_classifier()
    before = {w.path: np.array(w) for w in model.trainable_weights}
    fit(model, *data, **{**SETTINGS, "epochs": 1, "batch_size": 64})
    moved = {w.path: np.abs(np.array(w) - before[w.path]).max() for w in model.trainable_weights}
    assert moved["head/kernel"] == pytest.approx(1e-2, rel=0.05)
    assert moved["block4_conv2/kernel"] == pytest.approx(1e-3, rel=0.05)


def test_layerwise_adam_with_equal_rates_is_adam(data):
    one, two = small_classifier(), small_classifier()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    one.compile(LayerwiseAdam(1e-3, 1.0), loss)
    two.compile(keras.optimizers.Adam(1e-3), loss)
    for model in (one, two):
        model.fit(*data, batch_size=32, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_stop_ends_within_a_batch_and_keeps_the_history(data):
    stop = threading.Event()
    seen = []

    def on_epoch(epoch, logs):
        seen.append((epoch, logs["accuracy"]))
        stop.set()

    history = fit(small_classifier(), *data, **{**SETTINGS, "epochs": 50}, on_epoch=on_epoch, stop=stop)
    assert len(seen) == 1 and history["accuracy"] == [seen[0][1]]


def test_validation_is_watched(data):
    history = fit(small_classifier(), *data, **SETTINGS, validation=data)
    assert len(history["val_accuracy"]) == 2


@pytest.mark.parametrize("name", ["epochs", "batch_size", "head_lr", "base_lr"])
def test_settings_must_be_positive(data, name):
    with pytest.raises(ValueError, match=name):
        fit(small_classifier(), *data, **{**SETTINGS, name: 0})


def test_a_loss_that_explodes_is_said(data):
    model = small_classifier()
    model.get_layer("head").set_weights([np.full((4, 2), np.nan), np.zeros(2)])
    with pytest.raises(ValueError, match="learning rate is too high"):
        fit(model, *data, **SETTINGS)


def test_early_stopping_goes_back_to_the_best_weights():
    import numpy as np

    from helpers.datasets import builtin
    from helpers.models import Backbone, classifier, fresh, set_trainable_from
    from helpers.training import fit

    data = builtin("new_shapes", 3, 3, 0)
    X, y = data.X_train, np.searchsorted(data.classes, data.y_train)
    held = data.X_validation, np.searchsorted(data.classes, data.y_validation)
    model = classifier(set_trainable_from(fresh(Backbone("shapes")), None), 10)
    options = {"epochs": 30, "batch_size": 8, "seed": 0, "head_lr": 0.3, "base_lr": 1e-4}
    history = fit(model, X, y, validation=held, patience=2, **options)
    best = min(history["val_loss"])
    assert len(history["val_loss"]) < 30
    assert model.evaluate(*held, verbose=0)[0] == pytest.approx(best, rel=1e-3)
    with pytest.raises(ValueError, match="validation"):
        fit(model, X, y, patience=2, **options)
