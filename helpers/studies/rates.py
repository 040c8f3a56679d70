"""Which learning rates suit the head and the backbone of each network? Chosen on validation images.

Three runs on 20 images per class, with about 120 steps of 16 images each (VGG16: 8):

- "Head only": a new head on the frozen backbone; its rate varies, that of the backbone is 0.
- "Fine-tune": a new head and the last block of the backbone. The rate of the backbone varies, the head has
  one of the good rates of "Head only".
- "Probe, then fine-tune": the head starts from a linear probe; head and backbone have the same rate, which
  varies. All layers train; of VGG16, on a CPU, only block5.

A seed draws the training images and 30 validation images per class. No test image is used. MobileNet sees
128 pixels and VGG16 224. The study `vgg16_full` has a higher rate of VGG16, and trains all of its layers.
Needs the folder that `TRANSFER_DATA_DIR` names, except for the source shapes.
"""

import functools

import numpy as np

from helpers.data.folders import load_folder
from helpers.data.image_sets import builtin
from helpers.data.splits import n_per_class
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, set_trainable_from, split_frozen
from helpers.strategies import FineTune, ProbeThenFineTune, registry
from helpers.strategies.frozen import dense_weights
from helpers.strategies.trained_network import epochs_for, frozen_activations
from helpers.strategies.training import fit
from helpers.studies import _vgg16
from helpers.studies._networks import accuracy, linear
from helpers.studies._photographs import mobilenet, root

SEEDS = 3
IMAGES, HELD_OUT = 20, 30  # per class: trained on, validated on
DRAWN, PHOTOGRAPHS = ("new_shapes", "micrographs", "streets_night"), ("trashnet", "pacs_sketch", "flowers")
TARGETS = {"MobileNet": PHOTOGRAPHS, "shapes": DRAWN, "VGG16": PHOTOGRAPHS, "photos": PHOTOGRAPHS}
SIZES = {"photos": 64, "MobileNet": 128}  # pixels
BATCH = {"shapes": 16, "photos": 16, "MobileNet": 16, "VGG16": 8}
HEAD_RATES = (1e-3, 3e-3, 1e-2, 3e-2)
BOTH_RATES = {  # of the head and of the backbone, in fine-tuning
    "shapes": ((3e-3, 1e-4), (3e-3, 3e-4), (3e-3, 1e-3), (1e-2, 3e-4), (3e-2, 3e-4)),
    "photos": ((3e-3, 1e-4), (3e-3, 3e-4), (3e-3, 1e-3), (1e-2, 3e-4), (3e-2, 3e-4)),
    "MobileNet": ((1e-2, 1e-5), (1e-2, 3e-5), (1e-2, 1e-4)),
    "VGG16": ((1e-2, 1e-5), (1e-2, 3e-5), (1e-2, 1e-4)),
}
HEAD_ONLY = "Head only"
FINE_TUNE, PROBE_FIRST = registry.FINE_TUNE.name, registry.PROBE_THEN_FINE_TUNE.name


def cells() -> list[dict]:
    return [
        {
            "source": source,
            "strategy": way,
            "target": target,
            "head_rate": head,
            "base_rate": base,
            "seed": seed,
        }
        for way in (HEAD_ONLY, FINE_TUNE, PROBE_FIRST)
        for source, targets in TARGETS.items()
        for target in targets
        for seed in range(SEEDS)
        for head, base in _tried(way, source)
    ]


def _tried(way, source):
    """Pairs of learning rates, of the head and of the backbone."""
    if way == HEAD_ONLY:
        return [(rate, 0.0) for rate in HEAD_RATES]
    if way == FINE_TUNE:
        return BOTH_RATES[source]
    return [(rate, rate) for rate in sorted({base for _, base in BOTH_RATES[source]})]


def measure(cell: dict) -> dict:
    score = _block5 if cell["source"] == "VGG16" else _strategy
    try:
        return {"accuracy": score(**cell)}
    except ValueError as error:  # the loss was no longer a number: as good as guessing
        if "not a finite number" not in str(error):
            raise
        return {"accuracy": float("nan")}


def drawn(y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the training and of the validation images of a seed."""
    rows = np.arange(len(y))
    train, _ = n_per_class(rows, y, IMAGES, seed)
    others = np.setdiff1d(rows, train)
    return train, n_per_class(others, y[others], HELD_OUT, seed)[0]


def _strategy(source, strategy, target, head_rate, base_rate, seed):
    X, y = _images(source, target)
    backbone = mobilenet() if source == "MobileNet" else Backbone(source)
    options = {"head_lr": head_rate, "base_lr": base_rate or None, "batch_size": BATCH[source], "seed": seed}
    if strategy == PROBE_FIRST:
        chosen = ProbeThenFineTune(backbone, **options)
    else:
        chosen = FineTune(backbone, None if strategy == HEAD_ONLY else "last", **options)
    train, held_out = drawn(y, seed)
    return float(chosen.fit(X[train], y[train]).score(X[held_out], y[held_out]))


@functools.lru_cache(maxsize=1)
def _images(source, target):
    if source == "shapes":
        data = builtin(target, IMAGES + HELD_OUT, 0, 0)
        return data.X_train, data.y_train
    X, y, _ = load_folder(root() / target / "train", SIZES[source], _vgg16.MOST["train"])
    return X, y


def _block5(source, strategy, target, head_rate, base_rate, seed):
    """Train a head, or block5 and a head, on stored activations of block4."""
    X, names = _vgg16.activations(target, "train")
    classes, y = np.unique(names, return_inverse=True)
    train, held_out = drawn(y, seed)
    base = set_trainable_from(fresh(_vgg16.backbone()), None if strategy == HEAD_ONLY else "block5")
    _, network = split_frozen(classifier(base, len(classes), seed=seed))
    if strategy == HEAD_ONLY:
        X = _block5_pool(target)
    if strategy == PROBE_FIRST:
        probe = linear(1000).fit(_block5_pool(target)[train].mean(axis=(1, 2)), y[train])
        network.get_layer("head").set_weights(dense_weights(*probe))
    rates = {"head_lr": head_rate, "base_lr": base_rate or head_rate}  # 0: of a frozen backbone
    settings = {"epochs": epochs_for(len(train), BATCH[source]), "batch_size": BATCH[source], "seed": seed}
    fit(network, X[train], y[train], **settings, **rates)
    return accuracy(network, X[held_out], y[held_out])


@functools.lru_cache(maxsize=1)
def _block5_pool(target):
    """Return float32 (n, 7, 7, 512): the output of the backbone for all images."""
    model = _vgg16.load(_vgg16.backbone())
    after = keras.Model(model.get_layer("block4_pool").output, model.output)
    return frozen_activations(after, _vgg16.activations(target, "train")[0])
