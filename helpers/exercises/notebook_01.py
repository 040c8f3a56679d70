"""Exercises of notebook 01, deep learning basics."""

import numpy as np

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function, number
from helpers.networks import gradients


def _first_depth():
    return next(
        depth
        for depth in range(1, 21)
        if (norms := gradients.gradient_norms(depth, "sigmoid", "Glorot"))[0] < 0.01 * norms[-1]
    )


EXERCISES = {
    "01.1": Exercise(
        level="do it",
        kind="number",
        minutes=2,
        check=number(
            0.25,
            tolerance=0.001,
            mistakes={0.5: "That is σ(0), not the slope.", 1.0: "That is the slope of tanh at 0."},
        ),
        means="Each sigmoid layer multiplies the gradient by a factor of at most one quarter.",
        hints=(
            "The slope of the sigmoid is σ(z) · (1 - σ(z)).",
            "It is largest at z = 0, where σ(0) is one half.",
        ),
        solution="""
from helpers.networks.gradients import sigmoid

answer = sigmoid(0) * (1 - sigmoid(0))
""",
        wrong=(0.5, 1.0, 25),
    ),
    "01.2": Exercise(
        level="do it",
        kind="function",
        minutes=2,
        check=function(
            [
                ((np.array([-2.0, -0.5, 0.5, 3.0]),), np.array([0.0, 0.0, 1.0, 1.0])),
                ((np.array([7.0]),), np.array([1.0])),
            ],
            name="relu_slope",
        ),
        means="Where ReLU is active, it passes the gradient on unchanged.",
        hints=(
            "ReLU is max(z, 0): flat on the left, a straight line of slope 1 on the right.",
            "z > 0 gives True and False; .astype(float) converts them to 1 and 0.",
        ),
        solution="""
def relu_slope(z):
    return (z > 0).astype(float)


answer = relu_slope
""",
        wrong=(lambda z: np.maximum(z, 0), 1.0),
    ),
    "01.3": Exercise(
        level="explain it",
        kind="number",
        minutes=5,
        check=number(_first_depth, mistakes={1: "One hidden layer is still fine: look at its norms."}),
        means="A few sigmoid layers are enough for the first layer to learn far more slowly than the last.",
        hints=(
            'gradient_norms(depth, "sigmoid", "Glorot") returns one norm per layer, starting with the first.',
            "Increase depth from 1 until norms[0] < 0.01 * norms[-1].",
        ),
        solution="""
from helpers.networks.gradients import gradient_norms

for depth in range(1, 21):
    norms = gradient_norms(depth, "sigmoid", "Glorot")
    if norms[0] < 0.01 * norms[-1]:
        break
answer = depth
""",
        wrong=(1, 20, "ten"),
    ),
    "01.4": Exercise(
        level="vary it",
        kind="number",
        minutes=2,
        check=number(
            (3 * 3 * 8 + 1) * 16,
            mistakes={
                3 * 3 * 8 * 16: "Each filter has a bias, too.",
                (3 * 3 + 1) * 16: "A filter covers all 8 channels of its input.",
            },
        ),
        means="The number does not depend on the size of the image, because all positions share the filters.",
        hints=(
            "Each of the 16 filters has 3 · 3 weights for each of the 8 input channels.",
            "Each filter also has one bias.",
        ),
        solution="answer = (3 * 3 * 8 + 1) * 16",
        wrong=(1152, 160, 0),
    ),
}
