import dataclasses
from pathlib import Path

import numpy as np
import pytest
from downloading import Site, isolate, serving
from made_archives import made_archive

from helpers.data import catalogue
from helpers.networks import backbones, imagenet
from helpers.networks.backbones import Backbone
from helpers.networks.backend import keras


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    isolate(monkeypatch, tmp_path)


@pytest.fixture
def site(monkeypatch):
    """Return a function that serves content as an entry of the catalogue; all others get 404."""
    with serving(Site(b"x" * 2000, ["status:404"])) as nothing:
        for name, entry in list(catalogue.entries().items()):
            monkeypatch.setitem(
                catalogue.entries(), name, dataclasses.replace(entry, sources=(nothing.source,))
            )
        servers = []

        def serve(name: str, content: bytes) -> Site:
            server = serving(Site(content))
            given = server.__enter__()
            servers.append(server)
            changed = dataclasses.replace(catalogue.entry(name), sources=(given.source,))
            monkeypatch.setitem(catalogue.entries(), name, changed)
            return given

        yield serve
        for server in servers:
            server.__exit__(None, None, None)


def made_weights(path: Path, kernel: float) -> bytes:
    """Write a VGG16 without its top layers in the format of the published file, with constant kernels."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        layers = keras.applications.VGG16(weights=None, include_top=False).layers
        file.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{part}_1:0" for part in ("W", "b")[: len(layer.weights)]]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                group.create_dataset(name, data=np.full(weight.shape, kernel, "float32"), compression=9)
    return path.read_bytes()


def test_without_weights_the_banner_names_three_remedies(site):
    chosen = imagenet.setting(4)
    assert chosen.backbone == Backbone("photos") and chosen.data.name == "micrographs"
    page = chosen._repr_html_()
    assert "role='alert'" in page and "HTTP 404 Not Found" in page and "photos" in page
    assert all(remedy[:20] in page for remedy in imagenet.REMEDIES)
    assert page.count("into the sub-folder weights") == 1, "the remedy is repeated"


def test_work_that_needs_the_weights_names_remedies_for_a_terminal(site):
    with pytest.raises(FileNotFoundError, match="Remedies: connect to the internet and try again") as raised:
        imagenet.vgg16_with_weights()
    assert "this cell" not in str(raised.value) and "the shipped model" not in str(raised.value)


def test_weights_and_photographs_are_downloaded_checked_and_loaded(site, tmp_path):
    content = made_weights(tmp_path / "made.h5", 0.25)
    assert len(content) < 2_000_000
    served = site("vgg16_notop", content)
    served.behaviours = ["truncate:10000", "good"]
    site("flowers", made_archive("flowers"))
    chosen = imagenet.setting(4)
    assert chosen.notes == () and "status" in chosen._repr_html_()
    assert chosen.backbone.name == "VGG16" and Path(chosen.backbone.weights).read_bytes() == content
    assert served.requests[1]["Range"] == "bytes=10000-"
    assert chosen.data.name == "flowers" and chosen.data.X_train.shape[1:] == (224, 224, 3)
    layer = backbones.load(chosen.backbone).get_layer("block5_conv3")
    assert (layer.get_weights()[0] == 0.25).all() and (layer.get_weights()[1] == 0.25).all()
    assert imagenet.setting(4).backbone == chosen.backbone and len(served.requests) == 2


def test_weights_without_photographs_say_why_the_target_is_synthetic(site, tmp_path):
    site("vgg16_notop", made_weights(tmp_path / "made.h5", 0.5))
    chosen = imagenet.setting(4)
    assert chosen.backbone.name == "VGG16" and chosen.data.name == "micrographs"
    assert len(chosen.notes) == 1 and "404" in chosen.notes[0] and "TRANSFER_DATA_DIR" in chosen.notes[0]


def test_damaged_weights_are_never_loaded(site, tmp_path):
    served = site("vgg16_notop", made_weights(tmp_path / "made.h5", 0.5))
    served.behaviours = ["wrong"]
    backbone, notes = imagenet.vgg16()
    assert backbone == Backbone("photos") and "checksum" in notes[0]
    assert not list((tmp_path / "cache").rglob("*.h5"))


def test_weights_in_the_data_folder_are_used(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    path = tmp_path / "weights" / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.weights.h5"
    original = keras.applications.VGG16(weights=None, include_top=False)
    original.save_weights(path)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    backbone, notes = imagenet.vgg16()
    assert notes == () and backbone == Backbone("VGG16", str(path))
    model = backbones.load(backbone)
    kernel = model.get_layer("block1_conv1").kernel
    np.testing.assert_array_equal(kernel, original.get_layer("block1_conv1").kernel)
    assert backbone.blocks == ("block1", "block2", "block3", "block4", "block5")


def test_weights_of_another_network_in_the_data_folder_are_named(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    path = tmp_path / "weights" / "vgg16_notop.weights.h5"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).save_weights(path)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="another network"):
        imagenet.setting()


def test_photographs_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    assert imagenet.photographs() is None
    (tmp_path / "cats_vs_dogs").mkdir()
    assert imagenet.photographs().name == "cats_vs_dogs"


def test_class_names_that_cannot_be_downloaded_are_reported(site):
    lines = imagenet.guess_names(np.zeros((2, 32, 32, 3), "uint8"))
    assert len(lines) == 1 and "could not be loaded" in lines[0] and "404" in lines[0]
