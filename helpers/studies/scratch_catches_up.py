"""Does longer training make up for random weights? From scratch and fine-tuned.

After He, Girshick & Dollár 2018, "Rethinking ImageNet pre-training". The learning rates stay constant, so the
longest run passes through all shorter ones and is scored on its way.
"""

import functools

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, fresh, mini_vgg
from helpers.networks.batchnorm import recompute_batchnorm
from helpers.networks.heads import classifier, set_trainable_from
from helpers.strategies import registry
from helpers.strategies.training import fit
from helpers.studies._networks import accuracy, indices

SEEDS = 5
TARGETS = ("micrographs", "new_shapes")
IMAGES, BATCH = 50, 16
EPOCHS = (1, 2, 4, 8, 16, 32, 64)
STARTS = (registry.FROM_SCRATCH.name, registry.FULL_FINE_TUNE.name)


def cells() -> list[dict]:
    return [
        {"target": target, "strategy": start, "epochs": epochs, "seed": seed}
        for target in TARGETS
        for seed in range(SEEDS)
        for start in STARTS
        for epochs in EPOCHS
    ]


def measure(cell: dict) -> dict:
    return {"accuracy": _scores(cell["target"], cell["strategy"], cell["seed"])[cell["epochs"]]}


@functools.lru_cache(maxsize=1)
def _scores(target, start, seed):
    """Test accuracy after so many epochs; rates and frozen BatchNorm as in `helpers.strategies.trained`."""
    data = builtin(target, IMAGES, 0, 60, seed)
    if start == registry.FROM_SCRATCH.name:
        network, rates = mini_vgg(seed), {"head_lr": 2e-3, "base_lr": 2e-3}
    else:
        network = set_trainable_from(fresh(Backbone("shapes")), "all")
        rates = {"head_lr": 3e-3, "base_lr": 3e-4}
    model = classifier(network, len(data.classes), seed=seed)
    found = {}

    def score(epoch, logs):
        if epoch + 1 in EPOCHS:
            recompute_batchnorm(model, data.X_train)
            found[epoch + 1] = accuracy(model, data.X_test, indices(data, "test"))

    y = indices(data, "train")
    fit(model, data.X_train, y, epochs=max(EPOCHS), batch_size=BATCH, seed=seed, on_epoch=score, **rates)
    return found
