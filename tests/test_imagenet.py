import numpy as np
import pytest

from helpers import imagenet, models
from helpers.models import Backbone, keras


@pytest.fixture
def no_download(monkeypatch):
    def fail(backbone):
        raise OSError("no network")

    monkeypatch.setattr(models, "load", fail)


def test_without_weights_the_banner_names_three_remedies(no_download, monkeypatch):
    monkeypatch.delenv("TRANSFER_DATA_DIR", raising=False)
    chosen = imagenet.setting(5)
    assert chosen.backbone == Backbone("photos") and chosen.data.name == "micrographs"
    page = chosen._repr_html_()
    assert "role='alert'" in page and "no network" in page and "photos" in page
    assert all(remedy[:20] in page for remedy in imagenet.REMEDIES)


def test_weights_in_the_data_folder_are_taken(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    path = tmp_path / "weights" / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.weights.h5"
    original = keras.applications.VGG16(weights=None, include_top=False)
    original.save_weights(path)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    backbone, notes = imagenet.vgg16()
    assert notes == () and backbone == Backbone("VGG16", str(path))
    model = models.load(backbone)
    kernel = model.get_layer("block1_conv1").kernel
    np.testing.assert_array_equal(kernel, original.get_layer("block1_conv1").kernel)
    assert backbone.blocks == ("block1", "block2", "block3", "block4", "block5")


def test_photographs_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    assert imagenet.photographs() is None
    (tmp_path / "cats_vs_dogs").mkdir()
    assert imagenet.photographs().name == "cats_vs_dogs"
