"""Exercises of notebook 01, deep learning basics."""

import functools
import math

from helpers.exercises import neuron_chains
from helpers.exercises.checks import Exercise
from helpers.exercises.designs import accuracy_of, at_most, outputs
from helpers.exercises.kinds import function, network, several
from helpers.networks.gradients import gradient_norms, sigmoid
from helpers.studies.engine import tables

MOST_PARAMETERS = 2000
LOWEST_ACCURACY = 0.75  # the line at which the notebook compares the networks


def _first_gradient(weights, z, error, slope):
    return math.prod(weights[1:]) * math.prod(map(slope, z)) * error


def _relu_slope(z):
    return float(z > 0)


def _sigmoid_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def _depth_where(vanishes, none=0):
    """Return a function that finds the first depth at which the norms meet a condition."""

    def first_depth(activation, initialisation):
        norms = ((depth, gradient_norms(depth, activation, initialisation)) for depth in range(1, 21))
        return next((depth for depth, norm in norms if vanishes(norm)), none)

    return first_depth


_first_depth = functools.cache(_depth_where(lambda norms: norms[0] < 0.01 * norms[-1]))


@functools.cache
def _test_digits():
    from helpers.networks.basics import digits

    return digits(1000)[2:]


def _takes_digits(model):
    if (shape := model.input_shape[1:]) == (12, 12, 1):
        return None
    return f"The input has shape {shape}; begin the model with keras.Input((12, 12, 1))."


def _reads_digits(model):
    accuracy = accuracy_of(model, *_test_digits())
    if accuracy >= LOWEST_ACCURACY:
        return None
    return (
        f"On the test set, the accuracy is {accuracy:.2f}; the task asks for {LOWEST_ACCURACY}. Train longer "
        "or with a larger learning rate. Or move parameters: few filters in the first layer, more in the "
        "second, and a GlobalMaxPooling2D layer instead of Flatten, which looks everywhere for a part."
    )


def _fewer_than_dense(model):
    means = tables.read_results("dense_vs_conv").groupby("net")[["accuracy", "parameters"]].mean()
    dense = means[means.index.str.startswith("dense") & (means["accuracy"] >= LOWEST_ACCURACY)]
    return (
        f"You need {model.count_params():,} parameters. The smallest dense network of the figure that is as "
        f"good needs {dense['parameters'].min():,.0f}. A dense network learns every position separately; "
        "a filter learns a part once, for all positions."
    )


EXERCISES = {
    "01.1": Exercise(
        level="do it",
        kind="design",
        minutes=9,
        check=neuron_chains.arrives,
        means=neuron_chains.kept_steep,
        hints=(
            "The slope is a product, σ(z) times 1 − σ(z). At which z are both factors equal? There it is "
            "largest. Which weight gives 1 together with this slope?",
            "The input of a neuron is the output of the one before it. If that one is at its steepest, what "
            "is its output? Multiply it by the weight: which bias brings z back?",
        ),
        solution="""
# The slope is largest at z = 0: σ(0) (1 - σ(0)) = 0.25. A weight of 4 makes up for it.
# Then σ(0) = 0.5 arrives at the next neuron: 4 * 0.5 - 2 is 0 again.
answer = {"weights": [4] * 10, "biases": [-2] * 10, "x": 0.5}
""",
        wrong=(
            {"weights": [1] * 10, "biases": [0] * 10, "x": 0.8},
            {"weights": [4] * 10, "biases": [0] * 10, "x": 0},
            {"weights": [2] * 10, "biases": [-1] * 10, "x": 0.5},
            {"weights": [8] * 10, "biases": [-4] * 10, "x": 0.5},
            {"weights": [4] * 9, "biases": [-2] * 9, "x": 0.5},
            {"weights": [4] * 10, "biases": [-2] * 10, "x": "half"},
            0.25,
        ),
    ),
    "01.2": Exercise(
        level="vary it",
        kind="function",
        minutes=7,
        check=function(
            [
                (([0.9, -1.2, 0.7, 1.4], [0.5, 1.0, 2.0, 0.1], -0.5), 0.588),
                (([0.9, -1.2, 0.7, 1.4], [0.5, 1.0, -2.0, 0.1], -0.5), 0.0),
                (([3.0, 2.0, 2.0, 2.0, 2.0, 2.0], [1.0] * 6, 1.0), 32.0),
                (([3.0], [1.0], 2.0), 2.0),
                (([2.0, 3.0], [-1.0, 1.0], 1.0), 0.0),
                (([2.0, 3.0], [0.0, 1.0], 1.0), 0.0),
            ],
            name="first_gradient",
            mistakes={
                lambda weights, z, error: math.prod(weights) * math.prod(map(_relu_slope, z)) * error: (
                    "w₁ is not in the formula: the bias b₁ is added after it."
                ),
                lambda weights, z, error: math.prod(weights[1:]) * error: (
                    "Where z is negative, ReLU is flat. What is its slope there?"
                ),
                lambda weights, z, error: _first_gradient(weights, z, error, _sigmoid_slope): (
                    "That is the gradient with sigmoid. What is the slope of ReLU?"
                ),
                lambda weights, z, error: math.prod(weights[1:]) * math.prod(map(_relu_slope, z)): (
                    "The error at the output is missing."
                ),
                lambda weights, z, error: _first_gradient(weights, z, error, lambda x: float(x >= 0)): (
                    "The slope is 1 where z is positive, and 0 elsewhere: also at z = 0."
                ),
                lambda weights, z, error: math.prod(weights[1:]) * math.prod(z) * error: (
                    "The factors are the slopes at z, not the z themselves."
                ),
                lambda weights, z, error: (
                    math.prod(weights[1:]) * math.prod(max(number, 0.0) for number in z) * error
                ): "The factor is the slope of ReLU, not its value.",
            },
        ),
        means=(
            "Active ReLU neurons pass the gradient on unchanged, so the weights alone decide whether it "
            "vanishes or explodes. One neuron that is off blocks its path; in a wide layer, others remain."
        ),
        hints=(
            "Replace each σ′(z) of the formula by the slope of ReLU: 1 where z is positive, else 0.",
            "There are three kinds of factors: all slopes, the weights without the first one, and the error. "
            "math.prod(...) multiplies the numbers of a list.",
        ),
        solution="""
import math


def first_gradient(weights, z, error):
    slopes = [1.0 if value > 0 else 0.0 for value in z]
    return math.prod(slopes) * math.prod(weights[1:]) * error


answer = first_gradient
""",
        wrong=(
            lambda weights, z, error: math.prod(weights) * error,
            lambda weights, z, error: math.prod(weights[1:]) * error,
            0.588,
        ),
    ),
    "01.3": Exercise(
        level="vary it",
        kind="function",
        minutes=8,
        check=function(
            [(("sigmoid", "Glorot"), 4), (("sigmoid", "normal, 1"), 11), (("ReLU", "He"), 0)],
            name="first_depth",
            mistakes={
                _depth_where(lambda norms: norms[-1] < 0.01 * norms[0]): (
                    "Which of the norms belongs to the first layer, and which one to the last?"
                ),
                _depth_where(lambda norms: norms[0] < 0.01): (
                    "Compare the first norm with the last one, not with a fixed number."
                ),
                _depth_where(
                    lambda norms: norms[0] < norms[-1]
                ): "The limit is a hundredth of the last norm.",
                lambda activation, initialisation: _first_depth("sigmoid", "Glorot"): (
                    "Pass both arguments of your function on to gradient_norms."
                ),
                _depth_where(lambda norms: norms[0] < 0.01 * norms[-1], none=20): (
                    "Return 0 if no depth up to 20 meets the condition."
                ),
                lambda activation, initialisation: _first_depth(activation, initialisation) - 1: (
                    "Begin with one hidden layer, not with none."
                ),
            },
            slow=True,
        ),
        means=(
            "With sigmoid, a few layers are enough, and larger initial weights only delay it. With ReLU and "
            "He's weights, twenty layers are not: the norms stay level."
        ),
        hints=(
            "Go through the depths from 1 to 20, compute the norms, and return at the first depth that meets "
            "the condition.",
            "The norms begin with the first layer, so norms[-1] is the last one. What should the function "
            "return after a loop that has found nothing?",
        ),
        solution="""
from helpers.networks.gradients import gradient_norms


def first_depth(activation, initialisation):
    for depth in range(1, 21):
        norms = gradient_norms(depth, activation, initialisation)
        if norms[0] < 0.01 * norms[-1]:
            return depth
    return 0


answer = first_depth
""",
        wrong=(lambda activation, initialisation: 4, 4),
    ),
    "01.4": Exercise(
        level="do it",
        kind="design",
        minutes=12,
        check=network(outputs(10), _takes_digits, at_most(MOST_PARAMETERS), _reads_digits),
        means=_fewer_than_dense,
        hints=(
            "A filter of 3 × 3 on c channels has 9 · c weights and a bias. Where do most parameters of your "
            "network come from? model.summary() lists them.",
            "Compare the dense layer after Flatten with the same layer after a global pooling layer, which "
            "keeps one number per filter. What can you afford with the parameters that you save?",
        ),
        solution="""
import keras

from helpers.networks.basics import digits

X_train, y_train, X_test, y_test = digits(1000)
layers = keras.layers
keras.utils.set_random_seed(0)
model = keras.Sequential([
    keras.Input((12, 12, 1)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 3, activation="relu"),
    layers.GlobalMaxPooling2D(),
    layers.Dense(10),
])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, verbose=0)
answer = model
""",
        wrong=(1418, "model"),
    ),
    "01.5": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=8,
        check=several(
            {"biases 3"},
            {
                "weights 1": "The error on its way back is multiplied by all later weights.",
                "biases 1": "The error on its way back is multiplied by all later weights.",
                "weights 2": "The error on its way back is multiplied by the last weights.",
                "biases 2": "The error on its way back is multiplied by the last weights.",
                "weights 3": "Its gradient is its input times the error. What is its input?",
                "biases 3": "Between it and the error, there is neither a weight nor a slope.",
            },
        ),
        means=(
            "A product with one factor 0 is 0: the later weights, and for the last weights their input, the "
            "output of ReLU. So only the last biases learn: how frequent the classes are, and nothing about "
            "the images. Random initial weights prevent this; more epochs do not."
        ),
        hints=(
            "Train the network with model.fit, then compare model.get_weights() with zero.",
            "Why? In the formula for the first gradient, which factors are zero at the beginning? Do they "
            "ever become non-zero?",
        ),
        solution="""
import keras
import numpy as np

from helpers.networks.basics import digits

X_train, y_train, X_test, y_test = digits(1000)
dense = keras.layers.Dense
model = keras.Sequential([
    keras.Input((12, 12, 1)), keras.layers.Flatten(),
    dense(32, activation="relu"), dense(32, activation="relu"), dense(10),
])
model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(X_train, y_train, epochs=3, verbose=0)
names = [f"{part} {layer}" for layer in (1, 2, 3) for part in ("weights", "biases")]
answer = {name for name, weight in zip(names, model.get_weights()) if np.any(weight)}
""",
        wrong=({"weights 3", "biases 3"}, {"weights 1"}, set(), "biases 3"),
    ),
}
