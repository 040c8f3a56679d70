"""Checks of networks and pairs that students build in 03, 05, 07, 08 and 09; nothing trains here."""

import functools
import operator

import numpy as np
import pytest

from helpers.data.domains import Domain, Task
from helpers.exercises import altering, frames, memory, pairs, parts, table_check
from helpers.networks import hardware
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras

layers = keras.layers
is_norm = layers.BatchNormalization


def stacked(base, classes=10, before=()):
    return keras.Sequential(
        [keras.Input((32, 32, 3)), *before, base, layers.GlobalAveragePooling2D(), layers.Dense(classes)]
    )


def target(images, labels):
    return Domain(images), Task(labels)


@pytest.fixture(scope="module")
def new():
    return pairs._images(1).X_train, pairs._images(1).y_train


def test_03_3_names_what_differs_besides(new):
    X, y = new
    dark, exchanged = X // 2, np.unique(y)[::-1][np.unique(y, return_inverse=True)[1]]
    first, second = target(dark, y), target(X, exchanged)
    assert pairs.two_targets((first, second)) is None
    for answer, words in (
        ((target(X, y), second), "finds no difference in marginal"),
        ((target(dark, exchanged), second), "these are not y_new"),
        ((target(dark[:, ::2, ::2], y), second), "feature space F differs, too"),
        ((target(dark[:50], y[:50]), second), "Keep at least 200"),
        ((first, target(X, np.char.upper(y))), "label space Y differs, too"),
        ((first, target(dark, exchanged)), "marginal P(X) differs, too"),
        ((first, Domain(X)), "Give two pairs"),
    ):
        assert words in pairs.two_targets(answer)


def test_03_3_refuses_images_from_which_the_labels_cannot_be_learned(new):
    X, y = new
    order = np.random.default_rng(0).permutation(len(X))
    for images in (0 * X, X[order] // 2, (0.7 * X[order]).astype("uint8")):
        reply = pairs.two_targets((target(images, y), target(X, y)))
        assert "other_images: the labels can hardly be learned from these images" in reply


def test_03_3_says_what_it_measured_where_a_change_of_the_images_looks_like_other_labels(new):
    X, y = new
    half_dark = X.copy()
    half_dark[::2] = 0.4 * X[::2]
    reply = pairs.two_targets((target(half_dark, y), target(X, y)))
    assert "does not know the new images" in reply and "area under the curve of" in reply
    assert "Leave the labels as they are" not in reply


def test_03_3_says_that_nobody_can_learn_random_labels(new):
    X, y = new
    first, shuffled = target(X // 2, y), np.random.default_rng(0).permutation(y)
    assert "Nobody can learn random labels" in pairs.two_targets((first, target(X, shuffled)))
    few = y.copy()
    few[np.flatnonzero(y == y[0])[:3]] = next(name for name in y if name != y[0])
    assert "by a rule that a classifier can learn" in pairs.two_targets((first, target(X, few)))


def build(similar, images, classes, end="block3_pool", limit=100, norms=False, share=None):
    base = share or fresh(Backbone("shapes"))
    base.trainable = images >= limit
    for layer in base.layers if images >= limit else ():
        layer.trainable = norms or not isinstance(layer, is_norm)
    if images < limit and not similar:
        base = keras.Model(base.input, base.get_layer(end).output)
    return stacked(base, classes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, None),
        ({"end": "block1_pool"}, None),
        ({"end": "block4_pool"}, "activations of an earlier layer"),
        ({"end": "block3_conv1_relu"}, "with the pooling layer of a block"),
        ({"end": "block3_conv2_relu"}, "the pooling of block3 is missing"),
        ({"limit": 1000}, "all blocks train"),
        ({"limit": 5}, "With few images, only the head trains"),
        ({"norms": True}, "BatchNorm stays frozen"),
        ({"share": fresh(Backbone("shapes"))}, "a base of its own"),
    ],
)
def test_05_2(options, words):
    found = table_check.building(functools.partial(build, **options))
    assert found is None if words is None else words in found


def test_05_2_wants_new_heads_on_the_shipped_network():
    assert "a Keras model is expected" in table_check.building(lambda *given: "Linear probe")
    assert "Dense(10)" in table_check.building(lambda similar, images, classes: build(similar, images, 5))
    copies = table_check.building(lambda *given: keras.models.clone_model(build(*given)))
    assert "Only the head is new" in copies


def with_two_layers(similar, images, classes, state=True):
    network = build(similar, images, classes)
    new = [layers.BatchNormalization(), layers.Dense(16, name="first"), layers.Dense(classes)]
    new[1].trainable = state
    return keras.Sequential([*network.layers[:-1], *new])


def test_05_2_accepts_a_head_of_several_layers_if_all_of_them_train():
    assert table_check.building(with_two_layers) is None
    found = table_check.building(functools.partial(with_two_layers, state=False))
    assert "the head is frozen (first)" in found
    own = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)])
    assert "there is no pre-trained layer" in table_check.building(lambda *given: own)
    before = stacked(fresh(Backbone("shapes")))
    before = keras.Sequential([keras.Input((32, 32, 3)), layers.Conv2D(3, 1), *before.layers])
    assert "conv2d" in table_check.building(lambda *given: before)


def freeze(model, base, size, batch, mib, more=0, last_first=False, head=True, fits=operator.le):
    base.trainable = True
    for count in range(5):
        for layer in base.layers:
            number = int(layer.name[5]) if layer.name.startswith("block") else 0
            layer.trainable = number <= 4 - count if last_first else number > count
        if fits(hardware.predict_memory(model, size, batch)["sum"], mib):
            break
    model.layers[-1].trainable = head
    return count + more


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, None),
        ({"more": 1}, "fewer frozen blocks are enough"),
        ({"more": -1}, "still takes more than the given MiB"),
        ({"last_first": True}, "fewer frozen blocks are enough"),
        ({"head": False}, "the head is frozen, too"),
        ({"fits": operator.lt}, "training needs exactly the given MiB"),
    ],
)
def test_07_5(options, words):
    found = memory.fitting(functools.partial(freeze, **options))
    assert found is None if words is None else words in found


def test_a_frame_shows_the_day_and_a_network_that_only_sees_it_is_refused(monkeypatch):
    X, y = frames.framed(3, seed=0)
    assert all((X[y == k, 0, 5] == frames.COLOURS[k]).all() for k in range(5))
    other = frames.framed(3, seed=0, same_days=False)[0]
    assert (other[:, 2:-2, 2:-2] == X[:, 2:-2, 2:-2]).all() and (other != X).any()

    model = stacked(fresh(Backbone("shapes")), 5)
    for accuracies, words in (
        ((0.8, 0.78), None),
        ((0.95, 0.45), "still looks at the frame"),
        ((0.95, 0.7), "still looks at the frame"),
        ((0.4, 0.38), "knows too little"),
    ):
        monkeypatch.setattr(frames, "_accuracies", lambda model, found=accuracies: found)
        monkeypatch.setattr(frames, "_without_frames", lambda model: 0.4)
        found = frames.not_fooled(model)
        assert found is None if words is None else words in found
    monkeypatch.setattr(frames, "_without_frames", lambda model: 0.7)
    assert "New images still have their frames" in frames.not_fooled(model)
    assert "Dense(5)" in frames.not_fooled(stacked(fresh(Backbone("shapes"))))
    model.get_layer(index=0).get_layer("block2_conv1_bn").set_weights([np.ones(64)] * 4)
    assert "block2_conv1_bn of the base has other weights" in frames.not_fooled(model)
    own = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(5)])
    assert "The base is missing" in frames.not_fooled(own)
    small = keras.Sequential([keras.Input((28, 28, 3)), layers.Flatten(), layers.Dense(5)])
    assert "see whole images" in frames.not_fooled(small)


def test_frames_are_taken_away_in_several_ways():
    """A model that knows the classes where the frame is black, and nothing else."""
    seen = []

    class Knowing(keras.Model):
        def call(self, x):
            return keras.ops.one_hot(keras.ops.zeros(keras.ops.shape(x)[0], "int32"), 5)

        def predict(self, X, **options):
            seen.append(sorted({*X[:, 0, 0].ravel().tolist()}))
            black = not X[:, 0].any()
            return np.eye(5)[frames._tests(False)[1]] if black else np.eye(5)[[0] * len(X)]

    assert frames._without_frames(Knowing()) == 1
    assert [0] in seen and [128] in seen and [255] in seen and max(map(len, seen)) > 5


def tune_only(model, block, exact=True, norms=False, head=False, whole=True):
    base = model.layers[0]
    if whole:
        base.trainable = True
    for layer in base.layers:
        here = layer.name.startswith(f"{block}_" if exact else block)
        layer.trainable = here and (norms or not isinstance(layer, is_norm))
    model.layers[-1].trainable = head


def deblurred(block="block1"):
    model = stacked(fresh(Backbone("shapes")))
    layer = model.layers[0].get_layer(f"{block}_conv1")
    layer.set_weights([1.01 * weight for weight in layer.get_weights()])
    return model


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, None),
        ({"exact": False}, "what comes after the number"),
        ({"norms": True}, "BatchNorm must keep"),
        ({"head": True}, "the head still trains"),
        ({"whole": False}, "Inside a frozen base"),
    ],
)
def test_09_1(options, words, monkeypatch):
    monkeypatch.setattr(parts, "blurred", lambda model: 0.9)
    found = parts.one_block((functools.partial(tune_only, **options), deblurred()))
    assert found is None if words is None else words in found


def test_09_1_wants_a_model_of_which_only_the_first_block_has_changed(monkeypatch):
    monkeypatch.setattr(parts, "blurred", lambda model: 0.8)
    for model, words in (
        (deblurred(), "the task asks for 86%"),
        (deblurred("block4"), "block4_conv1 has changed. Only block1 may"),
        (stacked(fresh(Backbone("shapes"))), "No weight of tuned has changed"),
        (stacked(altering.small_network()), "not in it"),
        (3, "must be the Keras model"),
    ):
        assert words in parts.one_block((tune_only, model))


def with_batchnorm(changed="block2_conv1_bn", frozen=()):
    model = stacked(fresh(Backbone("shapes")))
    base = model.layers[0]
    for layer in base.layers:
        layer.trainable = isinstance(layer, is_norm) and layer.name not in frozen
    layer = base.get_layer(changed)
    layer.set_weights([1.01 * weight for weight in layer.get_weights()])
    return model


def test_09_5(monkeypatch):
    monkeypatch.setattr(parts, "drawn", lambda model: 0.9)
    assert parts.batchnorm_and_head(with_batchnorm()) is None
    assert "2,570 of 465,514 weights" in parts.trained_share(with_batchnorm())
    still = stacked(fresh(Backbone("shapes")))
    for model, words in (
        (still, "block1_conv1 still trains"),
        (with_batchnorm(frozen=["block3_conv1_bn"]), "block3_conv1_bn is frozen"),
        (with_batchnorm("block2_conv1"), "block2_conv1 has changed"),
        (stacked(fresh(Backbone("shapes")), 5), "Dense(10)"),
    ):
        assert words in parts.batchnorm_and_head(model)
    monkeypatch.setattr(parts, "drawn", lambda model: 0.5)
    assert "the task asks for 85%" in parts.batchnorm_and_head(with_batchnorm())
