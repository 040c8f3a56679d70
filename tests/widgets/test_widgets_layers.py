import pytest

from helpers.widgets import layers


@pytest.mark.parametrize(
    "make, changes",
    [
        (layers.frozen_block_dial, {"frozen": 4, "target": "micrographs", "images": "50"}),
        (layers.transferability_lab, {"target": "micrographs", "source": "photos", "images": "50"}),
        (layers.feature_map_lab, {"layer": "block3_pool", "picture": "star"}),
    ],
)
def test_every_control_changes_picture_and_caption(make, changes):
    lab = make()
    for name, value in changes.items():
        picture, caption = bytes(lab.figure_image.value), lab.alt
        lab.controls[name].value = value
        assert bytes(lab.figure_image.value) != picture and lab.alt != caption
        assert "alert" not in lab.caption.value


def test_the_dial_tells_that_frozen_blocks_do_not_train():
    lab = layers.frozen_block_dial()

    def parameters():
        return int(lab.alt.split("right, ")[1].split(" parameters")[0].replace(",", ""))

    lab.controls["frozen"].value = 4
    head_only = parameters()
    lab.controls["frozen"].value = 0
    assert head_only == 128 * 10 + 10 < parameters()
