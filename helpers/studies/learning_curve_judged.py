"""How often does the 90 % interval of a learning curve cover the accuracy at twice the images?

Each trial draws images of each class from a target's training images, and fits a learning curve to them
(`helpers.strategies.learning_curve`). Then the same probe learns from twice as many: these images and as many
new ones. Its accuracy is measured twice: on all training images of the target that the trial has not drawn,
and on the target's test set. The first ones are like the drawn ones, which is what a learning curve assumes;
a published test set need not be. Both accuracies come from a limited number of images, so they vary, too;
that counts against the interval.

Trials on one target share its images, so they are not independent: `docs/accuracy.md` reports each target.
Left out are the spoken digits, because their images come from six speakers: twice the images are the same
voices again. The law, its weights and the exponents were chosen on other draws of the same targets, with
seeds from 100 on. The real targets need the folder that `TRANSFER_DATA_DIR` names. All trials take five
minutes on one core, once the codes are stored (`_activations`).
"""

import numpy as np

from helpers.strategies.learning_curve import learning_curve
from helpers.studies import _targets
from helpers.studies._activations import stored
from helpers.studies._learners import pixels
from helpers.studies._networks import linear
from helpers.studies.board import drawn, sizes

SIZES = (10, 20, 40)  # images per class at hand
LEAST = 15  # images per class that are left to measure the accuracy
LEFT_OUT = ("spoken_digits",)
SEEDS = {True: 6, False: 4}  # of built-in and of real targets
SOURCES = {True: ("shapes",), False: ("MobileNet", "photos")}


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "images": images, "seed": seed}
        for target, named in _targets.TARGETS.items()
        if target not in LEFT_OUT
        for source in SOURCES[named.is_builtin]
        for images in SIZES
        if 2 * images + LEAST <= max(sizes(target))
        for seed in range(SEEDS[named.is_builtin])
    ]


def measure(cell: dict) -> dict:
    target, source, images = cell["target"], cell["source"], cell["images"]
    (features, y), test = (_codes(target, source, part) for part in ("train", "test"))
    few, twice = (drawn(y, number, cell["seed"]) for number in (images, 2 * images))
    curve = learning_curve(features[few], y[few])
    forecast = curve.at(len(twice))
    probe = linear(1000).fit(features[twice], y[twice])
    others = np.setdiff1d(np.arange(len(y)), twice)
    return {
        "cross_validated": float(curve.accuracy[-1]),
        "forecast": forecast.accuracy,
        "low": forecast.low,
        "high": forecast.high,
        "accuracy": float(probe.score(features[others], y[others])),
        "scored": len(others),
        "test_accuracy": float(probe.score(*test)),
        "test": len(test[1]),
    }


def _codes(target, source, part):
    return np.asarray(stored(target, source, part)["codes"], np.float32), pixels(target, source, part).y
