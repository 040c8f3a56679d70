import pytest

from helpers.strategies.silent_bugs import CASES
from helpers.widgets import advice


def test_ratio_lab_follows_its_controls():
    lab = advice.rate_ratio_lab()
    for name in ("ratio", "head_rate"):
        control = lab.controls[name]
        before, caption = bytes(lab.figure_image.value), lab.alt
        control.value = next(option for option in control.options if option != control.value)
        assert bytes(lab.figure_image.value) != before and lab.alt != caption


@pytest.fixture
def gallery():
    return advice.bug_gallery()


def test_every_case_can_be_diagnosed(gallery):
    drawn = set()
    for number in gallery.case.options:
        gallery.case.value = number
        drawn.add(bytes(gallery.figure_image.value))
        name = gallery._name(number)
        assert name not in gallery.reply.value and CASES[name].diagnosis not in gallery.reply.value
        gallery.diagnosis.value = CASES[name].diagnosis
        gallery.button.click()
        assert "✓ Right" in gallery.reply.value and "Remedy" in gallery.reply.value
    assert len(drawn) == len(gallery.solved) == len(CASES) - 1 >= 8


def test_a_wrong_diagnosis_says_what_that_bug_looks_like(gallery):
    wrong = next(c for n, c in CASES.items() if n != gallery._name(1))
    gallery.diagnosis.value = wrong.diagnosis
    gallery.button.click()
    assert "✗" in gallery.reply.value and wrong.symptom.split("'")[0][:20] in gallery.reply.value
    assert not gallery.solved


def test_no_diagnosis_yet(gallery):
    gallery.button.click()
    assert "Choose" in gallery.reply.value
