"""Fits one strategy on n images per class and scores it once."""

import time
from typing import TYPE_CHECKING

from helpers.data.image_sets import ImageSet
from helpers.data.splits import n_per_class
from helpers.networks.features import uncached
from helpers.strategies import registry

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone
    from helpers.strategies import Strategy


# Learning rates that some studies were measured with, by strategy: of the head, and of MiniVGG's backbone.
HEAD_RATES = {
    registry.FINE_TUNE.name: 3e-3,
    registry.FULL_FINE_TUNE.name: 3e-3,
    registry.PROBE_THEN_FINE_TUNE.name: 3e-4,
}
BASE_RATE = 3e-4


def strategy_of(
    cell: dict, backbone: "Backbone", batch_size: int = 32, base_lr: float = BASE_RATE
) -> "Strategy":
    """Return the strategy of a cell, unfitted; where it fine-tunes, with the rates of the stored tables."""
    name = cell["strategy"]
    rates = {"head_lr": HEAD_RATES[name], "base_lr": base_lr} if name in HEAD_RATES else {}
    strategy = registry.get(name).make(backbone, **rates)
    return strategy.set_params(batch_size=batch_size) if "batch_size" in strategy.get_params() else strategy


def fit(strategy: "Strategy", data: ImageSet, images: int, seed: int, **watch) -> float:
    """Fit one strategy on n images per class, and return how long that took, in seconds.

    Features are computed anew, although they may be in the cache: a second run would seem to cost nothing.

    Args:
        strategy: an estimator of `helpers.strategies.trained`; fitted in place.
        data: the target.
        images: training images per class.
        seed: chooses the images and, where the strategy has one, its own randomness.
        **watch: `on_epoch`, `stop`, `validation` for strategies that train a network.
    """
    X, y = n_per_class(data.X_train, data.y_train, images, seed)
    if "seed" in strategy.get_params():
        strategy.set_params(seed=seed)
    started = time.perf_counter()
    with uncached():
        strategy.fit(X, y, **watch)
    return time.perf_counter() - started


def run(
    strategy: "Strategy", data: ImageSet, images: int, seed: int, held_out: str = "validation", **watch
) -> dict:
    """Fit one strategy on n images per class and score it once.

    Args:
        strategy: an estimator of `helpers.strategies.trained`; fitted in place.
        data: the target.
        images: training images per class.
        seed: of the images and of the strategy.
        held_out: "validation" while choosing; "test" only for a table that is never chosen from.
        **watch: `on_epoch`, `stop`, `validation` for strategies that train a network.

    Returns:
        accuracy (0..1), seconds (of fit) and trainable_parameters.
    """
    seconds = fit(strategy, data, images, seed, **watch)
    return {
        "accuracy": float(strategy.score(*data.split(held_out))),
        "seconds": seconds,
        "trainable_parameters": strategy.trainable_parameters_,
    }
