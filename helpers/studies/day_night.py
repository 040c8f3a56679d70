"""How does a pedestrian classifier trained by day work by night, and with a few images of the night?"""

import functools

from helpers import strategies
from helpers.data.image_sets import ImageSet, builtin
from helpers.networks.backbones import Backbone

SEEDS = 5
MANY, FEW = 500, 20
EPOCHS = 12
RATE = 3e-4  # of fine-tuning
WAYS = (
    "trained by day",
    "trained by night",
    "few night pictures, from scratch",
    "few night pictures, photos model fine-tuned",
)


def cells() -> list[dict]:
    return [{"way": way, "seed": seed} for seed in range(SEEDS) for way in WAYS]


def measure(cell: dict) -> dict:
    way, seed = cell["way"], cell["seed"]
    day, night = streets("streets_day", seed), streets("streets_night", seed)
    images = MANY if way.startswith("trained") else FEW
    train = day if way == "trained by day" else night
    if way.endswith("fine-tuned"):
        model = strategies.ProbeThenFineTune(Backbone("photos"), base_lr=RATE, head_lr=RATE, seed=seed)
    else:
        model = strategies.FromScratch(epochs=EPOCHS if images == MANY else None, seed=seed)
    chosen = _first(train, images)
    model.fit(train.X_train[chosen], train.y_train[chosen])
    return {
        name: float(model.score(d.X_test, d.y_test)) for name, d in (("by_day", day), ("by_night", night))
    }


def _first(data, images):
    """Return the first images of each class."""
    return [i for label in data.classes for i in (data.y_train == label).nonzero()[0][:images]]


@functools.cache
def streets(name: str, seed: int) -> ImageSet:
    """Return `MANY` training images and 200 test images per class, by day or by night."""
    return builtin(name, MANY, 0, 200, seed)
