"""Exercises of notebook 00, start here."""

import numpy as np

from helpers.exercises.checks import Exercise
from helpers.exercises.designs import accuracy_above, accuracy_of, has_kept, outputs, trains_only
from helpers.exercises.kinds import cases, choice, function, network, number


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


EXERCISES = {
    "00.1": Exercise(
        level="do it",
        kind="number",
        minutes=2,
        check=number(
            10 * 20 * 32 * 32 * 3,
            mistakes={
                32 * 32 * 3: "That is one image. How many images are there?",
                32 * 32: "That is one image without its colours. How many images are there?",
                200: "That is the number of images.",
                200 * 32 * 32: "Each pixel has three numbers: red, green and blue.",
                20 * 32 * 32 * 3: "That is one class; there are ten.",
                350 * 32 * 32 * 3: "These are all three sets; only the training set is asked for.",
            },
        ),
        means="A network sees nothing but these numbers: no edges, no shapes, no names. It has to find them.",
        hints=(
            "data.X_train is an array (images, height, width, colours). Its attribute shape shows how long "
            "each axis is.",
            "NumPy arrays also have an attribute that counts all their numbers at once.",
        ),
        solution="""
from helpers.data.image_sets import builtin

answer = builtin("shapes", 20, 10, 5).X_train.size
""",
        wrong=(3072, 1024, 200, 204800, 61440, 1075200, "many"),
    ),
    "00.2": Exercise(
        level="do it",
        kind="function",
        minutes=4,
        check=function(
            [
                ((np.array(["a", "b", "b", "a"]), np.array(["a", "b", "a", "a"])), 0.75),
                ((np.array([0, 1]), np.array([1, 0])), 0.0),
                ((np.array([2, 2, 2]), np.array([2, 2, 2])), 1.0),
            ],
            name="accuracy",
            mistakes={
                lambda truth, predicted: np.sum(truth == predicted): "That is a number of images. Divide.",
                lambda truth, predicted: np.mean(truth != predicted): "That is the fraction of mistakes.",
                lambda truth, predicted: 100 * np.mean(truth == predicted): "Return a fraction from 0 to 1.",
                lambda truth, predicted: float(np.all(truth == predicted)): "Count the labels that agree.",
            },
        ),
        means=(
            "You can now check every accuracy of this series yourself. It counts all mistakes alike, "
            "whatever they cost."
        ),
        hints=(
            "If you compare two arrays, you get an array of True and False.",
            "NumPy counts True as 1 and False as 0. Which function turns an array into one number?",
        ),
        solution="""
import numpy as np


def accuracy(truth, predicted):
    return np.mean(truth == predicted)


answer = accuracy
""",
        wrong=(lambda truth, predicted: np.sum(truth == predicted), lambda truth, predicted: 1.0, 0.75),
    ),
    "00.3": Exercise(
        level="vary it",
        kind="function",
        minutes=5,
        check=function(
            [
                ((np.array(["a", "b", "b", "a"]),), 0.5),
                ((np.array(["healthy"] * 9 + ["ill"]),), 0.9),
                ((np.array(["b", "c", "a", "c", "c"]),), 0.6),
            ],
            name="baseline",
            mistakes={
                lambda labels: 0.1: "That is chance with ten equally frequent classes. Use the labels.",
                lambda labels: 1 / len(np.unique(labels)): (
                    "That is the chance level of equally frequent classes. These are not."
                ),
                lambda labels: np.unique(labels, return_counts=True)[1].max(): "Divide by all labels.",
                lambda labels: np.mean(labels == labels[0]): "The first label need not be the most frequent.",
                lambda labels: np.unique(labels, return_counts=True)[1].min() / len(labels): (
                    "That is the rarest class."
                ),
            },
        ),
        means=(
            "This is the score of a classifier that never looks at an image. With nine healthy leaves in "
            "ten, 90 % is nothing to be proud of."  # given: exercise
        ),
        hints=(
            "np.unique(labels, return_counts=True) returns the classes, and how often each one occurs.",
            "Of these counts, only the largest matters: how does it compare with the number of all labels?",
        ),
        solution="""
import numpy as np


def baseline(labels):
    classes, counts = np.unique(labels, return_counts=True)
    return counts.max() / len(labels)


answer = baseline
""",
        wrong=(lambda labels: 1 / len(set(labels)), lambda labels: max(labels), 0.1),
    ),
    "00.4": Exercise(
        level="do it",
        kind="design",
        minutes=12,
        check=network(
            outputs(10),
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
