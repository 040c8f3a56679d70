"""What does a pedestrian detector learn from a training set in which some kinds of images are missing?

Each detector learns from the same number of images. It is scored on four kinds of test images: streets with
and without a pedestrian, by day and by night. If all pedestrians were photographed by day and all empty
streets by night, then the light alone gives the right answers on the training images. Sources: Torralba &
Efros 2011, "Unbiased look at dataset bias"; Geirhos et al. 2020, "Shortcut learning in deep neural networks".
"""

import numpy as np

from helpers import strategies
from helpers.studies import day_night

SEEDS = 5
IMAGES = 2 * day_night.MANY  # of each training set
KINDS = (("pedestrian", "day"), ("pedestrian", "night"), ("empty", "day"), ("empty", "night"))
TRAINED = {  # the kinds in each training set, in equal parts
    "by day": (("pedestrian", "day"), ("empty", "day")),
    "on pedestrians by day, empty streets by night": (("pedestrian", "day"), ("empty", "night")),
    "by day and by night": KINDS,
}


def cells() -> list[dict]:
    return [{"trained": trained, "seed": seed} for seed in range(SEEDS) for trained in TRAINED]


def measure(cell: dict) -> dict:
    seed = cell["seed"]
    detector = _trained(cell["trained"], seed)
    return {
        f"{label}_by_{when}": float(detector.score(*_of_kind(label, when, "test", seed)))
        for label, when in KINDS
    }


def _trained(trained, seed):
    if trained == "by day":
        return day_night.trained_by_day(seed)
    kinds = TRAINED[trained]
    parts = [_of_kind(*kind, "train", seed, IMAGES // len(kinds)) for kind in kinds]
    X, y = (np.concatenate(both) for both in zip(*parts, strict=True))
    return strategies.FromScratch(epochs=day_night.EPOCHS, seed=seed).fit(X, y)


def _of_kind(label, when, part, seed, images=None):
    """Return images of one kind and their labels; by night from the end, so that no scene occurs twice."""
    split = day_night.streets(f"streets_{when}", seed).split(part)
    rows = np.flatnonzero(split.y == label)
    if images is not None:
        rows = rows[:images] if when == "day" else rows[-images:]
    return split.X[rows], split.y[rows]
