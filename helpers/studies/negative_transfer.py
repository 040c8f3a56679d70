"""Can a source model do harm? Frozen features compared with training from scratch.

The source "random" is a network with random weights: what the architecture alone contributes. Every seed
draws new training and test images.
"""

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.strategies import registry
from helpers.studies.engine import runner

SEEDS = 5
SOURCES = {"shapes": Backbone("shapes"), "photos": Backbone("photos"), "random": Backbone("MiniVGG")}
TARGETS = ("micrographs", "streets_night")
SIZES = (10, 500)


def cells() -> list[dict]:
    probe, scratch = registry.LINEAR_PROBE.name, registry.FROM_SCRATCH.name
    ways = [(probe, source) for source in SOURCES] + [(scratch, "none")]
    return [
        {"target": target, "source": source, "strategy": way, "images": images, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for images in SIZES
        for way, source in ways
    ]


def measure(cell: dict) -> dict:
    strategy = registry.get(cell["strategy"]).make(SOURCES.get(cell["source"]))
    data = builtin(cell["target"], n_train=cell["images"], n_validation=0, seed=cell["seed"])
    return runner.run(strategy, data, cell["images"], cell["seed"], held_out="test")
