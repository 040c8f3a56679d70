"""Random choices of images, class by class: splits, and a number of images per class."""

import math
from collections.abc import Sequence

import numpy as np

from helpers.data.validation import check_integer, check_labels


def check_fractions(fractions: Sequence[float]) -> Sequence[float]:
    """Return the shares of training, validation and test as three floats.

    Raises:
        ValueError: If they are not three numbers that sum to 1, the first above 0 and none negative.
    """
    try:
        numbers = tuple(map(float, fractions))
    except (TypeError, ValueError):  # a single number, or text
        numbers = ()
    if len(numbers) != 3 or not min(numbers) >= 0 or not numbers[0] > 0 or not math.isclose(sum(numbers), 1):
        raise ValueError(
            "fractions must be three numbers (train, validation, test) that sum to 1, with train above 0 "
            f"and none negative. Received: {fractions!r}"
        )
    return numbers


def split(
    X: np.ndarray, y: np.ndarray, fractions: Sequence[float] = (0.6, 0.2, 0.2), seed: int = 0
) -> tuple[np.ndarray, ...]:
    """Split images at random, class by class, into training, validation and test.

    Each class has at least one image in every split whose fraction is above 0.

    Args:
        X: images or features, n rows.
        y: labels (n,).
        fractions: shares of the three splits; they sum to 1.
        seed: random seed.

    Returns:
        Three shuffled index arrays, int64. They are disjoint and together cover all rows.

    Raises:
        ValueError: If fractions or labels are invalid, or a class has fewer than 3 images.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=10)
        >>> train, validation, test = split(data.X_train, data.y_train, (0.8, 0.1, 0.1))
        >>> len(train), len(validation), len(test)
        (16, 2, 2)
    """
    fractions, y = check_fractions(fractions), check_labels(X, y)
    rng = np.random.default_rng(seed)
    parts: tuple[list, list, list] = ([], [], [])
    for name, n in zip(*np.unique(y, return_counts=True), strict=True):
        if n < 3:
            raise ValueError(
                f"Class {str(name)!r} must have at least 3 images to be split. Received: {n}. Add images "
                "or remove the class."
            )
        held = [max(1, round(f * n)) if f > 0 else 0 for f in fractions[1:]]
        while sum(held) >= n:  # rounding must leave one for train
            held[int(np.argmax(held))] -= 1
        members = rng.permutation(np.flatnonzero(y == name))
        for part, piece in zip(parts, np.split(members, [n - sum(held), n - held[1]]), strict=True):
            part.append(piece)
    return tuple(rng.permutation(np.concatenate(part)) for part in parts)


def n_per_class(X: np.ndarray, y: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Choose n images per class at random.

    For one seed, the choices are nested: the 5 images of n=5 are among the 20 of n=20.

    Args:
        X: images, n rows.
        y: labels (n,).
        n: images per class.
        seed: random seed.

    Returns:
        The chosen images and their labels, in the order of X.

    Raises:
        ValueError: If n is not an integer of at least 1, or a class has fewer than n images.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=50)
        >>> X, y = n_per_class(data.X_train, data.y_train, 5)
        >>> X.shape
        (10, 32, 32, 3)
    """
    n, X, y, chosen = check_integer("n", n, 1), np.asarray(X), check_labels(X, y), []
    for k, (name, count) in enumerate(zip(*np.unique(y, return_counts=True), strict=True)):
        if count < n:
            raise ValueError(
                f"n must be at most the number of images per class. Received: n={n}, but class "
                f"{str(name)!r} has {count} images. Choose a smaller n or add images to this class."
            )
        chosen.append(np.random.default_rng([seed, k]).permutation(np.flatnonzero(y == name))[:n])
    index = np.sort(np.concatenate(chosen))
    return X[index], y[index]
