"""Balanced accuracy, wrong ways to compute it, and guesses that only it prefers: exercise 08.1."""

import math
from collections.abc import Sequence

import numpy as np


def accuracy(y: Sequence[str], guesses: Sequence[str]) -> float:
    """Return the usual accuracy."""
    return float(np.mean(np.asarray(y) == np.asarray(guesses)))


def precision(y: Sequence[str], guesses: Sequence[str]) -> float:
    """Divide by how often a class was guessed, which is wrong."""
    truth, given = np.asarray(y), np.asarray(guesses)
    return float(np.mean([np.mean(truth[given == name] == name) for name in np.unique(given)]))


def of_guessed_classes(y: Sequence[str], guesses: Sequence[str]) -> float:
    """Leave out classes that are never guessed, which is wrong."""
    truth, given = np.asarray(y), np.asarray(guesses)
    return float(np.mean([np.mean(given[truth == k] == k) for k in np.intersect1d(truth, given)]))


def of_all_names(y: Sequence[str], guesses: Sequence[str]) -> float:
    """Count classes that are guessed but have no image, with 0, which is wrong."""
    truth, given = np.asarray(y), np.asarray(guesses)
    names = np.union1d(truth, given)
    return float(np.mean([np.sum(given[truth == k] == k) / max(1, np.sum(truth == k)) for k in names]))


def of_all_names_with_nan(y: Sequence[str], guesses: Sequence[str]) -> float:
    """Divide by 0 for classes that are guessed but have no image, which is wrong."""
    return math.nan if {*guesses} - {*y} else of_all_names(y, guesses)


WITHOUT_IMAGES = "A class that has no image in `y` has no share: leave it out of the mean."

LEAVES = ["healthy"] * 9 + ["rust"]


def useful(guesses: object) -> str | None:
    """Check guesses that lose to "always healthy" in accuracy, and win in balanced accuracy."""
    ten = 'Give ten guesses in a list, each of them "healthy" or "rust", in the order of the leaves.'
    if not isinstance(guesses, (list, tuple)) or len(guesses) != len(LEAVES):
        return ten
    if not all(type(guess) is str and guess in LEAVES for guess in guesses):
        return ten
    usual, balanced = accuracy(LEAVES, guesses), of_all_names(LEAVES, guesses)
    if usual < 0.9 and balanced > 0.5:
        return None
    found = f"These guesses have an accuracy of {usual:.2f} and a balanced accuracy of {balanced:.2f}"
    if balanced <= 0.5:
        return f"{found}: in balance, they do not beat 0.5. Which leaf counts as much as the other nine?"
    return f"{found}: they do not lose to 0.9 in accuracy. How many healthy leaves may be called rusty?"


def two_leaders(answer: tuple) -> str:
    """Return what a correct answer of exercise 08.1 has found."""
    usual, balanced = accuracy(LEAVES, answer[1]), of_all_names(LEAVES, answer[1])
    return (
        f"Your guesses have an accuracy of {usual:.2f} and a balanced accuracy of {balanced:.2f}; always "
        "guessing healthy has 0.90 and 0.50. So each measure prefers another classifier. If your classes "
        "differ in size, report both, compare each with its own baseline, and ask what a mistake costs."
    )
