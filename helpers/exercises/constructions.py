"""Examples that students construct, or judge: the second parts of exercises 00.3, 02.1, 02.2 and 08.3."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.kinds import several
from helpers.studies.engine.statistics import interval, standard_error

SEEDS = 5
IMAGES = 100
SECONDS = {"linear probe": 2, "SVM on an earlier layer": 9, "fine-tuning": 70}

useful = several(
    {"B", "C"},
    {
        "A": "How often is the answer healthy right on its test labels?",
        "B": "How often is one answer right if ten classes are equally frequent?",
        "C": "Which class would the baseline answer, after these training labels?",
    },
)


def _numbers(runs):
    return [np.array([float(x) for x in values]) for values in runs]


def overlapping(runs: Any) -> str | None:
    """Check runs of two methods whose intervals overlap, while that of the difference excludes zero."""
    five = f"Give two lists of {SEEDS} accuracies from 0 to 1."
    try:
        probe, scratch = attempt(_numbers, runs)
    except (Failed, ValueError, TypeError):
        return five
    if any(
        values.shape != (SEEDS,) or not np.all((values >= 0) & (values <= 1)) for values in (probe, scratch)
    ):
        return five
    (first, half), (second, other), (gain, narrow) = map(interval, (probe, scratch, probe - scratch))
    apart = abs(gain) > narrow
    if apart and abs(first - second) <= half + other:
        return None
    if not apart:
        return (
            f"The gain is {gain:.3f} ± {narrow:.3f}, so its interval contains zero. What makes the "
            "differences alike, although the accuracies are not?"
        )
    return (
        f"The intervals {first:.3f} ± {half:.3f} and {second:.3f} ± {other:.3f} do not overlap. From seed to "
        "seed, let both methods rise and fall together by more than they differ."
    )


def together(answer: tuple) -> str:
    """Return what a correct answer of exercise 02.1 has found."""
    probe, scratch = _numbers(answer[1])
    (first, half), (second, other), (gain, narrow) = map(interval, (probe, scratch, probe - scratch))
    return (
        f"Your methods have {first:.2f} ± {half:.2f} and {second:.2f} ± {other:.2f}, and yet the gain is "
        f"{gain:.2f} ± {narrow:.2f}. A lucky draw of images helps both, and the difference removes it. So "
        "never conclude from intervals that overlap that nothing differs: compare seed by seed."
    )


def share_lost(day: float, night: float, classes: int) -> float:
    """Return the fraction of the accuracy above chance that is lost at night.

    Example:
        >>> share_lost(0.9, 0.6, classes=2)
        0.75
    """
    return round((day - night) / (day - 1 / classes), 12)


def more_points(networks: Any) -> str | None:
    """Check two networks: the first loses more points of accuracy, and less of what it has learned."""
    try:
        found = attempt(lambda: [(float(day), float(night), int(n)) for day, night, n in networks])
    except Failed:
        found = []
    if len(found) != 2:
        return "Give two networks, each as (day, night, classes)."
    for day, night, classes in found:
        if not (classes >= 2 and 1 / classes <= night <= day <= 1 and day > 1 / classes):
            return (
                f"{(day, night, classes)}: the accuracy lies between chance and 1, and falls at night. Two "
                "classes or more."
            )
    points, shares = ([f(*network) for network in found] for f in (lambda d, n, c: d - n, share_lost))
    if points[0] > points[1] and shares[0] < shares[1]:
        return None
    return (
        f"The first network loses {points[0]:.2f} of accuracy and a share of {shares[0]:.2f}, the second one "
        f"{points[1]:.2f} and {shares[1]:.2f}. Which network has not much to lose?"
    )


def little_to_lose(answer: tuple) -> str:
    """Return what a correct answer of exercise 02.2 has found."""
    (day, night, classes), (day2, night2, classes2) = answer[1]
    first, second = share_lost(day, night, classes), share_lost(day2, night2, classes2)
    return (
        f"Your first network falls further, by {day - night:.2f} against {day2 - night2:.2f}. But it loses a "
        f"share of {first:.2f} of what it has learned, and the second one {second:.2f}. Only what lies above "
        "chance is knowledge. So ask of each drop: from where, and how far above chance?"
    )


def switching(choose: Callable) -> Callable[[object], str | None]:
    """Return a check for accuracies with which a strategy that is not chosen changes the choice.

    Args:
        choose: the right rule, a function of accuracies, seconds and the number of images.
    """

    def reply(accuracies):
        if not isinstance(accuracies, Mapping) or accuracies.keys() != SECONDS.keys():
            return f"Give a dict with the accuracies of {', '.join(SECONDS)}."
        try:
            given = attempt(lambda: {name: float(value) for name, value in accuracies.items()})
        except Failed:
            return f"The accuracies must be numbers. Received: {shown(accuracies)}."
        if not all(0 < value < 1 and math.isfinite(value) for value in given.values()):
            return "Each accuracy lies between 0 and 1."
        two = {name: value for name, value in given.items() if name != "fine-tuning"}
        names = choose(two, SECONDS, IMAGES), choose(given, SECONDS, IMAGES)
        if names == ("linear probe", "SVM on an earlier layer"):
            return None
        best = max(given.values())
        return (
            f"The rule chooses the {names[0]} of two strategies, and the {names[1]} of three. With all "
            f"three, it asks for at least {best - standard_error(best, IMAGES):.3f}. What does a "
            "high accuracy of fine-tuning change for the other two?"
        )

    return reply
