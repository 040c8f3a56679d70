import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import strategies
from helpers.data.image_sets import builtin
from helpers.networks import explain
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.heads import classifier
from helpers.strategies.export import to_keras

SHAPES = Backbone("shapes")


@pytest.fixture(scope="module")
def images():
    return builtin("shapes", 4, 0, 0).X_train


def test_filters_are_images():
    seen = explain.filters(SHAPES)
    assert seen.shape == (32, 3, 3, 3) and 0 <= seen.min() and seen.max() <= 1
    np.testing.assert_allclose(np.abs(seen - 0.5).max(axis=(1, 2, 3)), 0.5, atol=1e-6)


def test_filters_need_three_input_channels():
    with pytest.raises(ValueError, match="three input channels.*Received: 'block2_conv1'"):
        explain.filters(SHAPES, "block2_conv1")


def test_feature_maps_are_sorted_by_variation(images):
    maps = explain.feature_maps(SHAPES, "block2_pool", images[0])
    assert maps.shape == (64, 8, 8) and (np.diff(maps.std(axis=(1, 2))) <= 1e-6).all()
    with pytest.raises(ValueError, match="block1_conv1"):
        explain.feature_maps(SHAPES, "block9", images[0])


def test_strongest_is_sorted_by_activation(images):
    order = explain.strongest(SHAPES, "block3_pool", 5, images, most=6)
    peaks = [
        explain._up_to(SHAPES, "block3_pool").predict(images[i : i + 1], verbose=0)[0, ..., 5].max()
        for i in order
    ]
    assert len(order) == 6 and all(a >= b - 1e-6 for a, b in zip(peaks, peaks[1:], strict=False))


@pytest.mark.parametrize("most", [0, -1, 2.5])
def test_strongest_returns_at_least_one_image(images, most):
    with pytest.raises(ValueError, match="most must be an integer of at least 1"):
        explain.strongest(SHAPES, "block3_pool", 5, images, most)


def test_unknown_layers_channels_and_several_images_are_named(images):
    with pytest.raises(ValueError, match="block9.*Use one of.*block1_conv1"):
        explain.strongest(SHAPES, "block9", 0, images)
    with pytest.raises(ValueError, match="channel must be an integer between 0 and 31. Received: 32"):
        explain.strongest(SHAPES, "block1_pool", 32, images)
    with pytest.raises(ValueError, match=r"\(height, width, 3\). Received: \(40, 32, 32, 3\)"):
        explain.feature_maps(SHAPES, "block1_pool", images)


def test_grad_cam_peaks_where_the_class_is_decided(images):
    model = classifier(fresh(SHAPES), 2, seed=0)
    model.get_layer("head").set_weights([np.ones((128, 2), "float32") * [0, 1], np.zeros(2, "float32")])
    blank = np.full((64, 64, 3), 128, np.uint8)
    blank[32:, :32] = images[0]
    heat = explain.grad_cam(model, blank, 1)
    assert heat.shape == (64, 64) and heat.max() == pytest.approx(1)
    quarters = {
        (r, c): heat[32 * r : 32 * r + 32, 32 * c : 32 * c + 32].mean() for r in (0, 1) for c in (0, 1)
    }
    assert max(quarters, key=quarters.get) == (1, 0), quarters
    assert explain.grad_cam(model, blank, 0).max() == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        explain.grad_cam(model, blank, 2)


@pytest.fixture(scope="module")
def trained(images):
    labels = np.repeat(["a", "b"], len(images) // 2)
    return strategies.LinearProbe().fit(images, labels), strategies.EarlierLayerSVM().fit(images, labels)


def class_map(model, image, label):
    """Compute the class activation map (Zhou et al. 2016): the last maps, weighted by the head."""
    maps = explain._backbone(model).predict(image[None], verbose=0)[0]
    heat = np.maximum(maps @ np.asarray(model.get_layer("head").kernel)[:, label], 0)
    heat = np.asarray(keras.ops.image.resize(heat[..., None], image.shape[:2]))[..., 0]
    return heat / max(float(heat.max()), 1e-12)


def test_grad_cam_of_the_last_layer_is_the_class_map(images, trained):
    model = to_keras(trained[0])
    for label in (0, 1):
        heat = explain.grad_cam(model, images[0], label)
        np.testing.assert_allclose(heat, class_map(model, images[0], label), atol=1e-4)


def test_grad_cam_weighs_channels_by_their_mean_gradient(images):
    """Compare with finite differences of the score, for an early layer."""
    model, layer, label = classifier(fresh(SHAPES), 3, seed=1), "block4_conv2_relu", 2
    below, above = explain._cut(model, layer)
    maps = below.predict(images[:1], verbose=0)
    steps = 1e-3 * np.eye(maps.shape[-1], dtype="float32")[:, None, None]  # raises one channel at a time
    up, down = (above.predict(maps + sign * steps, verbose=0)[:, label] for sign in (1, -1))
    heat = np.maximum(maps[0] @ (up - down), 0)
    found = explain.grad_cam(model, images[0], label, layer)
    small = found.reshape(heat.shape[0], 32 // heat.shape[0], heat.shape[1], -1).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), heat.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("layer", [None, "block1_pool", "block2_conv2"])
def test_grad_cam_of_every_kind_of_model(images, trained, layer):
    models = [*map(to_keras, trained), classifier(fresh(SHAPES), 2, seed=0)]
    for model in models:
        heat = explain.grad_cam(model, images[0], 0, layer)
        assert heat.shape == (32, 32) and heat.dtype == np.float32 and 0 <= heat.min() and heat.max() <= 1.001


def test_grad_cam_runs_the_preprocessing_that_stands_before_the_backbone(images):
    """As in plain Keras, where a function of the inputs is an operation, not a layer of the model."""
    plain = classifier(fresh(SHAPES), classes=3)
    inputs = keras.Input((32, 32, 3))
    x = plain.layers[1](255.0 - keras.layers.RandomFlip()(inputs), training=False)
    for layer in plain.layers[2:]:
        x = layer(x)
    inverted = keras.Model(inputs, x)
    for label in range(3):
        heat = explain.grad_cam(inverted, images[0], label, "block2_pool")
        expected = explain.grad_cam(plain, 255 - images[0], label, "block2_pool")
        np.testing.assert_allclose(heat, expected, atol=1e-5)
    assert heat.max() == 1
    assert np.abs(heat - explain.grad_cam(plain, images[0], 2, "block2_pool")).max() > 0.05


@pytest.mark.parametrize("policy", ["mixed_float16", "float16", "mixed_bfloat16"])
def test_grad_cam_computes_in_float32(policy, images):
    """In float16, sums above 65,504 are infinite, and a map of them is NaN."""
    precise = _in_precision("float32")
    model = _in_precision(policy)
    before = [weights.copy() for weights in model.get_weights()]
    heat = explain.grad_cam(model, images[0], 1)
    assert heat.dtype == np.float32 and heat.max() == pytest.approx(1)
    np.testing.assert_allclose(heat, explain.grad_cam(precise, images[0], 1), atol=0.02)
    assert model.layers[1].dtype_policy.name == policy
    assert all(map(np.array_equal, before, model.get_weights()))


def _in_precision(policy):
    """A classifier whose first activations are large."""
    pixels = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu", kernel_initializer="ones", dtype=policy)(pixels)
    x = keras.layers.Conv2D(8, 3, activation="relu", kernel_initializer="ones", dtype=policy)(x)
    x = keras.layers.GlobalAveragePooling2D(dtype=policy)(x)
    x = keras.layers.Rescaling(1 / 30_000, dtype=policy)(x)
    x = keras.layers.Dense(2, kernel_initializer="ones", dtype="float32" if "mixed" in policy else policy)(x)
    return keras.Model(pixels, x)


def test_grad_cam_names_what_is_wrong(images, trained):
    model = to_keras(trained[0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        explain.grad_cam(model, images[0], 2)
    with pytest.raises(ValueError, match="block9.*Use one of.*block1_conv1"):
        explain.grad_cam(model, images[0], 0, "block9")


def test_grad_cam_says_so_if_a_shortcut_bypasses_the_layer():
    model = classifier(fresh(Backbone("ResNet50", "random")), 2)
    image = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(ValueError, match="shortcut"):
        explain.grad_cam(model, image, 0, "conv2_block1_1_relu")
    assert explain.grad_cam(model, image, 0, "conv2_block3_out").shape == (32, 32)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")
def test_grad_cam_is_the_same_on_jax(images, tmp_path):
    model = classifier(fresh(SHAPES), 2, seed=3)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "image.npy", images[0])
    code = (
        "import keras, numpy as np; from helpers.networks import explain; "
        "m = keras.saving.load_model('model.keras', compile=False); "
        "np.save('heat.npy', explain.grad_cam(m, np.load('image.npy'), 1, 'block3_pool'))"
    )
    other = "jax" if keras.backend.backend() == "tensorflow" else "tensorflow"
    settings = os.environ | {"KERAS_BACKEND": other, "PYTHONPATH": str(Path(explain.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=settings, check=True)
    here = explain.grad_cam(model, images[0], 1, "block3_pool")
    np.testing.assert_allclose(np.load(tmp_path / "heat.npy"), here, atol=1e-3)
