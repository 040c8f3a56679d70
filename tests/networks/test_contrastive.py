"""SimCLR on drawn shapes: views, the loss by hand, a short training, and the shipped weights."""

import json

import numpy as np
import pytest

from helpers.__main__ import main
from helpers.data import synthetic
from helpers.networks import contrastive, source_models
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.studies._networks import codes


def test_a_view_is_the_same_image_moved_and_coloured_anew():
    X = np.zeros((64, 32, 32, 3), np.uint8)
    X[:, 10:20, 6:12] = 255  # a bar, left of the middle
    seen = contrastive.view(X, np.random.default_rng(0))
    assert seen.shape == X.shape and seen.dtype == np.uint8
    again = contrastive.view(X, np.random.default_rng(0))
    np.testing.assert_array_equal(seen, again)
    grey = seen.astype(int).mean(axis=3)
    bars = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True)) > 20
    assert {*np.median(bars.sum(axis=(1, 2)), keepdims=True)} == {60}  # the bar keeps its size
    middle = (bars * np.arange(32)).sum(axis=(1, 2)) / bars.sum(axis=(1, 2)).clip(1)
    assert (middle < 15).any() and (middle > 17).any()  # some are mirrored


def test_partners_find_each_other():
    places = contrastive.partners(5)
    np.testing.assert_array_equal(places[places], np.arange(10))


def test_the_loss_is_the_cross_entropy_among_the_other_views():
    rng = np.random.default_rng(0)
    views = rng.normal(size=(6, 4)).astype(np.float32)
    loss = keras.ops.convert_to_numpy(contrastive.nt_xent(contrastive.partners(3), views))
    unit = views / np.linalg.norm(views, axis=1, keepdims=True)
    for one, other in enumerate(contrastive.partners(3)):
        others = [k for k in range(6) if k != one]
        scores = np.exp(unit[others] @ unit[one] / contrastive.TEMPERATURE)
        share = scores[others.index(other)] / scores.sum()
        assert loss[one] == pytest.approx(-np.log(share), rel=1e-4)


def test_equal_views_of_different_images_are_found():
    unit = np.eye(4)
    assert contrastive.found(np.concatenate([unit, unit])) == 1
    assert contrastive.found(np.concatenate([unit, unit[::-1]])) == 0


def test_pretraining_without_labels_trains_and_saves(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(source_models, "WEIGHTS_DIR", tmp_path)
    monkeypatch.setattr(contrastive, "IMAGES", 64)
    monkeypatch.setattr(contrastive, "BATCH", 32)
    policy = keras.mixed_precision.dtype_policy()
    main(["pretrain", "--source", "simclr", "--epochs", "1"])
    assert keras.mixed_precision.dtype_policy() == policy
    record = json.loads((tmp_path / "simclr.json").read_text())
    assert record["training_images_per_epoch"] == 64 and record["validation_images"] == 32
    with np.load(tmp_path / "simclr.npz") as weights:
        assert all(np.isfinite(weights[name]).all() for name in weights.files)
    assert "epoch 1/1: loss" in capsys.readouterr().out


def test_the_shipped_weights_find_views_and_beat_random_ones():
    record = source_models.source_record("simclr")
    assert record["validation_accuracy"] > 10 * record["naive_accuracy"]
    assert (source_models.WEIGHTS_DIR / "simclr.npz").stat().st_size < 1e6
    X, y = synthetic.balanced("shapes", 40, 1)
    scores = {}
    for backbone in (Backbone("simclr"), Backbone("MiniVGG")):
        features = codes(fresh(backbone), X)
        nearest = np.linalg.norm(features[:, None] - features, axis=2) + 1e9 * np.eye(len(X))
        scores[backbone.name] = np.mean(y[nearest.argmin(axis=1)] == y)
    assert scores["simclr"] > scores["MiniVGG"] + 0.1
