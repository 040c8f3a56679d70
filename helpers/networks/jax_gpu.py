"""Training on a GPU under JAX: data stay in its memory, and pooling is fast to train through.

With any other backend or device, these functions leave everything as it is.
"""

import functools
import threading
import weakref
from typing import Any

import numpy as np

from helpers.networks.backend import keras
from helpers.networks.hardware import has_gpu
from helpers.networks.heads import all_layers

MOST_BYTES = 2**30  # of images that are kept in the GPU's memory
_FORWARD: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # a second call must not compile again


def stays_on_gpu(size: float) -> bool:
    """Return whether an array of this size in bytes is sent to the GPU once, not batch by batch."""
    return keras.backend.backend() == "jax" and has_gpu() and size <= MOST_BYTES


def on_gpu(X: np.ndarray) -> Any:
    """Return X in the GPU's memory if it stays there, otherwise X itself."""
    if not stays_on_gpu(X.nbytes):
        return X
    import jax

    return jax.device_put(X)


def rows_of(X: Any, rows: np.ndarray) -> Any:
    """Return X[rows]; on a GPU in one step instead of several."""
    return X[rows] if isinstance(X, np.ndarray) else _take()(X, rows)


@functools.cache
def _take():
    import jax

    return jax.jit(lambda X, rows: X[rows])


def quick_pooling(model: keras.Model) -> None:
    """Replace the gradient of 2 x 2 max pooling with one that XLA computes fast.

    XLA's gradient of a pooling is a slow scatter; that of a maximum is a comparison. The outputs are the
    same. Where several of the four values are largest, they share the gradient; a pooling gives it to one.

    Args:
        model: its layers change in this process only; nothing of it is saved.
    """
    if keras.backend.backend() != "jax" or not has_gpu():
        return
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.MaxPooling2D):
            kind = (layer.pool_size, layer.strides, layer.padding, layer.data_format)
            if kind == ((2, 2), (2, 2), "valid", "channels_last"):
                layer.call = _largest_of_four


def _largest_of_four(x):
    _, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return keras.ops.max(keras.ops.reshape(x, (-1, height // 2, 2, width // 2, 2, channels)), axis=(2, 4))


def activations(model: keras.Model, X: Any, stop: threading.Event | None = None, batch_size: int = 64) -> Any:
    """Compute the output of a frozen network without waiting for each batch.

    The last batch is filled up with zeros, so that only one shape is compiled.

    Args:
        model: from images or activations to activations.
        X: uint8 or float (n, ...), in the GPU's memory or not.
        stop: once it is set, the remaining rows are zeros.
        batch_size: rows per call.

    Returns:
        jax.Array (n, ...) in the precision of the network.
    """
    import jax

    if model not in _FORWARD:
        quick_pooling(model)
        _FORWARD[model] = jax.jit(functools.partial(_stateless, weakref.proxy(model)))
    weights = [[w.value for w in part] for part in (model.trainable_variables, model.non_trainable_variables)]
    out = []
    for start in range(0, len(X), batch_size):
        if stop is not None and stop.is_set():
            break
        batch = X[start : start + batch_size]
        short = batch_size - len(batch)
        filled = jax.numpy.pad(batch, [(0, short)] + [(0, 0)] * (X.ndim - 1)) if short else batch
        out.append(_FORWARD[model](weights, filled)[: len(batch)])
    if missing := len(X) - sum(map(len, out)):
        shape = model.compute_output_shape((1, *X.shape[1:]))[1:]
        out.append(jax.numpy.zeros((missing, *shape), model.compute_dtype))
    return jax.numpy.concatenate(out)


def _stateless(model, weights, x):
    return model.stateless_call(*weights, x)[0]
