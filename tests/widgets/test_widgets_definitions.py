import pytest

from helpers.widgets import definitions


@pytest.fixture(scope="module")
def calculator():
    return definitions.domain_task_lab()


@pytest.mark.parametrize(
    "control, value, part",
    [
        ("language", "Vietnamese", "feature space F: differ."),
        ("mix", "other sub-topics", "marginal P(X): differ."),
        ("mix", "no sport", "marginal P(X): differ."),
        ("labels", "sport or not (other classes)", "label space Y: differ."),
        ("labels", "sport and cooking exchanged", "conditional P(Y|X): differ."),
    ],
)
def test_the_calculator_finds_each_difference(calculator, control, value, part):
    before, drawn = calculator.controls[control].value, bytes(calculator.figure_image.value)
    assert part not in calculator.alt
    calculator.controls[control].value = value
    assert part in calculator.alt and bytes(calculator.figure_image.value) != drawn
    calculator.controls[control].value = before


@pytest.mark.slow
def test_the_day_detector_loses_in_the_dark():
    lab = definitions.night_lab()
    levels, by_day = definitions._night_scores("by day")
    assert by_day[0] > 0.75 and by_day[-1] < by_day[0] - 0.1
    before = bytes(lab.figure_image.value)
    lab.controls["darkness"].value = 1.0
    assert f"{by_day[-1]:.0%}" in lab.alt and bytes(lab.figure_image.value) != before
    lab.controls["trained"].value = "by night"
    assert "trained by night" in lab.alt
