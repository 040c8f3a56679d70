"""Exercises and quiz of notebook 00, start here."""

import numpy as np

from helpers.exercises.checks import Exercise, Question, custom, function, number


def _split_sizes(answer):
    if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != 3:
        return "Give three numbers: (training, validation, test)."
    if tuple(answer) == (200, 100, 50):
        return None
    if tuple(answer) == (20, 10, 5):
        return "These are the pictures of one class; the set has ten classes."
    return "Not these. len(data.y_train) counts the training pictures of all classes."


EXERCISES = {
    "00.1": Exercise(
        check=number(
            32 * 32 * 3,
            mistakes={32 * 32: "Each pixel holds three numbers: red, green, blue.", 32: "That is one side."},
        ),
        hints=(
            "A picture is an array (height, width, colours).",
            "Multiply height, width and colours, or ask data.X_train[0].size.",
        ),
        solution="""
from helpers.datasets import builtin

answer = builtin("shapes", 1, 1, 1).X_train[0].size
""",
        wrong=(1024, 32, "many"),
    ),
    "00.2": Exercise(
        check=custom(_split_sizes),
        hints=(
            'The counts of builtin("shapes", 20, 10, 5) are per class.',
            "There are ten classes; the sets are data.y_train, data.y_validation and data.y_test.",
        ),
        solution="""
from helpers.datasets import builtin

data = builtin("shapes", 20, 10, 5)
answer = len(data.y_train), len(data.y_validation), len(data.y_test)
""",
        wrong=((20, 10, 5), (350,), 200),
    ),
    "00.3": Exercise(
        check=number(
            0.1,
            tolerance=0.001,
            mistakes={0.5: "That would be chance for two classes.", 0.0: "Guessing is right now and then."},
        ),
        hints=(
            "How many classes are there, and how often does each one come?",
            "Whatever you guess, one picture in ten is of that class.",
        ),
        solution="answer = 1 / 10",
        wrong=(0.5, 0.0, 10),
    ),
    "00.4": Exercise(
        check=function(
            [
                ((np.array(["a", "b", "b", "a"]), np.array(["a", "b", "a", "a"])), 0.75),
                ((np.array([0, 1]), np.array([1, 0])), 0.0),
                ((np.array([2, 2, 2]), np.array([2, 2, 2])), 1.0),
            ],
            name="accuracy",
        ),
        hints=(
            "Comparing two arrays gives an array of True and False.",
            "The mean of True and False is the share of True: np.mean(truth == predicted).",
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

QUIZ = (
    Question(
        "What does the same seed give, run twice on one computer?",
        {
            "The same result": "Pictures, starting weights and their order all follow from it.",
            "The best result": "A seed is no better than another; a result that needs its seed is luck.",
            "A new result": "Another seed does.",
        },
        right="The same result",
    ),
    Question(
        "When is the test split scored?",
        {
            "After every epoch": "Watch validation while you train.",
            "Once, at the very end": "Whatever has been chosen by it, it no longer measures.",
            "Whenever a setting changes": "Settings are chosen on validation.",
        },
        right="Once, at the very end",
    ),
    Question(
        # given: exercise
        "A method scores 81 % with one seed, another 80 % with one seed. What do you know?",
        {
            "The first is better": "Another seed may turn it round.",
            "They are equal": "Nor do you know that.",
            "Too little: repeat both over seeds": "Only the interval of the difference can tell.",
        },
        right="Too little: repeat both over seeds",
    ),
    Question(
        "Why commit a prediction before you run a cell?",
        {
            "The result depends on it": "The computer does not listen.",
            "A guess that turns out wrong is remembered": "Predicting first makes the result stick.",
            "It is marked": "Nobody sees it but you.",
        },
        right="A guess that turns out wrong is remembered",
    ),
    Question(
        # given: exercise
        "A classifier for ten equally frequent classes is right in 12 % of the test pictures. What is that?",
        {
            "Hardly better than guessing": "Chance is 10 %.",  # given: definition
            "Good": "Compare it with chance before you call it good.",
            "Impossible": "Even guessing is right now and then.",
        },
        right="Hardly better than guessing",
    ),
)
