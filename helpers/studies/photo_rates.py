"""Which learning rate of the backbone suits MobileNet? Chosen on validation images at 96 pixels.

The learning rates that suit the small shipped models do not suit every network. A deeper network, trained
on far more images, has more to lose. Each rate runs on a target similar to the source and on a different one.
"""

from helpers.strategies import registry
from helpers.studies._photographs import SMALL, images, mobilenet
from helpers.studies.engine import runner

SEEDS = 2
IMAGES = 20
TARGETS = ("flowers", "pacs_sketch")
STRATEGIES = (registry.FINE_TUNE, registry.FULL_FINE_TUNE, registry.PROBE_THEN_FINE_TUNE)
RATES = (3e-6, 1e-5, 3e-5, 1e-4, 3e-4)


def cells() -> list[dict]:
    return [
        {"target": target, "strategy": strategy.name, "base_lr": rate, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for strategy in STRATEGIES
        for rate in RATES
    ]


def measure(cell: dict) -> dict:
    data = images(cell["target"], SMALL)
    strategy = runner.strategy_of(cell, mobilenet(), batch_size=16, base_lr=cell["base_lr"])
    return runner.run(strategy, data, IMAGES, cell["seed"], held_out="validation")
