"""How transferable are the first blocks? Kept frozen or tuned on, near and far. (Notebook 04.)

After Yosinski et al. 2014, "How transferable are features in deep neural networks?": the first
blocks come from the shapes model, all others start at random, and all that is not frozen trains at
one rate. The control "own" takes the blocks from a network trained on the same target ("selffer").
"""

import functools

import numpy as np

from helpers.datasets import builtin
from helpers.models import Backbone, block_of, classifier, fresh, keras, split_frozen
from helpers.studies._networks import accuracy, indices, random_network
from helpers.training import fit

SEEDS = 5
IMAGES = 50
TARGETS = {"near": "new_shapes", "far": "micrographs"}
STEPS, BATCH, RATE = 120, 16, 1e-3
WAYS = {"scratch": (0,), "frozen": (1, 2, 3, 4), "tuned": (2, 4), "own frozen": (2,)}  # and how many blocks


def cells() -> list[dict]:
    return [
        {"target": target, "way": way, "blocks": blocks, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for way, numbers in WAYS.items()
        for blocks in numbers
    ]


def measure(cell: dict) -> dict:
    return {"accuracy": _trained(cell["target"], cell["way"], cell["blocks"], cell["seed"])[0]}


@functools.lru_cache(maxsize=1)
def _data(target, seed):
    return builtin(TARGETS[target], IMAGES, 0, 100, seed)


@functools.lru_cache(maxsize=2)
def _scratch(target, seed):
    return _train(target, random_network(seed), seed)


def _trained(target, way, blocks, seed):
    """Test accuracy and backbone."""
    if way == "scratch":
        return _scratch(target, seed)
    # The control starts elsewhere than the network it takes from: only what was taken is shared.
    network = random_network(seed + 100 if way == "own frozen" else seed)
    source = _scratch(target, seed)[1] if way == "own frozen" else fresh(Backbone("shapes"))
    for layer in network.layers:
        if (block_of(layer.name) or "block9") <= f"block{blocks}":
            layer.set_weights(source.get_layer(layer.name).get_weights())
            layer.trainable = way == "tuned"
    return _train(target, network, seed)


def _train(target, network, seed):
    data = _data(target, seed)
    model = classifier(network, len(data.classes), seed=seed)
    frozen, trained = split_frozen(model) or (None, model)
    X, X_test = (
        frozen.predict(X, verbose=0) if frozen else np.asarray(X) for X in (data.X_train, data.X_test)
    )
    epochs = round(STEPS / -(-len(X) // BATCH))
    fit(
        trained,
        X,
        indices(data, "train"),
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
        head_lr=RATE,
        base_lr=RATE,
    )
    result = accuracy(trained, X_test, indices(data, "test")), network
    keras.backend.clear_session(free_memory=False)
    return result
