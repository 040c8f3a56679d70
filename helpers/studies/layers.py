"""Which layer transfers best? A linear SVM on the features of every layer.

Layers are compared on validation images, so that the best one may be chosen.
"""

from helpers import strategies
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.studies.engine import runner

SEEDS = 5
TARGETS = ("new_shapes", "micrographs")
SOURCES = ("shapes", "photos")
SIZES = (10, 50)
LAYERS = tuple(
    f"block{block}_{part}" for block in range(1, 5) for part in ("conv1_relu", "conv2_relu", "pool")
)


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "images": n, "layer": layer, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for source in SOURCES
        for n in SIZES
        for layer in LAYERS
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], cell["images"], 100, 0, cell["seed"])
    svm = strategies.EarlierLayerSVM(Backbone(cell["source"]), cell["layer"])
    return {"accuracy": runner.run(svm, data, cell["images"], cell["seed"])["accuracy"]}
