"""Is it worth training all of VGG16? Compared with everything that costs less; minutes on a GPU.

VGG16 (ImageNet) at 224 pixels, on flowers, which are similar to its source, and on plankton, which is not
(a fixed part of that set: 100 training and 50 test images per class). A stratified fifth of the training
images chooses between four settings of each strategy: C of the probe, the learning rate of a head alone, or
the learning rate of the backbone (that of the new head is fixed). Ties go to the smallest setting.
The strategies are not tuned evenly: a head alone chooses among rates from 1e-3 to 3e-2, and 1e-3 is too slow
for it. In "Fine-tune block5" and "Full fine-tune", the new head always has 1e-3, which may be too slow as
well. So a small gain, a tie or a loss of theirs may be due to the head.
The chosen one is trained on all training images (`seconds`, without the pass through the frozen layers)
and scored on the test images, once.

With 150 flowers and 100 plankton per class, every seed trains on all images; smaller draws overlap. So the
intervals are too narrow for another sample of images, and all runs share one test set.

The batch size is 32; the incomplete last batch is skipped. Needs the folder that `TRANSFER_DATA_DIR`
names. Computes in 16 bits on a GPU that gains from it. The first complete run had three settings; a fourth
was added because validation often chose the end of the range. So the test images had been scored
once before.
"""

import functools
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.folders import load_folder
from helpers.data.splits import n_per_class
from helpers.networks import hardware, jax_gpu
from helpers.networks.backbones import fresh
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, count_trainable, set_trainable_from, split_frozen
from helpers.strategies.frozen import dense_weights
from helpers.strategies.layerwise_adam import LayerwiseAdam
from helpers.strategies.registry import FULL_FINE_TUNE, LINEAR_PROBE, PROBE_THEN_FINE_TUNE
from helpers.strategies.trained_network import epochs_for, frozen_activations
from helpers.strategies.training import Batches
from helpers.studies import _vgg16
from helpers.studies._photographs import root

SEEDS = 3
SIZE, BATCH = 224, 32
TARGETS = {"flowers": (40, 150), "plankton": (20, 100)}  # training images per class
MOST = {
    "train": {"flowers": 150, "plankton": 100},
    "test": {"flowers": 50, "plankton": 50},
}  # images per class that are read
RATES = (1e-5, 3e-5, 1e-4, 3e-4)
C = 0.1  # of the probe from which a head starts, as in `ProbeThenFineTune`
WAYS = {  # strategy -> first block that trains, what is chosen, from which, the head's rate
    LINEAR_PROBE.name: (None, "C", (0.001, 0.01, 0.1, 1.0), None),
    "Head only": (None, "head_lr", (1e-3, 3e-3, 1e-2, 3e-2), None),
    "Fine-tune block5": ("block5", "base_lr", RATES, 1e-3),
    FULL_FINE_TUNE.name: ("all", "base_lr", RATES, 1e-3),
    PROBE_THEN_FINE_TUNE.name: ("all", "base_lr", RATES, 3e-4),
}


def cells() -> list[dict]:
    return [
        {"target": target, "images": images, "seed": seed, "strategy": strategy}
        for seed in range(SEEDS)
        for target, sizes in TARGETS.items()
        for images in sizes
        for strategy in WAYS
    ]


def measure(cell: dict) -> dict:
    usual = keras.config.dtype_policy().name
    hardware.mixed_precision()
    try:
        return _measure(**cell)
    finally:
        hardware.mixed_precision(usual)


def _measure(target, images, seed, strategy):
    _, chosen, settings, _ = WAYS[strategy]
    data = _images(target)
    rows, labels = n_per_class(np.arange(len(data["y_train"])), data["y_train"], images, seed)
    learned, held_out = train_test_split(rows, test_size=0.2, stratify=labels, random_state=seed)
    tried = []
    for setting in settings:
        score, _ = _learner(strategy, target, learned, setting, seed)
        tried.append(score("train", held_out))
    best = int(np.argmax(tried))
    started = time.perf_counter()
    score, parameters = _learner(strategy, target, rows, settings[best], seed)
    seconds = time.perf_counter() - started
    return {
        "chosen_by_validation": chosen,
        "tried": " ".join(f"{setting:g}" for setting in settings),
        "validation_accuracies": " ".join(f"{accuracy:.4f}" for accuracy in tried),
        "choice": settings[best],
        "validation_accuracy": tried[best],
        "accuracy": score("test", np.arange(len(data["y_test"]))),
        "seconds": seconds,
        "trainable_parameters": parameters,
    }


def _learner(strategy, target, rows, setting, seed):
    """Train on some images; return a function (part, rows) -> accuracy and the trainable parameters."""
    from_block, _, _, head_lr = WAYS[strategy]
    if strategy == LINEAR_PROBE.name:
        probe = _probe(target, rows, setting)
        y, codes = (lambda part: _images(target)[f"y_{part}"]), _codes(target)
        coefficients = probe[-1].coef_.size + probe[-1].intercept_.size
        return lambda part, some: float(probe.score(codes[part][some], y(part)[some])), coefficients
    network = _network(target, from_block)
    head = None
    if strategy == PROBE_THEN_FINE_TUNE.name:
        head = dense_weights(*_probe(target, rows, C))
    rates = (setting, setting) if head_lr is None else (head_lr, setting)
    network.learn(rows, *rates, seed, head)
    return network.accuracy, count_trainable(network.model)


def _probe(target, rows, C):
    """The linear probe, as in `LinearProbe`."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=C, tol=1e-3, max_iter=1000))
    return pipeline.fit(_codes(target)["train"][rows], _images(target)["y_train"][rows])


@functools.cache
def _images(target):
    """X_train, y_train, X_test, y_test: uint8 images and class indices."""
    data = {}
    for part, most in MOST.items():
        X, y, _ = load_folder(root() / target / part, SIZE, most[target])
        data |= {f"X_{part}": X, f"y_{part}": np.unique(y, return_inverse=True)[1]}
    return data


@functools.cache
def _codes(target):
    """Features of the training and test images: block5, averaged over the image."""
    inputs = _network(target, None).inputs
    return {part: np.asarray(X, "float32").mean(axis=(1, 2)) for part, X in inputs.items()}


@functools.cache
def _network(target, from_block):
    return _Network(target, from_block)


class _SettableRates(LayerwiseAdam):
    """Learning rates that can be set without compiling again."""

    def build(self, variables):
        """Create a variable for the scale, which a compiled step reads."""
        super().build(variables)
        self.backbone_scale = keras.Variable(1.0, trainable=False, name="backbone_scale")
        self._scales = [1.0 if scale == 1.0 else self.backbone_scale for scale in self._scales]
        self._track_variable(self.backbone_scale)


class _WholeBatches(Batches):
    """Skips the rest of an epoch: another batch size would compile again."""

    def __len__(self):
        return len(self.X) // self.batch_size


class _Network:
    """A network that is compiled once and trained many times from the same start."""

    def __init__(self, target, from_block):
        data = _images(target)
        self.y = {part: data[f"y_{part}"] for part in MOST}
        base = set_trainable_from(fresh(_vgg16.backbone()), from_block)
        self.model = classifier(base, len(np.unique(self.y["train"])))
        frozen, self.trained = split_frozen(self.model) or (None, self.model)
        X = {part: data[f"X_{part}"] for part in MOST}
        self.inputs = {
            part: frozen_activations(frozen, images) if frozen else jax_gpu.on_gpu(images)
            for part, images in X.items()
        }
        jax_gpu.quick_pooling(self.trained)
        self.trained.compile(
            _SettableRates(backbone_scale=0.5, name="settable_rates"),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=hardware.compiled(),
        )
        self.trained.optimizer.build(self.trained.trainable_variables)
        self.start = [_values(owner) for owner in (self.trained, self.trained.optimizer)]

    def learn(self, rows, head_lr, base_lr, seed, head=None):
        for owner, values in zip((self.trained, self.trained.optimizer), self.start, strict=True):
            for variable, value in zip(owner.variables, values, strict=True):
                variable.assign(value)
        self.trained.optimizer.learning_rate = head_lr
        self.trained.optimizer.backbone_scale.assign(base_lr / head_lr)
        layer = self.trained.get_layer("head")
        kernel = keras.initializers.GlorotUniform(seed=seed)(layer.kernel.shape)
        layer.set_weights(head or [keras.ops.convert_to_numpy(kernel), np.zeros(layer.bias.shape)])
        batches = _WholeBatches(self.inputs["train"][rows], self.y["train"][rows], BATCH, seed)
        shuffle = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.shuffle(epoch))
        epochs = epochs_for(len(rows), BATCH)
        self.trained.fit(batches, epochs=epochs, shuffle=False, verbose=0, callbacks=[shuffle])

    def accuracy(self, part, rows):
        logits = frozen_activations(self.trained, self.inputs[part][rows])
        return float(np.mean(np.asarray(logits).argmax(axis=1) == self.y[part][rows]))


def _values(owner):
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in owner.variables]
