"""Exercises of notebook 00, start here."""

import numpy as np

from helpers.exercises import constructions, reports
from helpers.exercises.checks import Exercise
from helpers.exercises.designs import (
    accuracy_above,
    accuracy_of,
    gives_scores,
    has_kept,
    outputs,
    trains_only,
)
from helpers.exercises.kinds import cases, choice, function, network, one_after_the_other


def _shapes_network():
    from helpers.networks.backbones import Backbone, fresh

    return fresh(Backbone("shapes"))


def _new_shapes():
    from helpers.data.image_sets import builtin

    return builtin("new_shapes", 5, 0, 50)


def _trained_share(model):
    data = _new_shapes()
    accuracy = accuracy_of(model, data.X_test, np.searchsorted(data.classes, data.y_test))
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return (
        f"Your network has {model.count_params():,} parameters. You trained {trained:,} of them, and it "
        f"classifies {accuracy:.0%} of the test images correctly. All other knowledge comes from the source."
    )


MEMORISED, NOT_LEARNED, NOT_FINISHED = "learned by heart", "learned nothing", "trained too little"
EXCHANGED, FINE = "labels exchanged", "nothing is wrong"


def _diagnosis(right, **replies):
    """A check of one diagnosis; the replies are in the order of the list in the question."""
    names = {"heart": MEMORISED, "nothing": NOT_LEARNED, "little": NOT_FINISHED}
    names |= {"exchanged": EXCHANGED, "fine": FINE}
    return choice(right, {names[key]: why for key, why in replies.items()})


# Exercise 00.1


def _leaked(train, test):
    return sum(any(np.array_equal(a, b) for a in train) for b in test)


def _images(count):
    """Return images with few different numbers, so that any two of them agree in some place."""
    return np.random.default_rng(0).integers(0, 4, (count, 4, 4, 3), "uint8")


_X = _images(9)
_LEAKING = _X[:5], _X[[3, 7, 0, 8]]
_MOVED = _X[[0, 1, 2, 1]], _X[[5, 6, 7, 1, 8]]
_TWICE = _X[:5], _X[[4, 6, 4]]
_ALIKE = _X[:5], np.concatenate([_X[[1]][:, ::-1], _X[[2]] ^ (np.arange(48).reshape(4, 4, 3) == 47)])

# Exercises 00.2 and 00.3

_SCORES = np.array([[-1.0, 2.0, 0.5], [3.0, 1.0, 2.0], [0.0, 0.1, 0.2], [-3.0, -1.0, -2.0]])


def _most_frequent(labels):
    classes, counts = np.unique(labels, return_counts=True)
    return classes[counts.argmax()]


def _largest_share(labels):
    return np.mean(labels == _most_frequent(labels))


def _baseline(train, test):
    return np.mean(test == _most_frequent(train))


EXERCISES = {
    "00.1": Exercise(
        level="do it",
        kind="function",
        minutes=6,
        check=function(
            [(_LEAKING, 2), (_MOVED, 1), (_TWICE, 2), (_ALIKE, 0)],
            name="leaked",
            mistakes={
                lambda train, test: sum(image in train for image in test): (
                    "`image in train` is true as soon as a single number agrees. Compare all numbers."
                ),
                lambda train, test: sum(map(np.array_equal, train, test)): (
                    "A copy can be at any place: compare each test image with every training image."
                ),
                lambda train, test: sum(np.array_equal(a, b) for a in train for b in test): (
                    "A test image counts once, even if it occurs several times in the training set."
                ),
                lambda train, test: sum(any(np.array_equal(a, b) for b in test) for a in train): (
                    "You count training images. Count the test images."
                ),
                lambda train, test: _leaked(train, test) / len(test): "Return a number, not a share.",
                lambda train, test: _leaked(train, test) > 0: "Return how many, not only whether.",
                lambda train, test: int(np.isin(test.mean((1, 2, 3)), train.mean((1, 2, 3))).sum()): (
                    "Two images can have the same mean and still differ. Compare all numbers."
                ),
            },
        ),
        means=(
            "A leak makes every score too high, and no accuracy shows it. So look for copies before you "
            "train. Your function misses images that are nearly the same; notebook 08 finds these, too."
        ),
        hints=(
            "np.array_equal(a, b) is True if all numbers of two images agree.",
            "Take the test images one after the other. For each of them, ask whether any training image is "
            "equal to it, and count the answers that are True.",
        ),
        solution="""
import numpy as np


def leaked(train, test):
    count = 0
    for image in test:
        count += any(np.array_equal(image, other) for other in train)
    return count


answer = leaked
""",
        wrong=(
            lambda train, test: sum(image in train for image in test),
            lambda train, test: sum(map(np.array_equal, train, test)),
            lambda train, test: len(train),
            0,
        ),
    ),
    "00.2": Exercise(
        level="do it",
        kind="function",
        minutes=10,
        check=one_after_the_other(
            function(
                [
                    ((_SCORES, ["bee", "ant", "fly"], np.array(["ant", "bee", "fly", "bee"])), 0.75),
                    ((_SCORES, ["bee", "ant", "fly"], np.array(["ant", "ant", "bee", "ant"])), 0.5),
                    ((_SCORES[:2], ["fly", "ant", "bee"], np.array(["ant", "fly"])), 1.0),
                ],
                name="accuracy",
                mistakes={
                    lambda scores, classes, truth: np.sum(reports.named(scores, classes) == truth): (
                        "That is a number of images. Divide."
                    ),
                    lambda scores, classes, truth: np.mean(reports.named(scores, classes) != truth): (
                        "That is the fraction of mistakes."
                    ),
                    lambda scores, classes, truth: np.mean(np.argmax(scores, axis=1) == truth): (
                        "You compare numbers of columns with names. Column k belongs to classes[k]."
                    ),
                    lambda scores, classes, truth: np.mean(reports.named(scores, sorted(classes)) == truth): (
                        "Keep the order of `classes`: it says which column is which."
                    ),
                    lambda scores, classes, truth: np.mean(reports.named(-scores, classes) == truth): (
                        "You take the lowest score of each image."
                    ),
                    lambda scores, classes, truth: 100 * np.mean(reports.named(scores, classes) == truth): (
                        "Return a fraction from 0 to 1."
                    ),
                },
            ),
            reports.which_is_mistaken,
            "accuracy, and the letter of a report",
        ),
        means=(
            "You can now check every accuracy of this series yourself. B reports the share of mistakes. The "
            "mistake of C raises no error: its number looks like that of a poor network. With the classes of "
            "A, which are in alphabetical order, nobody would notice it. So store the order of the classes "
            "beside the scores."
        ),
        hints=(
            "np.argmax with an axis returns, for each row or each column, the place of the largest number. "
            "Which axis is it here?",
            "Turn the places into names by indexing an array of the classes. Comparing two arrays gives "
            "True and False, which NumPy counts as 1 and 0. For the reports: which number would your "
            "function return for an author who has sorted the names?",
        ),
        solution="""
import numpy as np

from helpers.exercises.reports import reports


def accuracy(scores, classes, truth):
    answers = np.array(classes)[scores.argmax(axis=1)]
    return np.mean(answers == truth)


for letter, (scores, classes, truth, reported) in reports().items():
    with_sorted_names = accuracy(scores, sorted(classes), truth)
    if reported == with_sorted_names != accuracy(scores, classes, truth):
        mistaken = letter
answer = (accuracy, mistaken)
""",
        wrong=(
            (lambda scores, classes, truth: np.sum(reports.named(scores, classes) == truth), "C"),
            (lambda scores, classes, truth: np.mean(scores.argmax(axis=1) == truth), "C"),
            *((reports.accuracy, letter) for letter in "ABD?"),
            reports.accuracy,
            0.75,
        ),
    ),
    "00.3": Exercise(
        level="vary it",
        kind="function",
        minutes=9,
        check=one_after_the_other(
            function(
                [
                    ((np.array(["a", "b", "b", "a", "a"]), np.array(["a", "b", "b", "b"])), 0.25),
                    ((np.array(["healthy"] * 9 + ["ill"]), np.array(["ill"] + ["healthy"] * 4)), 0.8),
                    ((np.array(["b", "c", "a", "c", "c"]), np.array(["a", "b"])), 0.0),
                ],
                name="baseline",
                mistakes={
                    lambda train, test: 1 / len(np.unique(train)): (
                        "That is the chance level of equally frequent classes. These are not."
                    ),
                    lambda train, test: _largest_share(test): (
                        "You choose the most frequent class of the test set. The classifier has only seen "
                        "the training set."
                    ),
                    lambda train, test: _largest_share(train): (
                        "That is its accuracy on the training set. Score it on the test labels."
                    ),
                    lambda train, test: np.mean(
                        test == train[0]
                    ): "The first label need not be the most frequent.",
                    lambda train, test: np.sum(
                        test == _most_frequent(train)
                    ): "Divide by the number of test labels.",
                },
            ),
            constructions.useful,
            "baseline, and a set of letters",
        ),
        means=(
            # given: exercise
            "91 % is worthless in A, and 30 % is much in B: a number says nothing without its baseline. C "
            "beats its baseline, but not a coin, because day and night changed places between the two sets. "
            "So also look at how frequent each class is, in both of them."
        ),
        hints=(
            "np.unique(labels, return_counts=True) returns the classes, and how often each one occurs.",
            "Two steps: which class would it always answer, after it has seen the training labels? How often "
            "is this answer right on the test labels?",
        ),
        solution="""
import numpy as np


def baseline(train, test):
    classes, counts = np.unique(train, return_counts=True)
    return np.mean(test == classes[counts.argmax()])


# A: 0.91 against 0.92, B: 0.30 against 0.10, C: 0.45 against 0.30
answer = (baseline, {"B", "C"})
""",
        wrong=(
            (lambda train, test: 1 / len(set(train)), {"B", "C"}),
            (lambda train, test: _largest_share(test), {"B", "C"}),
            (_baseline, {"A", "B", "C"}),
            (_baseline, {"B"}),
            _baseline,
            0.1,
        ),
    ),
    "00.4": Exercise(
        level="do it",
        kind="design",
        minutes=12,
        check=network(
            outputs(10),
            gives_scores(_new_shapes),
            trains_only(
                ["head"], "Only the new last layer may learn: set base.trainable = False before you compile."
            ),
            has_kept(_shapes_network),
            accuracy_above(
                0.7,
                _new_shapes,
                "Has the head been trained, and for 30 epochs? Does the loss know that the outputs are not "
                "probabilities (from_logits=True)? Is the learning rate 0.01?",
            ),
        ),
        means=_trained_share,
        hints=(
            "keras.Sequential([...]) makes a chain of layers; a network such as base may be one of them.",
            "Order matters: freeze, build, compile, fit. The number of units of the last layer is the number "
            "of new shapes, and the loss is keras.losses.SparseCategoricalCrossentropy(from_logits=True).",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, fresh

target = builtin("new_shapes", 5, 0, 50)
y = np.searchsorted(target.classes, target.y_train)
keras.utils.set_random_seed(0)
base = fresh(Backbone("shapes"))
base.trainable = False
pooling = keras.layers.GlobalAveragePooling2D()
model = keras.Sequential([base, pooling, keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
model.fit(target.X_train, y, epochs=30, verbose=0)
answer = model
""",
        wrong=(0.87, "model"),
    ),
    "00.5": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=5,
        check=cases(
            {
                "A": _diagnosis(
                    MEMORISED,
                    nothing="It knows its training images perfectly.",
                    little="There is nothing left to learn from the training images.",
                    exchanged="Then the test accuracy would be below chance.",
                    fine="Compare the training images with the other images.",
                ),
                "B": _diagnosis(
                    NOT_LEARNED,
                    heart="Then the training accuracy would be high.",
                    little="A little training beats chance. Where is chance, with ten classes?",
                    exchanged="That puts an accuracy far below chance, and only where labels are wrong.",
                    fine="Compare the three numbers with chance.",
                ),
                "C": _diagnosis(
                    EXCHANGED,
                    heart="Then the validation accuracy would be low, too.",
                    nothing="It does well on validation images, which it has not learned from.",
                    little="It does well on validation images, which it has not learned from.",
                    fine="Whoever guesses blindly gets more of the test images right. How can that be?",
                ),
                "D": _diagnosis(
                    FINE,
                    heart="The three numbers are close together: it knows new images just as well.",
                    nothing="It is far above chance.",
                    little="Most images are right already.",
                    exchanged="Then the test accuracy would be below chance.",
                ),
                "E": _diagnosis(
                    NOT_FINISHED,
                    heart="Its training images are no better than the others.",
                    nothing="It is far above chance.",
                    exchanged="Then the test accuracy would be below chance.",
                    fine="It makes many mistakes even on its training images. Could it learn more?",
                ),
            }
        ),
        means=(
            "The surprise is C: far below chance needs knowledge, too. The network knows the classes, but "
            "the test labels are in another order. Look at a few images before you change the network."
        ),
        hints=(
            "Compare each number with chance for ten classes, and then the three numbers with each other.",
            "A gap between training and validation, low numbers everywhere and a number below chance have "
            "three different causes.",
        ),
        solution="""
answer = {
    "A": "learned by heart",
    "B": "learned nothing",
    "C": "labels exchanged",
    "D": "nothing is wrong",
    "E": "trained too little",
}
""",
        wrong=(
            dict.fromkeys("ABCDE", "learned by heart"),
            {"A": "learned by heart", "B": "trained too little", "C": "x", "D": ..., "E": 1},
            {"A": "learned by heart"},
            "learned by heart",
        ),
    ),
}
