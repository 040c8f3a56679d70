"""How does a pedestrian classifier trained by day work by night, and with a few images of the night?"""

import functools

import numpy as np

from helpers import strategies
from helpers.data.image_sets import ImageSet, builtin
from helpers.networks.backbones import Backbone
from helpers.networks.backend import keras
from helpers.networks.heads import set_trainable_from
from helpers.strategies.trained_network import epochs_for
from helpers.strategies.training import fit
from helpers.studies._networks import indices

SEEDS = 5
MANY, FEW = 500, 20
EPOCHS = 12
RATE = 3e-4  # of fine-tuning
OTHER_SCENES = 100  # added to the seed, it draws night images of scenes that the day detector does not know
WAYS = (
    "trained by day",
    "trained by night",
    "40 night images, from scratch",
    "40 night images, photo model fine-tuned",
    "40 night images, day detector fine-tuned",
)


def cells() -> list[dict]:
    return [{"way": way, "seed": seed} for seed in range(SEEDS) for way in WAYS]


def measure(cell: dict) -> dict:
    way, seed = cell["way"], cell["seed"]
    night = streets("streets_night", seed)
    few = _first(night, FEW)
    if way == "trained by day":
        model = trained_by_day(seed)
    elif way == "trained by night":
        model = strategies.FromScratch(epochs=EPOCHS, seed=seed).fit(night.X_train, night.y_train)
    elif way == "40 night images, from scratch":
        model = strategies.FromScratch(seed=seed).fit(night.X_train[few], night.y_train[few])
    elif way == "40 night images, photo model fine-tuned":
        model = strategies.ProbeThenFineTune(Backbone("photos"), base_lr=RATE, head_lr=RATE, seed=seed)
        model.fit(night.X_train[few], night.y_train[few])
    else:
        model = trained_by_day(seed)
        others = streets("streets_night", seed + OTHER_SCENES)
        few = _first(others, FEW)
        fine_tune_all(model.model_, others.X_train[few], indices(others, "train")[few], seed)
    return scores(model, seed)


def scores(model: strategies.Strategy, seed: int) -> dict[str, float]:
    """Return the test accuracy of a detector by day and by night."""
    day, night = streets("streets_day", seed), streets("streets_night", seed)
    return {
        name: float(model.score(d.X_test, d.y_test)) for name, d in (("by_day", day), ("by_night", night))
    }


def trained_by_day(seed: int) -> strategies.FromScratch:
    """Return the detector that knows many images of the day; each call returns one that may be changed."""
    detector, weights = _trained_by_day(seed)
    detector.model_.set_weights(weights)
    return detector


@functools.lru_cache(maxsize=1)
def _trained_by_day(seed):
    day = streets("streets_day", seed)
    detector = strategies.FromScratch(epochs=EPOCHS, seed=seed).fit(day.X_train, day.y_train)
    return detector, detector.model_.get_weights()


def fine_tune_all(model: keras.Model, X: np.ndarray, y: np.ndarray, seed: int) -> None:
    """Train all layers of a classifier further, the head as gently as the rest; BatchNorm stays frozen."""
    (backbone,) = (layer for layer in model.layers if isinstance(layer, keras.Model))
    set_trainable_from(backbone, "all")
    epochs = epochs_for(len(X), 32)
    fit(model, X, y, epochs=epochs, batch_size=32, seed=seed, head_lr=RATE, base_lr=RATE)


def _first(data, images):
    """Return the first images of each class."""
    return [i for label in data.classes for i in (data.y_train == label).nonzero()[0][:images]]


@functools.cache
def streets(name: str, seed: int) -> ImageSet:
    """Return `MANY` training images and 200 test images per class, by day or by night."""
    return builtin(name, MANY, 0, 200, seed)
