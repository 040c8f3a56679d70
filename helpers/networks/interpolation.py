"""Networks between networks: weights on the line between two of them, and averages of several.

Both need networks that were fine-tuned from the same one. Two networks from different random weights order
their channels differently, so that an average of their weights means nothing.
"""

import math
import numbers
from collections.abc import Sequence

import numpy as np

Weights = Sequence[np.ndarray]  # as `model.get_weights` returns them


def between(one: Weights, other: Weights, share: float) -> list[np.ndarray]:
    """Return weights on the line from one network to another (WiSE-FT).

    The statistics of BatchNorm are averaged as well. That is right if both networks have the same ones;
    otherwise compute them anew for the new weights (`helpers.networks.batchnorm.recompute_batchnorm`).
    Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".

    Args:
        one: weights of the network at share 0, such as a pre-trained one with a probe as its head.
        other: those of the network at share 1, fine-tuned from it.
        share: usually 0..1; values beyond continue the line.

    Returns:
        Arrays for `set_weights`.

    Raises:
        ValueError: the networks have weights of different shapes, or the share is not a finite number.

    Example:
        >>> between([np.array([0.0, 4.0])], [np.array([1.0, 0.0])], 0.25)
        [array([0.25, 3.  ])]
    """
    if not (isinstance(share, numbers.Real) and math.isfinite(share)):
        raise ValueError(f"share must be a finite number, usually 0..1. Received: {share!r}")
    return _weighted([one, other], [1 - share, share])


def soup(networks: Sequence[Weights]) -> list[np.ndarray]:
    """Return the mean weights of several networks that were fine-tuned from the same one.

    Source: Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
    accuracy without increasing inference time".

    Args:
        networks: weights of at least one. For BatchNorm, see `between`.

    Returns:
        Arrays for `set_weights`.

    Raises:
        ValueError: there are no networks, or they have weights of different shapes.

    Example:
        >>> soup([[np.array([0.0, 3.0])], [np.array([1.0, 0.0])], [np.array([2.0, 0.0])]])
        [array([1., 1.])]
    """
    if not networks:
        raise ValueError("A soup needs at least one network. Received: none.")
    return _weighted(networks, [1 / len(networks)] * len(networks))


def _weighted(networks, shares):
    shapes = [[np.shape(weight) for weight in weights] for weights in networks]
    if any(others != shapes[0] for others in shapes):
        counts = ", ".join(f"{sum(map(np.size, weights)):,}" for weights in networks)
        raise ValueError(
            "The networks must have weights of the same shapes, as a network and its fine-tuned copy have. "
            f"Received: networks of {counts} weights."
        )
    pairs = zip(*networks, strict=True)
    return [np.tensordot(shares, each, axes=1).astype(each[0].dtype) for each in pairs]
