"""Exercises of notebook 05, the four scenarios."""

import functools

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, function, number
from helpers.studies.engine import tables


def _probe_mean():
    runs = tables.read_results("board").query("target == 'micrographs' and strategy == 'Linear probe'")
    return runs.query("images == 10")["accuracy"].mean()


@functools.cache
def _svm_by_layer():
    from helpers.data.image_sets import builtin
    from helpers.strategies import EarlierLayerSVM

    data = builtin("micrographs", 20, 100, 1)
    layers = [f"block{number}_pool" for number in range(1, 5)]
    scores = [
        EarlierLayerSVM(layer=layer)
        .fit(data.X_train, data.y_train)
        .score(data.X_validation, data.y_validation)
        for layer in layers
    ]
    return dict(zip(layers, scores, strict=True))


def _best_layer(answer):
    scores = _svm_by_layer()
    best = max(scores, key=scores.get)
    others = {layer: f"{layer} is not the best of the four on the validation set." for layer in scores}
    return choice(best, {k: why for k, why in others.items() if k != best})(answer)


EXERCISES = {
    "05.1": Exercise(
        level="do it",
        kind="choice",
        minutes=2,
        check=choice(
            "linear classifier on CNN codes",
            {
                "fine-tune through the whole network": "Ten images per class are few for so many weights.",
                "SVM on activations of an earlier layer": "ImageNet has birds, so the late layers know them.",
                "initialise from the pre-trained model, fine-tune everything": "For large, different data.",
            },
        ),
        means="Few and similar images: keep the features, and train only the classifier.",
        hints=(
            "Are ten images per class small or large data? Are birds similar to the images of ImageNet?",
            "Small and similar is the upper left cell of the board.",
        ),
        solution='answer = "linear classifier on CNN codes"',
        wrong=(
            "SVM on activations of an earlier layer",
            "fine-tune through the whole network",
            "use a bigger net",
        ),
    ),
    "05.2": Exercise(
        level="do it",
        kind="number",
        minutes=3,
        check=number(_probe_mean, tolerance=0.002),
        means="A mean over seeds describes the strategy; a single run also describes its luck.",
        hints=(
            "runs.query(\"target == 'micrographs' and images == 10\") selects rows; the strategy is missing.",
            'There is one row per seed: ["accuracy"].mean() averages over them.',
        ),
        solution="""
from helpers.studies import read_results

runs = read_results("board").query("target == 'micrographs' and images == 10")
answer = runs.query("strategy == 'Linear probe'")["accuracy"].mean()
""",
        wrong=(0.0, 1.0, "the probe"),
    ),
    "05.3": Exercise(
        level="explain it",
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
        kind="choice",
        minutes=6,
        check=_best_layer,
        means="The rule of thumb said an earlier layer. The validation set decides, not the rule.",
        hints=(
            "Fit one EarlierLayerSVM(layer=...) per layer, and score each one on the validation set.",
            'The layers are f"block{number}_pool" for number 1 to 4. Keep the scores in a dict.',
        ),
        solution="""
from helpers.data.image_sets import builtin
from helpers.strategies import EarlierLayerSVM

data = builtin("micrographs", 20, 100, 1)
scores = {}
for number in range(1, 5):
    layer = f"block{number}_pool"
    svm = EarlierLayerSVM(layer=layer).fit(data.X_train, data.y_train)
    scores[layer] = svm.score(data.X_validation, data.y_validation)
answer = max(scores, key=scores.get)
""",
        wrong=("block9_pool", "the last one", 2),
    ),
}
