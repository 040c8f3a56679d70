"""Between a source classifier and one that was fine-tuned on a target: which weights are best, and for whom?

After Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" and "Model soups". The source classifier
is the shipped shapes network with a probe as its head. All its layers are fine-tuned on a few images of a
shifted target, as in the study `surgical`: validation within these images chooses the learning rates, from
four of its candidates. Weights on the line between both are scored on the target, on the source, and on
shifts that neither has seen. More runs from the same start, with the same rates and the images in other
orders, make a soup.

BatchNorm keeps the statistics of the source while the network is fine-tuned. All networks on the line, and
the soup, have the same ones, so there is nothing to compute anew.
"""

import functools
from collections.abc import Mapping

import numpy as np

from helpers.data.shifts import SHIFTS, Shift
from helpers.networks.interpolation import between, soup
from helpers.studies import _surgery
from helpers.studies._networks import accuracy

TARGETS = ("night", "dashed")
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the fine-tuned network
SEEDS, MEMBERS = 5, 3
CANDIDATES = _surgery.TOGETHER[:4]
TRAIN, TEST = 10, 20  # images per class
SOURCE = Shift("none")
Weights = list[np.ndarray]
UNSEEN = ("noise", "colour cast", "blur")  # shifts; none is a target


def cells() -> list[dict]:
    return [
        {"target": target, "seed": seed, "way": way, "share": share}
        for seed in range(SEEDS)
        for target in TARGETS
        for way, share in [*(("line", share) for share in SHARES), ("members", 1.0), ("soup", 1.0)]
    ]


def measure(cell: dict) -> dict:
    target, seed = cell["target"], cell["seed"]
    tuned = _members(target, seed)
    if cell["way"] == "line":
        weights = [between(source_weights(), tuned[0], cell["share"])]
    elif cell["way"] == "soup":
        weights = [soup(tuned)]
    else:
        weights = tuned
    found = [scores(each, target, seed) for each in weights]
    means = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    return {**chosen_rates(target, seed), **means}


def source_weights() -> Weights:
    """Return the weights of the source network with a probe on source images as its head."""
    _network().restart(_surgery.source_head())
    return _network().model.get_weights()


@functools.lru_cache(maxsize=1)
def chosen_rates(target: str, seed: int) -> dict[str, float]:
    """Return the learning rates that validation within the training images chooses.

    Args:
        target: name of the shift.
        seed: of the images.
    """
    _network().restart(_surgery.source_head())
    X, y = _drawn(target, TRAIN, seed)
    return _surgery.chosen_rates(_network(), X, y, CANDIDATES, seed)


def fine_tuned(target: str, seed: int, order: int, rates: Mapping[str, float]) -> Weights:
    """Return the weights of the source classifier after fine-tuning on a few images of a shift.

    Args:
        target: name of the shift.
        seed: of the images.
        order: seed of their order.
        rates: of `chosen_rates`.
    """
    _network().restart(_surgery.source_head())
    _network().train(*_drawn(target, TRAIN, seed), rates, order)
    return _network().model.get_weights()


def scores(weights: Weights, target: str, seed: int, images: int = TEST) -> dict[str, float]:
    """Return the accuracy of a network on new images of the target, of the source, and of unseen shifts.

    Args:
        weights: of the network.
        target: name of the shift that it was fine-tuned on.
        seed: of the images.
        images: number per class.
    """
    model = _network().model
    model.set_weights(weights)

    def score(name):
        return accuracy(model, *_drawn(name, images, 10_000 + seed))

    return {
        "target_accuracy": score(target),
        "source_accuracy": score("source"),
        "unseen_accuracy": float(np.mean([score(name) for name in UNSEEN])),
    }


@functools.lru_cache(maxsize=1)
def _members(target, seed):
    rates = chosen_rates(target, seed)
    return [fine_tuned(target, seed, 100 * seed + member, rates) for member in range(MEMBERS)]


@functools.cache
def _network():
    """One network that takes turns with the weights: preparing one takes longer than training it."""
    return _surgery.prepared(_surgery.ALL, len(_surgery.source_names()))


@functools.lru_cache(maxsize=8)
def _drawn(name, images, seed):
    X, y = (SOURCE if name == "source" else SHIFTS[name]).draw(images, seed)
    return X, np.searchsorted(_surgery.source_names(), y)
