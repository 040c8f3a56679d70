"""Does AdaBN mend a pedestrian detector that was trained by day and fails by night?

The detector is the one of the study `day_night`. The statistics of its BatchNorm layers are replaced by those
of some images of the night, without labels (Li et al. 2017, "Revisiting batch normalization for practical
domain adaptation"); 0 images leave it as it is.
"""

import functools

import numpy as np

from helpers.networks.batchnorm import adapt_batchnorm
from helpers.strategies import FromScratch
from helpers.studies import day_night

SEEDS = 5
IMAGES = (0, 10, 50, 200, 1000)  # unlabelled, of the night
OTHER = 100  # added to the seed, they show other scenes than those that the detector learned from


def cells() -> list[dict]:
    return [{"images": images, "seed": seed} for seed in range(SEEDS) for images in IMAGES]


def measure(cell: dict) -> dict:
    seed = cell["seed"]
    day, night = (day_night.streets(f"streets_{when}", seed) for when in ("day", "night"))
    detector, weights = _trained_by_day(seed)
    detector.model_.set_weights(weights)
    if cell["images"]:
        unlabelled = day_night.streets("streets_night", seed + OTHER).X_train
        chosen = np.random.default_rng(seed).permutation(len(unlabelled))[: cell["images"]]
        adapt_batchnorm(detector.model_, unlabelled[chosen])
    return {
        name: float(detector.score(data.X_test, data.y_test))
        for name, data in (("by_day", day), ("by_night", night))
    }


@functools.lru_cache(maxsize=1)
def _trained_by_day(seed):
    day = day_night.streets("streets_day", seed)
    detector = FromScratch(epochs=day_night.EPOCHS, seed=seed).fit(day.X_train, day.y_train)
    return detector, detector.model_.get_weights()
