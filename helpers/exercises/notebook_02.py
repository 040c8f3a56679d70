"""Exercises and quiz of notebook 02, what transfer learning is."""

import functools

from helpers.exercises.checks import Exercise, Question, choice, function, number
from helpers.studies.engine import tables


def _loss():
    rows = [r for r in tables.read_results("day_night") if r["way"] == "trained by day"]
    return sum(float(r["by_day"]) - float(r["by_night"]) for r in rows) / len(rows)


@functools.cache
def _probe_by_night():
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone
    from helpers.strategies import LinearProbe

    data = builtin("streets_night", 20, 0, 200)
    probe = LinearProbe(Backbone("photos"), "block3_pool").fit(data.X_train, data.y_train)
    return probe.score(data.X_test, data.y_test)


EXERCISES = {
    "02.1": Exercise(
        check=choice(
            "target",
            {
                "source": "The photographs of the internet are the source: they taught the model.",
                "domain": "A domain is pictures and how often each occurs; which one is meant?",
            },
        ),
        hints=(
            "Source is where the model has learnt, target is where it shall do well.",
            "The leaves are what you want to do well.",
        ),
        solution='answer = "target"',
        wrong=("source", "domain", "leaf"),
    ),
    "02.2": Exercise(
        check=number(
            _loss,
            tolerance=0.005,
            mistakes={0.0: "The detector does lose by night: look at the two columns."},
        ),
        hints=(
            'Take the rows with row["way"] == "trained by day"; their values are text.',
            'The loss of one seed is float(row["by_day"]) - float(row["by_night"]); take the mean.',
        ),
        solution="""
import numpy as np
from helpers import experiments

rows = [row for row in experiments.read_results("day_night") if row["way"] == "trained by day"]
answer = np.mean([float(row["by_day"]) - float(row["by_night"]) for row in rows])
""",
        wrong=(0.0, 1.0, "much"),
    ),
    "02.3": Exercise(
        check=function([((0.9, 0.6), 0.75), ((0.8, 0.8), 0.0), ((1.0, 0.5), 1.0)], name="share_lost"),
        hints=(
            "With two classes, guessing gives 0.5; only what is above it has been learnt.",
            "Learnt by day: day - 0.5. Lost by night: day - night. Divide.",
        ),
        solution="""
def share_lost(day, night):
    return (day - night) / (day - 0.5)


answer = share_lost
""",
        wrong=(lambda day, night: day - night, 0.3),
    ),
    "02.4": Exercise(
        check=number(_probe_by_night, tolerance=0.01, mistakes={0.5: "That is guessing; run the probe."}),
        hints=(
            'builtin("streets_night", 20, 0, 200), then LinearProbe(Backbone("photos"), "block3_pool").',
            "Fit on X_train and y_train, score on X_test and y_test.",
        ),
        solution="""
from helpers.datasets import builtin
from helpers.models import Backbone
from helpers.strategies import LinearProbe

data = builtin("streets_night", 20, 0, 200)
probe = LinearProbe(Backbone("photos"), "block3_pool").fit(data.X_train, data.y_train)
answer = probe.score(data.X_test, data.y_test)
""",
        wrong=(0.5, 1.0, 0.69, "dark"),
    ),
}

QUIZ = (
    Question(
        "When does learning from nothing break down?",
        {
            "With little data, or when the domain moves": "Both were measured in this notebook.",
            "When the computer is slow": "Then it only takes longer.",
            "When there are only two classes": "That makes it easier, if anything.",
        },
        right="With little data, or when the domain moves",
    ),
    Question(
        "A pianist learns the organ. What is transferred?",
        {
            "Reading notes, rhythm, the use of ten fingers": "General skills that the new task needs, too.",
            "The piano": "The instrument stays at home.",
            "Nothing": "Then a pianist would be no faster than a beginner.",
        },
        right="Reading notes, rhythm, the use of ten fingers",
    ),
    Question(
        "Night pictures can be had. Why not just collect and label thousands?",
        {
            "It would not help": "The detector trained by night shows that it does.",
            "Labels cost time and money": "Transfer hopes to need fewer; how few depends on the source.",
            "Night pictures cannot be learnt": "The detector trained by night learns them well.",
        },
        right="Labels cost time and money",
    ),
    Question(
        "What is the target in transfer learning?",
        {
            "The data the model was pre-trained on": "That is the source.",
            "The domain and task you want to do well": "With few labels, as a rule.",
            "The accuracy you hope for": "A wish is no target domain.",
        },
        right="The domain and task you want to do well",
    ),
    Question(
        "A detector trained by day loses accuracy by night. What has changed?",
        {
            "What counts as a pedestrian": "A pedestrian is a pedestrian at any hour.",
            "The classes": "They are still empty and pedestrian.",
            "Which pictures occur": "The domain has moved; the task has not.",
        },
        right="Which pictures occur",
    ),
)
