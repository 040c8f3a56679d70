"""Built-in image sets: their usual sizes, the grey values of the digits, and all digits that are there."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from helpers.data.image_sets import builtin, digits, reduced


def test_usual_sizes_are_those_that_the_notebooks_name():
    data = builtin("streets_day")
    assert [len(y) for y in (data.y_train, data.y_validation, data.y_test)] == [1000, 200, 400]


def test_classes_are_in_alphabetical_order_whatever_comes_first():
    for seed in range(3):
        assert list(builtin("streets_day", 3, 0, 0, seed).classes) == ["empty", "pedestrian"]


def test_labels_and_parts_are_in_the_order_training_validation_test():
    data = builtin("streets_day", 3, 2, 1)
    assert data.parts.tolist() == ["train"] * 6 + ["validation"] * 4 + ["test"] * 2
    assert data.labels.tolist() == [*data.y_train, *data.y_validation, *data.y_test]


def test_a_digit_keeps_its_grey_values_its_shape_and_its_label():
    """Enlarged smoothly, and from 0..16 to 0..255; reduced again, it is the digit of the data set."""
    grey, y = load_digits(return_X_y=True)
    data = digits(n_train=20)
    names = np.array([f"digit_{k}" for k in y])
    small = reduced(data.X_train, 8)[..., 0] * (16 / 255)
    for image, label in zip(small, data.y_train, strict=True):
        off = np.abs(grey.reshape(-1, 8, 8) - image).mean(axis=(1, 2))
        assert off.min() < 1.5 and names[off.argmin()] == label
    assert data.X_train.max() == 255 and len(np.unique(data.X_train)) > 200


def test_all_digits_are_used_and_40_of_each_class_stay_for_the_test():
    data = digits(n_train=104, n_validation=30)
    assert np.unique(data.y_test, return_counts=True)[1].min() == 40
    with pytest.raises(ValueError, match="at most 134"):
        digits(n_train=105, n_validation=30)


def test_a_reduced_image_is_the_mean_of_its_pixels_and_not_a_choice_of_them():
    stripes = np.zeros((1, 64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    assert np.abs(reduced(stripes, 16)[0, 4:-4].astype(int) - 100).max() <= 25
