import pytest

from helpers.widgets import basics


@pytest.mark.parametrize(
    "make, changes",
    [
        (basics.gradient_lab, {"depth": 15, "activation": "ReLU", "initialisation": "He"}),
        (basics.optimiser_race, {"rate": 0.3, "steps": 100}),
        (basics.overfitting_lab, {"images": 1000, "width": 8}),
    ],
)
def test_every_control_changes_figure_and_caption(make, changes):
    lab = make()
    for name, value in changes.items():
        before, caption = bytes(lab.figure_image.value), lab.alt
        lab.controls[name].value = value
        assert bytes(lab.figure_image.value) != before and lab.alt != caption
        assert "alert" not in lab.caption.value


def test_gradient_lab_shows_that_sigmoid_vanishes():
    lab = basics.gradient_lab()
    lab.controls["depth"].value = 20

    def share():
        return float(lab.alt.split("first layer is ")[1].split(" times")[0])

    assert share() < 1e-6
    lab.controls["activation"].value, lab.controls["initialisation"].value = "ReLU", "He"
    assert share() > 0.01


def test_race_names_the_optimisers_that_were_thrown_out():
    lab = basics.optimiser_race()
    lab.controls["rate"].value = 0.7
    assert "thrown out" in lab.alt
