"""Which layers does fine-tuning change? CKA of every layer with the pre-trained one."""

import functools

from helpers import strategies
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.transferability import cka

SEEDS = 5
HEAD_RATE, BASE_RATE = 3e-3, 3e-4
TARGETS = ("new_shapes", "micrographs")
LAYERS = tuple(f"block{block}_pool" for block in range(1, 5))


def cells() -> list[dict]:
    return [
        {"target": target, "layer": layer, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for layer in LAYERS
    ]


def measure(cell: dict) -> dict:
    before, after, random = _codes(cell["target"], cell["seed"])
    layer = cell["layer"]
    return {"fine_tuned": cka(before[layer], after[layer]), "random": cka(before[layer], random[layer])}


@functools.lru_cache(maxsize=1)
def _codes(target, seed):
    """Return pooled activations of unseen target images: pre-trained, fine-tuned, never trained."""
    data = builtin(target, 100, 0, 40, seed)
    strategy = strategies.FullFineTune(head_lr=HEAD_RATE, base_lr=BASE_RATE, seed=seed)
    tuned = strategy.fit(data.X_train, data.y_train).model_
    backbone = next(layer for layer in tuned.layers if isinstance(layer, keras.Model))
    return [
        _pooled(m, data.X_test) for m in (fresh(Backbone("shapes")), backbone, fresh(Backbone("MiniVGG")))
    ]


def _pooled(model, X):
    outputs = [keras.ops.mean(model.get_layer(layer).output, axis=(1, 2)) for layer in LAYERS]
    return dict(zip(LAYERS, keras.Model(model.input, outputs).predict(X, verbose=0), strict=True))
