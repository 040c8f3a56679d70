"""Exercises and quiz of notebook 01, deep learning basics."""

import numpy as np

from helpers.exercises.checks import Exercise, Question, function, number
from helpers.networks import gradients


def _first_depth():
    return next(
        depth
        for depth in range(1, 21)
        if (norms := gradients.gradient_norms(depth, "sigmoid", "Glorot"))[0] < 0.01 * norms[-1]
    )


EXERCISES = {
    "01.1": Exercise(
        check=number(
            0.25,
            tolerance=0.001,
            mistakes={0.5: "That is σ(0), not its slope.", 1.0: "That is the slope of tanh at 0."},
        ),
        hints=(
            "The slope of the sigmoid is σ(z) · (1 - σ(z)).",
            "It is largest at z = 0, where σ(0) is one half.",
        ),
        solution="""
from helpers.gradients import sigmoid

answer = sigmoid(0) * (1 - sigmoid(0))
""",
        wrong=(0.5, 1.0, 25),
    ),
    "01.2": Exercise(
        check=function(
            [
                ((np.array([-2.0, -0.5, 0.5, 3.0]),), np.array([0.0, 0.0, 1.0, 1.0])),
                ((np.array([7.0]),), np.array([1.0])),
            ],
            name="relu_slope",
        ),
        hints=(
            "ReLU is max(z, 0): flat on the left, a straight line of slope 1 on the right.",
            "z > 0 gives True and False; .astype(float) makes 1 and 0 of them.",
        ),
        solution="""
def relu_slope(z):
    return (z > 0).astype(float)


answer = relu_slope
""",
        wrong=(lambda z: np.maximum(z, 0), 1.0),
    ),
    "01.3": Exercise(
        check=number(_first_depth, mistakes={1: "One hidden layer is still fine: look at its norms."}),
        hints=(
            'gradient_norms(depth, "sigmoid", "Glorot") gives one norm a layer, the first layer first.',
            "Count depth up from 1 until norms[0] < 0.01 * norms[-1].",
        ),
        solution="""
from helpers.gradients import gradient_norms

for depth in range(1, 21):
    norms = gradient_norms(depth, "sigmoid", "Glorot")
    if norms[0] < 0.01 * norms[-1]:
        break
answer = depth
""",
        wrong=(1, 20, "ten"),
    ),
    "01.4": Exercise(
        check=number(
            (3 * 3 * 8 + 1) * 16,
            mistakes={
                3 * 3 * 8 * 16: "Each filter has a bias, too.",
                (3 * 3 + 1) * 16: "A filter reaches through all 8 channels of its input.",
            },
        ),
        hints=(
            "Each of the 16 filters has 3 · 3 weights for each of the 8 channels it looks at.",
            "And each filter has one bias.",
        ),
        solution="answer = (3 * 3 * 8 + 1) * 16",
        wrong=(1152, 160, 0),
    ),
}

QUIZ = (
    Question(
        "Why do gradients vanish in a deep sigmoid net?",
        {
            "Each layer multiplies by a slope of at most 1/4": "Many factors below one make a tiny product.",
            "The learning rate is too small": "The gradient is small before any step is taken.",
            "The pictures are too dark": "The chain of slopes is the cause.",
        },
        right="Each layer multiplies by a slope of at most 1/4",
    ),
    Question(
        "Why does a convolution need so few parameters?",
        {
            "Its weights are rounded": "They are ordinary numbers.",
            "The same small filter is used at every place": "Weights are shared over the picture.",
            "It has no biases": "It has one a filter.",
        },
        right="The same small filter is used at every place",
    ),
    Question(
        "All training pictures right, test pictures much worse. What is that?",
        {
            "Under-fitting": "Then the training pictures would be wrong, too.",
            "Over-fitting": "The net has learnt its training pictures by heart.",
            "Vanishing gradients": "Then training would not have worked.",
        },
        right="Over-fitting",
    ),
    Question(
        "On the shapes: with how many pictures is the deep net clearly ahead of the classic learners?",
        {
            "With any number": "Look at the left end: there the bars overlap.",
            "With few only": "There features cannot be learnt yet: look at the left end of the shapes.",
            "With many": "Features that are learnt need data; transfer learning brings them along.",
        },
        right="With many",
    ),
    Question(
        "k-means looks for ten groups in pixels, without labels. What kind of learning is that?",
        {
            "Supervised": "That needs a label for every picture.",
            "Unsupervised": "It only saw the pictures; labels were used to judge it afterwards.",
            "Transfer learning": "Only if it worked on features that came from another task.",
        },
        right="Unsupervised",
    ),
)
