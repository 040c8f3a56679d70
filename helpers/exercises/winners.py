"""The best of many source models on few images (the winner's curse): exercise 04.4."""

from collections.abc import Sequence

import numpy as np

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.kinds import NO_RETURN

REPETITIONS = 20_000
CLOSE = 0.008  # chance moves a mean over 2000 repetitions by a tenth of this
CASES = (
    (np.full(20, 0.31), 200),
    (np.append(0.36, np.full(19, 0.31)), 200),
    (np.linspace(0.3, 0.4, 5), 100),
    (np.array([0.5, 0.9]), 50),
)


def chosen(true: Sequence[float] | np.ndarray, n: int) -> tuple[float, float]:
    """Return the mean validation accuracy and the mean true accuracy of the model that validates best.

    Args:
        true: the true accuracy of each model.
        n: number of validation images.

    Example:
        >>> shown, true = chosen([0.5, 0.5], n=10)
        >>> shown > 0.55, true
        (True, 0.5)
    """
    found = np.random.default_rng(0).binomial(n, true, (REPETITIONS, len(true))) / n
    return float(found.max(axis=1).mean()), float(np.asarray(true)[found.argmax(axis=1)].mean())


MISTAKES = (
    (lambda shown, true, models, n: (shown, max(models)), "You take the true accuracy of the best model. But "
     "the chosen one need not be the best: find its index with argmax, in each repetition."),
    (lambda shown, true, models, n: (shown, np.mean(models)), "The second value is that of all models. Take "
     "the true accuracy of the one that was chosen."),
    (lambda shown, true, models, n: (max(models), max(models)), "These are the values of the model that is "
     "best on average. Choose in each repetition, and take the means afterwards."),
    (lambda shown, true, models, n: (np.mean(models), true), "The first value is the mean over all models. "
     "Take the validation accuracy of the chosen one."),
    (lambda shown, true, models, n: (shown, shown), "Both values are validation accuracies. The second one "
     "is the true accuracy of the chosen model: look it up in `true`."),
    (lambda shown, true, models, n: (n * shown, true), "The first value is a number of images: divide by n."),
    (lambda shown, true, models, n: (true, shown), "First the validation accuracy, then the true one."),
)  # fmt: skip


def cursed(answer: object) -> str | None:
    """Check `chosen(true, n)`; its values come from chance, so they may be a little off."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = chosen."
    known = [True] * len(MISTAKES)
    problem = None
    for models, n in CASES:
        call = f"chosen({shown(models.tolist()) if len(models) < 6 else f'{len(models)} accuracies'}, {n})"
        try:
            result = attempt(answer, models.copy(), n, slow=True)
            pair = attempt(_pair, result)
        except Failed as failure:
            return f"{call} {failure}. Return two numbers."
        if pair is None:
            return f"{call} returns {shown(result)}, but two numbers are expected. {NO_RETURN}"
        right = chosen(models, n)
        known = [same and _close(pair, wrong(*right, models, n)) for same, (wrong, _) in
                 zip(known, MISTAKES, strict=True)]  # fmt: skip
        if problem is None and not _close(pair, right):
            problem = (
                f"{call} returns ({pair[0]:.3f}, {pair[1]:.3f}), but about ({right[0]:.3f}, {right[1]:.3f}) "
                "is expected."
            )
    if problem is None:
        return None
    return " ".join([problem, *(why for same, (_, why) in zip(known, MISTAKES, strict=True) if same)][:2])


def _pair(result):
    if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
        return None
    return float(result[0]), float(result[1])


def _close(pair, wanted):
    return all(abs(a - b) <= CLOSE * max(1, b) for a, b in zip(pair, wanted, strict=True))
