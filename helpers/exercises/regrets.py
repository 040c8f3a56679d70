"""Runs, rules and typical wrong functions for exercise 05.1: what following a rule costs."""

from collections.abc import Callable

import numpy as np
import pandas as pd

# Made up. The order of the rows, single lucky runs and unequal numbers of seeds must not matter.
_RUNS = pd.DataFrame(
    [
        ("cats", 10, "A", 0, 0.50),
        ("cats", 10, "A", 1, 0.70),
        ("cats", 10, "B", 0, 0.95),
        ("cats", 10, "B", 1, 0.15),
        ("cats", 50, "A", 0, 0.80),
        ("cats", 50, "B", 0, 0.90),
        ("dogs", 10, "B", 0, 0.60),
        ("dogs", 10, "A", 0, 0.10),
        ("dogs", 10, "C", 0, 0.40),
    ],
    columns=["target", "images", "strategy", "seed", "accuracy"],
)


_LIKE = {"cats": True, "dogs": False}


def _always_a(similar, images):
    return "A"


def _by_likeness(similar, images):
    return "B" if similar else "C"


def _by_size(similar, images):
    return "B" if images >= 50 else "A"


def _regret(runs, rule, similar, total=np.mean, cell=("target", "images"), best="mean"):
    lost = []
    for _, here in runs.groupby(list(cell)):
        means = here.groupby("strategy")["accuracy"].mean()
        top = means.max() if best == "mean" else here["accuracy"].max()
        lost.append(top - means[rule(similar[here["target"].iloc[0]], here["images"].iloc[0])])
    return total(lost)


def _lucky_regret(runs, rule, similar):
    return _regret(runs, rule, similar, best="single run")


def _mixed_regret(runs, rule, similar):
    return _regret(runs, rule, similar, cell=("target",))


def _reached(runs, rule, similar):
    means = runs.groupby(["target", "images", "strategy"])["accuracy"].mean()
    cells = {cell[:2] for cell in means.index}
    return np.mean([means[target, n, rule(similar[target], n)] for target, n in cells])


TRIES = [
    ((_RUNS, _always_a, _LIKE), 0.2),  # 0, 0.1 and 0.5
    ((_RUNS, _by_likeness, _LIKE), 0.083333),  # 0.05, 0 and 0.2
    ((_RUNS, _by_size, _LIKE), 0.166667),  # 0, 0 and 0.5
]
MISTAKES: dict[Callable, str] = {
    _lucky_regret: "The best is the best mean over the seeds, not the luckiest single run.",
    _mixed_regret: "You mix the numbers of images. A cell is a target with one number of images.",
    lambda runs, rule, similar: _regret(
        runs, rule, similar, total=sum
    ): "That is the sum. Return the mean over the cells.",
    lambda runs, rule, similar: _regret(
        runs, rule, similar, total=max
    ): "That is the worst cell. Return the mean.",
    lambda *given: -_regret(*given): "The regret is what is lost: best minus chosen.",
    lambda *given: 100 * _regret(*given): "Return a fraction, as the accuracies are.",
    lambda runs, rule, similar: _regret(runs, lambda like, n: rule(not like, n), similar): (
        "Your rule is asked about the wrong likeness: pass similar[target]."
    ),
    _reached: "That is the accuracy that the rule reaches. How much is lost to the best?",
}
