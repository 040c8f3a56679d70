"""BatchNorm's statistics: how far a target shifts them, and how to take them anew after training."""

import numpy as np

from helpers.data.validation import check_images
from helpers.networks.backbones import Backbone, block_of, load
from helpers.networks.backend import keras

SHIFTS_SAMPLE = 300  # training images that are enough to measure shifts on
MOST_SETTLED = 2_000  # pictures that BatchNorm's statistics are taken from


def shifts(backbone: Backbone, X: np.ndarray) -> dict[str, float]:
    """How far activations have moved from the source's, block by block.

    Each channel's mean and variance over the pictures is compared with what BatchNorm stored over the
    source's: symmetric Kullback-Leibler divergence of two normal distributions, the median over the
    channels. Source: Li et al. 2017, "Revisiting batch normalization for practical domain adaptation".

    Args:
        backbone: the source model.
        X: uint8 (n, height, width, 3).

    Returns:
        By block, for its last BatchNorm; 0 where nothing moved. Empty where there is no BatchNorm.
    """
    X, model = check_images(X), load(backbone)
    norms = {
        block: layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization) and (block := block_of(layer.name))
    }
    if not norms:
        return {}
    means = [keras.ops.mean(norm.input, axis=(1, 2)) for norm in norms.values()]
    squares = [keras.ops.mean(keras.ops.square(norm.input), axis=(1, 2)) for norm in norms.values()]
    found = keras.Model(model.input, means + squares).predict(X, batch_size=32, verbose=0)
    found = [part.mean(axis=0) for part in found]
    return {
        block: _divergence(norm, mean, square - mean**2)
        for (block, norm), mean, square in zip(
            norms.items(), found[: len(norms)], found[len(norms) :], strict=True
        )
    }


def _divergence(norm, mean, variance):
    there, spread = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance) + norm.epsilon
    variance = np.maximum(variance, 0) + norm.epsilon
    gap = (mean - there) ** 2
    both = ((variance + gap) / spread + (spread + gap) / variance) / 2 - 1
    return float(np.median(both))


def settle_batchnorm(model: keras.Model, X: np.ndarray, batch_size: int = 50) -> None:
    """Take BatchNorm's statistics anew from the training pictures, as their mean over batches.

    In training, BatchNorm keeps a running mean that lags behind the weights. After a training of some
    hundred steps from random weights it is so far behind that the network seems to know nothing.
    Source: Wu & Johnson 2021, "Rethinking 'batch' in BatchNorm" (precise BatchNorm). Layers that are
    frozen keep what they have.

    Args:
        model: a classifier; it changes.
        X: the training pictures, or what the frozen layers made of them, in any order; at most
            MOST_SETTLED of them are used.
        batch_size: pictures at once.
    """
    parts = [model, *(layer for layer in model.layers if isinstance(layer, keras.Model))]
    norms = [la for part in parts for la in part.layers if isinstance(la, keras.layers.BatchNormalization)]
    usual = {layer: layer.momentum for layer in norms if layer.trainable}
    if not usual:
        return
    order = np.random.default_rng(0).permutation(len(X))[:MOST_SETTLED]
    for number in range(max(1, len(order) // batch_size)):
        for layer in usual:
            layer.momentum = number / (number + 1)
        model(X[order[number * batch_size : (number + 1) * batch_size]].astype("float32"), training=True)
    for layer, momentum in usual.items():
        layer.momentum = momentum
