import numpy as np
import pytest

from helpers.networks import backbones, heads
from helpers.networks.augmentation import RandomShift
from helpers.networks.backend import keras


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (16, 20, 30, 3)).astype("float32")


def test_images_are_moved_by_whole_pixels_within_the_limit(images):
    moved = np.asarray(RandomShift(0.1, seed=1)(images, training=True))
    offsets = set()
    for before, after in zip(images, moved, strict=True):
        found = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-3, 4)
            if np.array_equal(
                after,
                before[np.clip(np.arange(20) + down, 0, 19)][:, np.clip(np.arange(30) + right, 0, 29)],
            )
        ]
        assert len(found) == 1
        offsets.update(found)
    assert len(offsets) > 8
    assert min(d for d, _ in offsets) == -2 and max(d for d, _ in offsets) == 2


def test_nothing_moves_outside_training(images):
    np.testing.assert_array_equal(RandomShift(0.1, seed=1)(images, training=False), images)


def test_epochs_move_differently_and_equal_seeds_equally(images):
    one, two = RandomShift(0.2, seed=5), RandomShift(0.2, seed=5)
    first, second = (np.asarray(one(images, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(two(images, training=True), first)


def test_an_augmented_classifier_compiles_with_xla_saves_and_loads(images, tmp_path):
    model = heads.classifier(backbones.mini_vgg(0, (4, 4)), 2, augment=True)
    assert all(layer.supports_jit for layer in heads.all_layers(model))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again.predict(images, verbose=0), model.predict(images, verbose=0))
