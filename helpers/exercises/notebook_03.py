"""Exercises of notebook 03, domain and task."""

import numpy as np

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, function, number, several

PARTS = {
    "feature space F": "Both sets have colour images of the same size.",
    "marginal P(X)": "Do the images of both sets look alike?",
    "label space Y": "Are the classes the same?",
    "conditional P(Y|X)": "With other classes, nobody can ask whether the labels are the same.",
}

EXERCISES = {
    "03.1": Exercise(
        level="do it",
        kind="function",
        minutes=4,
        check=function(
            [
                (("goal goal ball", ("goal", "ball", "rice")), np.array([2, 1, 0])),
                (("rice", ("goal", "ball", "rice")), np.array([0, 0, 1])),
                (("today day today", ("day", "today")), np.array([1, 2])),  # whole words, not parts of words
            ],
            name="bag",
        ),
        means="Such a vector is a point of the feature space: word order is lost, and so are unknown words.",
        hints=(
            "text.split() returns a list of words; words.count(word) counts one of them.",
            "One number per word of the vocabulary: [text.split().count(w) for w in vocabulary].",
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
        level="vary it",
        kind="choice",
        minutes=2,
        check=choice(
            "marginal P(X)",
            {
                "feature space F": "The camera is the same, and so are the size and colours of its images.",
                "label space Y": "There are still only two labels, empty and pedestrian.",
                "conditional P(Y|X)": "A pedestrian is a pedestrian at any hour.",
            },
        ),
        means="The same labels for the same inputs, but other inputs: this is a covariate shift.",
        hints=(
            "What is the same by day and at night: pixels, labels, what counts as a pedestrian?",
            "What changes is which images occur, and how often.",
        ),
        solution='answer = "marginal P(X)"',
        wrong=("label space Y", "conditional P(Y|X)", "night"),
    ),
    "03.3": Exercise(
        level="do it",
        kind="choice",
        minutes=4,
        check=several({"label space Y", "marginal P(X)"}, PARTS),
        means="With other classes, P(Y|X) cannot be compared, so two parts remain that can differ.",
        hints=(
            "Shapes and micrographs are both colour images of 32 x 32 pixels.",
            "The images look different, and the classes have different names.",
        ),
        solution='answer = {"label space Y", "marginal P(X)"}',
        wrong=({"marginal P(X)"}, {"feature space F"}, set(PARTS)),
    ),
    "03.4": Exercise(
        level="explain it",
        kind="number",
        minutes=3,
        check=number(
            5,
            tolerance=0.5,
            mistakes={
                0: "A test at the 5 % level is sometimes wrong, even if nothing differs.",
                95: "That is the number of tests without an alarm.",
            },
        ),
        means="Some alarms are false even if nothing differs, so a single alarm is weak evidence.",
        hints=(
            "Both samples come from one distribution, so every alarm is a false alarm.",
            # given: definition
            "A test at the 5 % level raises a false alarm in about 5 of 100 draws.",
        ),
        solution="answer = 5",
        wrong=(0, 95, 50, 8),
    ),
}
