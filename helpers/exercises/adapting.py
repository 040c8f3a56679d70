"""New statistics for layers in a row: check of exercise 09.3, with typical wrong functions."""

import functools
import itertools
from collections.abc import Callable

import numpy as np

from helpers.exercises.kinds import function

Layer = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
POSITIONS = (0, 1, 2)  # the axes of images, rows and columns


def _root(variance):
    return np.sqrt(variance + 0.001)


def adapted(
    x: np.ndarray,
    layers: list[Layer],
    share: float,
    axes: int | tuple[int, ...] = POSITIONS,
    ddof: int = 0,
    relu: bool = True,
    in_a_row: bool = True,
    of_deviations: bool = False,
    divisor: Callable[[np.ndarray], np.ndarray] = _root,
) -> np.ndarray:
    """Return the output of layers whose statistics are a mix of old and new ones (Li et al. 2017).

    Args:
        x: activations (images, rows, columns, channels).
        layers: weights (channels, new channels), then old mean, old variance, scale and offset per channel.
        share: of the new statistics, 0..1.
        axes: over which the new statistics are taken.
        ddof: 1 divides the squares by their number less one, which is wrong.
        relu: False leaves ReLU out, which is wrong.
        in_a_row: False takes new statistics behind layers with old ones, which is wrong.
        of_deviations: whether standard deviations are mixed instead of variances, which is wrong.
        divisor: from the variance to what a layer divides by.

    Example:
        >>> one, x = np.ones(1), np.array([1.0, 3.0]).reshape(2, 1, 1, 1)
        >>> adapted(x, [(one[None], 0 * one, one, one, one)], share=1).ravel().round(3)
        array([0., 2.])
    """
    source = x
    for weights, old_mean, old_variance, scale, offset in layers:
        z, z_source = x @ weights, source @ weights
        seen = z if in_a_row else z_source
        mean = seen.mean(axis=axes, keepdims=True)
        variance = seen.var(axis=axes, keepdims=True, ddof=ddof)
        mean = (1 - share) * old_mean + share * mean
        if of_deviations:
            variance = ((1 - share) * np.sqrt(old_variance) + share * np.sqrt(variance)) ** 2
        else:
            variance = (1 - share) * old_variance + share * variance
        x = scale * (z - mean) / divisor(variance) + offset
        x = np.maximum(x, 0) if relu else x
        source = np.maximum(scale * (z_source - old_mean) / divisor(old_variance) + offset, 0)
    return x


def _mixed_outputs(x, layers, share):
    return (1 - share) * adapted(x, layers, 0) + share * adapted(x, layers, 1)


def _mixed_layer_by_layer(x, layers, share):
    for layer in layers:
        x = _mixed_outputs(x, [layer], share)
    return x


def _other_way_round(x, layers, share):
    return adapted(x, layers, 1 - share)


def _without_share(x, layers, share):
    return adapted(x, layers, 1)


def _layer(rng, channels, new):
    weights, mean, offset = (
        rng.normal(0, 1, (channels, new)),
        rng.normal(0, 1, new),
        rng.normal(0.5, 0.5, new),
    )
    variance, scale = rng.uniform(0.5, 2, (2, new))
    return tuple(part.round(1) for part in (weights, mean, variance, scale, offset))


def _layers(seed, *channels):
    rng = np.random.default_rng(seed)
    return [_layer(rng, *pair) for pair in itertools.pairwise(channels)]


def _activations(seed, *shape):
    return np.random.default_rng(seed).normal(3, 2, shape)


MIXED = "You mix outputs. Mix the statistics: then one pass of the layer gives the output."
MISTAKES: dict[Callable, str] = {
    functools.partial(adapted, in_a_row=False): (
        "Your second layer gets statistics from a pass through the old first layer. But its input comes from "
        "the first layer with mixed statistics."
    ),
    _other_way_round: "share is that of the new statistics, not of the old ones.",
    _without_share: "You replace the old statistics. Mix them: share is the part of the new ones.",
    _mixed_outputs: MIXED,
    _mixed_layer_by_layer: MIXED,
    functools.partial(adapted, of_deviations=True): "Mix variances, not their square roots.",
    functools.partial(adapted, axes=(1, 2)): (
        "These are the statistics of each image. BatchNorm has one mean per channel, over all images and "
        "positions."
    ),
    functools.partial(adapted, axes=0): (
        "These are the statistics of each position. Average over rows and columns, too."
    ),
    functools.partial(adapted, axes=(0, 1, 2, 3)): (
        "These are the statistics of all channels together. Each channel has its own."
    ),
    functools.partial(
        adapted, ddof=1
    ): "BatchNorm divides by the number of squares: use np.var without ddof.",
    functools.partial(adapted, divisor=lambda v: v + 0.001): "Divide by the square root of the variance.",
    functools.partial(adapted, divisor=lambda v: np.sqrt(v) + 0.001): (
        "The 0.001 belongs to the variance, inside the square root."
    ),
    functools.partial(adapted, relu=False): "ReLU is missing: each layer ends with it.",
}
CASES = [
    (_activations(0, 4, 2, 2, 2), _layers(0, 2, 2, 2), 1.0),
    (_activations(1, 5, 3, 2, 2), _layers(1, 2, 3, 2), 0.25),
    (_activations(2, 3, 2, 3, 1), _layers(2, 1, 2), 0.5),
    (_activations(3, 4, 2, 2, 2), _layers(3, 2, 2, 2, 2), 0.75),
]
in_a_row = function([(case, adapted(*case)) for case in CASES], "adabn", MISTAKES)
