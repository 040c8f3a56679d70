"""How much accuracy do few trained parameters give? BatchNorm, biases, LoRA, the head, or all weights.

The rate of the backbone is chosen for each run on validation images, because few parameters need larger steps
(Hu et al. 2022). The head always has its usual rate.
"""

from collections.abc import Callable
from functools import partial

from helpers.data.image_sets import builtin
from helpers.networks import few_parameters
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, count_trainable
from helpers.networks.rates import rates_of
from helpers.strategies.trained_network import epochs_for
from helpers.strategies.training import fit
from helpers.studies._networks import accuracy, indices

SEEDS = 5
TARGETS = ("new_shapes", "micrographs")
IMAGES, BATCH = 20, 32
SOURCE = "shapes"
RATES = (3e-4, 3e-3)  # of the backbone
WAYS: dict[str, Callable[[keras.Model], keras.Model]] = {
    "head": few_parameters.train_head,
    "biases": few_parameters.train_biases,
    "BatchNorm": few_parameters.train_batchnorm,
    "LoRA, rank 1": partial(few_parameters.train_lora, rank=1),
    "LoRA, rank 4": partial(few_parameters.train_lora, rank=4),
    "all": few_parameters.train_all,
}


def cells() -> list[dict]:
    return [
        {"target": target, "way": way, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for way in WAYS
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], IMAGES, 20, 60, cell["seed"])
    rates = RATES[:1] if cell["way"] == "head" else RATES  # the backbone does not train
    runs = [_run(data, WAYS[cell["way"]], rate, cell["seed"]) for rate in rates]
    return max(runs, key=lambda run: run["validation_accuracy"])


def _run(data, way, rate, seed):
    model = way(classifier(fresh(Backbone(SOURCE)), len(data.classes), seed=seed))
    trained, X = count_trainable(model), data.X_train
    fit(
        model,
        X,
        indices(data, "train"),
        epochs=epochs_for(len(X), BATCH),
        batch_size=BATCH,
        seed=seed,
        head_lr=rates_of(SOURCE).head,
        base_lr=rate,
    )
    scores = {
        name: accuracy(model, data.split(part).X, indices(data, part))
        for name, part in (("validation_accuracy", "validation"), ("accuracy", "test"))
    }
    return {"trained_parameters": trained, "rate": rate, **scores}
