"""One fit loop for every network: seeded, layer-wise learning rates, live progress, a Stop, checkpoints.

Runs on Keras' TensorFlow and JAX backends.
"""

import dataclasses
import gc
import os
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helpers.data.validation import check_images, check_integer, check_positive
from helpers.environment import in_colab
from helpers.networks import heads
from helpers.networks.backend import keras
from helpers.networks.batchnorm import recompute_batchnorm
from helpers.networks.hardware import compiled, out_of_memory
from helpers.networks.jax_gpu import on_gpu, quick_pooling, rows_of
from helpers.strategies import checkpoints
from helpers.strategies.layerwise_adam import LayerwiseAdam

SETTLED_ON = 100  # images for BatchNorm's statistics between epochs; at the end all are used


class Batches(keras.utils.PyDataset):
    """Images in batches, in an order that depends only on the seed and the epoch.

    Images stay uint8 until they reach the network's device: a quarter of the bytes to send. On a GPU under
    JAX they are sent only once. The next batch is prepared while the current one is used.

    Args:
        X, y: arrays of the same length.
        batch_size: images per step.
        seed: of the order; None keeps the order.

    Example:
        >>> batches = Batches(np.arange(5), np.arange(5), batch_size=2)
        >>> len(batches), batches[2][0].tolist()
        (3, [4])
    """

    def __init__(self, X: np.ndarray, y: np.ndarray, batch_size: int, seed: int | None = None) -> None:
        super().__init__()
        self.X, self.y, self.batch_size, self.seed = on_gpu(X), np.asarray(y, "int32"), batch_size, seed
        self.order = np.arange(len(X))

    def __len__(self):
        return -(-len(self.X) // self.batch_size)

    def __getitem__(self, number):
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        return rows_of(self.X, rows), self.y[rows]

    def shuffle(self, epoch: int) -> None:
        """Order the images for an epoch."""
        if self.seed is not None:
            self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.X))


class _Live(keras.callbacks.Callback):
    """Shuffles every epoch, keeps and reports its history, and stops before the next batch after `stop`.

    It looks before a batch: for a callback after a batch, Keras would wait for the loss.
    """

    def __init__(self, batches, history, on_epoch, stop):
        super().__init__()
        self.batches, self.history, self.on_epoch, self.stop = batches, history, on_epoch, stop

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.shuffle(epoch)

    def on_train_batch_begin(self, batch, logs=None):
        if self.stop is not None and self.stop.is_set():
            raise _Stopped

    on_test_batch_begin = on_train_batch_begin

    def on_epoch_end(self, epoch, logs=None):
        # Read once per epoch: reading after every batch would make a GPU wait.
        logs = {name: float(value) for name, value in (logs or {}).items()}
        if not np.isfinite(logs["loss"]):
            raise _NotFinite
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if self.on_epoch is not None:
            self.on_epoch(epoch, logs)


class _Keep(keras.callbacks.Callback):
    """Writes a checkpoint after every epoch. Comes after early stopping, whose state it saves."""

    def __init__(self, path, state, stopping):
        super().__init__()
        self.path, self.state, self.stopping = path, state, stopping

    def on_train_begin(self, logs=None):
        if self.stopping is not None and self.state.stopping:
            vars(self.stopping).update(self.state.stopping, best_weights=self.state.best or None)

    def on_epoch_end(self, epoch, logs=None):
        if self.stopping is not None:
            values = {name: getattr(self.stopping, name) for name in ("wait", "best", "best_epoch")}
            self.state.stopping = {name: None if v is None else float(v) for name, v in values.items()}
            self.state.best = self.stopping.best_weights or []
        self.state.finished = self.model.stop_training
        self.state.model = _values(self.model)
        self.state.optimizer = _values(self.model.optimizer)
        checkpoints.write(self.path, self.state)


class _Settle(keras.callbacks.Callback):
    """Gives BatchNorm, before validation, the statistics that it will be used with."""

    def __init__(self, X):
        super().__init__()
        self.X = X

    def on_test_begin(self, logs=None):
        recompute_batchnorm(self.model, self.X, most=SETTLED_ON)


class _Stopped(Exception):
    """Leaves `fit` between two batches: Keras itself would first finish the epoch's validation."""


class _NotFinite(Exception):
    """Leaves `fit` when the loss is not a finite number."""


@dataclass(frozen=True)
class FitSettings:
    """How `fit` trains.

    Args:
        epochs: passes over the images.
        batch_size: images per step.
        seed: of the order of the images. The same seed gives the same weights on a CPU, for the same model.
        head_lr: learning rate of the new head.
        base_lr: learning rate of the backbone.
        patience: stop after this many epochs without a lower validation loss, and go back to the best
            weights (early stopping). None trains all epochs.

    Raises:
        ValueError: epochs, batch size or patience is not an integer of at least 1, the seed is not an
            integer from 0 to 2**32 - 1, or a learning rate is not a finite number greater than 0.

    Example:
        >>> FitSettings(epochs=8, batch_size=32, seed=0, head_lr=1e-3, base_lr=0)
        Traceback (most recent call last):
        ValueError: base_lr must be a finite number greater than 0. Received: 0
    """

    epochs: int
    batch_size: int
    seed: int
    head_lr: float
    base_lr: float
    patience: int | None = None

    def __post_init__(self):
        check_integer("epochs", self.epochs, 1)
        check_integer("batch_size", self.batch_size, 1)
        check_integer("seed", self.seed, 0, 2**32 - 1)
        check_positive("head_lr", self.head_lr)
        check_positive("base_lr", self.base_lr)
        if self.patience is not None:
            check_integer("patience", self.patience, 1)


def fit(
    model: keras.Model,
    X: np.ndarray,
    y: np.ndarray,
    *,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    on_epoch: Callable[[int, dict], None] | None = None,
    stop: threading.Event | None = None,
    checkpoint: str | os.PathLike | None = None,
    **settings: Any,
) -> dict[str, list[float]]:
    """Train a classifier.

    If BatchNorm trains, `recompute_batchnorm` runs at the end, and on SETTLED_ON images before every
    validation. If memory runs out, a warning says so and training restarts with half the batch size. An
    error leaves the weights as they were; an interrupt (KeyboardInterrupt) keeps those of the last step.

    In the end the model is compiled with Keras' own Adam: `model.save` writes a file without our optimizer. A
    network with layers of this package needs `helpers.strategies.export.to_keras` to load without it.

    Args:
        model: from pixels to logits, as `helpers.networks.heads.classifier` builds it.
        X: uint8 (n, height, width, 3); for a network that takes no pixels, the activations that it takes.
        y: class indices, integer (n,).
        validation: optional (X, y), scored after each epoch, never trained on.
        on_epoch: called with (epoch, logs) after each epoch.
        stop: set it from another thread to end training; weights and history are kept. Colab's own
            interrupt does the same, and sets it.
        checkpoint: a file that keeps the run after every epoch. If it exists, the run continues from it and
            ends as it would have ended without the interrupt: same weights, same history.
        **settings: `epochs`, `batch_size`, `seed`, `head_lr`, `base_lr` and optionally `patience`, see
            `FitSettings`.

    Returns:
        History: "loss", "accuracy" and, with validation, "val_loss", "val_accuracy", by epoch.

    Raises:
        ValueError: invalid settings; no images, or not of the shape that the network takes; labels that are
            not class indices, or not one per image; patience without validation; a loss that is not finite
            (the learning rate is too high); a checkpoint of another run, or one that is a folder.
        TypeError: a setting is unknown or missing; images that are not integers; validation is not a pair.
        MemoryError: memory runs out even with batch size 1.

    Example:
        >>> from helpers.data import synthetic
        >>> from helpers.networks import backbones, heads
        >>> X, y = synthetic.streets(40, seed=0)
        >>> model = heads.classifier(backbones.mini_vgg(), classes=2)
        >>> history = fit(model, X, y, epochs=2, batch_size=20, seed=0, head_lr=1e-3, base_lr=1e-3)
        >>> len(history["loss"])
        2
    """
    chosen = _settings(settings)
    X = _checked(model, X, y)
    if validation is not None:
        if not (isinstance(validation, tuple | list) and len(validation) == 2):
            raise TypeError(f"validation must be a pair (X, y). Received: {type(validation).__name__}")
        validation = (_checked(model, *validation), validation[1])
    if chosen.patience is not None and validation is None:
        raise ValueError("Early stopping needs validation images. Pass validation=(X, y).")
    run = _identity(model, chosen)
    if checkpoint is not None:
        checkpoint = Path(checkpoint).expanduser().absolute()  # the reader may change folders meanwhile
        run["images"] = checkpoints.content(X, np.asarray(y, "int32"), *(validation or ()))
        # What does not train distinguishes one source model from another, if there is one.
        run["frozen_weights"] = checkpoints.content(*_frozen(model))
    found = checkpoint and checkpoints.read(checkpoint, run)
    start = _values(model)
    state = found or checkpoints.State(run, {}, chosen.batch_size)
    while True:
        try:
            return _run(model, X, y, chosen, state, validation, on_epoch, stop, checkpoint)
        except Exception as error:
            failure = _explained(error, chosen, state.batch_size)
        # Outside `except`: the error holds on to what has filled the memory.
        gc.collect()
        _assign(model, start)
        if failure is not None:
            raise failure
        state = checkpoints.State(run, {}, state.batch_size // 2)
        warnings.warn(f"Memory ran out. Training restarts with batch size {state.batch_size}.", stacklevel=2)


def _explained(error, settings, batch_size):
    """The error that a reader sees, with the remedy if there is one; None if smaller batches may help."""
    if isinstance(error, _NotFinite):
        return ValueError(
            "The loss is not a finite number: the learning rate is too high. "
            f"Lower head_lr={settings.head_lr:g} or base_lr={settings.base_lr:g}; "
            "helpers.strategies.find_rates suggests rates for a network."
        )
    if not out_of_memory(error):
        return error
    if batch_size > 1:
        return None
    return MemoryError(
        "Memory ran out with batch size 1. Use smaller images, train fewer blocks, "
        "or compute in 16 bits (helpers.networks.hardware.mixed_precision)."
    )


def _settings(given):
    try:
        return FitSettings(**given)
    except TypeError as error:
        raise TypeError(
            f"fit {str(error).removeprefix('FitSettings.__init__() ')}. Its settings are epochs, batch_size, "
            "seed, head_lr, base_lr and optionally patience."
        ) from error


def _checked(model, X, y):
    """X, after a check that the model can learn from it and from the class indices y."""
    wanted = model.input_shape[1:]
    if wanted[-1] == 3:  # pixels, not activations
        X = check_images(X)
    known = [(n, m) for n, m in zip(wanted, X.shape[1:], strict=False) if n is not None]
    if len(X) == 0 or len(X.shape) != 1 + len(wanted) or any(n != m for n, m in known):
        raise ValueError(f"X must have shape (n, {', '.join(map(str, wanted))}), n > 0. Received: {X.shape}.")
    _check_indices(X, y, model.output_shape[-1])
    return X


def _check_indices(X, y, classes):
    y = np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} images but y has {len(y)} labels. Pass one label per image.")
    if y.dtype.kind not in "iu" or (len(y) and not 0 <= y.min() <= y.max() < classes):
        raise ValueError(
            f"y must hold class indices, integers from 0 to {classes - 1}. To encode class names, use "
            "np.unique(names, return_inverse=True)[1]."
        )


def _identity(model, settings):
    """The settings and the network of a run: a checkpoint continues only the same run."""
    layers = heads.all_layers(model)
    return {
        **dataclasses.asdict(settings),
        "weight_shapes": [list(w.shape) for w in model.weights],
        "trained_weights": sum(len(w.shape) > 0 for w in model.trainable_weights),
        "layers": len(layers),
        "dropout": [layer.rate for layer in layers if hasattr(layer, "rate")],
    }


def _frozen(model):
    """Weights of the layers that do not train."""
    frozen = [layer for layer in heads.all_layers(model) if layer.weights and not layer.trainable]
    return [weights for layer in frozen for weights in layer.get_weights()]


def _run(model, X, y, settings, state, validation, on_epoch, stop, checkpoint):
    quick_pooling(model)
    _compile(model, LayerwiseAdam(settings.head_lr, settings.base_lr / settings.head_lr))
    model.optimizer.build(model.trainable_variables)
    if state.model:
        _assign(model, state.model)
        _assign(model.optimizer, state.optimizer)
    batches = Batches(X, y, state.batch_size, settings.seed)
    callbacks = [_Settle(X), _Live(batches, state.history, on_epoch, stop)]
    stopping = None
    if settings.patience is not None:
        stopping = keras.callbacks.EarlyStopping(
            "val_loss", patience=settings.patience, restore_best_weights=True
        )
        callbacks.append(stopping)
    if checkpoint is not None:
        callbacks.append(_Keep(checkpoint, state, stopping))
    try:
        model.fit(
            batches,
            initial_epoch=settings.epochs if state.finished else len(state.history.get("loss", [])),
            epochs=settings.epochs,
            shuffle=False,  # `Batches` does, in a way that a resumed run can repeat
            validation_data=validation and Batches(*validation, state.batch_size),
            verbose=0,
            callbacks=callbacks,
        )
    except _Stopped:
        pass
    except KeyboardInterrupt:  # Colab's stop button, the only one there while training blocks
        if not in_colab():
            _finish(model, X, settings)
            raise
        if stop is not None:
            stop.set()
    _finish(model, X, settings)
    return state.history


def _compile(model, optimizer):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=compiled())


def _finish(model, X, settings):
    """Leave a model that predicts with BatchNorm's settled statistics and is saved without our optimizer."""
    recompute_batchnorm(model, X)
    _compile(model, keras.optimizers.Adam(settings.base_lr))


def kept(history: dict[str, list[float]]) -> float:
    """Return the validation accuracy of the weights that early stopping keeps: of the lowest loss.

    The best accuracy of any epoch would belong to weights that are lost.

    Args:
        history: of `fit` with `validation` and `patience`.

    Example:
        >>> kept({"val_loss": [0.9, 0.4, 0.5], "val_accuracy": [0.6, 0.7, 0.8]})
        0.7
    """
    return history["val_accuracy"][int(np.argmin(history["val_loss"]))]


def _values(owner) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in owner.variables]


def _assign(owner, values):
    for variable, value in zip(owner.variables, values, strict=True):
        variable.assign(value)
