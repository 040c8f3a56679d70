"""Check of exercise 08.5: cover what a map calls important, and see how far the score falls."""

import functools
from collections.abc import Callable

import numpy as np

from helpers.exercises.attempts import Failed, attempt
from helpers.exercises.kinds import Check, function

Score = Callable[[np.ndarray], float]


def fall(
    score: Score,
    image: np.ndarray,
    heat: np.ndarray,
    share: float,
    colour: float | np.ndarray | None = None,
    hottest: bool = True,
) -> float:
    """Return by how much a score falls if the hottest positions of an image are covered.

    Args:
        score: from an image to a number.
        image: (height, width, channels).
        heat: (height, width).
        share: of the positions.
        colour: of the cover; None for the mean colour of the image.
        hottest: False covers the coldest positions, which is wrong.

    Example:
        >>> image = np.array([[[8.0], [0.0]]])
        >>> fall(lambda x: float(x[0, 0, 0]), image, np.array([[1, 0]]), 0.5)
        4.0
    """
    order = np.argsort(heat, axis=None)[:: -1 if hottest else 1][: round(share * heat.size)]
    covered = image.copy().reshape(-1, image.shape[-1])
    covered[order] = image.mean(axis=(0, 1)) if colour is None else colour
    return score(image) - score(covered.reshape(image.shape))


def _left(image):
    """A score that depends on the left half only."""
    return float(image[:, :2].sum() / 10)


def _red(image):
    return float(image[1, 1, 0])


IMAGE = 47 - np.arange(48.0).reshape(4, 4, 3)  # the score falls if its part is covered
ACROSS, DOWN = np.arange(16.0).reshape(4, 4) % 4 + np.arange(16).reshape(4, 4) / 100, np.arange(16.0)
TRIES = [(_left, IMAGE, -ACROSS, 0.5), (_left, IMAGE, ACROSS, 0.25), (_red, IMAGE, DOWN.reshape(4, 4), 0.75)]


def _whole_mean(score, image, heat, share):
    return fall(score, image, heat, share, colour=image.mean())


RIGHT_VALUES: Check = function(
    [(arguments, fall(*arguments)) for arguments in TRIES],
    "fall",
    {
        functools.partial(fall, hottest=False): "You cover the coldest positions.",
        functools.partial(fall, colour=0): (
            "Black is a strong pattern itself: cover with the mean colour of the image."
        ),
        lambda *given: -fall(*given): "The sign is reversed: score before minus score after.",
        lambda score, image, heat, share: score(image) - fall(score, image, heat, share): (
            "That is the score of the covered image. How far has it fallen?"
        ),
        lambda *given: 0: (
            "The score does not fall at all. Do you compute both scores from the same array, because it was "
            "covered in place?"
        ),
        _whole_mean: "Each channel has a mean of its own: average over rows and columns only.",
    },
)


def falling(answer: object) -> str | None:
    """Check `fall(score, image, heat, share)`: what it returns, and that the image stays as it is."""
    if problem := RIGHT_VALUES(answer):
        return problem
    score, image, heat, share = TRIES[0]
    given, map_given = image.copy(), heat.copy()
    try:
        attempt(answer, score, given, map_given, share)  # type: ignore[arg-type]
    except Failed as failure:
        return f"fall(score, image, heat, share) {failure}."
    if not (np.array_equal(given, image) and np.array_equal(map_given, heat)):
        return (
            "The number is right, but afterwards the image or the map is another one: the next map would be "
            "tried on a covered image. Work on a copy."
        )
    return None
