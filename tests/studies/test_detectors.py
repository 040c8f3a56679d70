"""Pedestrian detectors: what they are trained on, and what adapting them changes."""

import numpy as np
import pytest

from helpers.networks.batchnorm import adapt_batchnorm
from helpers.networks.heads import all_layers
from helpers.studies import day_night, training_bias


@pytest.fixture
def small(monkeypatch):
    """Few images and one epoch, so that the studies run in seconds."""
    monkeypatch.setattr(day_night, "MANY", 20)
    monkeypatch.setattr(day_night, "EPOCHS", 1)
    monkeypatch.setattr(day_night, "epochs_for", lambda images, batch_size: 1)
    monkeypatch.setattr(training_bias, "IMAGES", 40)
    for cached in (day_night.streets, day_night._trained_by_day):
        cached.cache_clear()
    yield
    for cached in (day_night.streets, day_night._trained_by_day):
        cached.cache_clear()


def weights(model, part):
    return {v.path: np.array(v) for layer in all_layers(model) for v in layer.weights if part in v.path}


def changed(before, after):
    return [name for name in before if not np.array_equal(before[name], after[name])]


def test_fine_tuning_leaves_batchnorm_alone_and_adapting_changes_only_its_statistics(small):
    detector = day_night.trained_by_day(0)
    night = day_night.streets("streets_night", 1)
    before = weights(detector.model_, "")
    day_night.fine_tune_all(detector.model_, night.X_train, np.arange(40) % 2, seed=0)
    tuned = weights(detector.model_, "")
    assert len(changed(before, tuned)) == 10 and not any("_bn" in name for name in changed(before, tuned))
    again = day_night.trained_by_day(0)
    assert changed(before, weights(again.model_, "")) == []
    adapt_batchnorm(again.model_, night.X_train)
    assert {name.rpartition("/")[2] for name in changed(before, weights(again.model_, ""))} == {
        "moving_mean",
        "moving_variance",
    }


@pytest.mark.parametrize("trained", [name for name in training_bias.TRAINED if name != "by day"])
def test_training_sets_have_as_many_images_of_each_kind_and_no_scene_twice(small, trained, monkeypatch):
    learned = {}
    monkeypatch.setattr(day_night.strategies.FromScratch, "fit", lambda self, X, y: learned.update(X=X, y=y))
    kinds = training_bias.TRAINED[trained]
    training_bias._trained(trained, 0)
    assert len(learned["X"]) == training_bias.IMAGES
    for label, when in training_bias.KINDS:
        split = day_night.streets(f"streets_{when}", 0)
        shown = [
            any((image == one).all() for one in learned["X"][learned["y"] == label])
            for image in split.X_train
        ]
        assert sum(shown) == (training_bias.IMAGES // len(kinds) if (label, when) in kinds else 0)
