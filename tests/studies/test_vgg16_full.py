"""The study of all of VGG16, with a small network on small images."""

import numpy as np
import pytest
from made_images import coloured_folder

from helpers.networks import imagenet
from helpers.networks.backbones import Backbone
from helpers.studies import vgg16_full

CACHES = (vgg16_full._images, vgg16_full._codes, vgg16_full._network)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Ten images per class and split, one colour per class, and a network of four blocks."""
    coloured_folder(tmp_path / "flowers", 32)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(imagenet, "vgg16", lambda: (Backbone("shapes"), ()))
    monkeypatch.setattr(vgg16_full, "SIZE", 32)
    monkeypatch.setattr(vgg16_full, "BATCH", 8)
    monkeypatch.setattr(vgg16_full, "epochs_for", lambda images, batch_size: 2)
    ways = vgg16_full.WAYS | {"Fine-tune block5": ("block4", "base_lr", (1e-4, 1e-3), 1e-3)}
    monkeypatch.setattr(vgg16_full, "WAYS", ways)
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()


def row(strategy, seed=0):
    return vgg16_full.measure({"target": "flowers", "images": 10, "seed": seed, "strategy": strategy})


def test_a_choice_is_made_on_validation_images_and_runs_can_be_repeated(small):
    first = row("Fine-tune block5")
    tried = [float(a) for a in first["validation_accuracies"].split()]
    settings = [float(s) for s in first["tried"].split()]
    assert len(tried) == len(settings) == 2
    assert first["choice"] == settings[int(np.argmax(tried))]
    assert first["validation_accuracy"] == pytest.approx(max(tried), abs=1e-4)
    row("Fine-tune block5", seed=1)  # leaves other weights behind
    again = row("Fine-tune block5")
    assert again | {"seconds": 0} == first | {"seconds": 0}


def test_a_head_that_starts_from_the_probe_knows_what_the_probe_knows(small, monkeypatch):
    gentle = {
        "Linear probe": (None, "C", (vgg16_full.C,), None),
        "Probe, then fine-tune": ("all", "base_lr", (1e-9,), 1e-9),
    }
    monkeypatch.setattr(vgg16_full, "WAYS", vgg16_full.WAYS | gentle)
    probe, tuned = row("Linear probe"), row("Probe, then fine-tune")
    for column in ("validation_accuracy", "accuracy"):
        assert tuned[column] == pytest.approx(probe[column]) and probe[column] > 0.4  # of three classes
    assert row("Head only")["trainable_parameters"] == probe["trainable_parameters"]
    assert tuned["trainable_parameters"] > 100 * probe["trainable_parameters"]


def test_every_strategy_has_as_many_settings_and_cells_go_seed_by_seed():
    assert {len(settings) for _, _, settings, _ in vgg16_full.WAYS.values()} == {4}
    cells = vgg16_full.cells()
    assert [cell["seed"] for cell in cells] == sorted(cell["seed"] for cell in cells)
    assert len(cells) == len({tuple(cell.values()) for cell in cells}) == 3 * 4 * 5
