"""A set of images in which chance looks like knowledge: exercise 08.2."""

import functools
from typing import Any

import numpy as np

from helpers.data.image_sets import builtin
from helpers.exercises.attempts import Failed, attempt

PATIENTS_PER_KIND, SHOTS = 8, 6


def coin_tosses() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images of 40 patients, six shots of each, labelled by one coin toss per patient.

    A shot is a drawn micrograph of the patient, moved by up to two pixels, with noise of its own.

    Returns:
        Images, uint8 (240, 32, 32, 3); labels "heads" or "tails", str (240,); patients, int (240,).

    Example:
        >>> X, tosses, patients = coin_tosses()
        >>> X.shape, sorted(set(tosses.tolist())), len(set(patients))
        ((240, 32, 32, 3), ['heads', 'tails'], 40)
    """
    originals = builtin("micrographs", PATIENTS_PER_KIND, 0, 0).X_train
    rng = np.random.default_rng(0)
    sides = rng.permutation(np.arange(len(originals)) % 2)
    patients = np.repeat(np.arange(len(originals)), SHOTS)
    shots = []
    for patient in patients:
        moved = np.roll(originals[patient], rng.integers(-2, 3, 2), (0, 1))
        shots.append(np.clip(moved + rng.normal(0, 8, moved.shape), 0, 255))
    order = rng.permutation(len(patients))
    tosses = np.array(["heads", "tails"])[sides[patients]]
    return np.array(shots, "uint8")[order], tosses[order], patients[order]


def leaky(codes: np.ndarray, labels: np.ndarray, **options: Any) -> float:
    """Return an accuracy that is too high: shots of the same patient are learned from and tested.

    Args:
        codes: CNN codes of shots, float (n, features).
        labels: str (n,).
        **options: of scikit-learn's `cross_val_score`, which uses groups only with a splitter for them.

    Example:
        >>> patients = np.random.default_rng(0).permutation(np.repeat(np.arange(40), 4))
        >>> leaky(np.eye(40)[patients], patients % 2, groups=patients) > 0.9
        True
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    return float(cross_val_score(LogisticRegression(max_iter=1000), codes, labels, cv=5, **options).mean())


HONEST, LEARNABLE = 0.75, 0.85


@functools.cache
def _shots(learnable: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return CNN codes of 40 patients with four shots each, and labels that they know or cannot know.

    The codes are short, so that leaving out one patient after the other takes a moment only.
    """
    rng = np.random.default_rng(1)
    patients = rng.permutation(np.repeat(np.arange(40), 4))
    toss = rng.permutation(np.arange(40) % 2)[patients]
    numbers = 10 if learnable else 60  # with 60, a classifier knows each patient again
    codes = rng.normal(size=(40, numbers))[patients] + 0.1 * rng.normal(size=(160, numbers))
    codes[:, 0] += 6 * toss * learnable
    return codes, np.array(["heads", "tails"])[toss], patients


def honesty(answer: object) -> str | None:
    """Check `honest_accuracy(codes, labels, patients)` on labels that can be known and that cannot."""
    from threadpoolctl import threadpool_limits

    if not callable(answer):
        return "Give the function itself, without calling it: answer = honest_accuracy."
    with threadpool_limits(1):  # many fits on little data: more threads would only wait for each other
        return _honesty(answer)


def _honesty(answer):
    for learnable in (False, True):
        arrays = [part.copy() for part in _shots(learnable)]
        try:
            given = attempt(lambda arrays=arrays: float(answer(*arrays)), slow=True)
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
