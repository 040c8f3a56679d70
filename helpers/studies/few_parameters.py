"""How much accuracy do few trained parameters give? BatchNorm, biases, LoRA, the head, or all weights.

The rate of the backbone is chosen for each run on validation images, because few parameters need larger steps
(Hu et al. 2022). The head is new and has its own rate; where it trains alone, this rate is chosen, from as
many candidates. All ways have the same number of epochs, enough for the head alone: with a third of them, it
stays 5 points below a linear probe on micrographs.

All ways are compared with the same statistics of BatchNorm, those of the source ("keep"). The head is also
trained with those of the training images, computed once before training ("adapt"). Biases and BatchNorm also
train as Keras does it by default: with the statistics of each batch ("learn").
"""

import functools
from collections.abc import Callable
from functools import partial

from helpers.data.image_sets import builtin
from helpers.networks import few_parameters
from helpers.networks.backbones import fresh
from helpers.networks.backend import keras
from helpers.networks.batchnorm import adapt_batchnorm, recompute_batchnorm
from helpers.networks.heads import classifier, count_trainable
from helpers.studies import _surgery
from helpers.studies._networks import accuracy, indices

SEEDS = 5
TARGETS = ("new_shapes", "micrographs")
IMAGES, EPOCHS, HEAD_RATE = 20, 24, 1e-2
RATES = (1e-4, 3e-4, 3e-3, 3e-2)  # of the backbone
HEAD_RATES = (3e-3, 1e-2, 3e-2, 1e-1)  # of a head that trains alone
WAYS: dict[str, Callable[..., keras.Model]] = {
    "head": few_parameters.train_head,
    "biases": few_parameters.train_biases,
    "BatchNorm": few_parameters.train_batchnorm,
    "LoRA, rank 1": partial(few_parameters.train_lora, rank=1),
    "LoRA, rank 4": partial(few_parameters.train_lora, rank=4),
    "all": few_parameters.train_all,
}
STATISTICS = {  # of BatchNorm -> the ways that have them
    "keep": tuple(WAYS),
    "adapt": ("head",),
    "learn": ("biases", "BatchNorm"),
}


def cells() -> list[dict]:
    return [
        {"target": target, "way": way, "batchnorm": batchnorm, "seed": seed}
        for target in TARGETS
        for seed in range(SEEDS)
        for batchnorm, ways in STATISTICS.items()
        for way in ways
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], IMAGES, 20, 60, cell["seed"])
    rates = HEAD_RATES if cell["way"] == "head" else RATES
    runs = [_run(data, cell["way"], cell["batchnorm"], rate, cell["seed"]) for rate in rates]
    return max(runs, key=lambda run: run["validation_accuracy"])


def _run(data, way, batchnorm, rate, seed):
    network = _network(way, batchnorm == "learn", len(data.classes))
    network.restart(_surgery.new_head(len(data.classes), seed))
    if batchnorm == "adapt":
        adapt_batchnorm(network.model.layers[1], data.X_train)
    X, head_rate = network.before(data.X_train), rate if way == "head" else HEAD_RATE
    network.train(X, indices(data, "train"), {"rate": rate, "head_rate": head_rate}, seed, epochs=EPOCHS)
    recompute_batchnorm(network.trained, X)  # of the layers that learn them
    return {
        "trained_parameters": count_trainable(network.trained),
        "rate": rate,
        "validation_accuracy": accuracy(network.model, data.X_validation, indices(data, "validation")),
        "accuracy": accuracy(network.model, data.X_test, indices(data, "test")),
    }


@functools.cache
def _network(way, learn, classes):
    options = {"batchnorm": "learn"} if learn else {}
    return _surgery.ready(WAYS[way](classifier(fresh(_surgery.SOURCE), classes), **options))
