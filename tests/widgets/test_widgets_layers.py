import subprocess
import sys

import pytest
from PIL import Image

from helpers.data.sample_photographs import NAMES, credit, sample_photograph
from helpers.environment import ROOT
from helpers.networks import imagenet, vgg16_channels
from helpers.networks.backbones import Backbone
from helpers.studies import read_results
from helpers.widgets import layers


@pytest.mark.parametrize(
    "make, changes",
    [
        (layers.frozen_block_dial, {"frozen": 4, "target": "micrographs", "images": 50}),
        (layers.transferability_lab, {"target": "micrographs", "source": "photos", "images": 50}),
        (layers.vgg16_transferability_lab, {"target": "pacs_sketch", "images": 50}),
        (layers.channel_lab, {"layer": "block3_conv3", "image": "flower"}),
    ],
)
def test_every_control_changes_figure_and_caption(make, changes):
    lab = make()
    for name, value in changes.items():
        before, caption = bytes(lab.figure_image.value), lab.alt
        lab.controls[name].value = value
        assert bytes(lab.figure_image.value) != before and lab.alt != caption
        assert "alert" not in lab.caption.value


def test_the_dial_shows_that_frozen_blocks_do_not_train():
    lab = layers.frozen_block_dial()

    def parameters():
        return int(lab.alt.split("%, ")[1].split(" trainable")[0].replace(",", ""))

    lab.controls["frozen"].value = 4
    head_only = parameters()
    lab.controls["frozen"].value = 0
    assert head_only == 128 * 10 + 10 < parameters()


def test_the_channel_lab_needs_neither_keras_nor_weights():
    code = (
        "import sys; sys.modules['keras'] = sys.modules['tensorflow'] = None; "
        "from helpers.widgets import layers; print(layers.channel_lab().alt)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("block1_conv2, six channels.") and credit("temple") in done.stdout


def test_the_channel_lab_shows_the_channels_that_vary_most_over_the_photograph():
    lab = layers.channel_lab()
    lab.controls["layer"].value = "block5_conv3"
    maps = vgg16_channels.stored_maps("block5_conv3", "temple")
    inner = maps[:, 1:-1, 1:-1].std(axis=(1, 2))
    most = sorted(zip(-inner, vgg16_channels.channels("block5_conv3"), strict=True))[:6]
    titles = [axis.get_title() for axis in lab._axes[1:7]]
    assert titles == [f"channel {channel}" for _, channel in most]


def test_the_channel_lab_takes_a_photograph_of_the_reader(tmp_path, monkeypatch):
    Image.fromarray(sample_photograph("flower")[:, ::-1]).save(tmp_path / "mirrored.png")
    monkeypatch.setattr(imagenet, "vgg16", lambda: (Backbone("VGG16", "random"), ()))
    lab = layers.channel_lab(str(tmp_path / "mirrored.png"))
    assert lab.controls["image"].options == ("mirrored.png", *NAMES)
    assert "(mirrored.png)" in lab.alt and "CC BY" not in lab.alt
    with pytest.raises(FileNotFoundError, match="nowhere.jpg"):
        layers.channel_lab("nowhere.jpg")


def test_cross_validation_chooses_the_layer_of_vgg16():
    lab = layers.vgg16_transferability_lab()
    rows = read_results("vgg16_layers").query("target == 'flowers' and images == 10").groupby("layer")
    chosen = rows["cross_validated"].mean().idxmax()
    accuracy = rows["accuracy"].mean()[chosen]
    assert f"cross-validation, mean over draws: {chosen}, test accuracy {accuracy:.1%}" in lab.alt
