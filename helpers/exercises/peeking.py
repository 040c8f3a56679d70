"""Testing after each seed and stopping at the first alarm: exercise 03.4."""

import functools

import numpy as np

from helpers.exercises.attempts import Failed, Late, attempt, shown
from helpers.exercises.kinds import NO_RETURN

FIRST = 3  # seeds before the first test
REPETITIONS = 5000
CLOSE = 0.05  # nearly four standard deviations of a share of 1000 repetitions
CASES = ((3, 0.05), (20, 0.05), (20, 0.2))


@functools.cache
def false_finds(most: int, level: float) -> float:
    """Return how often a difference is "found" where nothing differs, if one may stop after each seed.

    Args:
        most: the number of seeds after which the search ends.
        level: of each test.
    """
    from scipy.stats import ttest_1samp

    runs = np.random.default_rng(1).normal(size=(REPETITIONS, most))
    p = [ttest_1samp(runs[:, :n], 0, axis=1).pvalue for n in range(FIRST, most + 1)]
    return float(np.mean(np.min(p, axis=0) < level))


MISTAKES = (
    (lambda most, level: 1 - (1 - level) ** (most - FIRST + 1), "That holds if each test has new values. "
     "These tests share their values: each begins with the seeds of the one before."),
    (lambda most, level: 1 - false_finds(most, level), "That is how often nothing is found."),
    (lambda most, level: level, "That is a single test, or the share of all tests. In which share of the "
     "repetitions does at least one of the tests raise an alarm?"),
    (lambda most, level: 1000 * false_finds(most, level), "Return a fraction, not a number of repetitions."),
)  # fmt: skip


def peeked(answer: object) -> str | None:
    """Check `false_finds(most, level)`; its values come from chance, so they may be a little off."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = false_finds."
    found = []
    for most, level in CASES:
        call = f"false_finds({most}, {level})"
        try:
            result = attempt(answer, most, level, slow=True)
            found.append(attempt(float, result))
        except Late as failure:
            return f"{call} {failure}. With axis=1, one call of ttest_1samp tests all repetitions at once."
        except Failed as failure:
            return f"{call} {failure}. Return one number. {NO_RETURN}"
    off = [not _close(value, false_finds(*case)) for value, case in zip(found, CASES, strict=True)]
    if not any(off):
        return None
    (most, level), value = next(
        (case, value) for case, value, wrong in zip(CASES, found, off, strict=True) if wrong
    )
    problem = (
        f"false_finds({most}, {level}) returns {shown(value)}, but about {false_finds(most, level):.2f} is "
        "expected."
    )
    known = [why for wrong, why in MISTAKES if all(map(_close, found, (wrong(*case) for case in CASES)))]
    return " ".join([problem, *known[:1]])


def _close(value, wanted):
    return abs(value - wanted) <= CLOSE * max(1, wanted)
