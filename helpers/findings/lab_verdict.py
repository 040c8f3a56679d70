"""Say in words which strategy is best, after several ran on the same images."""

from collections.abc import Collection

import pandas as pd

from helpers.studies.engine.statistics import interval, leaders, nearly_best, paired


def verdict(runs: pd.DataFrame, validated: int, textbook: Collection[str] = ()) -> str:
    """Name the best strategy and those that tie with it, and judge the textbook's choice.

    With two seeds or more, differences are paired over seeds, and a tie is one whose 95 % interval contains
    zero. A single seed has no such interval: then strategies within two standard errors of the best are
    listed, and the standard error counts only the images that validate.

    Args:
        runs: strategy, seed and accuracy (0..1), one row per strategy and seed.
        validated: number of images that each accuracy was measured on.
        textbook: the strategies that the lecture's rule names; none where the likeness is not known.

    Raises:
        ValueError: there are fewer than two strategies to compare.

    Example:
        >>> accuracy = [0.90, 0.91, 0.92, 0.80, 0.80, 0.81]
        >>> runs = pd.DataFrame({"strategy": [*"AAABBB"], "seed": [0, 1, 2] * 2, "accuracy": accuracy})
        >>> verdict(runs, 500, ["B"]).split(". ")[-1]
        "The textbook's choice, B, loses to it: -10.7 ± 1.4 points."
    """
    scores = runs.pivot(index="seed", columns="strategy", values="accuracy").dropna()
    if scores.shape[1] < 2 or scores.empty:
        raise ValueError("A verdict needs two strategies that ran with the same seeds.")
    if len(scores) == 1:
        return _of_one_seed(scores.iloc[0].to_dict(), validated, textbook)
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
    return " ".join(said)


def _of_one_seed(shares, validated, textbook):
    best, *near = nearly_best(shares, validated)
    said = [f"Highest with this one seed: {best}, {100 * shares[best]:.1f} %."]
    if near:
        said.append(f"Within two standard errors of it: {', '.join(near)}.")
    said += [
        f"The textbook's choice, {name}, has {100 * shares[name]:.1f} %."
        for name in textbook
        if name in shares and name != best
    ]
    if best in textbook:
        said.append("It is the textbook's choice.")
    return " ".join([*said, "For a verdict, run all with 3 repeats or more: a single draw may be lucky."])
