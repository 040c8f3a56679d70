"""Exercises of notebook 08, your own images."""

import functools
import math

import numpy as np

from helpers.exercises.attempts import Failed, attempt
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function

# Exercise 08.1
from helpers.exercises.patients import leaky


def _accuracy(y, guesses):
    return np.mean(np.asarray(y) == np.asarray(guesses))


def _precision(y, guesses):
    y, guesses = np.asarray(y), np.asarray(guesses)
    return np.mean([np.mean(y[guesses == name] == name) for name in np.unique(guesses)])


def _of_guessed_classes(y, guesses):
    y, guesses = np.asarray(y), np.asarray(guesses)
    return np.mean([np.mean(guesses[y == name] == name) for name in np.unique(guesses) if name in y])


# Exercise 08.2

HONEST, LEARNABLE = 0.75, 0.85


@functools.cache
def _shots(learnable: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return CNN codes of 80 patients with four shots each, and labels that they know or cannot know."""
    rng = np.random.default_rng(1)
    patients = rng.permutation(np.repeat(np.arange(80), 4))
    toss = rng.permutation(np.arange(80) % 2)[patients]
    numbers = 20 if learnable else 200  # with 200, a classifier knows each patient again
    codes = rng.normal(size=(80, numbers))[patients] + 0.1 * rng.normal(size=(320, numbers))
    codes[:, 0] += 6 * toss * learnable
    return codes, np.array(["heads", "tails"])[toss], patients


def _honesty(answer):
    if not callable(answer):
        return "Give the function itself, without calling it: answer = honest_accuracy."
    for learnable in (False, True):
        arrays = [part.copy() for part in _shots(learnable)]
        try:
            given = attempt(lambda arrays=arrays: float(answer(*arrays)))
        except Failed as failure:
            return f"honest_accuracy(codes, labels, patients) {failure}."
        if not 0 <= given <= 1:
            return f"The function returns {given:.3g}, but an accuracy from 0 to 1 is expected."
        if not learnable and given > HONEST:
            return (
                f"For labels that are coin tosses, your function still reports {given:.0%}. Some shots of a "
                "patient teach, others are tested: which argument of cross_val_score keeps them together?"
            )
        if learnable and given < LEARNABLE:
            return (
                f"For labels that the codes show for every patient, your function reports {given:.0%}. The "
                "split may be honest, but the classifier has learned nothing: train it on the other folds."
            )
    return None


# Exercise 08.3


def _best(accuracy, seconds, images):
    return max(accuracy, key=accuracy.get)


def _fastest(accuracy, seconds, images):
    return min(seconds, key=seconds.get)


def _within(errors, accuracy, seconds, images):
    best = max(accuracy.values())
    enough = best - errors * math.sqrt(best * (1 - best) / images)
    return min((name for name in accuracy if accuracy[name] >= enough), key=seconds.get)


SECONDS = {"linear probe": 2, "SVM on an earlier layer": 9, "fine-tuning": 70, "from scratch": 45}


def _measured(*accuracies):
    return dict(zip(SECONDS, accuracies, strict=True)), SECONDS


# Exercise 08.5


def _fall(score, image, heat, share, colour=None, hottest=True):
    order = np.argsort(heat, axis=None)[:: -1 if hottest else 1][: round(share * heat.size)]
    covered = image.copy().reshape(-1, image.shape[-1])
    covered[order] = image.mean(axis=(0, 1)) if colour is None else colour
    return score(image) - score(covered.reshape(image.shape))


def _left(image):
    """A score that depends on the left half only."""
    return float(image[:, :2].sum() / 10)


def _red(image):
    return float(image[1, 1, 0])


IMAGE = 47 - np.arange(48.0).reshape(4, 4, 3)  # the score falls if its part is covered
ACROSS, DOWN = np.arange(16.0).reshape(4, 4) % 4 + np.arange(16).reshape(4, 4) / 100, np.arange(16.0)
TRIES = [(_left, IMAGE, -ACROSS, 0.5), (_left, IMAGE, ACROSS, 0.25), (_red, IMAGE, DOWN.reshape(4, 4), 0.75)]

# Exercise 08.6


def _decide(p, costs, asking, transposed=False, most_likely=False, never_asks=False):
    expected = np.asarray(p) @ (np.transpose(costs) if transposed else np.asarray(costs))
    answers = np.argmax(p, axis=1) if most_likely else expected.argmin(axis=1)
    cheapest = expected[np.arange(len(expected)), answers]
    return answers if never_asks else np.where(cheapest > asking, -1, answers)


LEAVES = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.98, 0.02]])  # healthy, rust
SYMMETRIC, RUST_IS_DEAR = np.array([[0, 1], [1, 0]]), np.array([[0, 1], [10, 0]])
MOSSES = np.array([[0.5, 0.3, 0.2], [0.1, 0.15, 0.75]])
CASES = [
    (LEAVES, RUST_IS_DEAR, 2),
    (LEAVES, RUST_IS_DEAR, 0.5),
    (LEAVES, SYMMETRIC, 0.3),
    (MOSSES, np.array([[0, 1, 1], [4, 0, 1], [2, 1, 0]]), 0.75),
]

EXERCISES = {
    "08.1": Exercise(
        level="do it",
        kind="function",
        minutes=6,
        check=function(
            [
                ((["healthy"] * 9 + ["rust"], ["healthy"] * 10), 0.5),
                ((["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "b", "a"]), (2 / 3 + 1 + 0) / 3),
                ((["a", "b", "b", "b"], ["a", "b", "b", "a"]), (1 + 2 / 3) / 2),
            ],
            "balanced_accuracy",
            {
                _accuracy: "That is the usual accuracy, in which the largest class counts most.",
                _precision: "You divide by how often a class was guessed. Divide by how often it is true.",
                _of_guessed_classes: "A class that is never guessed counts, too: with 0.",
            },
        ),
        means=(
            "Always guessing the largest class has a balanced accuracy of one divided by the number of "
            "classes, however rare the other classes are. If your classes differ in size, report both, and "
            "compare each with its own baseline."
        ),
        hints=(
            "Look at the images of one true class at a time: which share of them is guessed correctly?",
            "np.unique(y) lists the true classes, also those that are never guessed. Average their shares, "
            "each with the same weight.",
        ),
        solution="""
import numpy as np


def balanced_accuracy(y, guesses):
    y, guesses = np.array(y), np.array(guesses)
    return np.mean([np.mean(guesses[y == name] == name) for name in np.unique(y)])


answer = balanced_accuracy
""",
        wrong=(_accuracy, _precision, _of_guessed_classes, 0.9),
    ),
    "08.2": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=10,
        check=_honesty,
        means=(
            "The network recognised the patients, not their coins: with another shot of the same patient "
            "among the training images, the label is known. Split by patient, and chance is what remains. "
            "Ask of every data set which images share a patient, a place or an hour."
        ),
        hints=(
            "Which information about its label can a test image share with a training image, although the "
            "label is a coin toss?",
            "sklearn.model_selection.GroupKFold makes folds that never divide a group. cross_val_score takes "
            "the groups, and the splitter as cv.",
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
        minutes=8,
        check=function(
            [
                ((*_measured(0.90, 0.86, 0.92, 0.60), 100), "linear probe"),
                ((*_measured(0.90, 0.86, 0.92, 0.60), 2000), "fine-tuning"),
                ((*_measured(0.92, 0.80, 0.95, 0.70), 100), "fine-tuning"),
                ((*_measured(0.50, 0.78, 0.80, 0.79), 60), "SVM on an earlier layer"),
            ],
            "choose",
            {
                _best: "The best mean may be best by chance: which others are within one standard error?",
                _fastest: "Fast is not enough: the accuracy must be within one standard error of the best.",
                functools.partial(_within, 2): "One standard error is asked for, not two.",
            },
        ),
        means=(
            "The more validation images you have, the smaller a difference can decide. With few of them, the "
            "cheap strategy is as good a choice. This is in the spirit of the one-standard-error rule of "
            "Breiman et al. (1984)."
        ),
        hints=(
            "The standard error of the best accuracy p is √(p (1 - p) / n), with n validation images.",
            "Two steps: which strategies reach at least the best accuracy minus that error? And which of "
            "these is the fastest?",
        ),
        solution="""
import math


def choose(accuracy, seconds, images):
    best = max(accuracy.values())
    enough = best - math.sqrt(best * (1 - best) / images)
    good = [name for name in accuracy if accuracy[name] >= enough]
    return min(good, key=lambda name: seconds[name])


answer = choose
""",
        wrong=(_best, _fastest, functools.partial(_within, 2), "linear probe"),
    ),
    "08.4": Exercise(
        level="vary it",
        kind="function",
        minutes=7,
        check=function(
            [((0.9, 0.0131), 2015), ((0.9, 0.06), 97), ((0.5, 0.05), 385), ((0.95, 0.01), 1825)],
            "images_needed",
            {
                lambda p, half: round(p * (1 - p) * (1.96 / half) ** 2): (
                    "Rounding down gives an interval that is a little too wide: round up."
                ),
                lambda p, half: p * (1 - p) * (1.96 / half) ** 2: "There are only whole images: round up.",
                lambda p, half: math.ceil(p * (1 - p) / half**2): "The factor 1.96 is missing.",
                lambda p, half: math.ceil(p * (1 - p) * (0.98 / half) ** 2): (
                    "The half width is given, not the whole width."
                ),
            },
        ),
        means=(
            "A narrow interval is expensive: the number of images grows with the square of one over its "
            "width. So decide before you collect images which difference matters to you. A few hundred "
            "distinguish good from bad, but not good from a little better."
        ),
        hints=(
            "Write down the formula for the half width, and solve it for n.",
            "Square both sides. The result is rarely a whole number, and math.ceil rounds up.",
        ),
        solution="""
import math


def images_needed(accuracy, half_width):
    return math.ceil(accuracy * (1 - accuracy) * (1.96 / half_width) ** 2)


answer = images_needed
""",
        wrong=(
            lambda accuracy, half_width: round(accuracy * (1 - accuracy) * (1.96 / half_width) ** 2),
            lambda accuracy, half_width: 2015,
            lambda accuracy, half_width: math.ceil(accuracy * (1 - accuracy) / half_width**2),
            1620,
        ),
    ),
    "08.5": Exercise(
        level="do it",
        kind="function",
        minutes=12,
        check=function(
            [(arguments, _fall(*arguments)) for arguments in TRIES],
            "fall",
            {
                functools.partial(_fall, hottest=False): "You cover the coldest positions.",
                functools.partial(_fall, colour=0): (
                    "Black is a strong pattern itself: cover with the mean colour of the image."
                ),
                lambda *given: -_fall(*given): "The sign is reversed: score before minus score after.",
            },
        ),
        means=(
            "A map is a guess about the network; covering is an experiment. Call your function with the "
            "three maps above and with a random one. Trust a map only if covering its hottest region costs "
            "more than covering random positions. It need not be the map of the last layer."
        ),
        hints=(
            "np.argsort(heat, axis=None) sorts all positions of the map, coldest first. How many are the "
            "share?",
            "Work on a copy of the image, reshaped to one row per position, and overwrite the rows of the "
            "hottest positions with image.mean(axis=(0, 1)).",
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
            functools.partial(_fall, hottest=False),
            functools.partial(_fall, colour=0),
            lambda *given: -_fall(*given),
            2,
        ),
    ),
    "08.6": Exercise(
        level="vary it",
        kind="function",
        minutes=10,
        check=function(
            [(case, _decide(*case)) for case in CASES],
            "decide",
            {
                functools.partial(_decide, most_likely=True, never_asks=True): (
                    "You take the most likely class. Take the answer with the lowest expected cost."
                ),
                functools.partial(_decide, never_asks=True): "When asking is cheaper, return -1.",
                functools.partial(_decide, transposed=True): (
                    "Rows of costs are true classes, columns are answers. You have them the other way round."
                ),
            },
        ),
        means=(
            "Costs move the threshold: a class that is dear to miss is answered at a low probability. The "
            "model need not be trained again when the costs change, but its probabilities must be "
            "calibrated. Answering 'I don't know' at a fixed cost is Chow's rule (1970)."
        ),
        hints=(
            "The expected cost of answer j is a sum over the true classes i: their probability times "
            "costs[i][j].",
            "p @ costs gives one row of expected costs per image. argmin(axis=1) finds the cheapest answer, "
            "min(axis=1) its cost, and np.where puts in the -1.",
        ),
        solution="""
import numpy as np


def decide(p, costs, asking):
    expected = np.array(p) @ np.array(costs)
    return np.where(expected.min(axis=1) > asking, -1, expected.argmin(axis=1))


answer = decide
""",
        wrong=(
            functools.partial(_decide, most_likely=True),
            functools.partial(_decide, never_asks=True),
            functools.partial(_decide, transposed=True),
            lambda p, costs, asking: np.argmax(p, axis=1),
            -1,
        ),
    ),
}
