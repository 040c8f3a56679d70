"""Statistics of BatchNorm: how far a target shifts them, and how to compute them again after training."""

import numpy as np

from helpers.data.validation import check_images, too_small
from helpers.networks.backbones import Backbone, block_of, shared
from helpers.networks.backend import keras

SHIFTS_SAMPLE = 300  # this many training images are enough to measure shifts
MOST_IMAGES = 2_000  # largest number of images from which BatchNorm's statistics are computed


def shifts(backbone: Backbone, X: np.ndarray) -> dict[str, float]:
    """Measure how far the activations of target images have shifted from those of the source, block by block.

    The mean and variance of each channel over the images are compared with those that BatchNorm stored
    for the source: the symmetric Kullback-Leibler divergence of two normal distributions, and its median
    over the channels. Source: Li et al. 2017, "Revisiting batch normalization for practical domain
    adaptation".

    Args:
        backbone: the source model.
        X: images of the target, uint8 (n, height, width, 3).

    Returns:
        The divergence at the last BatchNorm of each block, 0 for no shift. Empty if the network has no
        BatchNorm.

    Raises:
        ValueError: If X is not such an array, or its images are too small for the network.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> found = shifts(Backbone("shapes"), builtin("micrographs", n_train=2).X_train)
        >>> list(found)
        ['block1', 'block2', 'block3', 'block4']
    """
    X, model = check_images(X), shared(backbone).model
    norms = {
        block: layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization) and (block := block_of(layer.name))
    }
    if not norms:
        return {}
    means = [keras.ops.mean(norm.input, axis=(1, 2)) for norm in norms.values()]
    squares = [keras.ops.mean(keras.ops.square(norm.input), axis=(1, 2)) for norm in norms.values()]
    try:
        shape = model.compute_output_shape((1, *X.shape[1:]))
    except ValueError as error:  # raised by Keras if a convolution or pooling leaves no pixels
        raise too_small(X.shape[1:], backbone.name) from error
    if min(shape[1:3]) < 1:
        raise too_small(X.shape[1:], backbone.name)
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


def recompute_batchnorm(
    model: keras.Model, X: np.ndarray, batch_size: int = 50, most: int = MOST_IMAGES
) -> None:
    """Recompute the statistics of trainable BatchNorm layers as means over batches of training images.

    During training, BatchNorm keeps moving averages, which lag behind the weights. After a few hundred
    steps from random weights, they lag so far behind that predictions can be at chance level. Frozen
    layers keep their statistics. Source: Wu & Johnson 2021, "Rethinking 'batch' in BatchNorm" (precise
    BatchNorm).

    Args:
        model: a classifier; its BatchNorm layers change.
        X: the training images, or the activations of the frozen layers, in any order.
        batch_size: images per batch.
        most: at most this many rows are used.
    """
    _estimate(model, [layer for layer in _norms(model) if layer.trainable], X, batch_size, most)


def adapt_batchnorm(model: keras.Model, X: np.ndarray, batch_size: int = 50) -> None:
    """Replace the statistics of all BatchNorm layers by those of target images: AdaBN, which needs no labels.

    All weights stay as they are, and each layer stays trainable or frozen. Source: Li et al. 2017,
    "Revisiting batch normalization for practical domain adaptation".

    Args:
        model: a backbone or classifier from pixels; its BatchNorm layers change.
        X: images of the target, uint8 (n, height, width, 3), in any order; at most MOST_IMAGES are used.
        batch_size: images per batch.

    Raises:
        TypeError: If X is not of integers.
        ValueError: If X is not such an array, or the model has no BatchNorm.

    Example:
        >>> from helpers.data.synthetic import streets
        >>> from helpers.networks.backbones import fresh
        >>> model = fresh(Backbone("shapes"))
        >>> adapt_batchnorm(model, streets(50, night=True)[0])
    """
    X, norms = check_images(X), _norms(model)
    if not norms:
        raise ValueError(
            f"{model.name!r} has no BatchNorm, so it has no statistics to adapt. Use batchnorm='keep'."
        )
    # Its weights can train in a frozen layer. Setting that of a layer sets those of its weights.
    trainable = [(part, part.trainable) for layer in norms for part in (layer, *layer.weights)]
    for layer in norms:
        layer.trainable = True  # a frozen layer would keep its statistics
    try:
        _estimate(model, norms, X, batch_size, MOST_IMAGES)
    finally:
        for part, before in trainable:
            part.trainable = before


def _norms(model):
    parts = [model, *(layer for layer in model.layers if isinstance(layer, keras.Model))]
    return [la for part in parts for la in part.layers if isinstance(la, keras.layers.BatchNormalization)]


def _estimate(model, norms, X, batch_size, most):
    """Give BatchNorm layers, which are trainable, the mean over batches of their statistics."""
    if not norms:
        return
    usual = [layer.momentum for layer in norms]
    order = np.random.default_rng(0).permutation(len(X))[:most]
    for number in range(max(1, len(order) // batch_size)):
        for layer in norms:
            layer.momentum = number / (number + 1)
        model(X[order[number * batch_size : (number + 1) * batch_size]].astype("float32"), training=True)
    for layer, momentum in zip(norms, usual, strict=True):
        layer.momentum = momentum
