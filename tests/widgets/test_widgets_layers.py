import pytest

from helpers.widgets import layers


@pytest.mark.parametrize(
    "make, changes",
    [
        (layers.frozen_block_dial, {"frozen": 4, "target": "micrographs", "images": 50}),
        (layers.transferability_lab, {"target": "micrographs", "source": "photos", "images": 50}),
        (layers.feature_map_lab, {"layer": "block3_pool", "image": "star"}),
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
