"""The study of the recipe's stages, with VGG16 of random weights on small images."""

import numpy as np
import pytest
from made_images import coloured_folder

from helpers.networks import hardware, imagenet
from helpers.networks.backbones import Backbone
from helpers.studies import _vgg16, vgg16_stages
from helpers.studies.vgg16_stages import BLOCK5, HEAD, VGG16_SCRATCH

CACHES = (
    *(_vgg16.images, _vgg16.features, _vgg16.activations),
    *(vgg16_stages.labels, vgg16_stages.codes, vgg16_stages._small_images),
)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Ten images per class and split of 64 pixels, one colour per class."""
    coloured_folder(tmp_path / "flowers", 64)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(imagenet, "vgg16", lambda: (Backbone("VGG16", "random"), ()))
    monkeypatch.setattr(_vgg16, "SIZE", 64)
    monkeypatch.setattr(vgg16_stages, "HEAD_STEPS", 10)
    monkeypatch.setattr(vgg16_stages, "BLOCK5_STEPS", 2)
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()


def row(strategy, images=6):
    return vgg16_stages.measure({"target": "flowers", "images": images, "seed": 0, "strategy": strategy})


def test_activations_are_those_of_block4_and_computed_once(small, monkeypatch):
    stored, y = _vgg16.activations("flowers", "test")
    assert stored.shape == (30, 4, 4, 512) and stored.dtype == np.float16
    assert y[[0, 10, 20]].tolist() == ["blue", "green", "red"]
    model = _vgg16.load(_vgg16.backbone())
    block4 = vgg16_stages.keras.Model(model.input, model.get_layer("block4_pool").output)
    expected = np.asarray(block4(_vgg16.images("flowers", "test")[0][:3]))
    assert expected.max() > 0
    np.testing.assert_allclose(stored[:3], expected, rtol=2e-3, atol=1e-3 * expected.max())
    monkeypatch.setattr(_vgg16, "_block4", None)
    _vgg16.activations.cache_clear()
    assert np.array_equal(_vgg16.activations("flowers", "test")[0], stored)


@pytest.mark.parametrize("strategy", ["Linear probe", "Earlier-layer SVM"])
def test_a_frozen_network_tells_colours_apart(small, strategy):
    assert row(strategy)["accuracy"] > 0.8


def test_block5_joins_the_trained_head(small, monkeypatch):
    head = row(HEAD)
    assert head["accuracy"] > 0.5 and row(HEAD) == head
    monkeypatch.setattr(vgg16_stages, "BLOCK5_RATE", 1e-12)
    assert row(BLOCK5) == pytest.approx(head)


def test_block5_changes_by_training(small, monkeypatch):
    trained = []
    fit = vgg16_stages.fit

    def noted(model, *settings, **options):
        before = [np.array(w) for w in model.trainable_weights]
        fit(model, *settings, **options)
        changed = [not np.array_equal(a, b) for a, b in zip(before, model.trainable_weights, strict=True)]
        trained.append((len(changed), all(changed)))

    monkeypatch.setattr(vgg16_stages, "fit", noted)
    row(BLOCK5)
    assert trained == [(4, True), (10, True)]  # a head; three convolutions and the head


def test_validation_images_are_not_trained_on(small):
    chosen, others = vgg16_stages.drawn("flowers", 6, 0)
    y = vgg16_stages.labels("flowers", "train")
    assert np.bincount(y[chosen]).tolist() == [6, 6, 6] and np.bincount(y[others]).tolist() == [4, 4, 4]
    assert not set(chosen) & set(others)
    assert np.isnan(row(HEAD, images=10)["validation_accuracy"])


def test_the_goal_comes_first_and_a_gpu_adds_vgg16_from_scratch(monkeypatch):
    monkeypatch.setattr(hardware, "has_gpu", lambda: False)
    cells = vgg16_stages.cells()
    assert {(c["target"], c["images"]) for c in cells[:25]} == {("flowers", 40)}
    assert len(cells) == len({tuple(c.values()) for c in cells})
    assert {c["strategy"] for c in cells} < set(vgg16_stages._LEARNERS)
    monkeypatch.setattr(hardware, "has_gpu", lambda: True)
    added = [c for c in vgg16_stages.cells() if c not in cells]
    assert {c["strategy"] for c in added} == {VGG16_SCRATCH} and len(added) == 2 * 5 * 5
