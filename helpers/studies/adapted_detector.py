"""Does AdaBN mend a pedestrian detector that was trained by day and fails by night?

The detector is the one of the study `day_night`. The statistics of its BatchNorm layers are replaced by those
of some images of the night, without labels (Li et al. 2017, "Revisiting batch normalization for practical
domain adaptation"); 0 images leave it as it is.
"""

import numpy as np

from helpers.networks.batchnorm import adapt_batchnorm
from helpers.studies import day_night

SEEDS = 5
IMAGES = (0, 10, 40, 200, 1000)  # unlabelled, of the night, and of scenes that the detector does not know


def cells() -> list[dict]:
    return [{"images": images, "seed": seed} for seed in range(SEEDS) for images in IMAGES]


def measure(cell: dict) -> dict:
    seed = cell["seed"]
    detector = day_night.trained_by_day(seed)
    if cell["images"]:
        unlabelled = day_night.streets("streets_night", seed + day_night.OTHER_SCENES).X_train
        chosen = np.random.default_rng(seed).permutation(len(unlabelled))[: cell["images"]]
        adapt_batchnorm(detector.model_, unlabelled[chosen])
    return day_night.scores(detector, seed)
