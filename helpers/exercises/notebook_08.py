"""Exercises of notebook 08, your own images."""

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, function, number

EXERCISES = {
    "08.1": Exercise(
        level="do it",
        kind="number",
        minutes=1,
        check=number(
            0.9,
            tolerance=0.001,
            mistakes={0.5: "The classes are not equally large.", 90: "Give it as a fraction."},
        ),
        means="A model has to beat this baseline before its accuracy means anything.",
        hints=(
            "A classifier that always predicts 'healthy' is right for every healthy leaf.",
            "It is right 900 times in 1000.",  # given: exercise
        ),
        solution="answer = 900 / 1000",
        wrong=(0.5, 0.1, 90),
    ),
    "08.2": Exercise(
        level="do it",
        kind="choice",
        minutes=1,
        check=choice(
            "put all images of a patient into one split",
            {
                "shuffle all images": "Then different splits contain images of the same patient.",
                "delete the duplicates": "Two images of one patient are similar without being duplicates.",
            },
        ),
        means="Groups stay together, so the test patients are new to the model, as they will be in practice.",
        hints=("What do two images of the same patient have in common?", "Split patients, not images."),
        solution='answer = "put all images of a patient into one split"',
        wrong=("shuffle all images", "delete the duplicates", "more data"),
    ),
    "08.3": Exercise(
        level="vary it",
        kind="function",
        minutes=3,
        check=function(
            [
                *[((5, True), 1), ((5000, True), 2), ((5, False), 3), ((5000, False), 4)],
                *[((99, True), 1), ((100, False), 4)],
            ],
            name="scenario",
        ),
        means="The scenario gives a first strategy; the validation set decides.",
        hints=(
            "Similar: 1 if small, 2 if large. Different: 3 if small, 4 if large.",
            "large = images_per_class >= 100; the scenario is 1 + large + 2 * (not similar).",
        ),
        solution="""
def scenario(images_per_class, similar):
    large = images_per_class >= 100
    return 1 + large + 2 * (not similar)


answer = scenario
""",
        wrong=(lambda images_per_class, similar: 1, 3),
    ),
    "08.4": Exercise(
        level="do it",
        kind="number",
        minutes=4,
        check=number(
            2000,
            tolerance=400,
            mistakes={100: "With 100 images, the interval is about ± 6 points."},  # given: definition
        ),
        means="Half the width needs four times the images: certainty is expensive.",
        hints=(
            "The half width of the interval is about 1.96 · sqrt(p (1 - p) / n).",
            "Solve 0.0131 = 1.96 · sqrt(0.9 · 0.1 / n) for n.",
        ),
        solution="answer = 0.9 * 0.1 * (1.96 / 0.0131) ** 2",
        wrong=(100, 10, "many"),
    ),
    "08.5": Exercise(
        level="explain it",
        kind="number",
        minutes=3,
        check=number(
            2,
            tolerance=1e-9,
            mistakes={
                10: "The second channel counts against the class: its mean gradient is negative.",
                -2: "Which channel has which sign?",
                6: "The second channel counts, too.",
            },
        ),
        means="A positive value marks a place that speaks for the class. Grad-CAM hides the negative ones.",
        hints=(
            "Multiply the activation of each channel by its mean gradient, and add.",
            "2 · 3 + (−1) · 4; a negative sum would become 0.",
        ),
        solution="answer = max(0, 2 * 3 + (-1) * 4)",
        wrong=(10, 6, 0, "two"),
    ),
}
