"""Exercises and quiz of notebook 03, domain and task."""

import numpy as np

from helpers.exercises.checks import Exercise, Question, choice, function, number, several

PARTS = ("feature space F", "marginal P(X)", "label space Y", "conditional P(Y|X)")

EXERCISES = {
    "03.1": Exercise(
        check=function(
            [
                (("goal goal ball", ("goal", "ball", "rice")), np.array([2, 1, 0])),
                (("rice", ("goal", "ball", "rice")), np.array([0, 0, 1])),
                (("today day today", ("day", "today")), np.array([1, 2])),  # words, not pieces of words
            ],
            name="bag",
        ),
        hints=(
            "text.split() makes a list of words; a list can count: words.count(word).",
            "One number a word of the vocabulary: [text.split().count(w) for w in vocabulary].",
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
        check=choice(
            "marginal P(X)",
            {
                "feature space F": "The camera and its pixels are the same.",
                "label space Y": "There are still just two labels, empty and pedestrian.",
                "conditional P(Y|X)": "A pedestrian is a pedestrian at any hour.",
            },
        ),
        hints=(
            "What is the same by day and by night: pixels, labels, what counts as a pedestrian?",
            "Which pictures occur, and how often, is what changes.",
        ),
        solution='answer = "marginal P(X)"',
        wrong=("label space Y", "conditional P(Y|X)", "night"),
    ),
    "03.3": Exercise(
        check=several({"label space Y", "marginal P(X)"}, PARTS),
        hints=(
            "Shapes and micrographs are 32 x 32 colour pictures both.",
            "The pictures look unlike each other, and the classes have other names.",
        ),
        solution='answer = {"label space Y", "marginal P(X)"}',
        wrong=({"marginal P(X)"}, {"feature space F"}, set(PARTS)),
    ),
    "03.4": Exercise(
        check=number(
            5,
            tolerance=0.5,
            mistakes={
                0: "A test at 5 % is wrong now and then, even if nothing differs.",
                95: "That is power.",
            },
        ),
        hints=(
            "Both samples come from one distribution, so every alarm is a false one.",
            # given: definition
            "A test at 5 % raises a false alarm in about 5 of 100 draws.",
        ),
        solution="answer = 5",
        wrong=(0, 95, 50, 8),
    ),
}

QUIZ = (
    Question(
        "What makes up a domain?",
        {
            "A feature space and a marginal distribution": "D = {F, P(X)}.",
            "A label space and a conditional distribution": "That is the task, T = {Y, P(Y|X)}.",
            "A model and its weights": "Those come later.",
        },
        right="A feature space and a marginal distribution",
    ),
    Question(
        "Reviews of books in English, reviews of books in Vietnamese, as bags of words. What differs first?",
        {
            "The feature space": "The words, and so the features, are others.",
            "The label space": "Good and bad stay the labels.",
            "Nothing": "No English word counts anything in a Vietnamese text.",
        },
        right="The feature space",
    ),
    Question(
        "The same X-rays; a new guideline calls more of them suspicious. What differs?",
        {
            "The marginal": "The same pictures occur as often as before.",
            "The conditional": "The same input gets another label.",
            "The label space": "The labels' names are the same.",
        },
        right="The conditional",
    ),
    Question(
        "A test finds no difference with 50 samples. What follows?",
        {
            "There is no difference": "A small difference needs more samples to be seen.",
            "The samples do not show one": "No evidence of a difference is not evidence of none.",
            "The test is broken": "It may just lack samples.",
        },
        right="The samples do not show one",
    ),
    Question(
        "Source: ten shapes. Target: ten other shapes, drawn in the same style. What differs for sure?",
        {
            "The feature space": "Both are colour pictures of the same size.",
            "The label space": "None of the new classes is among the old ones.",
            "Nothing": "The names of the classes are others.",
        },
        right="The label space",
    ),
)
