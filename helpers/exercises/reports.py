"""Four stored reports of exercise 00.2: whose author has paired the columns with sorted names?"""

from typing import NamedTuple

import numpy as np

from helpers.exercises.kinds import choice

_AS_REPORTED = "Its number is that of your function, so its author has paired columns and names correctly."


class Report(NamedTuple):
    """What the author of a result has stored.

    Args:
        scores: one row per image, one column per class (n, classes).
        classes: the name of each column.
        truth: the name of each image's class (n,).
        reported: the accuracy that the author has computed.

    Example:
        >>> reports()["A"].classes
        ['ant', 'bee', 'cow', 'fox']
    """

    scores: np.ndarray
    classes: list[str]
    truth: np.ndarray
    reported: float


def named(scores: np.ndarray, classes: list[str]) -> np.ndarray:
    """Return for each image the name of the class with the highest score (n,)."""
    return np.array(classes)[scores.argmax(axis=1)]


def accuracy(scores: np.ndarray, classes: list[str], truth: np.ndarray) -> float:
    """Return the fraction of images whose highest score is that of their class."""
    return float(np.mean(named(scores, classes) == truth))


def reports() -> dict[str, Report]:
    """Return the four reports by letter. B gives the fraction of mistakes, and C has sorted the names."""
    rng = np.random.default_rng(0)
    found = {}
    for letter, names in (("A", "ant bee cow fox"), ("B", "bee fox cow ant"), ("C", "fox bee ant cow")):
        found[letter] = _report(rng, names.split())
    found["D"] = _report(rng, ["cow", "bee", "fox", "ant"])
    b, c = found["B"], found["C"]
    found["B"] = b._replace(reported=round(1 - b.reported, 3))
    found["C"] = c._replace(reported=accuracy(c.scores, sorted(c.classes), c.truth))
    return found


def _report(rng, classes):
    places = rng.integers(0, len(classes), 40)
    scores = (rng.normal(size=(40, len(classes))) + 1.5 * np.eye(len(classes))[places]).round(2)
    truth = np.array(classes)[places]
    return Report(scores, classes, truth, accuracy(scores, classes, truth))


which_is_mistaken = choice(
    "C",
    {
        "?": "Now set `mistaken` to the letter of a report.",
        "A": _AS_REPORTED,
        "B": (
            "Its number is not that of your function. But is it the one that sorted names would give? "
            "Compute it, and think of another mistake that this author may have made."
        ),
        "D": _AS_REPORTED,
    },
)
