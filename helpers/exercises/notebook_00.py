"""Exercises of notebook 00, start here."""

import itertools

import numpy as np

from helpers.exercises.attempts import Failed, attempt
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function, number


def _split_sizes(answer):
    ask = "Give three numbers: (training, validation, test)."
    if not isinstance(answer, (tuple, list, np.ndarray)):
        return ask
    try:
        sizes = attempt(lambda: [float(size) for size in itertools.islice(answer, 4)])
    except Failed:
        return ask
    if len(sizes) != 3:
        return ask
    if sizes == [200, 100, 50]:
        return None
    if sizes == [20, 10, 5]:
        return "These are the numbers of images per class; the data set has ten classes."
    return "Not these numbers. len(data.y_train) counts the training images of all classes."


EXERCISES = {
    "00.1": Exercise(
        level="do it",
        kind="number",
        minutes=1,
        check=number(
            32 * 32 * 3,
            mistakes={
                32 * 32: "Each pixel has three numbers: red, green and blue.",
                32: "That is the length of one side.",
            },
        ),
        means="Each image is a point in a space of 3072 dimensions, and a network sees nothing else.",
        hints=(
            "An image is an array (height, width, channels).",
            "Multiply height, width and channels, or use data.X_train[0].size.",
        ),
        solution="""
from helpers.data.image_sets import builtin

answer = builtin("shapes", 1, 1, 1).X_train[0].size
""",
        wrong=(1024, 32, "many"),
    ),
    "00.2": Exercise(
        level="do it",
        kind="number",
        minutes=1,
        check=_split_sizes,
        means="Only the training images change the network.",
        hints=(
            'The counts in builtin("shapes", 20, 10, 5) are per class.',
            "There are ten classes. The labels are in data.y_train, data.y_validation and data.y_test.",
        ),
        solution="""
from helpers.data.image_sets import builtin

data = builtin("shapes", 20, 10, 5)
answer = len(data.y_train), len(data.y_validation), len(data.y_test)
""",
        wrong=((20, 10, 5), (350,), 200),
    ),
    "00.3": Exercise(
        level="do it",
        kind="number",
        minutes=1,
        check=number(
            0.1,
            tolerance=0.001,
            mistakes={0.5: "That would be chance for two classes.", 0.0: "A guess is sometimes right."},
        ),
        means="An accuracy means little until it is compared with chance.",
        hints=(
            "How many classes are there, and how frequent is each of them?",
            "Whatever you guess, one image in ten belongs to that class.",
        ),
        solution="answer = 1 / 10",
        wrong=(0.5, 0.0, 10),
    ),
    "00.4": Exercise(
        level="vary it",
        kind="function",
        minutes=3,
        check=function(
            [
                ((np.array(["a", "b", "b", "a"]), np.array(["a", "b", "a", "a"])), 0.75),
                ((np.array([0, 1]), np.array([1, 0])), 0.0),
                ((np.array([2, 2, 2]), np.array([2, 2, 2])), 1.0),
            ],
            name="accuracy",
        ),
        means="The mean of True and False is a fraction: this is how accuracy is computed everywhere.",
        hints=(
            "If you compare two arrays, you get an array of True and False.",
            "The mean of this array is the fraction of True: np.mean(truth == predicted).",
        ),
        solution="""
import numpy as np


def accuracy(truth, predicted):
    return np.mean(truth == predicted)


answer = accuracy
""",
        wrong=(lambda truth, predicted: np.sum(truth == predicted), 0.75),
    ),
}
