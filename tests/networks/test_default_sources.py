import dataclasses
from pathlib import Path

import numpy as np
import pytest
from downloading import Site, isolate, serving
from made_weights import older_format

from helpers.data import catalogue
from helpers.networks import backbones, default_sources
from helpers.networks.backend import keras


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    isolate(monkeypatch, tmp_path)
    monkeypatch.setattr(default_sources, "has_gpu", lambda: False)


@pytest.fixture
def server(monkeypatch):
    """Serve all weights of the catalogue from this computer; they have no published size."""
    with serving(Site(b"x" * 2000, ["status:404"])) as site:
        for name in ("mobilenet_notop", "vgg16_notop"):
            source = dataclasses.replace(site.source, checksum="", size=0)
            changed = dataclasses.replace(catalogue.entry(name), sources=(source,))
            monkeypatch.setitem(catalogue.entries(), name, changed)
        yield site


def named(sources):
    return [backbone.name for backbone in sources.backbones]


def made_mobilenet(path: Path, kernel: float) -> bytes:
    """Write MobileNet without its top in the format of the published file, with constant kernels."""
    model = keras.applications.MobileNet(
        alpha=0.75, weights=None, include_top=False, input_shape=(224, 224, 3)
    )
    model.set_weights([np.full(weight.shape, kernel, "float32") for weight in model.weights])
    return older_format(path, model).read_bytes()


def test_without_weights_the_shipped_models_remain_and_the_loss_is_said(server):
    sources = default_sources.default_sources()
    assert named(sources) == ["photos", "shapes"] and sources.missing == ("MobileNet",)
    (note,) = sources.notes
    for words in ("MobileNet is missing", "HTTP 404", "much lower accuracy", "TRANSFER_DATA_DIR"):
        assert words in note
    assert note.count("TRANSFER_DATA_DIR") == 1, "the remedy is repeated"
    assert "role='alert'" in sources._repr_html_() and sources.image_size == 64


def test_mobilenet_is_downloaded_once_and_its_size_is_named(server, tmp_path):
    server.content = made_mobilenet(tmp_path / "made.h5", 0.25)
    server.behaviours = ["good"]
    sources = default_sources.default_sources()
    assert named(sources) == ["MobileNet", "photos", "shapes"] and sources.image_size == 224
    (note,) = sources.notes
    assert f"{len(server.content) / 1e6:.1f} MB, downloaded once from {server.url}" in note
    assert "role='status'" in sources._repr_html_() and not sources.missing
    layer = backbones.load(sources.backbones[0]).get_layer("conv_pw_13")
    assert (layer.get_weights()[0] == 0.25).all() and layer.get_weights()[0].shape[-1] == 768
    assert default_sources.default_sources() == sources and len(server.requests) == 1


def test_vgg16_comes_on_request_or_with_a_gpu(server, tmp_path, monkeypatch):
    for name in ("mobilenet_0.75_224_no_top.weights.h5", "vgg16_imagenet_notop.weights.h5"):
        (tmp_path / "weights").mkdir(exist_ok=True)
        (tmp_path / "weights" / name).write_bytes(b"x" * 100_000)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    assert named(default_sources.default_sources()) == ["MobileNet", "photos", "shapes"]
    asked = default_sources.default_sources(["VGG16", "photos"])
    assert named(asked) == ["VGG16", "photos"] and asked.notes == (
        "VGG16, trained on ImageNet: 0.1 MB, vgg16_imagenet_notop.weights.h5 in TRANSFER_DATA_DIR/weights.",
    )
    monkeypatch.setattr(default_sources, "has_gpu", lambda: True)
    assert named(default_sources.default_sources()) == ["MobileNet", "VGG16", "photos", "shapes"]


def test_at_hand_is_what_needs_no_download(server, tmp_path, monkeypatch):
    server.behaviours = ["good"]
    assert default_sources.at_hand() == []
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "vgg16_notop.weights.h5").write_bytes(b"x" * 100_000)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    (vgg16,) = default_sources.at_hand()
    assert vgg16.name == "VGG16" and Path(vgg16.weights).name == "vgg16_notop.weights.h5"
    assert server.requests == []
    catalogue.weights("mobilenet_notop")  # a reader downloads it
    mobilenet, _ = default_sources.at_hand()
    assert mobilenet.options == (("alpha", 0.75),) and len(server.requests) == 1


def test_only_a_missing_model_leaves_the_shipped_ones(server):
    assert named(default_sources.default_sources(["VGG16"])) == ["photos", "shapes"]


def test_an_unknown_source_is_named():
    with pytest.raises(ValueError, match="'ResNet'. Choose from: MobileNet, VGG16, photos, shapes"):
        default_sources.default_sources(["ResNet"])
