"""Exercises of notebook 08, your own images."""

import functools
import math

import numpy as np

from helpers.exercises import balance, constructions, covering, decisions, image_counts
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function, network, one_after_the_other
from helpers.exercises.lazy import lazily, lazy_text
from helpers.exercises.patients import honesty, leaky

# Exercise 08.3


def _best(accuracy, seconds, images):
    return max(accuracy, key=accuracy.get)


def _fastest(accuracy, seconds, images):
    return min(seconds, key=seconds.get)


def _within(errors, accuracy, seconds, images):
    best = max(accuracy.values())
    enough = best - errors * math.sqrt(best * (1 - best) / images)
    return min((name for name in accuracy if accuracy[name] >= enough), key=seconds.get)


def _by_own_errors(accuracy, seconds, images):
    best = max(accuracy.values())
    reached = {name: p + math.sqrt(p * (1 - p) / images) for name, p in accuracy.items()}
    return min((name for name in accuracy if reached[name] >= best), key=seconds.get)


_right = functools.partial(_within, 1)
SWITCHING = {"linear probe": 0.88, "SVM on an earlier layer": 0.9, "fine-tuning": 0.925}
SECONDS = {"linear probe": 2, "SVM on an earlier layer": 9, "fine-tuning": 70, "from scratch": 45}


def _measured(*accuracies):
    return dict(zip(SECONDS, accuracies, strict=True)), SECONDS


EXERCISES = {
    "08.1": Exercise(
        level="do it",
        kind="function",
        minutes=8,
        check=one_after_the_other(
            function(
                [
                    ((["healthy"] * 9 + ["rust"], ["healthy"] * 10), 0.5),
                    ((["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "b", "a"]), (2 / 3 + 1 + 0) / 3),
                    ((["a", "b", "b", "b"], ["a", "b", "b", "a"]), (1 + 2 / 3) / 2),
                    ((["a", "a"], ["a", "b"]), 0.5),  # "b" is guessed, but has no image
                ],
                "balanced_accuracy",
                {
                    balance.accuracy: "That is the usual accuracy, in which the largest class counts most.",
                    balance.precision: (
                        "You divide by how often a class was guessed. Divide by how often it is true."
                    ),
                    balance.of_all_names: balance.WITHOUT_IMAGES,
                    balance.of_all_names_with_nan: balance.WITHOUT_IMAGES,
                    balance.of_guessed_classes: "A class that is never guessed counts, too: with 0.",
                },
            ),
            balance.useful,
            "balanced_accuracy, and a list of ten guesses",
        ),
        means=balance.two_leaders,
        hints=(
            "Look at the images of one true class at a time: which share of them is guessed correctly?",
            "np.unique(y) lists the true classes, also those that are never guessed. For the guesses: what "
            "does a healthy leaf cost in each of the two measures, and what does the rusty one?",
        ),
        solution="""
import numpy as np


def balanced_accuracy(y, guesses):
    y, guesses = np.array(y), np.array(guesses)
    return np.mean([np.mean(guesses[y == name] == name) for name in np.unique(y)])


leaf_guesses = ["rust"] * 2 + ["healthy"] * 7 + ["rust"]
answer = (balanced_accuracy, leaf_guesses)
""",
        wrong=(
            *[
                (f, ["rust"] * 3 + ["healthy"] * 6 + ["rust"])
                for f in (
                    balance.accuracy,
                    balance.precision,
                    balance.of_guessed_classes,
                    balance.of_all_names_with_nan,
                )
            ],
            0.9,
        ),
    ),
    "08.2": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=12,
        check=honesty,
        means=(
            "The network recognised the patients, not their coins: with another shot of the same patient "
            "among the training images, the label is known. Split by patient, and chance is what remains. "
            "Ask of every data set which images share a patient, a place or an hour."
        ),
        hints=(
            "Which information about its label can a test image share with a training image, although the "
            "label is a coin toss?",
            "Each patient must be in one fold only. scikit-learn has splitters that never divide a group; "
            "cross_val_score must know the splitter, and to which group each image belongs.",
        ),
        solution="""
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def honest_accuracy(codes, labels, patients):
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = GroupKFold(5)
    return cross_val_score(probe, codes, labels, groups=patients, cv=folds).mean()


answer = honest_accuracy
""",
        wrong=(
            lambda codes, labels, patients: 1.0,
            lambda codes, labels, patients: 0.5,
            lambda codes, labels, patients: 50,
            lambda codes, labels, patients: leaky(codes, labels),
            lambda codes, labels, patients: leaky(codes, labels, groups=patients),
            "overfitting",
        ),
    ),
    "08.3": Exercise(
        level="do it",
        kind="function",
        minutes=14,
        check=one_after_the_other(
            function(
                [
                    ((*_measured(0.90, 0.86, 0.92, 0.60), 100), "linear probe"),
                    ((*_measured(0.90, 0.86, 0.92, 0.60), 2000), "fine-tuning"),
                    ((*_measured(0.92, 0.80, 0.95, 0.70), 100), "fine-tuning"),
                    ((*_measured(0.50, 0.78, 0.80, 0.79), 60), "SVM on an earlier layer"),
                    ((*_measured(0.925, 0.80, 0.95, 0.70), 100), "fine-tuning"),
                ],
                "choose",
                {
                    _best: "The best mean may be best by chance: which others are within one standard error?",
                    _fastest: "Fast is not enough: the accuracy must be at most one standard error below.",
                    _by_own_errors: "Use one standard error for all strategies: that of the best one.",
                    functools.partial(_within, 2): "One standard error is asked for, not two.",
                },
            ),
            constructions.switching(_right),
            "choose, and a dict of accuracies",
        ),
        means=(
            "Fine-tuning is not chosen, and yet it decides: it raises what counts as nearly as good. So the "
            "choice depends on what else you have tried. And the fewer validation images you have, the more "
            "often the cheap strategy wins. The rule is in the spirit of Breiman et al. (1984)."
        ),
        hints=(
            "Which accuracy must a strategy reach to count as good as the best? This is one number, the "
            "same for all of them.",
            "A list comprehension can keep the names that one dict allows; min takes a key that looks a name "
            "up in the other one. For `accuracies`, put the bound of the best between the other two.",
        ),
        solution="""
import math


def choose(accuracy, seconds, images):
    best = max(accuracy.values())
    enough = best - math.sqrt(best * (1 - best) / images)
    good = [name for name in accuracy if accuracy[name] >= enough]
    return min(good, key=lambda name: seconds[name])


accuracies = {"linear probe": 0.88, "SVM on an earlier layer": 0.9, "fine-tuning": 0.925}
answer = (choose, accuracies)
""",
        wrong=(
            (_best, SWITCHING),
            (_by_own_errors, SWITCHING),
            (_right, dict.fromkeys(SWITCHING, 0.9)),
            (_right, SWITCHING | {"fine-tuning": 0.98}),
            (_right, SWITCHING | {"fine-tuning": "best"}),
            (_right, {"linear probe": 0.9}),
            _right,
            "linear probe",
        ),
    ),
    "08.4": Exercise(
        level="vary it",
        kind="function",
        minutes=12,
        check=image_counts.distinguish,
        means=(
            "Images on which both models are right, or both wrong, do not say which one is better: only the "
            "others count, an idea of McNemar (1947). So score both models on the same images. And take more "
            "than this number: with exactly so many, a difference that is smaller by chance gives an "
            "interval that includes zero."
        ),
        hints=(
            "On the same images: how large is the square of 1, of -1 and of 0? So what is the mean of the "
            "squared differences, and what is the mean of the differences?",
            "With images of their own, nothing connects the two scores: how large is the variance of each of "
            "them? For n, set the half width equal to the difference, and square both sides.",
        ),
        solution="""
import math


def images_needed(p, q, share):
    if share is None:
        variance = p * (1 - p) + q * (1 - q)
    else:
        variance = share - (p - q) ** 2
    return math.ceil(variance * (1.96 / (p - q)) ** 2)


answer = images_needed
""",
        wrong=(*list(image_counts.MISTAKES)[:6], lambda p, q, share: 573, 573),
    ),
    "08.5": Exercise(
        level="do it",
        kind="function",
        minutes=15,
        check=covering.falling,
        means=(
            "A map is a guess about the network; covering is an experiment. Call your function with the "
            "three maps above and with a random one. Trust a map only if covering its hottest region costs "
            "more than covering random positions. It need not be the map of the last layer."
        ),
        hints=(
            "np.argsort with axis=None sorts all positions of the map as one long list. Which end is hot? "
            "How many positions are the share?",
            "If the image has one row per position, too, numbers of positions are numbers of its rows. What "
            "must you do before you overwrite any of them?",
        ),
        solution="""
import numpy as np


def fall(score, image, heat, share):
    count = round(share * heat.size)
    hottest = np.argsort(heat, axis=None)[-count:]
    covered = image.copy().reshape(-1, image.shape[-1])
    covered[hottest] = image.mean(axis=(0, 1))
    return score(image) - score(covered.reshape(image.shape))


answer = fall
""",
        wrong=(
            functools.partial(covering.fall, hottest=False),
            functools.partial(covering.fall, colour=0),
            lambda *given: -covering.fall(*given),
            2,
        ),
    ),
    "08.6": Exercise(
        level="explain it",
        kind="design",
        minutes=15,
        check=network(lazily("frames", "not_fooled")),
        means=lazy_text("frames", "two_days"),
        hints=(
            "The network needs no cell to be right on these days. What could a layer before the base remove, "
            "or what could you change in the training images so that the frame says nothing?",
            "How wide is the frame? Count its pixels in X_frame[0, :, 16]. The shipped networks take images "
            "of any size from 16 pixels on. Keras has a layer for this. It belongs into the model, so that "
            "new images pass it, too.",
        ),
        solution="""
from helpers.exercises.frames import framed
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras

X_frame, y_frame = framed(20, seed=0)
frame_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras.utils.set_random_seed(0)
base = fresh(Backbone("shapes"))
base.trainable = False
honest = keras.Sequential([
    keras.Input((32, 32, 3)),
    keras.layers.Cropping2D(2),
    base,
    keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(5),
])
honest.compile(keras.optimizers.Adam(0.01), frame_loss, metrics=["accuracy"])
honest.fit(X_frame, y_frame, epochs=30, verbose=0)
answer = honest
""",
        wrong=(0.9, "honest", lambda X: X),
    ),
    "08.7": Exercise(
        level="vary it",
        kind="function",
        minutes=10,
        check=function(
            [(case, decisions.decide(*case)) for case in decisions.CASES],
            "decide",
            {
                functools.partial(decisions.decide, most_likely=True, asks=False): (
                    "You take the most likely class. Take the answer with the lowest expected cost."
                ),
                functools.partial(decisions.decide, dearer=np.greater_equal): (
                    "If the lowest expected cost is exactly that of asking, answer. Return -1 only above it."
                ),
                functools.partial(decisions.decide, asks=False): "When asking is cheaper, return -1.",
                functools.partial(decisions.decide, transposed=True): (
                    "Rows of costs are true classes, columns are answers. You have them the other way round."
                ),
            },
        ),
        means=(
            "Costs move the threshold: the leaf above is probably healthy, and yet 'rust' is the cheaper "
            "answer. The "
            "model need not be trained again when the costs change, but its probabilities must be "
            "calibrated. Answering 'I don't know' at a fixed cost is Chow's rule (1970)."
        ),
        hints=(
            "What does the answer 'healthy' cost on average, if the leaf has rust with a probability of 0.1? "
            "Each answer has such an expected cost: a sum over the true classes.",
            "A matrix product computes all these sums at once. NumPy finds the place and the size of the "
            "smallest number of each row; compare the size with the cost of asking.",
        ),
        solution="""
import numpy as np


def decide(p, costs, asking):
    expected = np.array(p) @ np.array(costs)
    return np.where(expected.min(axis=1) > asking, -1, expected.argmin(axis=1))


answer = decide
""",
        wrong=(
            functools.partial(decisions.decide, most_likely=True),
            functools.partial(decisions.decide, asks=False),
            functools.partial(decisions.decide, transposed=True),
            functools.partial(decisions.decide, dearer=np.greater_equal),
            lambda p, costs, asking: np.argmax(p, axis=1),
            -1,
        ),
    ),
}
