"""Exercises of notebook 03, domain and task."""

from types import FunctionType

import numpy as np

from helpers.exercises import bags, peeking
from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice, function, one_after_the_other
from helpers.exercises.lazy import lazily

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
        return f"exchange(model) {failure}.{_other_network(answer)}"
    if result is not None and result is not model:
        return f"exchange(model) returns {shown(result)}; change this model, and return nothing."
    if not np.array_equal(hidden, model.get_weights()[0]):
        return "The first layer has changed. It computes features of a document, and these are as before."
    after = np.asarray(model(X))
    if np.allclose(after, before, atol=1e-5) and (other := _other_network(answer)):
        return f"The network that the function gets predicts the same as before.{other}"
    return _exchange_problem(before, after, bias, model.get_weights()[2])


def _other_network(answer):
    """Return what to say if a function uses a layer or a network from outside of it, else nothing."""
    from helpers.networks.backend import keras

    if type(answer) is not FunctionType:
        return ""
    for name in answer.__code__.co_names:
        if isinstance(answer.__globals__.get(name), keras.layers.Layer):
            return (
                f" Your function uses `{name}`, a part of the network in the notebook. Find the last layer "
                "in the argument: model.layers[-1]. Then run the whole cell again, because your network may "
                "have changed."
            )
    return ""


def _exchange_problem(before, after, bias, kernel):
    swap = [1, 0, 2]
    if np.allclose(after, before[:, swap], atol=1e-5):
        return None
    if np.allclose(after, before, atol=1e-5):
        return "The network predicts the same as before. Have you called set_weights on its last layer?"
    if np.allclose(after, (before - bias)[:, swap] + bias, atol=1e-5):
        return "Almost: each class also has its own bias, which has to move with its column of the kernel."
    if np.allclose(after, before - bias + bias[swap], atol=1e-5):
        return "Almost: the biases are exchanged, but the columns of the kernel are not."
    if np.allclose(kernel[:, 0], kernel[:, 1]):
        return (
            "Two columns of the kernel are equal now. A slice such as kernel[:, 0] is a view, not a copy: it "
            "changes when you overwrite this column. Keep kernel[:, 0].copy(), or index with a list of "
            "column numbers."
        )
    if any(np.allclose(after, before[:, order], atol=1e-5) for order in ([0, 2, 1], [2, 1, 0])):
        return "These are two other classes. Class 0 is cooking and class 1 is sport."
    return "The outputs are not those of before with the first two exchanged. Exchange columns, not rows."


EXERCISES = {
    "03.1": Exercise(
        level="do it",
        kind="function",
        minutes=11,
        check=one_after_the_other(
            function(
                [
                    (("goal goal ball", 16), bags.hashed("goal goal ball", 16)),
                    (("món ăn món", 5), bags.hashed("món ăn món", 5)),
                    (("today day", 3), bags.hashed("today day", 3)),
                ],
                name="hashed",
                mistakes={
                    lambda text, size: bags.hashed(text, size, words={*text.split()}): (
                        "A word that occurs twice counts twice. Do not make a set of the words."
                    ),
                    lambda text, size: bags.hashed(text, size, number=hash): (
                        "Python's hash gives a word another number in each session. Take zlib.crc32."
                    ),
                    lambda text, size: bags.hashed(text, size, number=len): (
                        "The place of a word is not its length: take zlib.crc32 of its bytes."
                    ),
                    lambda text, size: bags.hashed(text, size, words=text): (
                        "You count characters. Split the text into words first."
                    ),
                    lambda text, size: [min(1, count) for count in bags.hashed(text, size)]: (
                        "This says whether a place has a word. Count how many."
                    ),
                },
            ),
            bags.one_bag,
            "hashed, and a list of two texts",
        ),
        means=(
            "Every language has the same feature space now, and no word is without a place. But a classifier "
            "gives both texts the same label, for they are one point of the space. There are more words than "
            "places, so some of them must meet, whatever the hash. A larger space only makes it rarer."
        ),
        hints=(
            "Begin with a list of as many zeros as there are places. Each word of the text then raises one "
            "of them: which one?",
            "For the two texts, look for two different words whose bags are equal. How many words has "
            "`words`, and how many places has the bag?",
        ),
        solution="""
import zlib


def hashed(text, size):
    bag = [0] * size
    for word in text.split():
        bag[zlib.crc32(word.encode()) % size] += 1
    return bag


alike = ["coach", "soup"]
answer = (hashed, alike)
""",
        wrong=(
            (lambda text, size: bags.hashed(text, size, words=text), ["coach", "soup"]),
            (bags.hashed, ["coach", "coach"]),
            (bags.hashed, ["coach team", "soup team"]),
            (bags.hashed, ["coach", "rice"]),
            (bags.hashed, ["coach coach", "soup"]),
            (bags.hashed, ["a b", "c d"]),
            bags.hashed,
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
            "For each case, imagine one image from before the change and one from after it. Could the new "
            "camera have stored the old image? Would the old annotator have given the new image this label?",
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
        kind="design",
        minutes=12,
        check=lazily("pairs", "two_targets"),
        means=(
            "You have separated the two differences that people confuse most. In the first target, the "
            "question is as before, and other images come in: new images help. In the second one, the same "
            "images have other labels: there, old labels do harm. In negatives, `compare` sees nothing: "
            "shapes and grounds have random colours, and their negatives are as random."
        ),
        hints=(
            "The new images are of the same kind as those of the source. For each target, change only the "
            "images or only the labels. What does `compare` say before you have changed anything?",
            "Images: change all of them so that an eye would see it at once, such as less light or fewer "
            "colours; keep their shape and dtype. Labels: keep the set of names, and give some images "
            "another one of them.",
        ),
        solution="""
import numpy as np

from helpers.data.domains import Domain, Task
from helpers.data.image_sets import builtin

new = builtin("shapes", 30, 0, 0, seed=1)
X, y = new.X_train, new.y_train
darker = (0.4 * X).astype("uint8")
exchanged = np.where(y == "circle", "star", np.where(y == "star", "circle", y))
other_images = Domain(darker), Task(y)
other_labels = Domain(X), Task(exchanged)
answer = (other_images, other_labels)
""",
        wrong=({MARGINAL}, ("dark", "exchanged"), (MARGINAL, CONDITIONAL)),
    ),
    "03.4": Exercise(
        level="vary it",
        kind="function",
        minutes=11,
        check=peeking.peeked,
        means=(
            "Nothing differs, and yet whoever looks after each seed often finds something: every look is "
            "another chance for luck. The looks share their seeds, so the chances grow more slowly than with "
            "independent tests. Decide how many seeds you run before you look, or say how often you looked."
        ),
        hints=(
            "Draw all values first, one row per repetition. A look after n seeds tests the first n columns "
            "of each row, and gives one p-value per row.",
            "After all looks, each repetition has several p-values. It has raised an alarm if the smallest "
            "of them is below the level.",
        ),
        solution="""
import numpy as np
from scipy.stats import ttest_1samp


def false_finds(most, level):
    runs = np.random.default_rng(0).normal(size=(1000, most))
    looks = [ttest_1samp(runs[:, :n], 0, axis=1).pvalue for n in range(3, most + 1)]
    return np.mean(np.min(looks, axis=0) < level)


answer = false_finds
""",
        wrong=(
            lambda most, level: level,
            lambda most, level: 1 - (1 - level) ** (most - 2),
            lambda most, level: 1 - peeking.false_finds(most, level),
            lambda most, level: 1000 * peeking.false_finds(most, level),
            lambda most, level: print(level),
            0.23,
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
