"""How good is a source that has learned without labels? Linear probes on three networks of the same size.

"simclr" and "shapes" have seen equally many drawn shapes, "simclr" without their labels; "random" has seen
none. Targets, draws, and the choice of C within the training images are those of the study `board`.
"""

import functools

import numpy as np

from helpers.networks.backbones import Backbone, fresh
from helpers.studies import _targets
from helpers.studies._choice import choose
from helpers.studies._grids import PROBE, grid
from helpers.studies._networks import codes, linear
from helpers.studies.board import drawn

SEEDS = 5
SIZES = (5, 20, 100)  # images per class
TARGETS = ("new_shapes", "micrographs", "streets_night", "digits")
SOURCES = {"shapes": Backbone("shapes"), "simclr": Backbone("simclr"), "random": Backbone("MiniVGG")}


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "images": images, "seed": seed}
        for source in SOURCES
        for target in TARGETS
        for images in SIZES
        for seed in range(SEEDS)
    ]


def measure(cell: dict) -> dict:
    (X, y), (X_test, y_test) = (_codes(cell["target"], cell["source"], part) for part in ("train", "test"))
    rows = drawn(y, cell["images"], cell["seed"])

    def learn(config, some):
        return linear(1000, config["C"]).fit(X[some], y[some])

    def within(config, some):
        model = learn(config, some)
        return lambda others: model.predict(X[others])

    config = grid(PROBE, "shapes")[choose(within, rows, y[rows], grid(PROBE, "shapes"), cell["seed"]).number]
    return {"C": config["C"], "accuracy": float(learn(config, rows).score(X_test, y_test))}


@functools.lru_cache(maxsize=2)
def _codes(target, source, part):
    images = _targets.images(target, part, 32)
    return codes(fresh(SOURCES[source]), images.X), images.y.astype(np.int64)
