"""Taking BatchNorm's statistics anew: exact means over batches, and only where a layer trains."""

import numpy as np
import pytest

from helpers.datasets import builtin
from helpers.models import classifier, keras, mini_vgg
from helpers.studies._networks import accuracy, indices, settle_batchnorm

DATA = builtin("micrographs", 20, 0, 1)


@pytest.fixture
def network():
    return mini_vgg(widths=(4,))


def norms(network):
    return [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]


def test_statistics_are_the_mean_over_batches_of_all_pictures(network):
    settle_batchnorm(classifier(network, 5), DATA.X_train, batch_size=20)
    first = keras.Model(network.input, network.get_layer("block1_conv1").output).predict(
        DATA.X_train, verbose=0
    )
    moving = np.asarray(norms(network)[0].moving_mean)
    np.testing.assert_allclose(moving, first.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-5)
    assert (np.asarray(norms(network)[0].moving_variance) < first.var(axis=(0, 1, 2)) * 1.01).all()


def test_frozen_layers_keep_theirs_and_weights_stay(network):
    first, second = norms(network)
    first.trainable = False
    before = [np.array(w) for w in network.weights]
    settle_batchnorm(classifier(network, 5), DATA.X_train)
    changed = {w.path for w, old in zip(network.weights, before, strict=True) if not np.array_equal(w, old)}
    assert changed == {second.moving_mean.path, second.moving_variance.path}


def test_accuracy_counts_the_largest_logit():
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(5)])
    model.layers[-1].set_weights([np.zeros((3072, 5)), np.array([0, 0, 1, 0, 0.0])])
    y = indices(DATA, "train")
    assert accuracy(model, DATA.X_train, y) == pytest.approx(np.mean(y == 2)) == 0.2
