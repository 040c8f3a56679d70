"""One fit loop for every network: seeded, layer-wise learning rates, live progress, a Stop.

Used by every strategy that trains more than a head. Used in notebooks 04 to 08.
"""

import threading
from collections.abc import Callable

import keras
import numpy as np


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

    def __init__(self, learning_rate=1e-3, backbone_scale=0.1, **options):
        super().__init__(learning_rate=learning_rate, **options)
        self.backbone_scale = backbone_scale

    def build(self, variables):
        # Later calls may get raw backend variables without a path, so the order is kept.
        self._scales = [1.0 if v.path.startswith("head/") else self.backbone_scale for v in variables]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        scale = self._scales[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * scale)

    def get_config(self):
        return {**super().get_config(), "backbone_scale": self.backbone_scale}


class _Live(keras.callbacks.Callback):
    """Tells of every epoch, and ends training within a batch once `stop` is set."""

    def __init__(self, on_epoch, stop):
        super().__init__()
        self.on_epoch, self.stop = on_epoch, stop

    def on_train_batch_end(self, batch, logs=None):
        if self.stop is not None and self.stop.is_set():
            self.model.stop_training = True
            raise _Stopped

    def on_epoch_end(self, epoch, logs=None):
        if self.on_epoch is not None:
            self.on_epoch(epoch, dict(logs or {}))


class _Stopped(Exception):
    """Leaves `fit` between two batches: Keras itself would first finish the epoch's validation."""


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
    validation=None,
    patience: int | None = None,
    on_epoch: Callable[[int, dict], None] | None = None,
    stop: threading.Event | None = None,
) -> dict[str, list[float]]:
    """Train a classifier.

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
        stop: set it from another thread to end training; weights and history are kept.

    Returns:
        History: "loss", "accuracy" and, with validation, "val_loss", "val_accuracy", by epoch.

    Raises:
        ValueError: a rate, epochs or batch size that is not positive, or a loss that is not
            finite (the rate is too high).
    """
    for name, value in (
        ("epochs", epochs),
        ("batch_size", batch_size),
        ("head_lr", head_lr),
        ("base_lr", base_lr),
    ):
        if not value > 0:
            raise ValueError(f"{name} must be greater than 0. Received: {value!r}")
    keras.utils.set_random_seed(seed)
    history = keras.callbacks.History()
    model.compile(
        LayerwiseAdam(head_lr, base_lr / head_lr),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    callbacks = [keras.callbacks.TerminateOnNaN(), _Live(on_epoch, stop), history]
    if patience is not None:
        if validation is None:
            raise ValueError("Early stopping watches validation pictures: give validation=(X, y).")
        callbacks.append(
            keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
        )
    try:
        model.fit(
            X,
            y,
            epochs=epochs,
            batch_size=batch_size,
            validation_data=validation,
            verbose=0,
            callbacks=callbacks,
        )
    except _Stopped:
        pass
    losses = history.history.get("loss", [])
    if not np.all(np.isfinite(losses)):
        raise ValueError(
            "The loss is no longer a finite number: the learning rate is too high. "
            f"Lower head_lr={head_lr:g} or base_lr={base_lr:g}."
        )
    return history.history
