"""Images for exercise 07.2, prepared for VGG16 rightly and wrongly, and typical wrong diagnoses."""

import numpy as np

MEANS = np.array([103.939, 116.779, 123.68])  # of blue, green and red
RIGHT, RGB, SCALED, TWICE = "right", "not reversed", "scaled before", "prepared twice"
# The brightest red, green and blue of an image.
COLOURS = {"red": (250, 60, 20), "blue": (10, 90, 240), "dark": (8, 6, 7), "bright": (255, 255, 255)}


def _prepared(image):
    return image[..., ::-1] - MEANS


WAYS = {
    RIGHT: _prepared,
    RGB: lambda image: image - MEANS[::-1],
    SCALED: lambda image: _prepared(image / 255),
    TWICE: lambda image: _prepared(_prepared(image)),
}


def samples(image: np.ndarray) -> dict[str, np.ndarray]:
    """Return an image as VGG16 expects it, and with three mistakes.

    Args:
        image: RGB, 0..255, of shape (height, width, 3). Its copies get a black and a white pixel.

    Returns:
        The names of the four ways, each with the prepared image.

    Example:
        >>> found = samples(np.zeros((2, 2, 3)))
        >>> list(found)
        ['right', 'not reversed', 'scaled before', 'prepared twice']
        >>> found["right"].min(axis=(0, 1))
        array([-103.939, -116.779, -123.68 ])
    """
    image = np.array(image, float)
    image[0, 0], image[-1, -1] = 0, 255
    return {name: way(image) for name, way in WAYS.items()}


def tries() -> list[tuple[tuple[np.ndarray], str]]:
    """Return prepared images of other colours, each with the name of what was done to it."""
    rng = np.random.default_rng(7)
    return [
        ((array,), name)
        for top in COLOURS.values()
        for name, array in samples(rng.integers(0, top, (6, 8, 3), endpoint=True)).items()
    ]


def reddish(array: np.ndarray) -> str:
    """Tell the order from the colour of the image, which is wrong."""
    found = correct(array)
    if found not in (RIGHT, RGB):
        return found
    first, _, last = array.mean(axis=(0, 1))
    return RIGHT if last >= first else RGB


def bright(array: np.ndarray) -> str:
    """Tell a second preparation from a low mean, which dark images have, too."""
    found = correct(array)
    if found not in (RIGHT, TWICE):
        return found
    return TWICE if array.mean() < -100 else RIGHT


def below_one(array: np.ndarray) -> str:
    """Expect scaled pixels between 0 and 1, although the means have been subtracted since."""
    if array.min() >= 0 and array.max() <= 1:
        return SCALED
    found = correct(array)
    return RIGHT if found == SCALED else found


def correct(array: np.ndarray) -> str:
    """Tell what was done from the lowest and the highest value of each channel."""
    low, high = array.min(axis=(0, 1)), array.max(axis=(0, 1))
    if (high - low).max() <= 1:
        return SCALED
    if low.min() < -MEANS.max() - 1:
        return TWICE
    return RGB if low[0] < low[2] else RIGHT


MISTAKES = {
    reddish: (
        "You tell the order of the channels from the colour of the image, and a blue image deceives you. "
        "Which value can each channel not fall below?"
    ),
    bright: "A dark image has a low mean, too. Look at the ends of the range, not at the mean.",
    below_one: "The means were subtracted after the scaling. How wide is the range of a channel then?",
}
