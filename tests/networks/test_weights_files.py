"""Weights files that do not fit: the message names what a file holds, and what is needed."""

import h5py
import keras
import numpy as np
import pytest
from made_weights import older_format

from helpers.networks import backbones
from helpers.networks.backbones import Backbone
from helpers.networks.weights_files import check_weights

OPTIONS = (("alpha", 0.25),)  # a small network: its file has less than 1 MB


def network(**options):
    return keras.applications.MobileNet(**{"alpha": 0.25, "include_top": False, "weights": None} | options)


def loaded(path, options=OPTIONS):
    return backbones.load(Backbone("MobileNet", str(path), options))


def message(path, options=OPTIONS) -> str:
    with pytest.raises(ValueError) as caught:
        loaded(path, options)
    assert repr(str(path)) in str(caught.value)
    return str(caught.value)


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.weights.h5"
    network().save_weights(path)
    return path


def test_both_formats_are_loaded(good, tmp_path):
    model = network()
    model.load_weights(good)
    for path in (good, older_format(tmp_path / "older.h5", model)):
        for ours, theirs in zip(loaded(path).get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_what_is_stored_beside_the_weights_does_not_matter(tmp_path):
    model = network()
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    model.save_weights(tmp_path / "compiled.weights.h5")
    with h5py.File(tmp_path / "compiled.weights.h5") as file:
        assert "optimizer" in file
    assert loaded(tmp_path / "compiled.weights.h5").count_params() == model.count_params()


@pytest.mark.parametrize("older", [False, True])
def test_weights_with_the_top(older, tmp_path):
    """VGG16 has dense layers in its top; Keras loads such a file of Keras 3 without an error."""
    path, shapes = (
        tmp_path / ("top.h5" if older else "top.weights.h5"),
        [(25088, 4096), (4096,), (4096, 1000)],
    )
    model = keras.applications.VGG16(include_top=False, weights=None)
    if older:
        older_format(path, model)
    else:
        model.save_weights(path)
    with h5py.File(path, "a") as file:
        for number, shape in enumerate(shapes):
            file.create_dataset(f"layers/dense/{number}", shape, "float32", chunks=True)  # takes no space
    with pytest.raises(ValueError, match="holds the top of vgg16: .*25088 x 4096, 4096 x 1000.*'notop'"):
        backbones.load(Backbone("VGG16", str(path)))


def test_another_architecture_and_other_options(good):
    found = message(good, (("alpha", 0.5),))
    assert "another network: 27 convolution kernels, 0 dense layers, 108 vectors (such as" in found
    assert "mobilenet without its top has 27 convolution kernels, 0 dense layers" in found
    assert "218,544 parameters" in found and "829,536 parameters" in found
    with pytest.raises(ValueError, match="vgg16 without its top has 13 convolution kernels, .*14,714,688"):
        backbones.load(Backbone("VGG16", str(good)))


def test_vectors_alone_are_not_a_top(tmp_path):
    """A Path is accepted, too."""
    layers = [keras.Input((4,)), keras.layers.Dense(3), keras.layers.LayerNormalization()]
    path, model = tmp_path / "own.weights.h5", keras.Sequential(layers)
    model.save_weights(path)
    check_weights(path, model)
    with pytest.raises(ValueError, match=r"another network: .* 3 vectors .*has .* 1 vectors"):
        check_weights(path, keras.Sequential(layers[:2]))


def test_an_incomplete_file(good):
    good.write_bytes(good.read_bytes()[:500_000])
    assert "damaged or incomplete: 0.5 MB" in message(good)


@pytest.mark.parametrize("content", [b"<!DOCTYPE html>", b"PK\x03\x04", b""])
def test_not_an_hdf5_file(content, tmp_path):
    path = tmp_path / "page.weights.h5"
    path.write_bytes(content)
    assert f"not an HDF5 file: it begins with {content[:8]!r}" in message(path)


def test_the_ending_of_the_other_format(good, tmp_path):
    assert "Rename the file, so that its name ends in .weights.h5." in message(good.rename(tmp_path / "a.h5"))
    older = older_format(tmp_path / "older.weights.h5", network())
    assert "an older Keras, which needs another ending" in message(older)


def test_the_real_weights_pass(real_data):
    path = real_data("weights") / "vgg16_imagenet_notop.weights.h5"
    assert backbones.load(Backbone("VGG16", str(path))).count_params() == 14_714_688
