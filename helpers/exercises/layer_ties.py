"""Check of exercise 04.3: which layers tie with the best one, and typical wrong answers."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.studies.engine import tables
from helpers.studies.engine.statistics import leaders


def _table(best, *others):
    return pd.DataFrame({"block4_pool": best, **{f"block{k}_pool": o for k, o in enumerate(others, 1)}})


def _scores() -> Iterator[pd.DataFrame]:
    runs = tables.read_results("layers").query("target == 'micrographs' and source == 'photos'")
    yield runs.query("images == 50").pivot(index="seed", columns="layer", values="accuracy")
    scattered = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    yield _table(scattered, scattered - [0.02, 0.03, 0.02, 0.03, 0.02], scattered[::-1] - 0.01)
    few = np.array([0.7, 0.8, 0.75])
    yield _table(few, few - [0.01, 0.03, 0.03], few - [0.01, 0.012, 0.011])
    steady = np.array([0.80, 0.81, 0.80, 0.79, 0.80])  # the next one has a lucky seed
    yield _table(steady, steady + [-0.2, -0.1, 0.1, -0.1, -0.2], steady - [0.05, 0.06, 0.05, 0.04, 0.05])


def only_the_best(scores: pd.DataFrame) -> set[str]:
    """Return the layer with the best mean alone, which is wrong."""
    return {scores.mean().idxmax()}


def _as_good_as(best, scores):
    half = _t(len(scores)) * scores.sub(scores[best], axis=0).std() / math.sqrt(len(scores))
    return {best, *scores.columns[scores[best].mean() - scores.mean() <= half]}


def _t(n):
    from scipy.stats import t

    return t.ppf(0.975, n - 1)


def lucky(scores: pd.DataFrame) -> set[str]:
    """Compare with the layer that has the best single seed, which is wrong."""
    return _as_good_as(scores.max().idxmax(), scores)


def overlapping(scores: pd.DataFrame) -> set[str]:
    """Compare the intervals of two layers, not that of their difference, which is wrong."""
    half = 1.96 * scores.std() / math.sqrt(len(scores))
    best = scores.mean().idxmax()
    return set(scores.columns[scores.mean() + half >= scores.mean()[best] - half[best]])


def tied(answer: object) -> str | None:
    """Check `ties(scores)`, which returns the layer with the best mean and all that tie with it."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = ties."
    for scores in _scores():
        wanted = set(leaders(scores))
        size = f"a table of {len(scores)} seeds and {len(scores.columns)} layers"
        try:
            given = attempt(lambda scores=scores: {str(name) for name in answer(scores.copy())})
        except Failed as failure:
            return f"For {size}, ties(scores) {failure}."
        if given == wanted:
            continue
        best, luckiest = scores.mean().idxmax(), scores.max().idxmax()
        if luckiest != best and given == _as_good_as(luckiest, scores):
            return (
                f"For {size}, you compare with {luckiest}, which has the highest single accuracy. A single "
                f"seed can be lucky: compare with the best mean, that of {best}."
            )
        if best not in given:
            return f"For {size}, the set lacks {best}, which has the best mean."
        if given == {best}:
            return f"For {size}, the set holds the best mean only. Which others may be as good?"
        name = next(iter(sorted(given ^ wanted)))
        if name not in scores:
            return f"For {size}, the set holds {shown(name)}, which is not a column of the table."
        difference = scores[best] - scores[name]
        values = ", ".join(f"{value:.3f}" for value in difference)
        word = "should" if name in wanted else "should not"
        return (
            f"For {size}, {name} {word} be in the set. Its differences from {best}, seed by seed, are "
            f"{values}. Does the 95 % interval of their mean contain zero?"
        )
    return None
