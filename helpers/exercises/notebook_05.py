"""Exercises of notebook 05, the four scenarios."""

import functools

import numpy as np
import pandas as pd

from helpers.exercises.attempts import Failed, attempt
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice, function
from helpers.studies.engine.statistics import interval

LAYERS = tuple(f"block{number}_pool" for number in range(1, 5))
CLOSE = 0.005  # accuracy: scores that agree so well come from the same folds
LOWER = "Another layer has a higher accuracy in your dict."

# Exercise 05.2: made-up runs. The order of the rows, single lucky runs and other targets must not matter.
RUNS = pd.DataFrame(
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


# Exercise 05.4: the layer by cross-validation


@functools.cache
def _cross_validated():
    from sklearn.model_selection import cross_val_score

    from helpers.data.image_sets import builtin
    from helpers.strategies import EarlierLayerSVM

    data = builtin("micrographs", 20, 100, 1)
    return {
        layer: cross_val_score(EarlierLayerSVM(layer=layer), data.X_train, data.y_train, cv=3).mean()
        for layer in LAYERS
    }


def _layer_and_scores(answer):
    if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], dict)):
        return "Give a pair: the name of the layer, and a dict from each layer to its accuracy."
    layer, scores = answer
    if missing := [name for name in LAYERS if name not in scores]:
        return f"Layers without an accuracy: {', '.join(missing)}."
    expected = _cross_validated()
    for name in LAYERS:
        try:
            given = attempt(float, scores[name])
        except Failed:
            return f"The accuracy of {name} must be one number: the mean over the folds."
        if not abs(given - expected[name]) <= CLOSE:
            return (
                f"{name}: {given:.3f}, but {expected[name]:.3f} is expected. Is it the mean accuracy of "
                "cross_val_score with cv=3, on the training images only?"
            )
    return choice(max(expected, key=expected.__getitem__), dict.fromkeys(LAYERS, LOWER))(layer)


def _chosen_layer(answer):
    *_, second, first = sorted(_cross_validated().values())
    return (
        f"Cross-validation chooses {answer[0]}, {100 * (first - second):.1f} points ahead of the next layer, "
        "and no validation or test image was needed for it. On the board, every SVM chose its layer in this "
        "way."
    )


# Exercise 05.5: targets as the unit


def _every_seed(gaps):
    return interval(pd.Series([gap for values in gaps.values() for gap in values]))


def _without_t(gaps):
    means = [np.mean(values) for values in gaps.values()]
    return np.mean(means), 1.96 * np.std(means, ddof=1) / len(means) ** 0.5


# Exercise 05.6: what is wrong with these comparisons?

FAULTS = {
    "copies": "Nothing here says that images of one original are on both sides of the split.",
    "unequal tuning": "Nothing here says that one side could choose among more settings than the other.",
    "chosen on the test set": "Nothing here says that the test set decided what was reported.",
    "one target": "The sentence does not claim more than its target can carry.",
    "trivial baseline": "Nothing here says that something without a network is nearly as good.",
}


def _fault(right):
    return choice(right, {name: why for name, why in FAULTS.items() if name != right})


EXERCISES = {
    "05.1": Exercise(
        level="do it",
        kind="function",
        minutes=5,
        check=function(
            [
                ((True, 10), "Linear probe"),
                ((False, 99), "Earlier-layer SVM"),
                ((False, 100), "Full fine-tune"),
                ((True, 5000), "Full fine-tune"),
            ],
            name="lecture",
            mistakes={
                lambda similar, images: (
                    "Full fine-tune" if images > 100 else "Linear probe" if similar else "Earlier-layer SVM"
                ): "The text above the figure says what counts as large: this number already does."
            },
        ),
        means=(
            "With many images, the lecture's answer does not depend on similarity. So its table has three "
            "answers, not four; the measurements below test each of them."
        ),
        hints=(
            "Which question does the table ask first: size, or similarity? For which size is the second "
            "question not needed?",
            "The names in the figures are those of the first column of the table above; ①, ③, ② and ④ say "
            "which is which. Mind the limit between small and large.",
        ),
        solution="""
def lecture(similar, images):
    if images >= 100:
        return "Full fine-tune"
    return "Linear probe" if similar else "Earlier-layer SVM"


answer = lecture
""",
        wrong=(lambda similar, images: "Linear probe", "Linear probe", lambda similar: similar),
    ),
    "05.2": Exercise(
        level="do it",
        kind="function",
        minutes=6,
        check=function(
            [((RUNS, "cats", 10), "A"), ((RUNS, "cats", 50), "B"), ((RUNS, "dogs", 10), "B")],
            name="best",
            mistakes={
                lambda runs, target, images: (
                    runs.query("target == @target and images == @images")
                    .sort_values("accuracy")["strategy"]
                    .iloc[-1]
                ): "This is the strategy of the luckiest single run. Take the mean over the seeds first.",
                lambda runs, target, images: (
                    runs.query("target == @target").groupby("strategy")["accuracy"].mean().idxmax()
                ): "This mixes the sizes. Keep only the rows with this number of images.",
            },
        ),
        means=(
            "The mean over seeds describes the strategy; the best single run describes its luck. Whether the "
            "best strategy is better than the second is another question: that needs the paired difference."
        ),
        hints=(
            "Three steps with pandas: choose rows, group them, and take the place of the maximum.",
            "runs.query can use your arguments as @target and @images. A group has a mean; a Series has "
            "idxmax.",
        ),
        solution="""
def best(runs, target, images):
    here = runs.query("target == @target and images == @images")
    return here.groupby("strategy")["accuracy"].mean().idxmax()


answer = best
""",
        wrong=(lambda runs, target, images: "A", lambda runs, target, images: None, "A"),
    ),
    "05.3": Exercise(
        level="do it",
        kind="function",
        minutes=4,
        check=function(
            [((3.0, 1.0), "beats"), ((-2.0, 1.5), "loses"), ((0.8, 1.9), "ties"), ((-0.5, 0.5), "ties")],
            name="verdict",
        ),
        means="An interval that contains zero, also at its very edge, leaves the order open: a tie.",
        hints=(
            "The interval of the difference goes from gap - half to gap + half.",
            "When does it contain zero? Compare the size of the gap, whatever its sign, with half.",
        ),
        solution="""
def verdict(gap, half):
    if abs(gap) <= half:
        return "ties"
    return "beats" if gap > 0 else "loses"


answer = verdict
""",
        wrong=(lambda gap, half: "beats" if gap > 0 else "loses", lambda gap: "ties", "ties"),
    ),
    "05.4": Exercise(
        level="vary it",
        kind="design",
        minutes=8,
        check=_layer_and_scores,
        means=_chosen_layer,
        hints=(
            "sklearn.model_selection.cross_val_score(estimator, X, y, cv=3) fits an estimator three times "
            "and returns three accuracies. The strategies of this series are such estimators.",
            'The layers are f"block{number}_pool" for number 1 to 4. Keep the means in a dict; '
            "max(scores, key=scores.get) is the key of its largest value.",
        ),
        solution="""
from sklearn.model_selection import cross_val_score

from helpers.data.image_sets import builtin
from helpers.strategies import EarlierLayerSVM

data = builtin("micrographs", 20, 100, 1)
scores = {}
for number in range(1, 5):
    layer = f"block{number}_pool"
    folds = cross_val_score(EarlierLayerSVM(layer=layer), data.X_train, data.y_train, cv=3)
    scores[layer] = folds.mean()
answer = (max(scores, key=scores.get), scores)
""",
        wrong=(
            "block4_pool",
            ("block1_pool", {"block1_pool": 0.9}),
            ("block1_pool", dict.fromkeys(LAYERS, 0.9)),
            ("block1_pool", dict.fromkeys(LAYERS, "high")),
        ),
    ),
    "05.5": Exercise(
        level="explain it",
        kind="function",
        minutes=8,
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
            "have. The board draws whole targets anew (the bootstrap), which says the same with other "
            "numbers."
        ),
        hints=(
            "Two means after each other: first within a target, then over targets. How many numbers enter "
            "the standard error?",
            "half = scipy.stats.t.ppf(0.975, n - 1) * s / n ** 0.5, with n targets and the standard "
            "deviation s of their means (ddof=1).",
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
        minutes=6,
        check=cases(
            {
                "A": _fault("unequal tuning"),
                "B": _fault("copies"),
                "C": _fault("trivial baseline"),
                "D": _fault("one target"),
                "E": _fault("chosen on the test set"),
            }
        ),
        means=(
            "B and C are true stories: two sets on which this series measured strategies, blood cells and "
            "lung tissue, had these faults. E leaves no trace in a paper."
        ),
        hints=(
            "For each report: which experiment would you ask for before you believe it? Each of the five "
            "faults occurs once.",
            "Look at what is said about the rivals, about where images come from, about what needs no "
            "network, about how far the conclusion reaches, and about when the number was chosen.",
        ),
        solution="""
answer = {
    "A": "unequal tuning",
    "B": "copies",
    "C": "trivial baseline",
    "D": "one target",
    "E": "chosen on the test set",
}
""",
        wrong=(
            dict.fromkeys("ABCDE", "copies"),
            {"A": "unequal tuning"},
            {"A": "unequal tuning", "B": "copies", "C": "one target", "D": ..., "E": "copies"},
            "copies",
        ),
    ),
}
