"""Recomputed statistics of BatchNorm: exact means over batches, in trainable layers only."""

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, mini_vgg
from helpers.networks.backend import keras
from helpers.networks.batchnorm import adapt_batchnorm, recompute_batchnorm, shifts
from helpers.networks.heads import classifier
from helpers.strategies import FromScratch
from helpers.strategies.training import fit

DATA = builtin("micrographs", 20, 20, 1)
RATES = {"epochs": 2, "batch_size": 20, "seed": 0, "head_lr": 2e-3, "base_lr": 2e-3}


@pytest.fixture
def network():
    return mini_vgg(widths=(4,))


def norms(network):
    return [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]


def test_statistics_are_the_mean_over_batches_of_all_images(network):
    recompute_batchnorm(classifier(network, 5), DATA.X_train, batch_size=20)
    first = keras.Model(network.input, network.get_layer("block1_conv1").output).predict(
        DATA.X_train, verbose=0
    )
    moving = np.asarray(norms(network)[0].moving_mean)
    np.testing.assert_allclose(moving, first.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-5)
    assert (np.asarray(norms(network)[0].moving_variance) < first.var(axis=(0, 1, 2)) * 1.01).all()


def test_frozen_statistics_and_all_weights_stay(network):
    first, second = norms(network)
    first.trainable = False
    before = [np.array(w) for w in network.weights]
    recompute_batchnorm(classifier(network, 5), DATA.X_train)
    changed = {w.path for w, old in zip(network.weights, before, strict=True) if not np.array_equal(w, old)}
    assert changed == {second.moving_mean.path, second.moving_variance.path}


def test_momentum_is_restored(network):
    recompute_batchnorm(classifier(network, 5), DATA.X_train)
    assert [layer.momentum for layer in norms(network)] == [0.9, 0.9]


def test_fewer_images_than_a_batch_work_too(network):
    before = np.array(norms(network)[0].moving_mean)
    recompute_batchnorm(classifier(network, 5), DATA.X_train[:7])
    assert not np.array_equal(before, norms(network)[0].moving_mean)


def test_adapting_replaces_frozen_statistics_and_leaves_all_weights(network):
    network.trainable = False
    model = classifier(network, 5)
    before = [np.array(w) for w in model.weights]
    adapt_batchnorm(model, DATA.X_train, batch_size=20)
    changed = {w.path for w, old in zip(model.weights, before, strict=True) if not np.array_equal(w, old)}
    assert changed == {w.path for norm in norms(network) for w in (norm.moving_mean, norm.moving_variance)}
    assert not any(norm.trainable for norm in norms(network))
    first = keras.Model(network.input, network.get_layer("block1_conv1").output).predict(
        DATA.X_train, verbose=0
    )
    np.testing.assert_allclose(
        norms(network)[0].moving_mean, first.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-5
    )


def test_adapting_needs_batchnorm_and_pixels(network):
    with pytest.raises(ValueError, match="has no BatchNorm, so it has no statistics to adapt. Use"):
        adapt_batchnorm(keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)]), DATA.X_train)
    with pytest.raises(ValueError, match="0..255"):
        adapt_batchnorm(network, DATA.X_train.astype(int) - 300)


def test_validation_during_training_uses_recomputed_statistics(network):
    """The last point of the curve equals the score of the network after `fit`."""
    model = classifier(network, 5)
    X, X_validation = DATA.X_train, DATA.X_validation
    y, y_validation = (np.searchsorted(DATA.classes, part) for part in (DATA.y_train, DATA.y_validation))
    history = fit(model, X, y, validation=(X_validation, y_validation), **RATES)
    right = np.mean(model.predict(X_validation, verbose=0).argmax(axis=1) == y_validation)
    assert history["val_accuracy"][-1] == pytest.approx(right, abs=1e-6)


@pytest.mark.slow
def test_images_that_are_too_small_for_shifts_are_named():
    with pytest.raises(ValueError, match="4 x 4 pixels are too small for shapes"):
        shifts(Backbone("shapes"), DATA.X_train[:, :4, :4])


def test_from_scratch_learns_micrographs():
    """With moving averages, accuracy is about 0.5; with recomputed statistics, it is nearly 1."""
    data = builtin("micrographs", 50, 0, 40, seed=2)
    assert FromScratch(seed=2).fit(data.X_train, data.y_train).score(data.X_test, data.y_test) > 0.9
