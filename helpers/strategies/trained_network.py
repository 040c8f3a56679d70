"""What all strategies share that train a network epoch by epoch: fitting, probabilities and pickling."""

import math
import reprlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np

from helpers.data.validation import too_small
from helpers.networks import jax_gpu
from helpers.networks.backend import keras
from helpers.networks.heads import count_trainable, split_frozen
from helpers.networks.rates import Rates
from helpers.networks.seeding import seeded
from helpers.strategies.base import Strategy

# Below this many steps an optimizer has hardly moved, however few the images.
MIN_STEPS = 120
MOST_BYTES = 2**30  # of activations kept in memory; beyond, the frozen layers run in every epoch


class TrainedNetwork(Strategy):
    """A strategy that builds a network and trains it with `helpers.strategies.training.fit`.

    A subclass builds the network in `_network(X, y)` and returns its learning rates from `_rates()`;
    `rates_` keeps them.

    Example:
        >>> from helpers.strategies import FineTune
        >>> isinstance(FineTune(epochs=1), TrainedNetwork)
        True
    """

    def __init__(self, epochs: int | None, batch_size: int, seed: int) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.seed = seed

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        validation: tuple[np.ndarray, np.ndarray] | None = None,
        on_epoch: Callable[[int, dict], None] | None = None,
        stop: threading.Event | None = None,
        **unsupported: object,
    ) -> Self:
        """Learn from images.

        Args:
            X: uint8 (n, height, width, 3).
            y: labels (n,), strings or numbers, of at least two classes.
            validation: optional pair of images, of the same size, and labels; scored after each epoch, never
                trained on.
            on_epoch: called with (epoch, logs) after each epoch.
            stop: set it from another thread to end training; the weights and `history_` are kept.
            **unsupported: refused by name.

        An error or an interrupt leaves the strategy as it was before: what an earlier `fit` has learned is
        kept.

        Raises:
            ValueError: X, y, validation or an argument of the constructor is not as described, the images
                are too small for the network, or the learning rate is too high.
            TypeError: X is not of integers, validation is not a pair, on_epoch is not callable, or there is
                an unsupported argument.
            MemoryError: the network does not fit into memory, even with batch size 1.
        """
        self._refuse(unsupported)
        self.check_arguments()
        if not (on_epoch is None or callable(on_epoch)):
            raise TypeError(f"on_epoch must be callable, as on_epoch(epoch, logs). Received: {on_epoch!r}")
        with self._kept_on_failure():
            X, y = self._checked(X, y)
            if validation is not None:
                validation = self._checked_validation(validation)
            self.model_ = self._network(X, y)
            self._train(X, y, validation, on_epoch, stop)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the softmax of the network's logits, float (n, classes)."""
        from scipy.special import softmax

        return softmax(self._scores(self._same_size(X)).astype("float64"), axis=1)

    def _checked_validation(self, validation):
        """Validation images, and their labels as class indices."""
        if not (isinstance(validation, tuple | list) and len(validation) == 2):
            received = reprlib.repr(validation)
            raise TypeError(f"validation must be a pair (images, labels). Received: {received}")
        X, y = self._same_size(validation[0], "The validation images"), np.asarray(validation[1])
        if y.shape != (len(X),):
            raise ValueError(
                f"validation must have one label per image. Received: {len(X)} images and labels of shape "
                f"{y.shape}."
            )
        known = set(self.classes_.tolist())
        for label in y.tolist():
            if label not in known:
                raise ValueError(
                    f"validation contains the label {label!r}, which is not in the training labels. Remove "
                    "these images."
                )
        return X, self._encoder.transform(y)

    def _network(self, X, y) -> keras.Model:
        raise NotImplementedError

    def _rates(self) -> Rates:
        raise NotImplementedError

    def _train(self, X, y, validation, on_epoch, stop):
        from helpers.strategies.training import fit

        try:
            self.model_.compute_output_shape((1, *X.shape[1:]))
        except ValueError as error:
            raise too_small(X.shape[1:], "this network") from error
        self.trainable_parameters_ = count_trainable(self.model_)
        self.epochs_ = epochs_for(len(X), self.batch_size) if self.epochs is None else self.epochs
        model, X, validation = self._without_frozen_part(X, validation, stop)
        self.rates_ = self._rates()
        self.history_ = fit(
            model,
            X,
            y,
            epochs=self.epochs_,
            batch_size=self.batch_size,
            seed=self.seed,
            head_lr=self.rates_.head,
            base_lr=self.rates_.backbone,
            validation=validation,
            on_epoch=on_epoch,
            stop=stop,
        )

    def _without_frozen_part(self, X, validation, stop):
        """Run the frozen layers once, not once per epoch; what comes after them then trains."""
        frozen, trained = split_frozen(self.model_) or (None, self.model_)
        images = len(X) + (0 if validation is None else len(validation[0]))
        if frozen is None or _bytes_out(frozen, X) * images > MOST_BYTES:
            return self.model_, X, validation
        X = frozen_activations(frozen, X, stop)
        return trained, X, validation and (frozen_activations(frozen, validation[0], stop), validation[1])

    def _scores(self, X):
        return self.model_.predict(X, batch_size=256, verbose=0)

    def __getstate__(self):
        state = super().__getstate__()
        if "model_" in state:  # the network is pickled as a .keras file, not as Python objects
            state = {**state, "model_": _to_bytes(state["model_"])}
        return state

    def __setstate__(self, state):
        if isinstance(state.get("model_"), bytes):
            state = {**state, "model_": _from_bytes(state["model_"])}
        super().__setstate__(state)


def epochs_for(images: int, batch_size: int) -> int:
    """Return the epochs that make about MIN_STEPS steps, at least 8.

    >>> epochs_for(images=100, batch_size=32)
    30
    """
    return max(8, round(MIN_STEPS / -(-images // batch_size)))


def _bytes_out(model, X):
    """Bytes that one image's activations take, as 32-bit floats."""
    return 4 * math.prod(model.compute_output_shape((1, *X.shape[1:])))


def frozen_activations(
    model: keras.Model, X: np.ndarray, stop: threading.Event | None = None, batch_size: int = 64
) -> np.ndarray:
    """Compute the output of the frozen part of a network, once for all epochs.

    Args:
        model: the lower part, from `helpers.networks.heads.split_frozen`.
        X: uint8 (n, height, width, 3).
        stop: once it is set, the remaining rows are zeros: training then ends at once.
        batch_size: images per call.

    Returns:
        float32 (n, ...); on a GPU under JAX an array in its memory, in the precision of the network.
    """
    if jax_gpu.stays_on_gpu(_bytes_out(model, X) * len(X)):
        return jax_gpu.activations(model, X, stop, batch_size)
    out = np.zeros((len(X), *model.compute_output_shape((1, *X.shape[1:]))[1:]), np.float32)
    for start in range(0, len(X), batch_size):
        if stop is not None and stop.is_set():
            break
        out[start : start + batch_size] = model.predict_on_batch(X[start : start + batch_size])
    return out


def _to_bytes(model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def _from_bytes(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(data)
        with seeded(0):
            return keras.saving.load_model(path, compile=False, safe_mode=True)
