import json

import numpy as np
import pytest
from PIL import Image

from helpers.data.sample_photographs import NAMES, credit, sample_photograph
from helpers.networks import imagenet, vgg16_channels
from helpers.networks.backbones import Backbone
from helpers.networks.vgg16_channels import PER_PHOTOGRAPH, SIDES


@pytest.mark.parametrize("layer", SIDES)
def test_each_stored_channel_has_an_image_and_a_map_on_each_photograph(layer):
    channels = vgg16_channels.channels(layer)
    assert len(set(channels)) == len(channels) == PER_PHOTOGRAPH * len(NAMES)
    images = vgg16_channels.preferred(layer)
    assert images.shape == (12, SIDES[layer], SIDES[layer], 3) and images.std(axis=(1, 2, 3)).min() > 20
    for name in NAMES:
        maps = vgg16_channels.stored_maps(layer, name)
        assert len(maps) == 12 and maps.min() == 0 and maps.max() == 255


def test_the_stored_images_are_small_and_say_how_they_were_made():
    assert sum(file.stat().st_size for file in vgg16_channels.FOLDER.iterdir()) < 1_200_000
    record = json.loads((vgg16_channels.FOLDER / "record.json").read_text())
    assert record["photographs"] == [credit(name) for name in NAMES]
    assert {"fingerprint", "seed", "steps", "keras"} <= set(record) and set(record["channels"]) == set(SIDES)


@pytest.mark.slow
def test_the_stored_maps_are_those_of_vgg16(real_data, monkeypatch):
    weights = real_data("weights/vgg16_imagenet_notop.weights.h5")
    monkeypatch.setattr(imagenet, "vgg16", lambda: (Backbone("VGG16", str(weights)), ()))
    for name in NAMES:
        for layer, maps in vgg16_channels.compute_maps(sample_photograph(name)).items():
            stored = vgg16_channels.stored_maps(layer, name)
            np.testing.assert_allclose(maps.astype(int), stored, atol=2)


def test_channels_are_chosen_by_their_variation_over_each_photograph(monkeypatch):
    rising = np.linspace(0, 1, 64).reshape(8, 8)
    border = np.pad(np.zeros((6, 6)), 1, constant_values=99)
    first, second = [border, 3 * rising, 2 * rising], [5 * rising, 9 * rising, border]
    assert vgg16_channels.most_varying(np.stack(first)).tolist() == [1, 2, 0]
    maps = [np.stack(one, axis=-1) for one in (first, second)]
    monkeypatch.setattr(vgg16_channels, "PER_PHOTOGRAPH", 1)
    assert vgg16_channels._chosen(maps) == [1, 0]  # channel 1 varies most over both


def test_tiles_survive_saving(tmp_path, monkeypatch):
    monkeypatch.setattr(vgg16_channels, "FOLDER", tmp_path)
    tiles = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
    vgg16_channels._save(tiles, "tiles.png")
    sheet = np.asarray(Image.open(tmp_path / "tiles.png"))
    np.testing.assert_array_equal(vgg16_channels._tiles(sheet, columns=3, rows=2), tiles)


def test_making_them_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vgg16_channels, "FOLDER", tmp_path)
    monkeypatch.setattr(vgg16_channels, "SIDES", {"block1_conv2": 8, "block2_conv1": 16})
    monkeypatch.setattr(imagenet, "vgg16", lambda: (Backbone("VGG16", "random"), ()))
    vgg16_channels._record.cache_clear()
    try:
        vgg16_channels.make(steps=2)
        assert capsys.readouterr().out.count(": channels ") == 2
        assert vgg16_channels.preferred("block2_conv1").shape == (12, 16, 16, 3)
        computed = vgg16_channels.compute_maps(sample_photograph("flower"))
        for layer in vgg16_channels.SIDES:
            np.testing.assert_array_equal(computed[layer], vgg16_channels.stored_maps(layer, "flower"))
    finally:
        vgg16_channels._record.cache_clear()


def test_without_weights_the_reason_and_the_remedy_are_named(monkeypatch):
    monkeypatch.setattr(imagenet, "vgg16", lambda: (Backbone("photos"), ("No internet.", "Remedies: none.")))
    with pytest.raises(FileNotFoundError, match="No internet. Remedies: none."):
        vgg16_channels.compute_maps(sample_photograph("temple"))
