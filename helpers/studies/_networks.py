"""What several studies share: class indices, and accuracy on pictures."""

import numpy as np

from helpers.models import keras


def indices(data, part: str) -> np.ndarray:
    """Class indices of the pictures of "train", "validation" or "test", int (n,)."""
    return np.searchsorted(data.classes, getattr(data, f"y_{part}"))


def accuracy(model: keras.Model, X: np.ndarray, y: np.ndarray) -> float:
    """Share of the pictures whose class index has the largest logit."""
    return float(np.mean(model.predict(X, batch_size=100, verbose=0).argmax(axis=1) == y))
