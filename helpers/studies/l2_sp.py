"""Does a pull towards the source weights help? L2-SP against full fine-tuning, with equal tuning.

After Li et al. 2018, "Explicit inductive bias for transfer learning with convolutional networks". Each way
has four candidates, and validation images choose one of them for each run: learning rates of the backbone,
the same three with and without the pull; then a fourth, larger rate, or a stronger pull. The head is new
and has its own rate.
"""

import functools

import numpy as np

from helpers.data.image_sets import builtin
from helpers.networks.backbones import fresh
from helpers.networks.backend import keras
from helpers.strategies.l2_sp import pull
from helpers.studies import _surgery
from helpers.studies._networks import accuracy, indices

SEEDS = 5
TARGETS = ("new_shapes", "micrographs")
IMAGES, HEAD_RATE = 10, 1e-2
GRIDS = {  # rate of the backbone, strength of the pull
    "full fine-tuning": ((3e-4, 0.0), (1e-4, 0.0), (1e-3, 0.0), (3e-3, 0.0)),
    "L2-SP": ((3e-4, 0.1), (1e-4, 0.1), (1e-3, 0.1), (3e-4, 1.0)),
}


def cells() -> list[dict]:
    return [
        {"target": target, "way": way, "seed": seed}
        for target in TARGETS
        for seed in range(SEEDS)
        for way in GRIDS
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], IMAGES, 20, 60, cell["seed"])
    runs = [_run(data, rate, strength, cell["seed"]) for rate, strength in GRIDS[cell["way"]]]
    return max(runs, key=lambda run: run["validation_accuracy"])


def _run(data, rate, strength, seed):
    network, pulling = _network(len(data.classes))
    pulling.assign(strength)
    network.restart(_surgery.new_head(len(data.classes), seed))
    rates = {"rate": rate, "head_rate": HEAD_RATE}
    network.train(data.X_train, indices(data, "train"), rates, seed)
    return {
        "rate": rate,
        "strength": strength,
        "moved": _moved(network.model.layers[1]),
        "validation_accuracy": accuracy(network.model, data.X_validation, indices(data, "validation")),
        "accuracy": accuracy(network.model, data.X_test, indices(data, "test")),
    }


@functools.cache
def _network(classes):
    """A network, and the strength of its pull: a variable, so that it can change between runs."""
    network, strength = _surgery.prepared(_surgery.ALL, classes), keras.Variable(0.0, trainable=False)
    pull(network.model.layers[1], strength)
    return network, strength


def _moved(backbone):
    """Distance of the convolutions from those of the source, as a share of the length of the latter."""
    now, start = (
        np.concatenate([np.ravel(layer.kernel) for layer in network.layers if hasattr(layer, "kernel")])
        for network in (backbone, fresh(_surgery.SOURCE))
    )
    return float(np.linalg.norm(now - start) / np.linalg.norm(start))
