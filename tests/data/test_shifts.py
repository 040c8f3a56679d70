"""Each shift changes what its kind says, and nothing else."""

import numpy as np
import pytest

from helpers.data.shifts import KINDS, SHIFTS, blur, colour_cast, exchanged, night, noise, regrouped

PLAIN, NAMES = SHIFTS["exchanged"].draw(3, seed=5)[0], SHIFTS["night"].draw(3, seed=5)[1]


def test_every_kind_has_a_shift():
    assert {shift.kind for shift in SHIFTS.values()} == set(KINDS)


@pytest.mark.parametrize("name", SHIFTS)
def test_a_shift_changes_images_or_labels_but_not_both(name):
    X, y = SHIFTS[name].draw(3, seed=5)
    assert X.shape == (30, 32, 32, 3) and X.dtype == np.uint8
    images_changed, labels_changed = not np.array_equal(X, PLAIN), not np.array_equal(y, NAMES)
    assert images_changed == (SHIFTS[name].kind in ("input", "feature"))
    assert labels_changed == (SHIFTS[name].kind in ("label", "conditional"))


@pytest.mark.parametrize("name", SHIFTS)
def test_the_seed_decides_everything(name):
    first, again, other = (SHIFTS[name].draw(2, seed=seed)[0] for seed in ([1, 0], [1, 0], [1, 1]))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("change", [noise, colour_cast, blur, night])
def test_changes_of_images_leave_their_argument_alone_and_name_bad_input(change):
    X = PLAIN.copy()
    assert change(X).shape == X.shape and np.array_equal(X, PLAIN)
    with pytest.raises(ValueError, match="X must have shape"):
        change(X[0])


def test_noise_is_as_strong_as_asked_for():
    grey = np.full((20, 16, 16, 3), 128, np.uint8)
    assert noise(grey, strength=10).std() == pytest.approx(10, rel=0.05)


def test_blur_keeps_the_brightness_and_removes_detail():
    blurred = blur(PLAIN)
    assert blurred.mean() == pytest.approx(PLAIN.mean(), abs=1)
    assert (
        np.abs(np.diff(blurred.astype(int), axis=1)).mean()
        < 0.5 * np.abs(np.diff(PLAIN.astype(int), axis=1)).mean()
    )


def test_night_is_dark_and_bluish():
    dark = night(PLAIN).mean(axis=(0, 1, 2))
    assert dark.max() < 0.35 * PLAIN.mean() and dark[2] > dark[0]


def test_new_classes_are_unions_of_old_ones():
    new = regrouped(NAMES)
    assert len(set(new)) == 5
    assert all(len(set(new[NAMES == name])) == 1 and name in new[NAMES == name][0] for name in set(NAMES))


def test_exchanging_twice_restores_the_labels():
    assert np.array_equal(exchanged(exchanged(NAMES)), NAMES)
    assert set(exchanged(NAMES)) == set(NAMES) and not (exchanged(NAMES) == NAMES).any()
    assert exchanged(np.array(["a", "b", "c"])).tolist() == ["c", "b", "a"]
