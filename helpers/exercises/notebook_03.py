"""Exercises of notebook 03, domain and task."""

import numpy as np

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice, function, several

FEATURES, MARGINAL = "feature space F", "marginal P(X)"
LABELS, CONDITIONAL = "label space Y", "conditional P(Y|X)"
SHORT = {  # other names of the four parts
    FEATURES: ("feature space", "F"),
    MARGINAL: ("marginal", "P(X)", "marginal distribution"),
    LABELS: ("label space", "Y"),
    CONDITIONAL: ("conditional", "P(Y|X)", "conditional distribution"),
}


def _part(*right, features="", marginal="", labels="", conditional=""):
    """A check of one part of domain and task; the names count with their symbol and without."""
    replies = {FEATURES: features, MARGINAL: marginal, LABELS: labels, CONDITIONAL: conditional}
    wrong = {name: why for part, why in replies.items() if part not in right for name in (part, *SHORT[part])}
    return choice([name for part in right for name in (part, *SHORT[part])], wrong)


def _false_alarms(tests, level):
    return tests * level, 1 - (1 - level) ** tests


def _three_classes():
    """Return a network with random weights and biases, and inputs for it."""
    from helpers.networks.backend import keras
    from helpers.networks.seeding import seeded

    with seeded(0):
        hidden = keras.layers.Dense(6, activation="relu")
        last = keras.layers.Dense(3, bias_initializer="normal")
        model = keras.Sequential([keras.Input((5,)), hidden, last])
    return model, np.random.default_rng(0).normal(size=(20, 5)).astype("float32")


def _exchanges(answer):
    """Check a function that exchanges the classes 0 and 1 of a network."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = exchange."
    model, X = _three_classes()
    hidden, _, _, bias = model.get_weights()
    before = np.asarray(model(X))
    try:
        result = attempt(answer, model, slow=True)
    except Failed as failure:
        return f"exchange(model) {failure}."
    if result is not None and result is not model:
        return f"exchange(model) returns {shown(result)}; change this model, and return nothing."
    if not np.array_equal(hidden, model.get_weights()[0]):
        return "The first layer has changed. It computes features of a document, and these are as before."
    return _exchange_problem(before, np.asarray(model(X)), bias)


def _exchange_problem(before, after, bias):
    swap = [1, 0, 2]
    if np.allclose(after, before[:, swap], atol=1e-5):
        return None
    if np.allclose(after, before, atol=1e-5):
        return "The network predicts the same as before. Have you called set_weights on its last layer?"
    if np.allclose(after, (before - bias)[:, swap] + bias, atol=1e-5):
        return "Almost: each class also has its own bias, which has to move with its column of the kernel."
    if np.allclose(after, before - bias + bias[swap], atol=1e-5):
        return "Almost: the biases are exchanged, but the columns of the kernel are not."
    if np.allclose(after[:, 0], after[:, 1], atol=1e-5):
        return (
            "Both outputs are the same now: a column of an array is a view, so exchanging two of them with "
            "a, b = b, a overwrites the first before it is copied. Index with a list of column numbers."
        )
    if any(np.allclose(after, before[:, order], atol=1e-5) for order in ([0, 2, 1], [2, 1, 0])):
        return "These are two other classes. Class 0 is cooking and class 1 is sport."
    return "The outputs are not those of before with the first two exchanged. Exchange columns, not rows."


EXERCISES = {
    "03.1": Exercise(
        level="do it",
        kind="function",
        minutes=5,
        check=function(
            [
                (("goal goal ball", ("goal", "ball", "rice")), np.array([2, 1, 0])),
                (("rice", ("goal", "ball", "rice")), np.array([0, 0, 1])),
                (("today day today", ("day", "today")), np.array([1, 2])),  # whole words, not parts of words
            ],
            name="bag",
            mistakes={
                lambda text, vocabulary: [text.count(word) for word in vocabulary]: (
                    "There is a 'day' in every 'today': split the text into words first."
                ),
                lambda text, vocabulary: [int(word in text.split()) for word in vocabulary]: (
                    "That is whether a word occurs. Count how often."
                ),
                lambda text, vocabulary: len(text.split()): "Return a list, with one number per word.",
            },
        ),
        means=(
            "This list is one point of the feature space. The order of the words is lost, and words that are "
            "not in the vocabulary leave no trace: a Vietnamese document becomes a row of zeros."
        ),
        hints=(
            "text.split() returns a list of words, and lists have a method that counts.",
            "Go through the words of the vocabulary, not of the text: the result has their order.",
        ),
        solution="""
def bag(text, vocabulary):
    return [text.split().count(word) for word in vocabulary]


answer = bag
""",
        wrong=(
            lambda text, vocabulary: len(text.split()),
            lambda text, vocabulary: [text.count(word) for word in vocabulary],
            "goal",
        ),
    ),
    "03.2": Exercise(
        level="do it",
        kind="diagnosis",
        minutes=6,
        check=cases(
            {
                "night": _part(
                    MARGINAL,
                    features="Size and colours of the images are as before: the camera is the same.",
                    labels="There are still only two labels, empty and pedestrian.",
                    conditional="A pedestrian is a pedestrian at any hour.",
                ),
                "infrared": _part(
                    FEATURES,
                    marginal="It is not only that other images occur: an image is another kind of array now.",
                    labels="There are still only two labels, empty and pedestrian.",
                    conditional="A pedestrian is a pedestrian for any camera.",
                ),
                "cyclists": _part(
                    LABELS,
                    features="The camera is the same.",
                    marginal="The camera sees the same street as before. What may an answer be?",
                    conditional="There is a new answer, so the set of labels differs first of all.",
                ),
                "new rule": _part(
                    CONDITIONAL,
                    features="The camera is the same.",
                    marginal="The camera sees the same street as before. Which label does an image get?",
                    labels="The labels are called empty and pedestrian, as before.",
                ),
                "holidays": _part(
                    MARGINAL,
                    CONDITIONAL,
                    features="The camera is the same.",
                    labels="There are still only two labels. One of them is more frequent.",
                ),
            }
        ),
        means=(
            "What differs says what has to be learned anew. On holidays, the class frequencies P(Y) move "
            "first: a label shift. P(X) and P(Y|X) both follow, so either answer counts."
        ),
        hints=(
            "Ask in this order: is an image the same kind of array? Are the possible labels the same? Would "
            "the same image get the same label? If all of this is so, only P(X) is left.",
            "Exactly one case has another kind of array, and one has another set of labels. In exactly one, "
            "somebody has decided that the same image gets another label.",
        ),
        solution="""
answer = {
    "night": "marginal P(X)",
    "infrared": "feature space F",
    "cyclists": "label space Y",
    "new rule": "conditional P(Y|X)",
    "holidays": "marginal P(X)",
}
""",
        wrong=(
            dict.fromkeys(("night", "infrared", "cyclists", "new rule", "holidays"), "marginal P(X)"),
            {"night": "conditional P(Y|X)"},
            "marginal P(X)",
        ),
    ),
    "03.3": Exercise(
        level="vary it",
        kind="choice",
        minutes=4,
        check=several(
            {LABELS, MARGINAL},
            {
                FEATURES: "Both sets have colour images of 32 × 32 pixels.",
                MARGINAL: "Do the images of both sets look alike?",
                LABELS: "Do the classes have the same names?",
                CONDITIONAL: "With other classes, nobody can ask whether labels agree.",
            },
        ),
        means=(
            "Domain and task both differ: this is the usual case when a pre-trained network meets your own "
            "images. The last layer must be new, and the features may or may not fit."
        ),
        hints=(
            "Call compare on two pairs (Domain(data.X_train), Task(data.y_train)), as in the cell above.",
            "The result of compare has a method differing. Read the evidence of each part, too.",
        ),
        solution="""
from helpers.data.domains import Domain, Task
from helpers.data.image_sets import builtin
from helpers.findings.comparison import compare

sets = builtin("shapes", 30, 0, 0), builtin("micrographs", 60, 0, 0)
answer = set(compare(*((Domain(data.X_train), Task(data.y_train)) for data in sets)).differing())
""",
        wrong=({MARGINAL}, {FEATURES}, {FEATURES, MARGINAL, LABELS, CONDITIONAL}, MARGINAL),
    ),
    "03.4": Exercise(
        level="vary it",
        kind="function",
        minutes=7,
        check=function(
            [
                ((tests, level), _false_alarms(tests, level))
                for tests, level in ((100, 0.05), (1, 0.05), (20, 0.01))
            ],
            name="false_alarms",
            mistakes={
                lambda tests, level: (tests * (1 - level), 1 - (1 - level) ** tests): (
                    "That many tests raise no alarm. Nothing differs, so every alarm is a false one."
                ),
                lambda tests, level: (tests * level, min(1, tests * level)): (
                    "The chances of several tests do not add up: two alarms at once would count twice."
                ),
                lambda tests, level: (
                    tests * level,
                    level**tests,
                ): "That is the chance that all tests raise one.",
                lambda tests, level: (tests * level, (1 - level) ** tests): "That is the chance of no alarm.",
                lambda tests, level: (tests * level, tests * level * (1 - level) ** (tests - 1)): (
                    "That is the chance of exactly one alarm. More than one counts, too."
                ),
                lambda tests, level: (round(tests * level), 1 - (1 - level) ** tests): (
                    "An expected number need not be whole: do not round it."
                ),
                lambda tests, level: (tests * level, level): "That is the chance in a single test.",
                lambda tests, level: tests * level: "Return two numbers: how many, and the chance of any.",
            },
        ),
        means=(
            "Whoever tests a hundred pairs almost certainly finds a difference that is not there. So say how "
            "many tests you have made, and repeat the one that raised the alarm."
        ),
        hints=(
            "Nothing differs, so each test raises an alarm with a probability of level. What is expected "
            "after many tests?",
            "At least one alarm is the opposite of none. What is the probability that one test stays silent, "
            "and that all of them do?",
        ),
        solution="""
def false_alarms(tests, level):
    return tests * level, 1 - (1 - level) ** tests


answer = false_alarms
""",
        wrong=(
            lambda tests, level: (tests * (1 - level), 1 - (1 - level) ** tests),
            lambda tests, level: tests * level,
            (5, 1),
            95,
        ),
    ),
    "03.5": Exercise(
        level="explain it",
        kind="design",
        minutes=10,
        check=_exchanges,
        means=(
            "No document was needed: the features fit, and only the names were wrong. Where P(Y|X) differs "
            "and the reason is known, mend the last layer instead of training all of them."
        ),
        hints=(
            "model.layers[-1].get_weights() returns the kernel (one column per class) and the bias (one "
            "number per class).",
            "NumPy puts columns into another order if you index with a list of their numbers. Do the same "
            "with the bias, then use set_weights.",
        ),
        solution="""
def exchange(model):
    kernel, bias = model.layers[-1].get_weights()
    order = [1, 0, 2]
    model.layers[-1].set_weights([kernel[:, order], bias[order]])


answer = exchange
""",
        wrong=(lambda model: None, lambda model: model.layers[0].set_weights([]), "exchange"),
    ),
}
