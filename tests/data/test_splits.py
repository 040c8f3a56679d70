"""Splits and numbers of images per class: stratified, nested, and the same for one seed."""

import numpy as np
import pytest

from helpers.data import splits

Y = np.array(["a"] * 30 + ["b"] * 10 + ["c"] * 3)
X = np.arange(43 * 12, dtype=np.int64).reshape(43, 2, 2, 3)


@pytest.mark.parametrize(
    "fractions",
    [
        (0.6, 0.2, 0.2),
        (0.98, 0.01, 0.01),
        (0.01, 0.01, 0.98),
        (0.4, 0.6, 0),
        (1, 0, 0),
        (0.2, 0, 0.8),
    ],
)
def test_split_is_a_stratified_partition(fractions):
    parts = splits.split(X, Y, fractions, seed=4)
    assert sorted(np.concatenate(parts).tolist()) == list(range(43))
    for part, fraction in zip(parts, fractions, strict=True):
        assert part.dtype == np.int64 and (set(Y[part]) == {"a", "b", "c"} if fraction else len(part) == 0)


def test_split_follows_fractions_and_seed():
    parts, again, other = (splits.split(X, Y, seed=s) for s in (0, 0, 1))
    assert [np.sum(Y[p] == "a") for p in parts] == [18, 6, 6] and [np.sum(Y[p] == "b") for p in parts] == [
        6,
        2,
        2,
    ]
    assert all(map(np.array_equal, parts, again)) and not np.array_equal(parts[0], other[0])
    assert not np.array_equal(parts[0], np.sort(parts[0]))


def test_split_errors():
    with pytest.raises(ValueError, match="Class 'c' must have at least 3 images.*Received: 2"):
        splits.split(X[:-1], Y[:-1])
    for bad in (
        (0.5, 0.5),
        (0.5, 0.2, 0.2),
        (0, 0.5, 0.5),
        (1.2, -0.2, 0),
        (float("nan"), 0.5, 0.5),
        0.6,
        ("most", "some", "few"),
    ):
        with pytest.raises(ValueError, match="fractions must be three numbers"):
            splits.split(X, Y, bad)


def test_n_per_class_is_nested_and_seeded():
    few, few_y = splits.n_per_class(X, Y, 2, seed=5)
    more, more_y = splits.n_per_class(X, Y, 3, seed=5)
    assert [np.sum(few_y == c) for c in "abc"] == [2, 2, 2] and len(more_y) == 9
    assert {x.tobytes() for x in few} < {x.tobytes() for x in more}
    assert all(Y[x[0, 0, 0] // 12] == label for x, label in zip(few, few_y, strict=True))
    assert np.array_equal(few, splits.n_per_class(X, Y, 2, seed=5)[0])
    assert np.array_equal(splits.n_per_class(X, Y, 2)[0], splits.n_per_class(X, Y, 2, seed=0)[0])
    assert not np.array_equal(few, splits.n_per_class(X, Y, 2, seed=6)[0])


def test_n_per_class_errors():
    with pytest.raises(ValueError, match="n=4, but class 'c' has 3 images.*smaller n"):
        splits.n_per_class(X, Y, 4)
    with pytest.raises(ValueError, match="n must be an integer of at least 1. Received: 0"):
        splits.n_per_class(X, Y, 0)
