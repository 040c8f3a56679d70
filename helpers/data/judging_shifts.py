"""Shifts that judge the rule of `helpers.findings.what_to_tune`.

Its first version was written without the results of `FIRST_SHIFTS`, and changed after them. The second
version was written without those of `EXAM_SHIFTS`.
"""

import numpy as np

from helpers.data.shifts import Shift, colour_cast, exchanged, night
from helpers.data.validation import check_images


def fog(X: np.ndarray, thickness: float = 0.85) -> np.ndarray:
    """Mix images with light grey, as fog does.

    Args:
        X: uint8 (n, height, width, 3).
        thickness: share of the grey, 0..1.

    Returns:
        uint8 images of the same shape.

    Example:
        >>> fog(np.zeros((1, 1, 1, 3), "uint8")).ravel().tolist()
        [178, 178, 178]
    """
    mixed = (1 - thickness) * check_images(X).astype(np.float32) + thickness * 210
    return mixed.round().astype(np.uint8)


def pixelated(X: np.ndarray, side: int = 4) -> np.ndarray:
    """Replace each square of pixels by its mean colour, as a camera with few pixels does.

    Args:
        X: uint8 (n, height, width, 3); height and width are multiples of the side.
        side: of a square, in pixels.

    Returns:
        uint8 images of the same shape.

    Raises:
        ValueError: the squares do not fill the image.

    Example:
        >>> pixelated(np.arange(16, dtype="uint8").reshape(1, 4, 4, 1).repeat(3, 3))[0, 0, 0].tolist()
        [8, 8, 8]
    """
    n, height, width, channels = check_images(X).shape
    if height % side or width % side:
        raise ValueError(f"height and width must be multiples of {side}. Received: {height} and {width}.")
    squares = X.reshape(n, height // side, side, width // side, side, channels).mean((2, 4))
    return squares.round().astype(np.uint8).repeat(side, axis=1).repeat(side, axis=2)


def in_threes(y: np.ndarray) -> np.ndarray:
    """Join three classes each, in alphabetical order; the last one of ten stays alone.

    Args:
        y: class names, str (n,).

    Returns:
        Names of the new classes, str (n,).

    Example:
        >>> in_threes(np.array(["arrow", "circle", "crescent", "cross"])).tolist()
        ['group 1', 'group 1', 'group 1', 'group 2']
    """
    return np.array([f"group {1 + place // 3}" for place in np.unique(y, return_inverse=True)[1]])


def passed_on(y: np.ndarray, first: int | None = None) -> np.ndarray:
    """Give each class the name of the next one in alphabetical order, and the last one that of the first.

    Args:
        y: class names, str (n,).
        first: so many classes, the first ones, pass on their names, and the others keep theirs; None for all.

    Returns:
        Class names, str (n,).

    Example:
        >>> passed_on(np.array(["arrow", "circle", "cross"])).tolist()
        ['circle', 'cross', 'arrow']
    """
    names, which = np.unique(y, return_inverse=True)
    names[:first] = np.roll(names[:first], -1)
    return names[which]


def grey(X: np.ndarray) -> np.ndarray:
    """Replace each colour by the mean of its channels.

    Args:
        X: uint8 (n, height, width, 3).

    Returns:
        uint8 images of the same shape.

    Example:
        >>> grey(np.array([[[[0, 90, 30]]]], "uint8")).ravel().tolist()
        [40, 40, 40]
    """
    return check_images(X).mean(axis=-1, keepdims=True).round().astype(np.uint8).repeat(3, axis=-1)


def stretched(X: np.ndarray, factor: float = 1.5) -> np.ndarray:
    """Stretch images sideways from the middle, by the nearest pixel; what leaves the image is lost.

    Args:
        X: uint8 (n, height, width, 3).
        factor: above 1.

    Returns:
        uint8 images of the same shape.

    Example:
        >>> stretched(np.arange(6, dtype="uint8").reshape(1, 1, 6, 1).repeat(3, 3))[0, 0, :, 0].tolist()
        [1, 2, 2, 3, 4, 4]
    """
    width = check_images(X).shape[2]
    middle = (width - 1) / 2
    return X[:, :, (middle + (np.arange(width) - middle) / factor).round().astype(int)]


def in_halves(y: np.ndarray) -> np.ndarray:
    """Join the first and the second half of the classes, in alphabetical order.

    Args:
        y: class names, str (n,).

    Returns:
        Names of the two new classes, str (n,).

    Example:
        >>> in_halves(np.array(["arrow", "circle", "crescent", "cross"])).tolist()
        ['half 1', 'half 1', 'half 2', 'half 2']
    """
    names, which = np.unique(y, return_inverse=True)
    return np.array([f"half {1 + 2 * place // len(names)}" for place in which])


FIRST_SHIFTS = {
    "fog": Shift("input", images=lambda X, seed: fog(X)),
    "pixelated": Shift("input", images=lambda X, seed: pixelated(X)),
    "upside down": Shift("feature", images=lambda X, seed: X[:, ::-1, ::-1].copy()),
    "in threes": Shift("label", labels=in_threes),
    "passed on": Shift("conditional", labels=passed_on),
    "exchanged by night": Shift("input and conditional", images=night, labels=exchanged),
}
EXAM_SHIFTS = {
    "grey": Shift("input", images=lambda X, seed: grey(X)),
    "stretched": Shift("feature", images=lambda X, seed: stretched(X)),
    "in halves": Shift("label", labels=in_halves),
    "three passed on": Shift("conditional", labels=lambda y: passed_on(y, first=3)),
    "passed on in warm light": Shift(
        "input and conditional", images=lambda X, seed: colour_cast(X), labels=passed_on
    ),
    "unchanged": Shift("none"),
}
JUDGING_SHIFTS = FIRST_SHIFTS | EXAM_SHIFTS
