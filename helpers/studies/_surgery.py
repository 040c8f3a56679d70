"""Tune some parts of a source classifier on a shifted target: how well does it then recognise the target?

The source classifier is the shipped shapes network with a head, a linear probe on source images. Where the
target has other classes, its head starts from random weights instead. Only the named parts change: with
"block1" alone, even a new head stays as it is. BatchNorm keeps the statistics of the source, unless they are
the part. The learning rates are chosen for each run by validation within the training images. A single block
or the head has one rate, of four, as in Lee et al. 2023. Blocks that train together with the head have six
candidates, of which four give the head a higher rate: with one rate for both, all layers could not follow
other labels in so few steps without destroying the blocks.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from helpers.data import synthetic
from helpers.data.shifts import Shift
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.batchnorm import adapt_batchnorm
from helpers.networks.heads import classifier, set_trainable_blocks, split_frozen
from helpers.strategies.frozen import dense_weights
from helpers.strategies.layerwise_adam import LayerwiseAdam
from helpers.strategies.training import Batches
from helpers.studies._choice import choose
from helpers.studies._networks import accuracy, codes, linear

SOURCE = Backbone("shapes")
BLOCKS = ("block1", "block2", "block3", "block4")
STATISTICS, HEAD = "statistics", "head"
ALL = (*BLOCKS, HEAD)
# What is tuned together, by its name in the tables.
PARTS = {
    "nothing": (),
    STATISTICS: (STATISTICS,),
    **{part: (part,) for part in (*BLOCKS, HEAD)},
    "block1 and head": ("block1", HEAD),
    "all": ALL,
}
TRAIN, TEST = 10, 40  # images of each class of the source
EPOCHS, BATCH = 8, 20
# Candidates for the learning rate, and for that of the head; the first one wins a tie.
ALONE = [{"rate": rate, "head_rate": rate} for rate in (1e-3, 3e-4, 3e-3, 1e-2)]
TOGETHER = [
    {"rate": rate, "head_rate": head_rate}
    for rate, head_rate in (
        (1e-3, 1e-3),
        (3e-4, 3e-4),
        (1e-3, 1e-2),
        (3e-4, 1e-2),
        (1e-4, 1e-2),
        (1e-4, 1e-3),
    )
]
SOURCE_IMAGES, SOURCE_SEED = 100, 1000


def tune(shift: Shift, parts: Sequence[str], seed: int) -> dict[str, float]:
    """Tune parts of the source classifier on a few images of a target.

    Args:
        shift: what the target changes.
        parts: what is tuned, of BLOCKS, STATISTICS and HEAD; none leaves the classifier as it is.
        seed: of the images, of their order, and of a new head.

    Returns:
        The chosen rates (NaN where nothing trains) and the accuracy on test images.

    Example:
        >>> from helpers.data.shifts import SHIFTS
        >>> tune(SHIFTS["exchanged"], (), 0)["accuracy"] < 0.1
        True
    """
    (X, y), (X_test, y_test) = _target(shift, seed)
    names = np.unique(y)
    y, y_test = np.searchsorted(names, y), np.searchsorted(names, y_test)
    network = _network(tuple(parts), len(names))
    head = source_head() if names.tolist() == source_names() else new_head(len(names), seed)
    network.restart(head)
    if STATISTICS in parts:
        adapt_batchnorm(network.model.layers[1], X)
    if network.trained is None:
        return {"rate": math.nan, "head_rate": math.nan, "accuracy": accuracy(network.model, X_test, y_test)}
    config = chosen_rates(network, X, y, TOGETHER if HEAD in parts and len(parts) > 1 else ALONE, seed)
    network.train(network.before(X), y, config, seed)
    return {**config, "accuracy": accuracy(network.model, X_test, y_test)}


def chosen_rates(
    network: "Network", X: np.ndarray, y: np.ndarray, grid: Sequence[Mapping[str, float]], seed: int
) -> dict[str, float]:
    """Choose learning rates for a classifier by validation within its training images.

    Args:
        network: as it is before training; afterwards, it is so again.
        X: training images.
        y: their class indices.
        grid: candidates, of which the first one wins a tie.
        seed: of the folds, and of the order of the images.
    """
    start, inputs = network.model.get_weights(), network.before(X)
    head = network.model.get_layer("head").get_weights()

    def restart():
        network.restart(head)
        network.model.set_weights(start)

    def learn(config, rows):
        restart()
        network.train(inputs[rows], y[rows], config, seed)
        return lambda others: network.trained.predict_on_batch(inputs[others]).argmax(axis=1)

    number = choose(learn, np.arange(len(y)), y, grid, seed).number
    restart()
    return dict(grid[number])


class Network(NamedTuple):
    """A classifier whose parts can be trained many times; its training step is prepared once.

    Attributes:
        model: the whole classifier.
        frozen: what comes before the first layer that trains; None if nothing does.
        trained: the rest; None if no weights train.
        start: values of all variables before any training.

    Example:
        >>> prepared(("head",), 10).trained.output_shape
        (None, 10)
    """

    model: keras.Model
    frozen: keras.Model | None
    trained: keras.Model | None
    start: list[np.ndarray]

    def restart(self, head: list[np.ndarray]) -> None:
        """Go back to the source weights, with this kernel and bias of the head."""
        for variable, value in zip(_variables(self.model, self.trained), self.start, strict=True):
            variable.assign(value)
        self.model.get_layer("head").set_weights(head)

    def before(self, X: np.ndarray) -> np.ndarray:
        """Return what the trained part gets for images."""
        return X if self.frozen is None else self.frozen.predict(X, batch_size=100, verbose=0)

    def train(
        self,
        X: np.ndarray,
        y: np.ndarray,
        config: Mapping[str, float],
        seed: int,
        after_step: Callable[[int], None] = lambda done: None,
        epochs: int | None = None,
    ) -> None:
        """Train.

        Args:
            X: of `before`.
            y: class indices.
            config: the learning rate of the backbone and the `head_rate`.
            seed: of the order.
            after_step: called after each step with the number of steps so far.
            epochs: their number; None is EPOCHS.

        Raises:
            ValueError: no weights of this network train.
        """
        if self.trained is None:
            raise ValueError("No weights of this network train. Prepare it with a block or the head.")
        optimizer = self.trained.optimizer
        optimizer.learning_rate.assign(config["head_rate"])
        optimizer.backbone_scale.assign(config["rate"] / config["head_rate"])
        batches, done = Batches(X, y, BATCH, seed), 0
        for epoch in range(epochs or EPOCHS):
            batches.shuffle(epoch)
            for number in range(len(batches)):
                self.trained.train_on_batch(*batches[number])
                done += 1
                after_step(done)


def prepared(parts: Sequence[str], classes: int) -> Network:
    """Return the source network with a head, ready to train some parts.

    Args:
        parts: of BLOCKS, STATISTICS and HEAD.
        classes: of the head.
    """
    model = classifier(set_trainable_blocks(fresh(SOURCE), [p for p in parts if p in BLOCKS]), classes)
    model.get_layer("head").trainable = HEAD in parts
    return ready(model) if {*parts} - {STATISTICS} else Network(model, None, None, _copies(model, None))


def ready(model: keras.Model) -> Network:
    """Return a classifier of which some layers are trainable, ready to train them."""
    frozen, trained = split_frozen(model) or (None, model)
    scale = keras.Variable(1.0, trainable=False)  # a variable, so that it can change between runs
    trained.compile(
        LayerwiseAdam(backbone_scale=scale), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    trained.optimizer.build(trained.trainable_variables)
    return Network(model, frozen, trained, _copies(model, trained))


_network = functools.cache(prepared)


def _copies(model, trained):
    return [keras.ops.copy(variable.value) for variable in _variables(model, trained)]


def _variables(model, trained):
    return [*model.variables, *(trained.optimizer.variables if trained is not None else [])]


@functools.lru_cache(maxsize=1)
def _target(shift, seed):
    """Training and test images of a target, with class names."""
    return shift.draw(TRAIN, seed), shift.draw(TEST, [seed, 1])


def source_names() -> list[str]:
    """Return the classes of the source, in the order of the head's outputs."""
    return sorted(synthetic.CLASSES["shapes"])


@functools.cache
def source_head() -> list[np.ndarray]:
    """Return kernel and bias of a linear probe on source images."""
    X, y = synthetic.balanced("shapes", SOURCE_IMAGES, SOURCE_SEED)
    scaler, model = linear(1000).fit(codes(fresh(SOURCE), X), np.unique(y, return_inverse=True)[1])
    return dense_weights(scaler, model)


def new_head(classes: int, seed: int) -> list[np.ndarray]:
    """Return a random kernel and a zero bias of a head for other classes."""
    shape = (len(source_head()[0]), classes)
    return [np.asarray(keras.initializers.GlorotUniform(seed)(shape)), np.zeros(classes)]
