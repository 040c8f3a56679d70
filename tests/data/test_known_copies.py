"""What follows from copies that are known: these are listed by hand, without a search."""

import dataclasses

import numpy as np
import pytest

from helpers.data.duplicates import Copies, exact, reason_to_look, removable, without_leaks
from helpers.data.image_sets import ImageSet


def with_copies(labels, groups=None, alike=()):
    """A set of blank images, from the labels of each split, and its copies.

    Args:
        labels: one string per split; each letter is the class of an image.
        groups: the group of each image; None if no images are equal.
        alike: pairs of groups that look alike.
    """
    splits = [(np.zeros((len(part), 4, 4, 3), np.uint8), np.array([*part], "U1")) for part in labels]
    arrays = [array for split in splits for array in split]
    data = ImageSet("s", tuple(sorted(set("".join(labels)))), *arrays)
    groups = np.arange(len(data.labels)) if groups is None else np.array(groups)
    return data, Copies(groups, data.parts, data.labels, np.array(alike, int).reshape(-1, 2))


def left_out(data, found, **options):
    """Indices of the images that go without a look."""
    return np.flatnonzero(~removable(data, found, **options).clean).tolist()


def test_images_that_differ_in_a_single_value_are_not_equal():
    X = np.zeros((7, 4, 4, 3), np.uint8)
    for k, place in enumerate([(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 3, 0), (3, 0, 0), (3, 3, 2)]):
        X[k + 1][place] = 1
    data, _ = with_copies(("a" * 7, "", ""))
    assert exact(dataclasses.replace(data, X_train=X)).extra == 0
    assert exact(dataclasses.replace(data, X_train=X[[0, 1, 1, 2, 3, 4, 5]])).extra == 1


TRAIN, VALIDATION, TEST = 80, 20, 20
SPLIT = ("a" * TRAIN, "a" * VALIDATION, "a" * TEST)


@pytest.mark.parametrize(
    "of_train, of_validation, gone", [(4, 1, True), (6, 0, False), (3, 2, True), (3, 3, False)]
)
def test_near_copies_of_five_per_cent_of_the_images_to_learn_from_go_without_a_look(
    of_train, of_validation, gone
):
    """Test images are not counted: nothing is learned from them."""
    here = [*range(of_train), *range(TRAIN, TRAIN + of_validation)]
    data, found = with_copies(SPLIT, alike=[(k, TRAIN + VALIDATION + n) for n, k in enumerate(here)])
    assert left_out(data, found) == (here if gone else [])
    assert gone or f"They are {len(here)} of 100 images." in reason_to_look(data, found)


def test_equal_images_go_however_many_they_are_and_do_not_count_as_near_copies():
    groups = np.arange(120)
    groups[100:110] = range(10)
    data, found = with_copies(SPLIT, groups, alike=[(k, 100 + k) for k in range(10, 14)])
    assert left_out(data, found) == list(range(14))


@pytest.mark.parametrize(
    "labels, first, said",
    [
        (("r" * 10 + "ab" * 200, "", "rrrr"), 0, "4 of 10 images of class 'r'"),
        (("ab" * 200, "ab" * 5, "abab"), 400, "4 of 10 validation images"),
        (("a" * 80, "a" * 20, "a" * 5), 0, "5 of 80 training images"),
    ],
    ids=["class", "validation", "train"],
)
def test_a_class_or_a_split_loses_no_larger_share_than_the_whole_set_may(labels, first, said):
    here = range(first, first + len(labels[2]))
    data, found = with_copies(
        labels, alike=list(zip(here, range(len("".join(labels[:2])), 500), strict=False))
    )
    assert left_out(data, found) == []
    assert reason_to_look(data, found).startswith(f"Among them are {said}. So many look alike")


@pytest.mark.parametrize("images, gone", [(4, [0]), (3, []), (2, [])])
def test_near_copies_go_where_a_class_keeps_three_images(images, gone):
    data, found = with_copies(("a" * images + "b" * 40, "", "ab"), alike=[(0, images + 40)])
    assert left_out(data, found) == gone
    assert left_out(data, found, least=1) == [0]


def test_images_of_two_classes_that_are_equal_stay_and_are_taken_for_no_other_image():
    data, found = with_copies(("ab", "", "a"), groups=[0, 0, 1])
    assert found.contested.tolist() == [True, True, False]
    assert left_out(data, found) == []
    assert np.flatnonzero(~found.clean).tolist() == []
    data, found = with_copies(("ab", "", "ba"), groups=[0, 1, 0, 2])
    assert np.flatnonzero(~found.clean).tolist() == [0] and left_out(data, found) == []


def test_what_looks_like_an_image_of_two_classes_stays():
    """The first image looks like one of its class and like one of another: its label may be wrong."""
    data, found = with_copies(("a", "", "ab"), alike=[(0, 1), (0, 2)])
    kept = removable(data, found)
    assert kept.clean.all() and kept.leaks.size == kept.extra == 0
    assert found.clean.tolist() == [False, True, True]


@pytest.mark.parametrize("pair", [(1, 3), (3, 1)])
def test_a_pair_counts_in_either_order(pair):
    data, found = with_copies(("aa", "a", "a"), alike=[pair])
    assert found.clean.tolist() == [True, False, True, True] and found.leaks.tolist() == [3]
    assert not found.contested.any() and found.conflicts == []


def test_validation_images_with_a_copy_in_the_test_set_go_and_test_images_never():
    data, found = with_copies(("aa", "aa", "aa"), groups=[0, 1, 2, 0, 2, 1])
    clean = without_leaks(data, found)
    assert [len(clean.split(name).y) for name in ("train", "validation", "test")] == [0, 1, 2]
    assert found.leaks.tolist() == [3, 4, 5]


def test_copies_within_one_split_stay():
    data, found = with_copies(("aaa", "", "aa"), groups=[0, 0, 1, 2, 2], alike=[(0, 1)])
    assert found.clean.all() and found.leaks.size == 0 and found.extra == 3


def test_copies_of_a_set_with_other_labels_are_refused():
    data, _ = with_copies(("ab", "", "a"))
    _, other = with_copies(("aa", "", "b"))
    with pytest.raises(ValueError, match="of another image set"):
        removable(data, other)
