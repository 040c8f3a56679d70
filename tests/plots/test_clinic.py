"""Recall per class, calibration and learning curve: what they draw, say and refuse."""

import numpy as np
import pytest
from legibility import faults

from helpers.plots import clinic
from helpers.strategies.learning_curve import LearningCurve

TRUTH = np.array(["cat"] * 4 + ["dog"] * 2)
GUESSES = np.array(["cat", "cat", "cat", "dog", "dog", "cat"])


def test_recalls_are_shares_of_the_true_class():
    drawing = clinic.recalls(TRUTH, {"one": GUESSES, "other": TRUTH}, ["ant", "cat", "dog"])
    assert drawing.alt == (
        "Recall per class. one: cat 75% of 4, dog 50% of 2; other: cat 100% of 4, dog 100% of 2."
    )
    assert [label.get_text() for label in drawing.axes[0].get_yticklabels()] == ["cat (4)", "dog (2)"]


def test_whiskers_are_wilson_intervals():
    drawing = clinic.recalls(np.array(["cat"] * 40), {"one": np.array(["cat"] * 38 + ["dog"] * 2)}, ["cat"])
    ((first, last),) = [
        segment[:, 0] for lines in drawing.axes[0].collections for segment in lines.get_segments()
    ]
    assert (first, last) == pytest.approx((0.835, 0.986), abs=0.001)


def test_of_many_classes_those_with_the_lowest_recall_are_shown():
    names = [f"class {k}" for k in range(30)]
    truth = np.repeat(names, 2)
    guesses = truth.copy()
    guesses[-2:] = "class 0"
    drawing = clinic.recalls(truth, {"one": guesses}, names)
    assert "class 29 0% of 2" in drawing.alt and drawing.alt.endswith("Classes not shown: 10.")


def test_the_figure_of_calibration_says_what_a_threshold_answers():
    right = np.array([True] * 8 + [False] * 2)
    low, high = np.linspace(0.5, 0.9, 10)[::-1], np.full(10, 0.99)
    drawing = clinic.calibration(right, {"before": high, "after": low}, 0.7)
    assert drawing.alt == (
        "before: mean probability 99%, 80% right; after: mean probability 70%, 80% right; answers from 70% "
        "on: 50% of the images, 100% of them right."
    )
    points = drawing.axes[0].lines[2].get_xydata()
    assert points.shape == (5, 2) and np.all(np.diff(points[:, 0]) > 0)
    assert drawing.axes[1].lines[0].get_ydata()[-1] == pytest.approx(0.8)


def test_a_threshold_that_nothing_reaches_is_drawn():
    drawing = clinic.calibration(np.array([True]), {"after": np.array([0.3])}, 0.9)
    assert drawing.alt.endswith("answers from 90% on: 0% of the images.")


def test_a_learning_curve_is_drawn_as_far_as_twice_the_images():
    sizes = np.array([10.0, 40.0])
    curve = LearningCurve(50, sizes, np.array([0.6, 0.7]), np.array([[1.0, 0.5], [2.0, 0.5]]), 0.1)
    drawing = clinic.learning_curve(curve)
    assert drawing.axes[0].lines[0].get_xdata()[-1] == pytest.approx(100)
    assert drawing.alt == str(curve)


@pytest.mark.parametrize(
    ("draw", "named"),
    [
        (lambda: clinic.recalls(TRUTH, {}, ["cat"]), "answers must not be empty"),
        (lambda: clinic.recalls(TRUTH, {"one": GUESSES[:2]}, ["cat"]), "must have the same length"),
        (lambda: clinic.recalls(TRUTH[:0], {"one": TRUTH[:0]}, ["cat"]), "must not be empty"),
        (lambda: clinic.calibration(TRUTH == "cat", {"after": np.ones(2)}, 0.5), "must have the same length"),
    ],
)
def test_what_does_not_fit_is_refused(draw, named):
    with pytest.raises(ValueError, match=named):
        draw()


LONG = ["lung_adenocarcinoma_of_an_unusual_kind", "benign", "two\nlines"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: clinic.recalls(np.array(LONG * 3), {"test": np.array(LONG[::-1] * 3)}, LONG),
        lambda: clinic.recalls(
            np.array(LONG), dict.fromkeys(["all images count alike", "class weights"], np.array(LONG)), LONG
        ),
        lambda: clinic.recalls(np.arange(60) % 30, {"test": np.arange(60) % 7}, range(30)),
        lambda: clinic.calibration(
            np.arange(40) % 5 > 0, {"softmax": np.linspace(0.4, 1, 40), "calibrated": np.ones(40)}, 0.8
        ),
        lambda: clinic.learning_curve(
            LearningCurve(500, np.array([80.0, 400.0]), np.array([0.6, 0.7]), np.array([[1.0, 0.2]] * 9), 2.0)
        ),
    ],
)
def test_figures_are_legible(draw):
    assert faults(draw()) == []
