"""Can a source model do harm? Frozen features against training from scratch. (Notebook 05.)

The random source is a net that never learnt anything: what the architecture alone gives.
"""

import functools

from helpers import experiments, strategies
from helpers.datasets import builtin
from helpers.models import Backbone

SEEDS = 3
SOURCES = {"shapes": Backbone("shapes"), "photos": Backbone("photos"), "random": Backbone("MiniVGG")}
TARGETS = ("micrographs", "streets_night")
SIZES = (10, 500)


def cells() -> list[dict]:
    ways = [("Linear probe", source) for source in SOURCES] + [("From scratch", "none")]
    return [
        {"target": target, "source": source, "strategy": way, "images": images, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for images in SIZES
        for way, source in ways
    ]


def measure(cell: dict) -> dict:
    if cell["strategy"] == "From scratch":
        strategy = strategies.FromScratch()
    else:
        strategy = strategies.LinearProbe(SOURCES[cell["source"]])
    return experiments.run(strategy, _target(cell["target"]), cell["images"], cell["seed"], held_out="test")


@functools.cache
def _target(name):
    return builtin(name)
