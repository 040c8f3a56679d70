"""What several studies share: class indices, accuracy of a network, CNN codes, and a linear model."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.networks.backend import keras


def indices(data, part: str) -> np.ndarray:
    """Return the class indices of the split "train", "validation" or "test", int (n,)."""
    return np.searchsorted(data.classes, data.split(part).y)


def accuracy(model: keras.Model, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of the images whose class index has the largest logit."""
    return float(np.mean(model.predict(X, batch_size=100, verbose=0).argmax(axis=1) == y))


def codes(network: keras.Model, X: np.ndarray) -> np.ndarray:
    """Return CNN codes, float32 (n, channels): the last activations, averaged over the image."""
    return np.mean(network.predict(X, batch_size=100, verbose=0), axis=(1, 2))


def linear(max_iter: int, C: float = 0.1) -> Pipeline:
    """Logistic regression on standardised features; `max_iter` is where it stops at the latest."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, tol=1e-3, max_iter=max_iter))
