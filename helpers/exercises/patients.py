"""A set of images in which chance looks like knowledge: exercise 08.2."""

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
