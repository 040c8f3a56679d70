import numpy as np

from helpers.networks import vgg16_channels
from helpers.networks.activation_maximisation import before_activation
from helpers.networks.backbones import Backbone, load
from helpers.studies import _vgg16, read_results, vgg16_preferred


def test_the_table_holds_every_stored_channel_and_each_prefers_its_own_image():
    rows = read_results("vgg16_preferred")
    stored = [(cell["layer"], cell["channel"]) for cell in vgg16_preferred.cells()]
    assert sorted(zip(rows["layer"], rows["channel"], strict=True)) == sorted(stored)
    assert (rows["own"] > rows[["others", "photographs"]].max(axis=1)).all()


def test_own_others_and_photographs_are_told_apart(monkeypatch):
    on_images = np.array([[5.0, 1, 2], [9, 7, 3], [4, 6, 8]])  # images x channels
    monkeypatch.setattr(vgg16_preferred, "_activations", lambda layer: (on_images, np.eye(2, 3)))
    monkeypatch.setattr(vgg16_channels, "channels", lambda layer: [40, 50, 60])
    found = [vgg16_preferred.measure({"layer": "block1_conv2", "channel": c}) for c in (40, 60)]
    assert found == [
        {"own": 5.0, "others": 9.0, "photographs": 1.0},
        {"own": 8.0, "others": 3.0, "photographs": 0.0},
    ]


def test_activations_are_those_of_the_stored_images(monkeypatch):
    monkeypatch.setattr(_vgg16, "backbone", lambda: Backbone("VGG16", "random"))
    vgg16_preferred._activations.cache_clear()
    try:
        on_images, on_photographs = vgg16_preferred._activations("block1_conv2")
    finally:
        vgg16_preferred._activations.cache_clear()
    assert on_images.shape == (12, 12) and on_photographs.shape == (2, 12)
    network = before_activation(load(Backbone("VGG16", "random")), "block1_conv2")
    maps = network.predict(vgg16_channels.preferred("block1_conv2")[3:4].astype("float32"), verbose=0)
    expected = maps.mean(axis=(0, 1, 2))[vgg16_channels.channels("block1_conv2")]
    np.testing.assert_allclose(on_images[3], expected, rtol=1e-3, atol=1e-3)
