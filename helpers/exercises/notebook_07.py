"""Exercises and quiz of notebook 07, VGG16 on a GPU."""

import numpy as np

from helpers.exercises.checks import Exercise, Question, choice, function, number


def _impatient(losses, patience):
    """Stops an epoch too early."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience - 1:
            break
    return best


CORNERS = np.arange(12).reshape(2, 2, 3)  # a picture in which every number is another

EXERCISES = {
    "07.1": Exercise(
        check=number(
            4096 * 25088 + 4096,
            mistakes={
                25088 * 4096: "Biases, too: one a neuron.",
                512 * 7 * 7: "That is the input of the layer.",
            },
        ),
        hints=(
            "The input has 7 · 7 · 512 values; each of the 4096 neurons has a weight for each of them.",
            "And one bias a neuron: (7 * 7 * 512 + 1) * 4096.",
        ),
        solution="answer = (7 * 7 * 512 + 1) * 4096",
        wrong=(25088, 102760448, 4096),
    ),
    "07.2": Exercise(
        check=function(
            [
                ((np.array([[[255, 0, 10]]]),), np.array([[[10 - 103.939, 0 - 116.779, 255 - 123.68]]])),
                ((CORNERS,), CORNERS[..., ::-1] - np.array([103.939, 116.779, 123.68])),
            ],
            name="vgg_pixels",
        ),
        hints=(
            "VGG16 wants blue, green, red: picture[..., ::-1] reverses the last axis.",
            "Then subtract the means [103.939, 116.779, 123.68] of blue, green and red.",
        ),
        solution="""
import numpy as np


def vgg_pixels(picture):
    return picture[..., ::-1] - np.array([103.939, 116.779, 123.68])


answer = vgg_pixels
""",
        wrong=(
            lambda picture: picture / 255,
            lambda picture: picture - np.array([103.939, 116.779, 123.68]),
            lambda picture: np.flip(picture) - np.array([103.939, 116.779, 123.68]),
        ),
    ),
    "07.3": Exercise(
        check=number(
            224 * 224 * 3 * 3 * 64 * 64,
            mistakes={
                2 * 224 * 224 * 3 * 3 * 64 * 64: "Nearly: these are multiplications and additions together.",
                224 * 224 * 3 * 3 * 64: "That is one filter; the layer has 64 of them.",
                3 * 3 * 64 * 64: "That is one position of the picture.",
                224 * 224 * 64 * 64: "Each filter looks at 3 · 3 positions around.",
            },
        ),
        hints=(
            "At one position, one filter multiplies 3 · 3 · 64 numbers by its weights.",
            "Times 64 filters, times all positions of the picture.",
        ),
        solution="answer = (224 * 224) * (3 * 3 * 64) * 64",
        wrong=(2 * 224 * 224 * 3 * 3 * 64 * 64, 36864, 224 * 224),
    ),
    "07.4": Exercise(
        check=choice(
            "smaller batches",
            {
                "a larger learning rate": "That changes no memory.",
                "more epochs": "They come one after the other; memory stays as it is.",
                "a larger picture size": "Activations grow with the number of pixels.",
            },
        ),
        hints=(
            "Which part of the predicted memory is largest when everything trains?",
            "Activations grow with the batch: halve it.",
        ),
        solution='answer = "smaller batches"',
        wrong=("more epochs", "a larger picture size", "buy a GPU"),
    ),
    "07.5": Exercise(
        check=function(
            [
                (([0.9, 0.5, 0.6, 0.7, 0.8], 2), 1),
                (([1.0, 0.9, 0.8], 2), 2),
                (([0.5, 0.6, 0.4, 0.45, 0.5], 3), 2),
                (([0.9, 0.5, 0.6, 0.7, 0.1], 2), 1),
                (([0.9, 0.5, 0.6, 0.4], 2), 3),
            ],
            name="best_epoch",
        ),
        hints=(
            "Walk through the losses; remember the best one so far, and where it was.",
            "Stop when the best one is `patience` epochs ago; return its index.",
        ),
        solution="""
def best_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


answer = best_epoch
""",
        wrong=(lambda losses, patience: len(losses) - 1, _impatient, 2),
    ),
}

QUIZ = (
    Question(
        "Why drop VGG16's top?",
        {
            "It fits 1000 other classes and one picture size": "And it holds most of the parameters.",
            "It is trained badly": "It is the part that knows ImageNet best.",
            "Keras cannot load it": "It can: include_top=True.",
        },
        right="It fits 1000 other classes and one picture size",
    ),
    Question(
        "Why train the head before block 5 is unfrozen?",
        {
            "To save memory": "It does, but that is not the point.",
            "A random head would send large, senseless gradients": "They would distort good features.",
            "Keras demands it": "It does not.",
        },
        right="A random head would send large, senseless gradients",
    ),
    Question(
        "What does mixed precision save?",
        {
            "Memory and time on a GPU that has 16-bit units": "Activations take half, products are faster.",
            "Training pictures": "Their number stays as it is.",
            "Time on any CPU": "There it is slower, as a rule.",
        },
        right="Memory and time on a GPU that has 16-bit units",
    ),
    Question(
        "When is augmentation applied?",
        {
            "While training only": "Validation and test see the pictures as they are.",
            "Always": "Then the score would be random, too.",
            "While testing only": "There it would teach nothing.",
        },
        right="While training only",
    ),
    Question(
        "Why a small learning rate once block 5 is unfrozen?",
        {
            "A GPU cannot take larger ones": "It does not care.",
            "To use less memory": "Memory does not depend on the rate.",
            "Its filters are good already; large steps would undo them": "Small steps adapt them.",
        },
        right="Its filters are good already; large steps would undo them",
    ),
)
