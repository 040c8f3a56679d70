"""How the board chooses a configuration: by validation within the training images, never on test images.

Up to `FEW` training images, three stratified folds: each image validates once. With more images, only the
first of the three folds validates: a held-out third. Images of one group are in one fold. The configuration
with the highest share of correct validation images wins, and a tie goes to the one that is declared first.
The first is the default, so that a strategy leaves it only for a better score.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

FEW = 60  # training images, of all classes together
FOLDS = 3

Predict = Callable[[np.ndarray], np.ndarray]  # from rows to class indices
Learn = Callable[[Mapping, np.ndarray], Predict]  # from a configuration and training rows


class Choice(NamedTuple):
    """What validation chose.

    Attributes:
        number: index of the chosen configuration.
        scores: share of correct validation images of each configuration, 0..1.
        validated: number of images that validated.

    Example:
        >>> Choice(1, (0.5, 0.75), 20).scores[1]
        0.75
    """

    number: int
    scores: tuple[float, ...]
    validated: int


def choose(
    learn: Learn,
    rows: np.ndarray,
    y: np.ndarray,
    grid: Sequence[Mapping],
    seed: int,
    groups: np.ndarray | None = None,
) -> Choice:
    """Choose one of several configurations by validation within the training images.

    Args:
        learn: fits a configuration on some rows, and returns a function that predicts the classes of others.
        rows: the training images, int (n,): all that may be learned from or predicted.
        y: their class indices, int (n,).
        grid: the configurations, the default first.
        seed: of the folds.
        groups: the group of each training image (n,); None if each stands for itself.

    Raises:
        ValueError: there is a single group, or a class has fewer images than there are folds.

    Example:
        >>> def learn(config, rows):
        ...     return lambda others: others % 2 if config["right"] else others * 0
        >>> rows = np.arange(12)
        >>> choose(learn, rows, rows % 2, [{"right": False}, {"right": True}], seed=0)
        Choice(number=1, scores=(0.5, 1.0), validated=12)
    """
    parts = folds(y, seed, groups)
    correct = np.zeros(len(grid), int)
    for train, held_out in parts:
        for number, config in enumerate(grid):
            guesses = learn(config, rows[train])(rows[held_out])
            correct[number] += np.sum(guesses == y[held_out])
    validated = sum(len(held_out) for _, held_out in parts)
    return Choice(int(correct.argmax()), tuple((correct / validated).tolist()), validated)


def folds(y: np.ndarray, seed: int, groups: np.ndarray | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (training, validation) places among n images: three folds of few images, a third of many.

    Raises:
        ValueError: as for `choose`.
    """
    if groups is None:
        if (fewest := np.bincount(y)[np.unique(y)].min()) < FOLDS:
            raise ValueError(f"A choice needs {FOLDS} training images per class. Received: {fewest}.")
        found = [*StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(y, y)]
    else:
        if (several := len(np.unique(groups))) < 2:
            raise ValueError("All training images are of one group, so that none can validate.")
        split = StratifiedGroupKFold(min(FOLDS, several), shuffle=True, random_state=seed)
        with warnings.catch_warnings():  # a class with fewer images than folds does not matter here
            warnings.simplefilter("ignore", UserWarning)
            found = [*split.split(y, y, groups)]
        found = [pair for pair in found if len(pair[0]) and len(pair[1])]
    return found if len(y) <= FEW else found[:1]
