"""Exercises of notebook 06, practical advice."""

import numbers

from helpers.exercises.attempts import Failed, attempt
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, function, number
from helpers.studies.engine import tables


def _gap():
    runs = tables.read_results("distortion").query("shift == 'inverted colours'")
    accuracy = runs.groupby("strategy")["accuracy"].mean()
    return accuracy["Probe, then fine-tune"] - accuracy["Full fine-tune"]


def _smallest_size(answer):
    ask = "Give one number: the side of the image in pixels."
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        return ask
    try:
        side = attempt(float, answer)
    except Failed:
        return ask
    if side == 16:
        return None
    if side < 16:
        return "Four pooling layers halve the side: nothing would be left of this image."
    return "A smaller image still passes through. How often is the side halved?"


EXERCISES = {
    "06.1": Exercise(
        level="do it",
        kind="number",
        minutes=2,
        check=_smallest_size,
        means="A network without dense layers accepts any image that survives its pooling layers.",
        hints=(
            "Each of the four blocks ends with a pooling layer that halves the side.",
            "One value must be left at the end: side / 2 / 2 / 2 / 2 = 1.",
        ),
        solution="answer = 2**4",
        wrong=(8, 32, "any"),
    ),
    "06.2": Exercise(
        level="vary it",
        kind="function",
        minutes=2,
        check=function([((3e-3, 0.1), 3e-4), ((1e-2, 0.01), 1e-4)], name="backbone_rate"),
        means="The backbone moves in small steps, so that it keeps what it has learned.",
        hints=(
            "The ratio is the learning rate of the backbone divided by that of the head.",
            "Multiply the learning rate of the head by the ratio.",
        ),
        solution="""
def backbone_rate(head_rate, ratio):
    return head_rate * ratio


answer = backbone_rate
""",
        wrong=(lambda head_rate, ratio: head_rate / ratio, 3e-4),
    ),
    "06.3": Exercise(
        level="do it",
        kind="number",
        minutes=4,
        check=number(_gap, tolerance=0.0005),
        means="The head is trained first, so that its random weights do not disturb the backbone.",
        hints=(
            'read_results("distortion") has the columns strategy, shift, seed and accuracy.',
            'Select the shift with .query(...); .groupby("strategy")["accuracy"].mean() gives both means.',
        ),
        solution="""
from helpers.studies import read_results

runs = read_results("distortion").query("shift == 'inverted colours'")
accuracy = runs.groupby("strategy")["accuracy"].mean()
answer = accuracy["Probe, then fine-tune"] - accuracy["Full fine-tune"]
""",
        wrong=(1.0, -1.0, 0.0118, 0.017, "better"),
    ),
    "06.4": Exercise(
        level="explain it",
        kind="choice",
        minutes=3,
        check=choice(
            "training images in validation",
            {
                "nothing is wrong": "Why is validation so good, and the test so much worse?",
                "learning rate too high": "Then the training accuracy would be near chance.",
                "base left frozen": "Then the training accuracy would rise slowly.",
            },
        ),
        means="Images that are in both sets make the validation accuracy a training accuracy.",
        hints=(
            "Validation accuracy is perfect, even above training accuracy. On new images it is not. Why?",
            "What would the validation curve look like if the network had been trained on these images?",
        ),
        solution='answer = "training images in validation"',
        wrong=("nothing is wrong", "base left frozen", "a bug"),
    ),
}
