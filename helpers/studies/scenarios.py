"""Which strategy wins in each cell of the 2x2 board of size and similarity? (Notebook 05.)"""

import functools

from helpers import experiments
from helpers.datasets import builtin
from helpers.models import Backbone

SEEDS = 3


def cells() -> list[dict]:
    return [
        {"target": target, "source": "shapes", "strategy": strategy, "images": images, "seed": seed}
        for seed in range(SEEDS)
        for target in experiments.TARGETS
        for images in (experiments.SMALL, experiments.LARGE)
        for strategy in experiments.strategies(Backbone("shapes"))
    ]


def measure(cell: dict) -> dict:
    strategy = experiments.strategies(Backbone(cell["source"]))[cell["strategy"]]
    return experiments.run(strategy, _target(cell["target"]), cell["images"], cell["seed"], held_out="test")


@functools.cache
def _target(name):
    return builtin(name)
