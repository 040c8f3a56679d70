"""Would fine-tuning classify ants and bees better than a probe does? In cross-validation.

The study `photo_accuracy` leaves this question out, because a fold takes a minute or two. Here are the same
network and the same training images at 224 pixels, each with its mirror image. A seed is one of five folds to
hold out; no test image is used. The learning rate of the backbone is the one that suited MobileNet in the
study `photo_rates`. Needs the folder that `TRANSFER_DATA_DIR` names.
"""

import functools

import numpy as np
from sklearn.model_selection import StratifiedKFold

from helpers.data.folders import load_folder
from helpers.strategies import registry
from helpers.studies._photographs import BASE_RATE, mobilenet, root
from helpers.studies.engine import runner

SEEDS = 5
STRATEGIES = (registry.LINEAR_PROBE, registry.FINE_TUNE, registry.PROBE_THEN_FINE_TUNE)
EPOCHS = 8


def cells() -> list[dict]:
    return [{"strategy": entry.name, "seed": seed} for seed in range(SEEDS) for entry in STRATEGIES]


def measure(cell: dict) -> dict:
    X, y = _images()
    folds = StratifiedKFold(SEEDS, shuffle=True, random_state=0)
    learned, held_out = [*folds.split(y, y)][cell["seed"]]
    strategy = runner.strategy_of(cell, mobilenet(), base_lr=BASE_RATE)
    if registry.get(cell["strategy"]).trains_network:
        strategy.set_params(epochs=EPOCHS, seed=cell["seed"])
    strategy.fit(_mirrored(X[learned]), np.tile(y[learned], 2))
    plain, mirrored = np.split(strategy.decision_function(_mirrored(X[held_out])), 2)
    guesses = strategy.classes_[(plain + mirrored > 0).astype(int)]  # ants and bees: two classes
    return {"accuracy": float(np.mean(guesses == y[held_out])), "held_out": len(held_out)}


def _mirrored(X):
    return np.concatenate([X, X[:, :, ::-1]])


@functools.cache
def _images():
    X, y, _ = load_folder(root() / "hymenoptera" / "train", 224)
    return X, y
