"""Can a score find the best source model without fine-tuning?

Scores of six source models on the target's training images, beside the accuracy of `FineTune` (the last block
and a new head). The scores are LogME (You et al. 2021), LEEP (Nguyen et al. 2020), H-score (Bao et al. 2019),
and a cross-validated probe. LEEP needs a head for the source classes, and source models are stored without
one. So each gets a linear head for the ten shapes, fitted again on 1,000 images of shapes.
"""

import functools

from sklearn.model_selection import cross_val_score

from helpers.data import synthetic
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, fresh, mini_vgg
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, set_trainable_from, split_frozen
from helpers.networks.transferability import h_score, leep, logme
from helpers.strategies.training import fit
from helpers.studies._networks import accuracy, codes, indices, linear

SEEDS = 5
TARGETS = ("new_shapes", "micrographs")
IMAGES, STEPS, BATCH = 40, 120, 16
LINEAR_STEPS = 1000
SHIPPED = {"never trained": "MiniVGG", "photos": "photos", "shapes": "shapes"}
SHORT = {"shapes, 80 steps": ("shapes", 80), "shapes, 320 steps": ("shapes", 320), "streets": ("streets", 80)}


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for source in (*SHIPPED, *SHORT)
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], IMAGES, 0, 50, cell["seed"])
    y = indices(data, "train")
    network = mini_vgg()
    network.set_weights(_weights(cell["source"]))
    features = codes(network, data.X_train)
    scores = {
        "logme": logme(features, y),
        "leep": leep(_source_head(cell["source"]).predict_proba(features), y),
        "h_score": h_score(features, y),
        "probe": float(cross_val_score(linear(LINEAR_STEPS), features, y, cv=3).mean()),
    }
    scores["fine_tuned"] = _fine_tuned(network, data, y, cell["seed"])
    keras.backend.clear_session(free_memory=False)
    return scores


def _fine_tuned(network, data, y, seed):
    model = classifier(set_trainable_from(network, "last"), len(data.classes), seed=seed)
    frozen, trained = split_frozen(model)
    X, X_test = (frozen.predict(images, verbose=0) for images in (data.X_train, data.X_test))
    epochs = round(STEPS / -(-len(X) // BATCH))
    rates = {"head_lr": 3e-3, "base_lr": 3e-4}  # of `FineTune`
    fit(trained, X, y, epochs=epochs, batch_size=BATCH, seed=seed, **rates)
    return accuracy(trained, X_test, indices(data, "test"))


@functools.cache
def _weights(source):
    if source in SHIPPED:
        return fresh(Backbone(SHIPPED[source])).get_weights()
    name, steps = SHORT[source]
    X, y = getattr(synthetic, name)(32 * steps, seed=7)
    network = mini_vgg(0)
    model = classifier(network, int(y.max()) + 1)
    fit(model, X, y, epochs=1, batch_size=32, seed=0, head_lr=2e-3, base_lr=2e-3)
    return network.get_weights()


@functools.cache
def _source_head(source):
    X, y = synthetic.shapes(1_000, seed=8)
    network = mini_vgg()
    network.set_weights(_weights(source))
    return linear(LINEAR_STEPS).fit(codes(network, X), y)
