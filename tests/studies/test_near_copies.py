import numpy as np

from helpers.data import duplicates
from helpers.data.image_sets import builtin
from helpers.studies import near_copies


def test_planted_copies_are_found_with_their_originals():
    X = builtin("streets_day", 25, 0, 0).X_train
    shares = near_copies.found_shares(X, planted=4)
    assert list(shares) == list(near_copies.KINDS)
    assert all(shares[kind] == 1 for kind in ("mirrored", "quarter_turn", "seven_degrees", "any_angle"))


def test_copies_of_every_kind_of_the_same_images_are_found(monkeypatch):
    X = builtin("streets_day", 25, 0, 0).X_train
    shares = near_copies.found_shares(X, planted=3, together=True)
    assert list(shares) == list(near_copies.KINDS) and np.mean([*shares.values()]) > 0.9
    monkeypatch.setattr(duplicates, "near", lambda data: found.append(data) or duplicates.exact(data))
    found = []
    near_copies.found_shares(X, planted=3, together=True)
    plain = found[0].X_train[len(X) :].reshape(3, len(near_copies.KINDS), *X.shape[1:])
    distance = np.abs(plain[:, :1].astype(int) - plain[:, 1:2]).mean(axis=(1, 2, 3, 4))
    assert (distance < 20).all()  # resaved and resized copies of the same image follow each other


def test_without_a_search_no_copy_counts_as_found(monkeypatch):
    monkeypatch.setattr(duplicates, "alike_pairs", lambda X: np.empty((0, 2), int))
    X = builtin("streets_day", 25, 0, 0).X_train
    assert set(near_copies.found_shares(X, planted=4).values()) == {0}


def test_images_with_a_copy_are_counted_once():
    groups = np.array([0, 0, 1, 2, 3])
    found = duplicates.Copies(groups, np.repeat("train", 5), np.repeat("a", 5), np.array([[0, 1], [1, 2]]))
    assert near_copies.copied(found) == 4


def test_a_fixed_camera_never_takes_the_same_image_twice():
    for name in near_copies.CAMERAS:
        X = near_copies.camera(name, 6)
        assert len(np.unique(X.reshape(6, -1), axis=0)) == 6
        assert np.array_equal(X, near_copies.camera(name, 6))
        assert not np.array_equal(X, near_copies.camera(name, 6, seed=1))
