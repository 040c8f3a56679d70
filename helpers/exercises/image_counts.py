"""How many test images distinguish two models: check of exercise 08.4, with typical wrong functions."""

import functools
import math
from collections.abc import Callable

from helpers.exercises.kinds import function


def _of_differences(p, q, share):
    return share - (p - q) ** 2


def _of_both(p, q):
    return p * (1 - p) + q * (1 - q)


def needed(
    p: float,
    q: float,
    share: float | None,
    paired: Callable[[float, float, float], float] = _of_differences,
    unpaired: Callable[[float, float], float] = _of_both,
    whole: Callable[[float], float] = math.ceil,
    factor: float = 1.96,
    power: int = 2,
) -> float:
    """Return for how many test images the interval of a difference of accuracies does not include zero.

    Args:
        p: accuracy of the first model.
        q: accuracy of the second model.
        share: of the images on which exactly one of the two is right; None if each model has test images of
            its own.
        paired: the variance of the difference for the same images.
        unpaired: the variance of the difference for images of their own.
        whole: rounds the number of images.
        factor: half the width of a 95 % interval, in standard errors.
        power: 1 forgets a square, which is wrong.

    Example:
        >>> needed(0.9, 0.8, 0.12), needed(0.9, 0.8, None)
        (43, 97)
    """
    variance = unpaired(p, q) if share is None else paired(p, q, share)
    return whole((factor * math.sqrt(variance) / abs(p - q)) ** power)


ROUND_UP = "With fewer images, the interval includes zero: round up to a whole number."
SAME_IMAGES = (
    "You use no share where the images are the same. An image on which both models are right says nothing "
    "about which one is better."
)
MISTAKES: dict[Callable, str] = {
    functools.partial(needed, paired=lambda p, q, share: share): (
        "The share is the mean of the squared differences. A variance also subtracts a square."
    ),
    functools.partial(needed, paired=lambda p, q, share: share * (1 - share)): (
        "That is the variance of a score that is 0 or 1. A difference can be -1, too."
    ),
    functools.partial(needed, paired=lambda p, q, share: _of_both(p, q)): SAME_IMAGES,
    functools.partial(needed, paired=lambda p, q, share: share * _of_both(p, q)): (
        "For the same images, the variance is that of the differences: the mean of the squares minus the "
        "square of the mean."
    ),
    functools.partial(needed, unpaired=lambda p, q: _of_both(p, q) / 2): (
        "Without a share, the two variances add up. You take their mean."
    ),
    functools.partial(needed, unpaired=lambda p, q: p * (1 - p)): (
        "Without a share, the scores of both models vary: add the second variance."
    ),
    functools.partial(needed, unpaired=lambda p, q: abs(p * (1 - p) - q * (1 - q))): (
        "The variances of independent scores add up, also for a difference of the scores."
    ),
    functools.partial(needed, whole=round): ROUND_UP,
    functools.partial(needed, whole=math.floor): ROUND_UP,
    functools.partial(needed, whole=float): "There are only whole images: round up.",
    functools.partial(needed, factor=1): "The factor 1.96 is missing.",
    functools.partial(needed, factor=2): "Use 1.96, not 2.",
    functools.partial(needed, power=1): "That is the root of n. Square it before you round.",
}
CASES = [(0.9, 0.92, 0.06), (0.7, 0.6, 0.3), (0.8, 0.75, 0.07), (0.9, 0.92, None), (0.5, 0.6, None)]
distinguish = function([(case, needed(*case)) for case in CASES], "images_needed", MISTAKES)
