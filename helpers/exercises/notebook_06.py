"""Exercises of notebook 06, practical advice."""

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice
from helpers.exercises.lazy import lazily


def _stages(answer):
    from helpers.studies.engine.statistics import standard_error

    head, whole = (stage.val_accuracy[-1:] for stage in (answer[1].stages[0], answer[1].stages[-1]))
    text = (
        "You have written LP-FT in plain Keras. These lines work for any network: the head first, then "
        "everything in small steps, with the statistics of BatchNorm kept."
    )
    if not (head and whole):
        return text
    gain, chance = whole[0] - head[0], 2 * standard_error(whole[0], 400)
    verdict = "more than chance explains" if abs(gain) > chance else "which chance explains"
    return f"{text} The second stage changed the validation accuracy by {100 * gain:+.1f} points, {verdict}."


def _cliff(answer):
    from helpers.exercises.trained import moved

    guess, *pairs = answer
    low, high = (history.stages[-1].learning_rate for _, history in pairs)
    near, far = (moved(model) for model, _ in pairs)
    return (
        f"You expected the cliff at {guess:.2g}; it is between {low:.2g} and {high:.2g}. There the "
        f"convolutions of the last block moved by {near:.0%} and {far:.0%} of their length. The range test "
        "and the lab give the order of magnitude, for their head and their number of steps; the first epoch "
        "of a trial shows the rest."
    )


# Exercise 06.5: the names of the gallery, and tests that would have found the bug

TESTS = {
    "count the trainable parameters": "The number of trainable parameters is right in this run.",
    "look for copies across the splits": "No image of this run is in two splits.",
    "predict training images with the code for new images": "That code gives what it gave during training.",
    "look at images with their labels": "The images and their labels belong together.",
    "print the labels of the first batches": "The batches hold all classes.",
}


def _diagnosis(*keys):
    """Return a check for a diagnosis in the words of the gallery; all its names are known."""

    def check(answer):
        from helpers.strategies.silent_bugs import CASES  # loads Keras

        right = {CASES[key].diagnosis for key in keys}
        others = {
            case.diagnosis: f"“{case.diagnosis}” looks different. {case.symptom}"
            for key, case in CASES.items()
            if key not in keys
        }
        return choice(right, others)(answer)

    return check


def _run(keys, test):
    """Return a check for a pair of a diagnosis and the test that would have found it."""
    diagnosis = _diagnosis(*keys)
    tests = choice(test, {name: f"That test would find nothing. {why}" for name, why in TESTS.items()})

    def check(answer):
        if not (isinstance(answer, tuple) and len(answer) == 2):
            return "Give a pair of two texts: (diagnosis, test)."
        if problem := diagnosis(answer[0]):
            return f"Diagnosis: {problem}"
        return (problem := tests(answer[1])) and f"The diagnosis is right. Test: {problem}"

    return check


RIGHT = {
    "A": ("training images in validation", "look for copies across the splits"),
    "B": ("pixels of new images scaled twice", "predict training images with the code for new images"),
    "C": ("base left frozen", "count the trainable parameters"),
    "D": ("classes in order, not shuffled", "print the labels of the first batches"),
}

EXERCISES = {
    "06.1": Exercise(
        level="do it",
        kind="design",
        minutes=9,
        check=lazily("altering", "shortening"),
        means=(
            "The shorter network shares its layers with the base, so it costs no memory and training one "
            "changes both. The input can be of any size down to this side: convolutions and pooling do not "
            "know the size."
        ),
        hints=(
            "A Keras model is defined by its input and its output. Which tensors are these here? A layer "
            "that is already in a network knows its output: layer.output.",
            "base.get_layer(name) finds a layer. For the side, ask backwards: one position must be left "
            "after the last pooling; how many were there before each of them?",
        ),
        solution="""
import keras


def first_blocks(base, n):
    network = keras.Model(base.input, base.get_layer(f"block{n}_pool").output)
    return network, 2**n


answer = first_blocks
""",
        wrong=(
            lambda base, n: base,
            lambda base, n: (base, 32),
            lambda base, n: (base, 2**n),
            lambda base, n: 2**n,
            16,
        ),
    ),
    "06.2": Exercise(
        level="do it",
        kind="design",
        minutes=18,
        check=lazily("trained", "probe_then_fine_tune"),
        means=_stages,
        hints=(
            "Two stages, each with compile and fit. Before the first, freeze base. Before the second, "
            "unfreeze it, and then freeze every BatchNormalization of base.layers again.",
            "The head is Dense(10) on GlobalAveragePooling2D; keras.Sequential can hold base as a layer. "
            "1e-2 is a good rate for Adam on the head, with 20 epochs; 10 epochs suffice for the second "
            "stage.",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.image_sets import builtin
from helpers.exercises.workflow import Recorder
from helpers.networks.backbones import Backbone, fresh

data = builtin("new_shapes", 20, 40, 0)
y, y_val = (np.searchsorted(data.classes, data.split(p).y) for p in ("train", "validation"))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras.utils.set_random_seed(0)

base = fresh(Backbone("shapes"))
pool, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)
model = keras.Sequential([keras.Input((32, 32, 3)), base, pool, head])
history = Recorder()
options = {"validation_data": (data.X_validation, y_val), "callbacks": [history], "verbose": 0}

base.trainable = False
model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"])
model.fit(data.X_train, y, epochs=20, **options)

base.trainable = True
for layer in base.layers:
    layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
model.fit(data.X_train, y, epochs=10, **options)

answer = (model, history)
""",
        wrong=(0.96, ("model", "history"), "model.fit(X_train, y)"),
    ),
    "06.3": Exercise(
        level="vary it",
        kind="design",
        minutes=15,
        check=lazily("trained", "bracketed"),
        means=_cliff,
        hints=(
            "Put your code of 06.2 into the function, from the seed and fresh to the second fit. Only the "
            "rate of the second compile is new: it is the argument.",
            "Begin with the rate of 06.2, which was good, and multiply until the model breaks. Then narrow "
            "the gap: the geometric mean of two rates is between them.",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.image_sets import builtin
from helpers.exercises.workflow import Recorder
from helpers.networks.backbones import Backbone, fresh

data = builtin("new_shapes", 20, 40, 0)
y, y_val = (np.searchsorted(data.classes, data.split(p).y) for p in ("train", "validation"))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def tuned(rate):
    keras.utils.set_random_seed(0)
    base = fresh(Backbone("shapes"))
    pool, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)
    model = keras.Sequential([keras.Input((32, 32, 3)), base, pool, head])
    history = Recorder()
    options = {"validation_data": (data.X_validation, y_val), "callbacks": [history], "verbose": 0}

    base.trainable = False
    model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"])
    model.fit(data.X_train, y, epochs=20, **options)

    base.trainable = True
    for layer in base.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.fit(data.X_train, y, epochs=3, **options)
    return model, history


guess = 1e-2
kept, broken = tuned(1e-3), tuned(3e-3)  # after 1e-2, which also breaks it
answer = (guess, kept, broken)
""",
        wrong=(3e-2, (3e-2, ("model", "history"), ("model", "history")), ("a large rate", ..., ...)),
    ),
    "06.4": Exercise(
        level="explain it",
        kind="design",
        minutes=16,
        check=lazily("altering", "refreshing"),
        means=(
            "The weights were good all the time. The moving averages start at 0 and 1, and few steps leave "
            "them far behind. So this series computes the statistics again from the training images, as Wu "
            "and Johnson (2021) advise. Call your function on the network above, and evaluate it again. A "
            "baseline without this makes any source look wonderful."
        ),
        hints=(
            "During fit, BatchNorm uses the averages of the batch. evaluate uses the moving averages. When "
            "does a layer update them?",
            "A model can be called on a batch as it is called during training. Each such call moves the "
            "averages a little; how far is an attribute of the layer. Which weights must not move?",
        ),
        solution="""
import keras
import numpy as np


def refresh(model, X):
    is_norm = lambda layer: isinstance(layer, keras.layers.BatchNormalization)
    norms = list(filter(is_norm, model.layers))
    before = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.8
    rng = np.random.default_rng(0)
    for _ in range(30):
        batch = rng.choice(len(X), min(32, len(X)), replace=False)
        model(X[batch], training=True)
    for layer, old in zip(norms, before):
        layer.momentum = old


answer = refresh
""",
        wrong=(
            lambda model, X: None,
            lambda model, X: model(X),
            lambda model, X: model(X, training=True),
            lambda model, X: model.set_weights([0 * weight for weight in model.get_weights()]),
            "train for longer",
        ),
    ),
    "06.5": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=10,
        check=cases(
            {
                "A": _run(["leakage"], RIGHT["A"][1]),
                "B": _run(["preprocessing"], RIGHT["B"][1]),
                "C": _run(["frozen"], RIGHT["C"][1]),
                "D": _run(["sorted"], RIGHT["D"][1]),
            }
        ),
        means=(
            "A curve suggests a bug, and a test confirms it. All these tests take a minute and need no "
            "second training, so make them before the first one."
        ),
        hints=(
            "Ask of each run first: is the training curve healthy? If so, the bug is in how the images for "
            "validation and test are chosen or prepared.",
            "The list in the gallery has the names of all diagnoses; choose one and press Check to read what "
            "that bug looks like.",
        ),
        solution="""
answer = {
    "A": ("training images in validation", "look for copies across the splits"),
    "B": (
        "pixels of new images scaled twice",
        "predict training images with the code for new images",
    ),
    "C": ("base left frozen", "count the trainable parameters"),
    "D": ("classes in order, not shuffled", "print the labels of the first batches"),
}
""",
        wrong=(
            "training images in validation",
            {**RIGHT, "A": ("nothing is wrong", RIGHT["A"][1])},
            {**RIGHT, "B": (RIGHT["B"][0], "count the trainable parameters")},
            {**RIGHT, "D": ("BatchNorm in training mode", RIGHT["D"][1])},
            dict.fromkeys("ABCD", "a bug"),
        ),
    ),
}
