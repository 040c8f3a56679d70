"""Exercises of notebook 05, the four scenarios."""

import itertools
import math

import numpy as np
import pandas as pd

from helpers.exercises import comparisons, regrets
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function
from helpers.exercises.lazy import lazily, lazy_text
from helpers.studies.engine.statistics import interval

# Exercise 05.3: how many seeds

PILOT, CALM = [2.0, 4.5, 1.0, 3.5, 2.5], [0.5, 1.0, 0.0, 1.5]


def _t(n):
    from scipy.stats import t

    return t.ppf(0.975, n - 1)


def _seeds(differences, smallest, t_of=_t, ddof=1):
    s = np.std(differences, ddof=ddof)
    return next(n for n in itertools.count(2) if t_of(n) * s / n**0.5 <= smallest)


# Exercise 05.5: targets as the unit


def _every_seed(gaps):
    return interval(pd.Series([gap for values in gaps.values() for gap in values]))


def _without_t(gaps):
    means = [np.mean(values) for values in gaps.values()]
    return np.mean(means), 1.96 * np.std(means, ddof=1) / len(means) ** 0.5


EXERCISES = {
    "05.1": Exercise(
        level="do it",
        kind="function",
        minutes=14,
        check=function(
            regrets.TRIES,
            name="regret",
            mistakes=regrets.MISTAKES,
        ),
        means=(
            "A regret asks what a wrong choice costs, where a verdict only asks whether it is wrong. "
            "Choosing the second best of two equals costs nothing. On the runs of the cell above, what costs "
            "less: the lecture's rule, or always LP-FT?"
        ),
        hints=(
            "For each target and each number of images: the mean accuracy of every strategy over its seeds, "
            "the highest of them, and that of the strategy that the rule names.",
            "With pandas: groupby can take a list of columns and gives the cells one after the other. Within "
            "a cell, group once more by strategy; the result can be indexed by the name of a strategy.",
        ),
        solution="""
def regret(runs, rule, similar):
    lost = []
    for (target, images), cell in runs.groupby(["target", "images"]):
        means = cell.groupby("strategy")["accuracy"].mean()
        chosen = rule(similar[target], images)
        lost.append(means.max() - means[chosen])
    return sum(lost) / len(lost)


answer = regret
""",
        wrong=(
            lambda runs, rule, similar: 0.2,
            *regrets.MISTAKES,
            lambda runs, rule, similar: None,
            0.2,
        ),
    ),
    "05.2": Exercise(
        level="do it",
        kind="design",
        minutes=22,
        check=lazily("table_check", "building"),
        means=(
            "The four cells are three networks, and they differ in two decisions only: where the network "
            "ends, and what trains. Compile and fit one of them on `similar` or `different` above, and you "
            "have tried a scenario in plain Keras."
        ),
        hints=(
            "Begin each call with a new base. Decide first where it ends, then what trains, and then put "
            "pooling and a new head on it.",
            "A network that ends earlier: keras.Model from the input of base to the output of one of its "
            "layers; base.get_layer finds it by name. Training everything but BatchNorm was in notebook 04.",
        ),
        solution="""
import keras

from helpers.networks.backbones import Backbone, fresh


def build(similar, images, classes):
    base = fresh(Backbone("shapes"))
    if images >= 100:
        for layer in base.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    else:
        base.trainable = False
        if not similar:
            base = keras.Model(base.input, base.get_layer("block2_pool").output)
    pooling, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(classes)
    return keras.Sequential([keras.Input((32, 32, 3)), base, pooling, head])


answer = build
""",
        wrong=(
            lambda similar, images, classes: "Linear probe",
            lambda similar, images, classes: None,
            "Linear probe",
        ),
    ),
    "05.3": Exercise(
        level="vary it",
        kind="function",
        minutes=9,
        check=function(
            [(given, _seeds(*given)) for given in ((PILOT, 1.0), (PILOT, 0.5), (PILOT, 3.0), (CALM, 2.0))],
            name="seeds_needed",
            mistakes={
                lambda differences, smallest: _seeds(differences, smallest, t_of=lambda n: 1.96): (
                    "1.96 is for many seeds. Each n has a t of its own: it shrinks while n grows."
                ),
                lambda differences, smallest: math.ceil(
                    (1.96 * np.std(differences, ddof=1) / smallest) ** 2
                ): "1.96 is for many seeds. Each n has a t of its own: it shrinks while n grows.",
                lambda differences, smallest: _seeds(
                    differences, smallest, t_of=lambda n: _t(len(differences))
                ): "You use the t of the pilot for every n. The t belongs to the n that you try.",
                lambda differences, smallest: _seeds(differences, smallest, ddof=0): (
                    "Use ddof=1: the pilot has few values, and their mean is estimated, too."
                ),
                lambda differences, smallest: max(len(differences), _seeds(differences, smallest)): (
                    "Fewer seeds than in the pilot may be enough. Begin with two."
                ),
                lambda differences, smallest: _seeds(differences, smallest) - 1: "One seed is missing.",
                lambda differences, smallest: _seeds(differences, smallest / 2): (
                    "The half width must be at most `smallest`, not the whole width."
                ),
                lambda differences, smallest: _seeds(differences, smallest, t_of=lambda n: 1): (
                    "That is enough for the standard error. The half width is t times as large."
                ),
            },
        ),
        means=(
            # given: definition
            "To halve an interval, you need about four times as many seeds. If that is too dear, say before "
            "the experiment which differences it cannot show. A pilot of few seeds knows s only roughly, so "
            "plan for some more."
        ),
        hints=(
            "The standard deviation comes from the pilot and stays. Which parts of t · s / √n depend on n?",
            "There is no formula for n, because t depends on it, too. Try one n after the other, from two "
            "on: which is the first whose half width is small enough?",
        ),
        solution="""
import numpy as np
from scipy.stats import t


def seeds_needed(differences, smallest):
    s = np.std(differences, ddof=1)
    n = 2
    while t.ppf(0.975, n - 1) * s / n**0.5 > smallest:
        n += 1
    return n


answer = seeds_needed
""",
        wrong=(
            lambda differences, smallest: len(differences),
            lambda differences, smallest: _seeds(differences, smallest, t_of=lambda n: 1.96),
            lambda differences, smallest: _seeds(differences, smallest) - 1,
            9,
        ),
    ),
    "05.4": Exercise(
        level="vary it",
        kind="design",
        minutes=22,
        check=lazily("layer_draws", "chosen"),
        means=lazy_text("layer_draws", "stable"),
        hints=(
            "scikit-learn has a function that fits an estimator once per fold and returns the accuracies. It "
            "is in sklearn.model_selection; its argument cv can be a number. EarlierLayerSVM has an argument "
            "layer.",
            "Two loops: over the seeds (an argument of builtin) and, within, over the four layers. Keep the "
            "four means in a dict, then select. To combine sets, Python has the operator &.",
        ),
        solution="""
from sklearn.model_selection import cross_val_score

from helpers.data.image_sets import builtin
from helpers.strategies import EarlierLayerSVM

good = {}
for seed in (2, 3, 4):
    data = builtin("micrographs", n_train=20, seed=seed)
    means = {}
    for number in range(1, 5):
        svm = EarlierLayerSVM(layer=f"block{number}_pool")
        means[svm.layer] = cross_val_score(svm, data.X_train, data.y_train, cv=3).mean()
    best = max(means.values())
    error = (best * (1 - best) / len(data.y_train)) ** 0.5
    good[seed] = {layer for layer, mean in means.items() if best - mean <= error}
kept = good[2] & good[3] & good[4]
answer = (good, kept)
""",
        wrong=(
            "block4_pool",
            ({2: {"block4_pool"}}, {"block4_pool"}),
            (dict.fromkeys((2, 3, 4), {"block4_pool"}), {"block4_pool"}),
            (dict.fromkeys((2, 3, 4), "block4_pool"), {"block4_pool"}),
            (dict.fromkeys((2, 3, 4), {"block4"}), {"block4"}),
        ),
    ),
    "05.5": Exercise(
        level="explain it",
        kind="function",
        minutes=9,
        check=function(
            [
                (({"ants": [4.0, 6.0], "bees": [1.0, 1.0, 1.0, 1.0]},), (3.0, 25.4124)),
                (({"a": [9.0, 11.0, 10.0] * 4, "b": [0.0], "c": [-1.0, 0.0, 1.0]},), (3.33333, 14.3422)),
            ],
            name="over_targets",
            mistakes={
                _every_seed: (
                    "This counts every seed. The unit is the target: take the mean within each target first."
                ),
                _without_t: "With so few targets, 1.96 is too small: use Student's t.",
            },
        ),
        means=(
            "Twenty seeds of one target are not twenty targets: they share its images, its classes and "
            "whatever is special about it. Two targets leave almost everything open, however many runs they "
            "have. The intervals over targets of this notebook are computed in this way."
        ),
        hints=(
            "Two means after each other: first within a target, then over targets. How many numbers enter "
            "the standard error?",
            "The interval is the one of `gain` in exercise 02.1. What takes the place of the seeds there, "
            "and what is n now?",
        ),
        solution="""
import numpy as np
from scipy.stats import t


def over_targets(gaps):
    means = [np.mean(values) for values in gaps.values()]
    n = len(means)
    return np.mean(means), t.ppf(0.975, n - 1) * np.std(means, ddof=1) / n**0.5


answer = over_targets
""",
        wrong=(lambda gaps: 3.0, lambda gaps: (3.0, 1.2), (3.0, 25.4)),
    ),
    "05.6": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=9,
        check=comparisons.diagnosed,
        means=(
            "Two sets on which this series measured strategies had such faults: turned copies of one "
            "blood cell that counted as different images, and lung tissue that colours nearly solve. And E "
            "leaves no trace in a paper that does not mention the other runs."
        ),
        hints=(
            "For each report: which experiment would you ask for before you believe it? If you find none, "
            "the report may be without a fault.",
            "Ask three questions of each report: what else do the two sides differ in, which images decided "
            "what is reported, and how far does the last sentence reach?",
        ),
        solution="""
answer = {
    "A": {"unequal tuning"},
    "B": {"copies", "one target"},
    "C": set(),
    "D": {"trivial baseline"},
    "E": {"chosen on the test set"},
}
""",
        wrong=(
            dict.fromkeys("ABCDE", {"copies"}),
            {"A": {"unequal tuning"}},
            {**comparisons.RIGHT, "B": {"copies"}},
            {**comparisons.RIGHT, "B": "one target"},
            {**comparisons.RIGHT, "C": {"within chance"}},
            {**comparisons.RIGHT, "C": ...},
            {**comparisons.RIGHT, "E": {"chosen on the test set", "within chance"}},
            "copies",
        ),
    ),
}
