"""How long does a strategy train on this computer? An estimate from a short measurement."""

import time

import numpy as np

from helpers.networks.backbones import fresh, mini_vgg
from helpers.networks.hardware import count_operations
from helpers.networks.heads import classifier, set_trainable_blocks, set_trainable_from
from helpers.strategies.base import Strategy
from helpers.strategies.trained_network import epochs_for

TIMED = 8  # images


def training_seconds(strategy: Strategy, X: np.ndarray, images: int, classes: int) -> float:
    """Estimate the time that a strategy needs to train a network.

    Some images pass forward through the network, and the time is taken. The rest is counted in operations:
    the frozen layers run once, the others forward and backward in every epoch. The time in which Keras
    prepares the training is not included.

    Args:
        strategy: unfitted, one that trains a network.
        X: some of the images, uint8 (n, height, width, 3).
        images: number of training images.
        classes: number of classes.

    Returns:
        The time in seconds.

    Raises:
        ValueError: an argument of the strategy's constructor is not as described.

    Example:
        >>> from helpers.strategies import FromScratch
        >>> X = np.zeros((16, 32, 32, 3), "uint8")
        >>> training_seconds(FromScratch(), X, images=200, classes=5) > 0
        True
    """
    strategy.check_arguments()
    settings = strategy.get_params()
    base = fresh(settings["backbone"]) if "backbone" in settings else mini_vgg()
    if settings.get("blocks") is None:
        set_trainable_from(base, settings.get("from_block", "all"))
    else:
        set_trainable_blocks(base, settings["blocks"])
    model = classifier(base, classes)
    cost = count_operations(model, X.shape[1])
    epochs = epochs_for(images, settings["batch_size"]) if settings["epochs"] is None else settings["epochs"]
    forward = cost["frozen"] + cost["forward"]
    work = cost["frozen"] + epochs * (cost["forward"] + cost["backward"])
    return images * _forward_seconds(model, X[:TIMED]) * work / forward


def _forward_seconds(model, X):
    """Return the seconds that one image takes: the best of three measurements."""
    model.predict_on_batch(X)  # the first call prepares the network
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        model.predict_on_batch(X)
        seconds.append(time.perf_counter() - started)
    return min(seconds) / len(X)
