import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks.activation_maximisation import Spectra, before_activation, preferred_images
from helpers.networks.backbones import Backbone, load
from helpers.networks.backend import keras

SHAPES = Backbone("shapes")
LAYER, CHANNELS = "block2_conv1", [5, 59, 43]


def activations(X):
    """The mean activation of each of CHANNELS on each image."""
    maps = before_activation(load(SHAPES), LAYER).predict(np.asarray(X, "float32"), verbose=0)
    return maps.mean(axis=(1, 2))[:, CHANNELS]


def test_each_channel_prefers_its_own_image():
    images = preferred_images(SHAPES, LAYER, CHANNELS, size=24, steps=30)
    assert images.shape == (3, 24, 24, 3) and images.dtype == np.uint8
    found = activations(images)
    assert (found.argmax(axis=0) == range(3)).all()
    assert (found.diagonal() > activations(builtin("shapes", 10, 0, 0).X_train).max(axis=0)).all()


def test_the_seed_decides():
    one, again, other = (preferred_images(SHAPES, LAYER, [3], 16, steps=3, seed=s) for s in (0, 0, 1))
    np.testing.assert_allclose(one.astype(int), again, atol=1)
    assert np.abs(one.astype(int) - other).mean() > 1


def test_the_network_does_not_change():
    before = [w.copy() for w in load(SHAPES).get_weights()]
    preferred_images(SHAPES, LAYER, [3], 16, steps=3)
    for one, other in zip(before, load(SHAPES).get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_images_begin_grey_and_smooth():
    images = np.asarray(Spectra(images=8, size=64, seed=0)(np.arange(8)))
    assert images.shape == (8, 64, 64, 3) and abs(images.mean() - 127.5) < 15
    neighbours = np.abs(np.diff(images, axis=1)).mean()
    distant = np.abs(images[:, 32:] - images[:, :32]).mean()
    assert neighbours < 0.7 * distant  # as in photographs: low frequencies have large amplitudes


def test_the_value_before_a_relu_counts():
    vgg16 = load(Backbone("VGG16", "random", seed=1))
    x = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3)).astype("float32")
    found = before_activation(vgg16, "block2_conv1").predict(x, verbose=0)
    after = keras.Model(vgg16.input, vgg16.get_layer("block2_conv1").output).predict(x, verbose=0)
    assert found.min() < 0
    np.testing.assert_allclose(np.maximum(found, 0), after, rtol=1e-4, atol=1e-3)


def test_unknown_layers_and_channels_are_named():
    with pytest.raises(ValueError, match="'block9'.*Use one of.*block1_conv1"):
        preferred_images(SHAPES, "block9", [0], 16)
    with pytest.raises(ValueError, match="channel must be an integer between 0 and 63. Received: 64"):
        preferred_images(SHAPES, LAYER, [0, 64], 16)
