"""Say in words which strategy is best, after several ran on the same images."""

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from helpers.studies.engine.statistics import interval, leaders, paired, paired_images

COVERED = (
    "These intervals cover the choice of validation images. They do not cover the choice of training images "
    "or the luck of a training: for that, run all with 3 repeats or more. And the best of several looks a "
    "little better than it is, because it was chosen for it."
)


def verdict(runs: pd.DataFrame, right: Callable[[str], np.ndarray], textbook: Collection[str] = ()) -> str:
    """Name the best strategy and those that tie with it, and judge the textbook's choice.

    With two seeds or more, differences are paired over seeds, and a tie is one whose 95 % interval contains
    zero. With a single seed, differences are paired over validation images. As the same images choose the
    best strategy, its lead is a little flattered.

    Args:
        runs: strategy, seed and accuracy (0..1), one row per strategy and seed.
        right: called with the name of a strategy if there is a single seed; returns whether its run is right
            about each validation image, bool (n,), the same images for all.
        textbook: the strategies that the lecture's rule names; none where the likeness is not known.

    Raises:
        ValueError: there are fewer than two strategies to compare.

    Example:
        >>> accuracy = [0.90, 0.91, 0.92, 0.80, 0.80, 0.81]
        >>> runs = pd.DataFrame({"strategy": [*"AAABBB"], "seed": [0, 1, 2] * 2, "accuracy": accuracy})
        >>> verdict(runs, {}.get, ["B"]).split(". ")[-1]
        "The textbook's choice, B, loses to it: -10.7 ± 1.4 points."
        >>> right = {"A": np.arange(500) < 450, "B": np.arange(500) < 400}
        >>> verdict(runs[runs["seed"] == 0], right.get).split(". ")[1]
        'It beats B, the second: +10.0 points, 95 % interval from +7.3 to +12.6'
    """
    scores = runs.pivot(index="seed", columns="strategy", values="accuracy").dropna()
    if scores.shape[1] < 2 or scores.empty:
        raise ValueError("A verdict needs two strategies that ran with the same seeds.")
    if len(scores) == 1:
        return " ".join(_of_one_seed(scores.iloc[0].to_dict(), right, textbook))
    best, *tied = leaders(scores)
    mean, half = interval(scores[best])
    said = [f"Best over {len(scores)} seeds: {best}, {100 * mean:.1f} ± {100 * half:.1f} %."]
    said.append(f"It ties with {', '.join(tied)}." if tied else "No other strategy ties with it.")
    for name in textbook:
        if name == best:
            said.append("It is the textbook's choice.")
        elif name in scores:
            word, gap, half = paired(scores[name], scores[best])
            points = f"{100 * gap:+z.1f} ± {100 * half:.1f} points"
            said.append(f"The textbook's choice, {name}, {word} it: {points}.")
    return " ".join([*said, *_not_run(textbook, scores)])


def _of_one_seed(shares, right, textbook):
    best, *others = sorted(shares, key=shares.__getitem__, reverse=True)
    said, tied = [f"Highest with this one seed: {best}, {100 * shares[best]:.1f} %."], []
    if best in textbook:
        said.append("It is the textbook's choice.")
    answers = right(best)
    for name in others:
        word, *gap = paired_images(answers, right(name))
        roles = ["the second"] * (name == others[0]) + ["the textbook's choice"] * (name in textbook)
        if roles:
            said.append(f"It {word} {name}, {' and '.join(roles)}: {_in_points(*gap)}.")
        elif word == "ties with":
            tied.append(name)
    if tied:
        said.append(f"It also ties with {', '.join(tied)}.")
    return [*said, *_not_run(textbook, shares), COVERED]


def _in_points(gap, low, high):
    gap, low, high = (f"{100 * share:+z.1f}" for share in (gap, low, high))
    return f"{gap} points, 95 % interval from {low} to {high}"


def _not_run(textbook, ran):
    return [f"The textbook's choice, {name}, has not run." for name in textbook if name not in ran]
