"""Compare the answers of two models image by image."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Disagreement(NamedTuple):
    """Where two models give different answers.

    Attributes:
        places: positions of the images, int (n,): first those where exactly one model is right.
        first: number of them where only the first model is right.
        second: where only the second one is right.
        neither: where both are wrong, in different ways.
        images: number of all images.

    Example:
        >>> print(disagreement(["a", "b"], ["a", "b"], ["a", "a"]).in_words("one", "other"))
        Different answers for 1 of 2 images. Only one is right: 1; only other is right: 0; neither: 0.
    """

    places: np.ndarray
    first: int
    second: int
    neither: int
    images: int

    def in_words(self, one: str, other: str) -> str:
        """Return the counts as a sentence, with the names of the two models."""
        if not len(self.places):
            return f"{one} and {other} give the same answer for all {self.images} images."
        return (
            f"Different answers for {len(self.places)} of {self.images} images. Only {one} is right: "
            f"{self.first}; only {other} is right: {self.second}; neither: {self.neither}."
        )


def disagreement(truth: ArrayLike, one: ArrayLike, other: ArrayLike) -> Disagreement:
    """Find the images for which two models give different answers.

    Args:
        truth: labels (n,).
        one: answers of the first model (n,).
        other: answers of the second model (n,).

    Raises:
        ValueError: the three differ in length.
    """
    right, a, b = (np.asarray(labels) for labels in (truth, one, other))
    if not right.shape == a.shape == b.shape:
        raise ValueError(
            "truth and the answers must be of the same images. Received: shapes "
            f"{right.shape}, {a.shape} and {b.shape}."
        )
    differ = a != b
    first, second = differ & (a == right), differ & (b == right)
    neither = differ & ~first & ~second
    places = np.concatenate([np.flatnonzero(first | second), np.flatnonzero(neither)])
    return Disagreement(places, int(first.sum()), int(second.sum()), int(neither.sum()), len(right))
