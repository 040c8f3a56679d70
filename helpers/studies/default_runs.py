"""What each strategy reaches with its default settings on the built-in targets, and what that costs.

It is what the Strategy Lab shows in grey before anything has run: accuracy where the board does not have a
target with a source, and seconds everywhere, because those of the board include the choice of a setting.

Scored on the validation images, as the lab does, with one seed: it is a first impression, not a verdict. The
seconds are those that one core works for `fit`. MobileNet and VGG16 are frozen only; their weights come from
the folder that `TRANSFER_DATA_DIR` names.
"""

import time

from helpers.data import image_sets
from helpers.strategies import registry
from helpers.studies._grids import backbone as backbone_of
from helpers.studies.engine import runner

SOURCES = ("shapes", "photos", "simclr")
FROZEN = ("MobileNet", "VGG16")  # on images of 32 pixels, training them takes minutes
SIZES = (5, 20, 100)  # images per class
SEEDS = 1


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "strategy": name, "images": images, "seed": seed}
        for seed in range(SEEDS)
        for target in image_sets.BUILTIN[1:]
        for name in registry.names()
        for source in _sources(registry.get(name))
        for images in SIZES
    ]


def _sources(entry):
    if not entry.uses_source:
        return ("none",)
    return SOURCES if entry.trains_network else SOURCES + FROZEN


def measure(cell: dict) -> dict:
    entry = registry.get(cell["strategy"])
    backbone = backbone_of(cell["source"]) if entry.uses_source else None
    strategy = entry.make(backbone, **entry.first_rates(backbone.rates) if backbone else {})
    data = image_sets.builtin(cell["target"])
    began = time.process_time()  # other work on the computer does not count
    runner.fit(strategy, data, cell["images"], cell["seed"])
    seconds = time.process_time() - began
    accuracy = strategy.score(*data.split("validation"))
    return {"accuracy": round(float(accuracy), 4), "seconds": round(seconds, 2)}
