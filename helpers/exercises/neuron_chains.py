"""A chain of sigmoid neurons through which the error arrives: exercise 01.1."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.networks.gradients import ACTIVATIONS, chain

NEURONS, LARGEST_WEIGHT = 10, 4.0
LEAST = 0.2  # of the error arrives at the first bias
STEEP = 0.22  # the slope of a neuron that is not the problem; the largest slope is 0.25


def arriving(weights: Sequence[float], biases: Sequence[float], x: float) -> float:
    """Return which fraction of the error at the output arrives at the first bias.

    Example:
        >>> arriving([1, 4], [0, -2], x=0)
        0.25
    """
    return math.prod([*chain(weights, biases, x, target=0).values()][:-1])


def arrives(answer: object) -> str | None:
    """Check weights, biases and an input with which at least `LEAST` of the error arrives."""
    if not isinstance(answer, dict) or answer.keys() != {"weights", "biases", "x"}:
        return f'Give a dict with the keys "weights", "biases" and "x". Received: {shown(answer)}.'
    try:
        x, weights, biases = (attempt(_numbers, answer[key]) for key in ("x", "weights", "biases"))
    except Failed as failure:
        return f"Give numbers: ten weights and ten biases in lists, and one number x. This answer {failure}."
    if not len(weights) == len(biases) == NEURONS or len(x) != 1:
        return (
            f"Give {NEURONS} weights, {NEURONS} biases and one number x. Received: {len(weights)} weights, "
            f"{len(biases)} biases."
        )
    if not all(map(math.isfinite, (*x, *weights, *biases))):
        return "All weights, all biases and x must be finite numbers."
    if max(map(abs, weights)) > LARGEST_WEIGHT:
        return f"A weight may be at most {LARGEST_WEIGHT:g} and at least {-LARGEST_WEIGHT:g}."
    return _loss(weights, biases, x[0])


def _numbers(given):
    if np.size(given) > NEURONS + 1:
        raise ValueError("too many numbers")
    return [float(number) for number in np.ravel(given)]


def _loss(weights, biases, x):
    """Return which neuron loses most of the error, or None if enough of it arrives."""
    if abs(share := arriving(weights, biases, x)) >= LEAST:
        return None
    sigmoid, slope = ACTIVATIONS["sigmoid"]
    z, a = [], x
    for w, b in zip(weights, biases, strict=True):
        z.append(w * a + b)
        a = float(sigmoid(z[-1]))
    slopes = [float(slope(v)) for v in z]
    found = f"A fraction of {share:.1g} arrives."
    flat = min(range(NEURONS), key=slopes.__getitem__)
    if slopes[flat] < STEEP:
        return (
            f"{found} Neuron {flat + 1} has z = {z[flat]:.2f}, and there a slope of {slopes[flat]:.2g}. At "
            "which z is the sigmoid steepest? The bias can move z there."
        )
    weak = min(range(1, NEURONS), key=lambda k: abs(weights[k]))
    return (
        f"{found} All slopes are near the largest one. Neuron {weak + 1} multiplies the error by its slope "
        f"of {slopes[weak]:.2g} and by its weight of {weights[weak]:g}. Which weight makes up for the slope?"
    )


def kept_steep(answer: Mapping) -> str:
    """Return what a correct answer of exercise 01.1 has found."""
    weights, biases, x = answer["weights"], answer["biases"], float(np.ravel(answer["x"])[0])
    without = arriving(np.ravel(weights).tolist(), [0.0] * NEURONS, x)
    share = arriving(np.ravel(weights).tolist(), np.ravel(biases).tolist(), x)
    return (
        f"A fraction of {share:.2f} arrives; with your weights and biases of 0, it is {without:.0e}. Large "
        "weights alone drive z to where the sigmoid is flat. And nothing keeps z near 0 in every layer while "
        "a network trains. So the field changed the activation: ReLU has slope 1 for every positive z."
    )
