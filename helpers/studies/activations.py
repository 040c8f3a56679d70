"""Compare activations: how a deep dense net learns with sigmoid, tanh and ReLU.

ReLU has the initial weights of He, the others those of Glorot. Adam divides out the size of a gradient, plain
SGD does not: only with SGD can the table show what a vanishing gradient does.
"""

import numpy as np

from helpers.networks import basics

SEEDS = 5
DEPTH = 8  # hidden layers
INITIALISATIONS = {"sigmoid": "Glorot", "tanh": "Glorot", "relu": "He"}  # by activation
RATES = {"SGD": 0.1, "Adam": 1e-3}  # by optimiser


def cells() -> list[dict]:
    return [
        {
            "depth": DEPTH,
            "activation": activation,
            "initialisation": initialisation,
            "optimiser": optimiser,
            "seed": seed,
        }
        for seed in range(SEEDS)
        for activation, initialisation in INITIALISATIONS.items()
        for optimiser in RATES
    ]


def measure(cell: dict) -> dict:
    """Train one network; first_layer_change is the norm of the change, in per cent of that of the weights."""
    seed, optimiser = cell["seed"], cell["optimiser"]
    initialisation = cell["initialisation"].lower() + "_uniform"
    model = basics.dense_net((32,) * cell["depth"], cell["activation"], seed, initialisation)
    before = model.get_weights()[0]
    data = basics.digits(1000, seed, shift=False)
    history = basics.train(model, data, optimiser, RATES[optimiser], seed=seed)
    change = np.linalg.norm(model.get_weights()[0] - before) / np.linalg.norm(before) * 100
    return {
        "accuracy": history["val_accuracy"][-1],
        "first_layer_change": float(change),
        "curve": " ".join(f"{value:.3f}" for value in history["val_accuracy"]),
    }
