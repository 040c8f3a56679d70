"""Statistics of runs: means, confidence intervals, and paired comparisons over seeds."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.typing import SeriesGroupBy

GROUP = ["target", "source", "strategy", "setting", "images"]


def interval(values: Sequence[float] | np.ndarray | pd.Series) -> tuple[float, float]:
    """Return the mean and the half width of its 95 % confidence interval.

    Args:
        values: one per seed.

    Returns:
        Mean and half width (Student's t; NaN for a single value). Both are NaN if a value is: a run that was
        stopped has no accuracy.

    Raises:
        ValueError: there are no values, or they are not one-dimensional.

    Example:
        >>> mean, half = interval([0.8, 0.9, 0.85])
        >>> print(f"{mean:.2f} ± {half:.2f}")
        0.85 ± 0.12
    """
    from scipy.stats import t

    values = np.asarray(values, float)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"values must have shape (n,), with at least one run. Received: {values.shape}")
    n = len(values)
    half = t.ppf(0.975, n - 1) * np.std(values, ddof=1) / math.sqrt(n) if n > 1 else math.nan
    return float(np.mean(values)), float(half)


def intervals(groups: SeriesGroupBy) -> pd.DataFrame:
    """Return `interval` of each group.

    Args:
        groups: a column of a results table by group, such as `runs.groupby("images")["accuracy"]`.

    Returns:
        One row per group, with the columns mean and interval (the half width).
    """
    return groups.agg(mean=lambda values: interval(values)[0], interval=lambda values: interval(values)[1])


def standard_error(share: float, images: float) -> float:
    """Return the standard error of an accuracy that was measured on so many images.

    Args:
        share: the accuracy, 0..1.
        images: their number, above 0.

    Raises:
        ValueError: a number is out of range.

    Example:
        >>> standard_error(0.5, 100)
        0.05
    """
    if not (0 <= share <= 1 and images > 0):
        raise ValueError(
            f"share must be from 0 to 1, and images above 0. Received: share={share}, images={images}"
        )
    return math.sqrt(share * (1 - share) / images)


def paired(one: pd.Series, other: pd.Series) -> tuple[str, float, float]:
    """Compare two strategies seed by seed.

    Args:
        one: accuracy of the first strategy, indexed by seed.
        other: accuracy of the second; seeds that only one of them has are left out.

    Returns:
        "beats", "ties with" (the 95 % interval of the mean difference contains zero) or "loses to";
        the mean difference, and the half width of its interval.

    Raises:
        ValueError: fewer than two seeds in common, so there is no interval.

    Example:
        >>> paired(pd.Series([0.91, 0.92, 0.9]), pd.Series([0.7, 0.75, 0.72]))[0]
        'beats'
    """
    differences = (one - other).dropna()
    if len(differences) < 2:
        raise ValueError(f"An interval needs two seeds in common. Received: {len(differences)}")
    mean, half = interval(differences)
    word = "ties with" if not abs(mean) > half else "beats" if mean > 0 else "loses to"
    return word, mean, half


def paired_images(one: np.ndarray, other: np.ndarray) -> tuple[str, float, float, float]:
    """Compare two models image by image: only images that one of them gets wrong tell them apart.

    The interval is that of Agresti and Min (2005, "Simple improved confidence intervals for comparing matched
    proportions"): Wald's, after half an image is added to each of the four cells. It speaks of other images
    for the same two models, and not of models that were trained again.

    Args:
        one: whether the first model is right, bool (n,).
        other: whether the second is right about the same images.

    Returns:
        "beats", "ties with" (the 95 % interval contains zero) or "loses to"; the difference of the two
        accuracies, and the lower and upper limit of its interval.

    Raises:
        ValueError: the two are empty, or differ in length.

    Example:
        >>> word, gap, low, high = paired_images(np.arange(100) < 90, np.arange(100) < 80)
        >>> print(f"{word}: {gap:.2f} (from {low:.2f} to {high:.2f})")
        beats: 0.10 (from 0.04 to 0.16)
    """
    one, other = np.asarray(one, bool), np.asarray(other, bool)
    if one.shape != other.shape or not one.size:
        raise ValueError(f"Both need the same images, at least one. Received: {one.shape}, {other.shape}")
    first, second = int((one & ~other).sum()), int((other & ~one).sum())
    n, middle = len(one) + 2, first - second
    half = 1.96 * math.sqrt(first + second + 1 - middle**2 / n) / n
    low, high = middle / n - half, middle / n + half
    word = "beats" if low > 0 else "loses to" if high < 0 else "ties with"
    return word, middle / len(one), low, high


def over_targets(values: pd.Series) -> tuple[float, float, float]:
    """Return the mean over targets and its 95 % confidence interval, with targets as the unit.

    Cells of one target share its images, so they are not independent: each target counts once, with the mean
    of its cells. The interval is Student's t, as for seeds. A bootstrap over so few targets is too narrow:
    with three of them, its "95 %" interval covers the truth about three times out of four.

    Args:
        values: one per cell, with the target as the index or as its level "target".

    Returns:
        Mean, lower and upper limit. The limits are NaN for a single target.

    Raises:
        ValueError: there are no values, or one of them is missing.

    Example:
        >>> lost = pd.Series([1.0, 3.0, 2.0, 5.0], ["ants", "ants", "bees", "cats"])
        >>> mean, low, high = over_targets(lost)
        >>> print(f"{mean:.1f} (from {low:.1f} to {high:.1f})")
        3.0 (from -1.3 to 7.3)
    """
    if not len(values) or values.isna().any():
        raise ValueError(
            f"values must have at least one number, and none missing. Received: {len(values)} values, "
            f"{int(values.isna().sum())} of them missing."
        )
    level = "target" if "target" in values.index.names else 0
    mean, half = interval(values.groupby(level=level).mean())
    return mean, mean - half, mean + half


def best_elsewhere(scores: pd.DataFrame, options: Sequence[str]) -> pd.Series:
    """Return, for each row, the score of the option with the highest mean over all other rows.

    Args:
        scores: one row per seed, or per shift; one column per option.
        options: columns to choose from.

    Raises:
        ValueError: fewer than two rows, so that nothing is left to choose by.

    Example:
        >>> scores = pd.DataFrame({"A": [0.9, 0.2, 0.3], "B": [0.5, 0.5, 0.5]})
        >>> best_elsewhere(scores, ["A", "B"]).tolist()
        [0.5, 0.2, 0.3]
    """
    if len(scores) < 2:
        raise ValueError(f"A choice by other rows needs at least two. Received: {len(scores)}.")
    chosen = chosen_elsewhere(scores, options)
    return pd.Series({row: scores.at[row, option] for row, option in chosen.items()})


def chosen_elsewhere(scores: pd.DataFrame, options: Sequence[str]) -> pd.Series:
    """Return, for each row, the option with the highest mean over all other rows."""
    columns = scores[list(options)]
    return pd.Series({row: columns.drop(row).mean().idxmax() for row in scores.index})


def leaders(scores: pd.DataFrame) -> list:
    """Return the option with the highest mean score, followed by those that tie with it.

    Options tie if the 95 % interval of the mean difference, taken seed by seed, contains zero (see `paired`).

    Args:
        scores: one row per seed, one column per option. If low values are good, pass `-scores`. A seed
            that an option lacks is left out.

    Raises:
        ValueError: fewer than two seeds are left, so there is no interval.

    Example:
        >>> scores = pd.DataFrame({"A": [0.5, 0.4, 0.5], "B": [0.8, 0.9, 0.7], "C": [0.9, 0.8, 0.8]})
        >>> leaders(scores)
        ['C', 'B']
    """
    scores = scores.dropna()
    if len(scores) < 2:
        raise ValueError(f"An interval needs two seeds that all options have. Received: {len(scores)}")
    best = scores.mean().idxmax()
    others = [option for option in scores if option != best]
    return [best, *(option for option in others if paired(scores[best], scores[option])[0] == "ties with")]


def nearly_best(shares: Mapping, images: int, errors: float = 2) -> list:
    """Return the option with the highest accuracy, followed by those within some standard errors of it.

    For a single draw of images, where there are no seeds to compare (see `leaders`).

    Args:
        shares: the accuracy of each option, 0..1.
        images: number of images that each accuracy was measured on.
        errors: how many standard errors.

    Example:
        >>> nearly_best({"A": 0.7, "B": 0.9, "C": 0.85}, images=100)
        ['B', 'C']
    """
    best = max(shares, key=shares.__getitem__)
    enough = shares[best] - errors * standard_error(shares[best], images)
    return [best, *(option for option in shares if option != best and shares[option] >= enough)]


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over seeds of each strategy, with its 95 % confidence interval.

    Args:
        runs: a results table with target, source, strategy, images, seed, accuracy and seconds; a column
            setting separates runs of one strategy.

    Returns:
        One row per group, the highest mean first: target, source, strategy, setting, images, mean,
        interval (half width, NaN for a single run), runs and seconds (mean).

    Example:
        >>> same = {"target": "leaves", "source": "ImageNet", "images": 20, "seconds": 9.0}
        >>> runs = pd.DataFrame(
        ...     [
        ...         {**same, "strategy": name, "seed": seed, "accuracy": accuracy}
        ...         for name, accuracies in {"From scratch": [0.5, 0.6], "Linear probe": [0.8, 0.9]}.items()
        ...         for seed, accuracy in enumerate(accuracies)
        ...     ]
        ... )
        >>> best = summary(runs).iloc[0]
        >>> best["strategy"], f"{best['mean']:.0%}", int(best["runs"])
        ('Linear probe', '85%', 2)
    """
    if "setting" not in runs:
        runs = runs.assign(setting="")
    groups = runs.groupby(GROUP, sort=False)
    table = intervals(groups["accuracy"]).assign(runs=groups.size(), seconds=groups["seconds"].mean())
    return table.sort_values("mean", ascending=False, kind="stable").reset_index()
