"""The rank that a change of weights needs, and how one step changes a head: exercise 09.4."""

import functools

import numpy as np

from helpers.exercises.kinds import cases, function, number, one_after_the_other

CLASSES, PER_CLASS = 10, 5


@functools.cache
def _features():
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone
    from helpers.networks.features import CNNCodes

    data = builtin("new_shapes", PER_CLASS, 0, 0)
    order = np.random.default_rng(0).permutation(len(data.y_train))
    codes = CNNCodes(Backbone("shapes")).fit_transform(data.X_train)[order].astype(float)
    return codes, np.searchsorted(data.classes, data.y_train[order])


def head_change(images: int) -> np.ndarray:
    """Return how one step of gradient descent changes the kernel of a new head on the shapes network.

    Args:
        images: number of images in the batch, at most 50; they show ten classes.

    Returns:
        The change of the kernel, float (features, classes).
    """
    X, y = (part[:images] for part in _features())
    scores = X @ np.random.default_rng(1).normal(0, 0.1, (X.shape[1], CLASSES))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    errors = p / p.sum(axis=1, keepdims=True) - np.eye(CLASSES)[y]
    return -0.1 * X.T @ errors / images


def rank_needed(change: np.ndarray, share: float, power: int = 2, more: int = 1) -> int:
    """Return the smallest rank that keeps a share of the squared length of a matrix.

    Args:
        change: the matrix.
        share: from 0 to 1.
        power: of the singular values; 1 is wrong.
        more: 0 is one rank too few.

    Example:
        >>> rank_needed(np.diag([3, 2, 1]), 0.9)
        2
    """
    kept = np.cumsum(np.linalg.svd(change, compute_uv=False) ** power)
    return int(np.argmax(kept >= share * kept[-1])) + more


_NOISE = np.random.default_rng(0).normal(size=(12, 8))
TRIES = [
    (np.diag([3.0, 2.0, 1.0]), 0.6),
    (np.diag([3.0, 2.0, 1.0]), 0.95),
    (_NOISE, 0.9),
    (_NOISE.T, 0.5),
    (np.outer(_NOISE[:, 0], _NOISE[0]) * 20 + _NOISE, 0.9),
]

CHECK = one_after_the_other(
    function(
        [(given, rank_needed(*given)) for given in TRIES],
        name="rank_needed",
        mistakes={
            lambda change, share: rank_needed(change, share, power=1): (
                "The squared length is a sum of squares: square the singular values."
            ),
            lambda change, share: rank_needed(change, share, more=0): (
                "That is the index of the last singular value that is needed. An index begins with 0."
            ),
            lambda change, share: rank_needed(change, 1 - share): "That rank loses the share. Keep it.",
            lambda change, share: int(np.linalg.matrix_rank(change)): (
                "That is the rank of the whole matrix. A smaller one may keep the share."
            ),
        },
    ),
    cases(
        {
            1: number(1, mistakes={10: "Ten columns change, but are they multiples of one column?"}),
            3: number(
                3, mistakes={10: "The change is a sum over the images. Which rank has one of its terms?"}
            ),
            50: number(
                9, mistakes={10: "Is a column the sum of others? Add up the ten columns of the change."}
            ),
        }
    ),
    "rank_needed, and a dict of three ranks",
)
