"""Decisions for exercise 08.7: the cheapest answer to each image, typical wrong ones, and cases."""

from collections.abc import Callable

import numpy as np


def decide(
    p: np.ndarray,
    costs: np.ndarray,
    asking: float,
    transposed: bool = False,
    most_likely: bool = False,
    asks: bool = True,
    dearer: Callable = np.greater,
) -> np.ndarray:
    """Return the index of the cheapest answer to each image, or -1 where asking is cheaper (Chow 1970).

    Args:
        p: probabilities (images, classes).
        costs: (true classes, answers).
        asking: the cost of asking a person.
        transposed: whether rows and columns of the costs are exchanged, which is wrong.
        most_likely: whether the most likely class is the answer, which is wrong.
        asks: False never asks, which is wrong.
        dearer: compares the lowest expected cost with the cost of asking.

    Example:
        >>> decide(np.array([[0.9, 0.1]]), np.array([[0, 1], [10, 0]]), asking=2).tolist()
        [1]
    """
    expected = np.asarray(p) @ (np.transpose(costs) if transposed else np.asarray(costs))
    answers = np.argmax(p, axis=1) if most_likely else expected.argmin(axis=1)
    cheapest = expected[np.arange(len(expected)), answers]
    return np.where(dearer(cheapest, asking), -1, answers) if asks else answers


_LEAVES = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.98, 0.02]])  # healthy, rust
_EXACT = np.array([[0.75, 0.25], [0.5, 0.5]])  # these costs are exact: 0.5 and 0.5
_SYMMETRIC, _RUST_IS_DEAR = np.array([[0, 1], [1, 0]]), np.array([[0, 1], [10, 0]])
_MOSSES = np.array([[0.5, 0.3, 0.2], [0.1, 0.15, 0.75]])
CASES = [
    (_LEAVES, _RUST_IS_DEAR, 2),
    (_LEAVES, _RUST_IS_DEAR, 0.5),
    (_LEAVES, _SYMMETRIC, 0.3),
    (_EXACT, np.array([[0, 1], [2, 0]]), 0.5),
    (_MOSSES, np.array([[0, 1, 1], [4, 0, 1], [2, 1, 0]]), 0.75),
]
