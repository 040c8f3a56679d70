"""What studies share: class indices and accuracy."""

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.networks.backend import keras
from helpers.studies._networks import accuracy, indices

DATA = builtin("micrographs", 20, 0, 1)


def test_accuracy_counts_the_largest_logit():
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(5)])
    model.layers[-1].set_weights([np.zeros((3072, 5)), np.array([0, 0, 1, 0, 0.0])])
    y = indices(DATA, "train")
    assert accuracy(model, DATA.X_train, y) == pytest.approx(np.mean(y == 2)) == 0.2
