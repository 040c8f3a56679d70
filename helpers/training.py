"""One fit loop for every network: seeded, layer-wise learning rates, live progress, a Stop, checkpoints.

Runs on Keras' TensorFlow and JAX backends. Used by every strategy that trains more than a head, and
in notebooks 04 to 08.
"""

import gc
import os
import threading
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from helpers import checkpoints
from helpers.environment import in_colab
from helpers.hardware import compiled, on_card, out_of_memory, quick_pooling, rows_of
from helpers.models import keras

MOST_SETTLED = 2_000  # pictures that BatchNorm's statistics are taken from


@keras.saving.register_keras_serializable("helpers")
class LayerwiseAdam(keras.optimizers.Adam):
    """Adam with one learning rate for the backbone and another for the new head.

    The rate of the optimizer is the head's; updates of every other weight are scaled by
    `backbone_scale`. Discriminative rates: Howard & Ruder 2018, "ULMFiT".
    (`keras.optimizers.MultiOptimizer` does the same from Keras 3.15 on; Colab has 3.13.)

    Args:
        learning_rate: of the head, per step.
        backbone_scale: backbone rate / head rate.
    """

    def __init__(self, learning_rate: float = 1e-3, backbone_scale: float = 0.1, **options) -> None:
        super().__init__(learning_rate=learning_rate, **options)
        self.backbone_scale = backbone_scale

    def build(self, variables: Sequence[keras.Variable]) -> None:
        # Later calls may get raw backend variables without a path, so the order is kept.
        self._scales = [1.0 if v.path.startswith("head/") else self.backbone_scale for v in variables]
        super().build(variables)

    def update_step(
        self, gradient: keras.KerasTensor, variable: keras.Variable, learning_rate: keras.KerasTensor
    ) -> None:
        scale = self._scales[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * scale)

    def get_config(self) -> dict:
        return {**super().get_config(), "backbone_scale": self.backbone_scale}


class Batches(keras.utils.PyDataset):
    """Pictures in batches, in an order that depends on seed and epoch alone.

    Pictures stay uint8 until they are where the network is: a quarter of the bytes to send. Under JAX
    they are sent to a GPU once (`helpers.hardware.on_card`). While one batch is worked on, the next is
    made ready (TensorFlow prefetches; JAX does not wait).

    Args:
        X, y: arrays of the same length.
        batch_size: pictures a step.
        seed: of the order; None keeps it.
    """

    def __init__(self, X: np.ndarray, y: np.ndarray, batch_size: int, seed: int | None = None) -> None:
        super().__init__()
        self.X, self.y, self.batch_size, self.seed = on_card(X), np.asarray(y, "int32"), batch_size, seed
        self.order = np.arange(len(X))

    def __len__(self):
        return -(-len(self.X) // self.batch_size)

    def __getitem__(self, number):
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        return rows_of(self.X, rows), self.y[rows]

    def shuffle(self, epoch: int) -> None:
        """Order the pictures for an epoch."""
        if self.seed is not None:
            self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.X))


class _Live(keras.callbacks.Callback):
    """Orders every epoch, keeps its history, tells of it, and leaves before the next batch after `stop`.

    It asks before a batch: to a callback that is called after one, Keras tells the loss, and waits for it.
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
        # Asked once an epoch: asking after every batch would make a GPU wait for the answer.
        logs = {name: float(value) for name, value in (logs or {}).items()}
        if not np.isfinite(logs["loss"]):
            raise _NotFinite
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if self.on_epoch is not None:
            self.on_epoch(epoch, logs)


class _Keep(keras.callbacks.Callback):
    """Writes a checkpoint after every epoch. Comes after early stopping, whose state it keeps."""

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
    """Before validation, gives BatchNorm the statistics that it will be used with."""

    def __init__(self, X):
        super().__init__()
        self.X = X

    def on_test_begin(self, logs=None):
        settle_batchnorm(self.model, self.X)


class _Stopped(Exception):
    """Leaves `fit` between two batches: Keras itself would first finish the epoch's validation."""


class _NotFinite(Exception):
    """Leaves `fit` when the loss is no longer a number."""


def fit(
    model: keras.Model,
    X: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    head_lr: float,
    base_lr: float,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    patience: int | None = None,
    on_epoch: Callable[[int, dict], None] | None = None,
    stop: threading.Event | None = None,
    checkpoint: str | os.PathLike | None = None,
) -> dict[str, list[float]]:
    """Train a classifier.

    Where BatchNorm trains, `settle_batchnorm` runs before every validation and at the end. Where
    memory runs out, a warning says so and the run starts again with half the batch size.

    Args:
        model: from pixels to logits, as `helpers.models.classifier` builds it.
        X: uint8 (n, height, width, 3).
        y: class indices, integer (n,).
        epochs: passes over X.
        batch_size: pictures a step.
        seed: of order and dropout. The same seed gives the same weights on a CPU.
        head_lr: learning rate of the new head.
        base_lr: learning rate of the rest.
        validation: optional (X, y), only watched, never trained on.
        patience: end after so many epochs without a lower validation loss, and go back to the
            best weights (early stopping); needs `validation`. None trains all epochs.
        on_epoch: called with (epoch, logs) after each.
        stop: set it from another thread to end training; weights and history are kept. Colab's own
            interrupt does the same, and sets it.
        checkpoint: a file that keeps the run after every epoch. Where it exists, the run goes on
            from it, and ends as it would have without the interrupt: same weights, same history.

    Returns:
        History: "loss", "accuracy" and, with validation, "val_loss", "val_accuracy", by epoch.

    Raises:
        ValueError: a rate, epochs or batch size that is not positive; labels that are no class indices, or
            not one a picture; a loss that is not finite (the rate is too high); a checkpoint of another run.
        MemoryError: not even one picture a step fits.
    """
    for part in filter(None, ((X, y), validation)):
        _check_indices(*part, model.output_shape[-1])
    for name, value in (
        ("epochs", epochs),
        ("batch_size", batch_size),
        ("head_lr", head_lr),
        ("base_lr", base_lr),
    ):
        if not value > 0:
            raise ValueError(f"{name} must be greater than 0. Received: {value!r}")
    if patience is not None and validation is None:
        raise ValueError("Early stopping watches validation pictures: give validation=(X, y).")
    settings = {
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
        "head_lr": head_lr,
        "base_lr": base_lr,
        "patience": patience,
        "shapes of the weights": [list(w.shape) for w in model.weights],
        "weights that train": sum(len(w.shape) > 0 for w in model.trainable_weights),
        "layers": len(model._flatten_layers()),
        "dropout": [layer.rate for layer in model._flatten_layers() if hasattr(layer, "rate")],
    }
    if checkpoint is not None:
        settings["pictures"] = checkpoints.content(X, np.asarray(y, "int32"), *(validation or ()))
        # What training leaves alone tells one source model from another, if there is any.
        settings["frozen weights"] = checkpoints.content(*_frozen(model))
    found = checkpoint and checkpoints.read(checkpoint, settings)
    start = _values(model)
    state = found or checkpoints.State(settings, {}, batch_size)
    while True:
        try:
            return _run(model, X, y, state, validation, on_epoch, stop, checkpoint)
        except _NotFinite:
            raise ValueError(
                "The loss is no longer a finite number: the learning rate is too high. "
                f"Lower head_lr={head_lr:g} or base_lr={base_lr:g}."
            ) from None
        except Exception as error:
            if not out_of_memory(error):
                raise
            if state.batch_size == 1:
                raise MemoryError(
                    "Memory ran out with one picture a step. Use smaller pictures, train fewer blocks, "
                    "or compute in 16 bits (helpers.hardware.mixed_precision)."
                ) from error
        # Outside `except`: the error holds on to what has filled the memory.
        gc.collect()
        _assign(model, start)
        state = checkpoints.State(settings, {}, state.batch_size // 2)
        warnings.warn(
            f"Memory ran out: training starts again with {state.batch_size} pictures a step.", stacklevel=2
        )


def _check_indices(X, y, classes):
    y = np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} pictures but y has {len(y)} labels. Give one label a picture.")
    if y.dtype.kind not in "iu" or (len(y) and not 0 <= y.min() <= y.max() < classes):
        raise ValueError(
            f"y must hold class indices, integers from 0 to {classes - 1}. Of names, "
            "np.unique(names, return_inverse=True)[1] makes them."
        )


def _frozen(model):
    """Weights of the layers that do not train."""
    own = [layer for layer in model._flatten_layers() if not isinstance(layer, keras.Model)]
    return [w for layer in own if layer.weights and not layer.trainable for w in layer.get_weights()]


def _run(model, X, y, state, validation, on_epoch, stop, checkpoint):
    settings = state.settings
    epochs, seed, patience = (settings[name] for name in ("epochs", "seed", "patience"))
    keras.utils.set_random_seed(seed)
    quick_pooling(model)
    model.compile(
        LayerwiseAdam(settings["head_lr"], settings["base_lr"] / settings["head_lr"]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=compiled(),
    )
    model.optimizer.build(model.trainable_variables)
    if state.model:
        _assign(model, state.model)
        _assign(model.optimizer, state.optimizer)
    batches = Batches(X, y, state.batch_size, seed)
    callbacks = [_Settle(X), _Live(batches, state.history, on_epoch, stop)]
    stopping = None
    if patience is not None:
        stopping = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
        callbacks.append(stopping)
    if checkpoint is not None:
        callbacks.append(_Keep(checkpoint, state, stopping))
    try:
        model.fit(
            batches,
            initial_epoch=epochs if state.finished else len(state.history.get("loss", [])),
            epochs=epochs,
            shuffle=False,  # `Batches` does, in a way that a resumed run can repeat
            validation_data=validation and Batches(*validation, state.batch_size),
            verbose=0,
            callbacks=callbacks,
        )
    except _Stopped:
        pass
    except KeyboardInterrupt:  # Colab's stop button, the only one there while training blocks
        if not in_colab():
            raise
        if stop is not None:
            stop.set()
    settle_batchnorm(model, X)
    return state.history


def kept(history: dict[str, list[float]]) -> float:
    """Validation accuracy of the weights that early stopping keeps: those of the lowest validation loss.

    The best accuracy of any epoch would be that of weights which are gone.

    Args:
        history: of `fit` with `validation` and `patience`.
    """
    return history["val_accuracy"][int(np.argmin(history["val_loss"]))]


def settle_batchnorm(model: keras.Model, X: np.ndarray, batch_size: int = 50) -> None:
    """Take BatchNorm's statistics anew from the training pictures, as their mean over batches.

    In training, BatchNorm keeps a running mean that lags behind the weights. After a training of some
    hundred steps from random weights it is so far behind that the network seems to know nothing.
    Source: Wu & Johnson 2021, "Rethinking 'batch' in BatchNorm" (precise BatchNorm). Layers that are
    frozen keep what they have.

    Args:
        model: a classifier; it changes.
        X: the training pictures, or what the frozen layers made of them, in any order; at most
            MOST_SETTLED of them are used.
        batch_size: pictures at once.
    """
    parts = [model, *(layer for layer in model.layers if isinstance(layer, keras.Model))]
    norms = [la for part in parts for la in part.layers if isinstance(la, keras.layers.BatchNormalization)]
    usual = {layer: layer.momentum for layer in norms if layer.trainable}
    if not usual:
        return
    order = np.random.default_rng(0).permutation(len(X))[:MOST_SETTLED]
    for number in range(max(1, len(order) // batch_size)):
        for layer in usual:
            layer.momentum = number / (number + 1)
        model(X[order[number * batch_size : (number + 1) * batch_size]].astype("float32"), training=True)
    for layer, momentum in usual.items():
        layer.momentum = momentum


def _values(owner) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in owner.variables]


def _assign(owner, values):
    for variable, value in zip(owner.variables, values, strict=True):
        variable.assign(value)
