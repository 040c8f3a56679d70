"""Exercises and quiz of notebook 06, practical advice."""

import numbers

from helpers.exercises.checks import Exercise, Question, choice, custom, function, number
from helpers.studies.engine import statistics, tables


def _gap():
    rows = tables.read_results("distortion")
    scores = {
        way: statistics.interval(
            [float(r["accuracy"]) for r in rows if r["strategy"] == way and r["shift"] == "inverted colours"]
        )[0]
        for way in ("Probe, then fine-tune", "Full fine-tune")
    }
    return scores["Probe, then fine-tune"] - scores["Full fine-tune"]


def _smallest_size(answer):
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        return "Give one number: the side of the picture in pixels."
    if answer == 16:
        return None
    if answer < 16:
        return "Four poolings halve the side four times: nothing would be left of this one."
    return "A smaller picture still goes through. How often is the side halved?"


EXERCISES = {
    "06.1": Exercise(
        check=custom(_smallest_size),
        hints=(
            "Four blocks end with a pooling, and each halves the side.",
            "One value has to be left at the end: side / 2 / 2 / 2 / 2 = 1.",
        ),
        solution="answer = 2**4",
        wrong=(8, 32, "any"),
    ),
    "06.2": Exercise(
        check=function([((3e-3, 0.1), 3e-4), ((1e-2, 0.01), 1e-4)], name="backbone_rate"),
        hints=(
            "The ratio says how many times as large the backbone's rate is as the head's.",
            "Multiply the head's rate by it.",
        ),
        solution="""
def backbone_rate(head_rate, ratio):
    return head_rate * ratio


answer = backbone_rate
""",
        wrong=(lambda head_rate, ratio: head_rate / ratio, 3e-4),
    ),
    "06.3": Exercise(
        check=number(_gap, tolerance=0.0005),
        hints=(
            'Rows of experiments.read_results("distortion") hold strategy, shift, seed, accuracy, as text.',
            "Take the mean accuracy of each of the two strategies under that shift, and subtract.",
        ),
        solution="""
import numpy as np
from helpers import experiments

scores = {"Probe, then fine-tune": [], "Full fine-tune": [], "Linear probe": []}
for row in experiments.read_results("distortion"):
    if row["shift"] == "inverted colours":
        scores[row["strategy"]].append(float(row["accuracy"]))
answer = np.mean(scores["Probe, then fine-tune"]) - np.mean(scores["Full fine-tune"])
""",
        wrong=(1.0, -1.0, 0.0118, 0.017, "better"),
    ),
    "06.4": Exercise(
        check=choice(
            "training pictures in validation",
            {
                "nothing is wrong": "Validation this good, and test so much worse?",
                "learning rate too high": "Then training would be near guessing.",
                "base left frozen": "Training would creep up slowly.",
            },
        ),
        hints=(
            "Validation is perfect, even ahead of training; honest pictures are not. Who is not honest?",
            "What would validation look like if its pictures had been trained on?",
        ),
        solution='answer = "training pictures in validation"',
        wrong=("nothing is wrong", "base left frozen", "a bug"),
    ),
}

QUIZ = (
    Question(
        "Which change of a pre-trained network keeps its weights meaningful?",
        {
            "Dropping its last layers": "What comes before them does not notice.",
            "Taking a layer out of the middle": "The next one then gets activations it has never seen.",
            "Exchanging two layers": "Most do not fit. Where they do there is no error, and mostly a loss.",
        },
        right="Dropping its last layers",
    ),
    Question(
        "Why a smaller learning rate for the backbone than for the head?",
        {
            "It is larger": "Its size is not the reason.",
            "It is good already; the head starts at random": "Large steps towards a random head do damage.",
            "To save time": "The time for a step stays the same.",
        },
        right="It is good already; the head starts at random",
    ),
    Question(
        "What does LP-FT do?",
        {
            "Train the head first, then everything": "So fine-tuning starts from a sensible head.",
            "Train everything, then the head": "The distortion would have happened by then.",
            "Leave out the head": "Without a head there are no classes.",
        },
        right="Train the head first, then everything",
    ),
    Question(
        "Training is perfect, validation is perfect, new pictures are bad. What do you check first?",
        {
            "The optimiser": "It has done its work.",
            "Whether pictures are in two splits": "Leakage is the usual cause.",
            "The number of classes": "That would not differ between validation and new pictures.",
        },
        right="Whether pictures are in two splits",
    ),
    Question(
        "May a network pre-trained on 64 x 64 pixels get pictures of 96 x 96?",
        {
            "No, its weights are for 64 x 64": "A filter has the same weights at every place.",
            "Yes, without its old dense top": "Convolutions slide over any size; only their output grows.",
            "Only after training anew": "The weights fit. (Things should keep their size in pixels.)",
        },
        right="Yes, without its old dense top",
    ),
)
