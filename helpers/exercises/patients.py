"""A set of images in which chance looks like knowledge: exercise 08.2."""

from typing import Any

import numpy as np

from helpers.data.image_sets import builtin

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
