"""Learning curves: the power laws, the intervals, and images that belong together."""

import numpy as np
import pytest

from helpers.strategies import learning_curve as module
from helpers.strategies.learning_curve import LearningCurve, learning_curve, power_laws

SIZES = np.array([10.0, 20.0, 40.0, 80.0, 160.0])


def noisy(count, classes=2, features=30, distance=1.0, seed=0):
    """Features of classes whose means lie apart, and labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % classes
    return rng.normal(size=(count, features)) + distance * np.eye(classes, features)[y], y


@pytest.mark.parametrize("law", [(1.0, 0.3), (0.9, 0.5), (2.0, 0.9)])
def test_a_power_law_is_found(law):
    b, c = law
    (found,) = power_laws(SIZES, (b * SIZES**-c)[None])
    assert found == pytest.approx(law)


def test_an_error_never_grows_with_more_images():
    for b, c in power_laws(SIZES, np.stack([np.linspace(0.1, 0.4, 5), np.zeros(5)])):
        assert b >= 0 and c > 0


def test_large_parts_count_more():
    errors = np.array([0.9, 0.4, 0.2, 0.15, 0.12])
    ((b, c),) = power_laws(SIZES, errors[None])
    missed = np.abs(b * SIZES**-c - errors)
    assert missed[-1] < missed[0] / 3


def test_a_probe_without_mistakes_is_not_taken_for_a_perfect_one():
    few, many = (learning_curve(*noisy(count, distance=20.0)).at(2 * count) for count in (20, 200))
    assert few.high == pytest.approx(1, abs=0.02) and few.low < 0.95 < many.low


def test_the_forecast_lies_in_its_interval_and_follows_more_images():
    curve = learning_curve(*noisy(80))
    now, then = curve.at(80), curve.at(160)
    assert 0 <= then.low < then.accuracy < then.high <= 1 and then.accuracy >= now.accuracy
    assert str(curve).startswith("With all 80 images") and "With 160 images, expect" in str(curve)
    assert curve.accuracy[-1] > curve.accuracy[0] and np.all(np.diff(curve.sizes) > 0)


def test_more_images_give_a_narrower_interval():
    few, many = (learning_curve(*noisy(count)).at(2 * count) for count in (40, 400))
    assert many.high - many.low < (few.high - few.low) / 2


def test_a_curve_is_always_the_same():
    one, other = (learning_curve(*noisy(60)) for _ in range(2))
    np.testing.assert_array_equal(one.laws, other.laws)
    assert one.at(120) == other.at(120)


def test_copies_of_one_patient_do_not_score_each_other():
    X, patients = np.repeat(noisy(40, features=60)[0], 4, axis=0), np.repeat(np.arange(40), 4)
    toss = np.random.default_rng(1).permutation(np.arange(40) % 2)[patients]
    assert learning_curve(X, toss).accuracy[-1] > 0.9
    assert learning_curve(X, toss, patients).accuracy[-1] < 0.75


def test_images_of_few_patients_give_a_wider_interval():
    X, y = noisy(40, distance=2.0)
    copies = learning_curve(np.repeat(X, 4, axis=0), np.repeat(y, 4), np.repeat(np.arange(40), 4)).at(320)
    single = learning_curve(*noisy(160, distance=2.0)).at(320)
    assert copies.high - copies.low > 1.3 * (single.high - single.low)


def test_three_patients_per_class_are_enough():
    X, y = noisy(24, distance=3.0)
    patients = np.arange(24) // 8 * 2 + y
    assert np.isfinite(learning_curve(X, y, patients).at(48)).all()


def test_labels_may_be_names():
    X, y = noisy(40)
    named = learning_curve(X, np.array(["cat", "dog"])[y])
    np.testing.assert_array_equal(named.accuracy, learning_curve(X, y).accuracy)


@pytest.mark.parametrize(
    ("X", "y", "named"),
    [
        (np.ones((6, 3)), list("aabbbb"), "Class 'a' must have at least 3 images .*Received: 2"),
        (np.full((20, 3), np.nan), list("ab") * 10, "features has 60 NaN"),
        (np.ones((20, 3)), list("ab") * 9, "features and y must have the same length"),
        (np.ones((20, 3)), list("a") * 20, "at least two classes"),
    ],
)
def test_what_cannot_be_measured_is_refused(X, y, named):
    with pytest.raises(ValueError, match=named):
        learning_curve(X, np.array(y))


def test_the_number_of_probes_is_the_one_that_the_documentation_names():
    assert f"It fits {module.FOLDS * module.REPEATS * len(module.SHARES)} probes" in learning_curve.__doc__


def test_a_curve_of_one_law_has_no_width():
    curve = LearningCurve(100, SIZES, np.full(5, 0.8), np.array([[2.0, 0.5]]), 0.0)
    assert curve.at(100) == pytest.approx((0.8, 0.8, 0.8))


def test_new_images_vary_less_if_there_are_many():
    curve = LearningCurve(100, SIZES, np.full(5, 0.5), np.tile([[0.5, 1e-9]], (999, 1)), variance=0.25)
    for images in (100, 400):
        forecast = curve.at(images)
        assert forecast.high - forecast.low == pytest.approx(2 * 1.645 * 0.5 / images**0.5, rel=0.1)
