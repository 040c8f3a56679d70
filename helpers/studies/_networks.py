"""What several studies train: a small random network, and accuracy on pictures."""

import numpy as np

from helpers.models import keras, mini_vgg


def random_network(seed: int) -> keras.Model:
    """A MiniVGG with random weights, whose BatchNorm follows the pictures within a short training.

    With Keras' momentum of 0.99, a third of BatchNorm's first guess is left after 100 steps. That
    would count against every network that starts at random.
    """
    network = mini_vgg(seed)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    return network


def indices(data, part: str) -> np.ndarray:
    """Class indices of the pictures of "train", "validation" or "test", int (n,)."""
    return np.searchsorted(data.classes, getattr(data, f"y_{part}"))


def accuracy(model: keras.Model, X: np.ndarray, y: np.ndarray) -> float:
    """Share of the pictures whose class index has the largest logit."""
    return float(np.mean(model.predict(X, batch_size=100, verbose=0).argmax(axis=1) == y))
