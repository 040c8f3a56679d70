"""What several studies share: BatchNorm that has settled, and accuracy on pictures."""

import numpy as np

from helpers.models import keras


def settle_batchnorm(model: keras.Model, X: np.ndarray, batch_size: int = 50) -> None:
    """Take BatchNorm's statistics anew from the training pictures, as their mean over batches.

    In training, BatchNorm keeps a running mean that lags behind the weights. After a training of some
    hundred steps from random weights it is so far behind that the network seems to know nothing.
    Source: Wu & Johnson 2021, "Rethinking 'batch' in BatchNorm" (precise BatchNorm). Layers that are
    frozen keep what they have.

    Args:
        model: a classifier; it changes.
        X: the training pictures, or what the frozen layers made of them, in any order.
        batch_size: pictures at once.
    """
    parts = [model, *(layer for layer in model.layers if isinstance(layer, keras.Model))]
    norms = [la for part in parts for la in part.layers if isinstance(la, keras.layers.BatchNormalization)]
    order = np.random.default_rng(0).permutation(len(X))
    for number in range(len(X) // batch_size):
        for layer in norms:
            layer.momentum = number / (number + 1)
        model(X[order[number * batch_size : (number + 1) * batch_size]].astype("float32"), training=True)


def indices(data, part: str) -> np.ndarray:
    """Class indices of the pictures of "train", "validation" or "test", int (n,)."""
    return np.searchsorted(data.classes, getattr(data, f"y_{part}"))


def accuracy(model: keras.Model, X: np.ndarray, y: np.ndarray) -> float:
    """Share of the pictures whose class index has the largest logit."""
    return float(np.mean(model.predict(X, batch_size=100, verbose=0).argmax(axis=1) == y))
