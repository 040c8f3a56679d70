"""Does fine-tuning distort features? Accuracy in and out of distribution.

After Kumar et al. 2022: linear probe, full fine-tuning, and the probe followed by fine-tuning.
"""

import functools

import numpy as np

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.strategies import registry
from helpers.studies.engine import runner

SEEDS = 10
IMAGES = 20
WAYS = (registry.LINEAR_PROBE, registry.FULL_FINE_TUNE, registry.PROBE_THEN_FINE_TUNE)
SHIFTS = {  # what happens to the images of the target
    "none": lambda X: X,
    "noise": lambda X: np.clip(X + np.random.default_rng(0).normal(0, 40, X.shape), 0, 255).astype(np.uint8),
    "dark": lambda X: X // 3,
    "inverted colours": lambda X: 255 - X,
    "upside down": lambda X: X[:, ::-1],
}


def cells() -> list[dict]:
    return [
        {"strategy": way.name, "shift": shift, "seed": seed}
        for seed in range(SEEDS)
        for way in WAYS
        for shift in SHIFTS
    ]


def measure(cell: dict) -> dict:
    data, model = _fitted(cell["strategy"], cell["seed"])
    return {"accuracy": float(model.score(SHIFTS[cell["shift"]](data.X_test), data.y_test))}


@functools.lru_cache(maxsize=1)
def _fitted(way, seed):
    data = builtin("new_shapes", IMAGES, 0, 50, seed)
    model = runner.strategy_of({"strategy": way}, Backbone("shapes"))
    if "seed" in model.get_params():
        model.set_params(seed=seed)
    return data, model.fit(data.X_train, data.y_train)
