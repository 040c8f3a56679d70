"""Weights files, checked before Keras loads them: what a file holds, and what the network needs.

Keras loads some files of other networks without an error, and its messages on the others name neither.
"""

from collections import Counter
from math import prod
from pathlib import Path

import h5py

from helpers.networks.backend import keras

SIGNATURE = b"\x89HDF\r\n\x1a\n"
NOT_WEIGHTS = ("optimizer", "seed_generator")  # stored beside them
KERAS_3, OLDER = (".weights.h5",), (".h5", ".hdf5")  # endings that Keras expects of the two formats


def check_weights(path: str | Path, model: keras.Model) -> None:
    """Check that a file holds the weights of a network, all of them and no others.

    Args:
        path: an HDF5 file of Keras 3 (`.weights.h5`) or of an older version (`.h5`).
        model: the network that the weights are for, without its top.

    Raises:
        ValueError: If the file is not an HDF5 file, is damaged, has the ending of another format, or holds
            the weights of another network, or also those of the top.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        >>> model.save_weights("own.weights.h5")
        >>> check_weights("own.weights.h5", model)
    """
    path = str(path)
    shapes = Counter(_shapes(path))
    needed = Counter(tuple(weight.shape) for weight in model.weights if weight.shape)
    if shapes == needed:
        return
    extra = shapes - needed
    matrices = ", ".join(f"{shape[0]} x {shape[1]}" for shape in extra if len(shape) == 2)
    if matrices and not needed - shapes and all(len(shape) <= 2 for shape in extra):
        raise ValueError(
            f"{path!r} also holds the top of {model.name}: dense layers of {matrices}. The weights without "
            "the top are needed. The name of the published file contains 'notop' or 'no_top'."
        )
    raise ValueError(
        f"{path!r} holds the weights of another network: {_described(shapes)}. {model.name} without its top "
        f"has {_described(needed)}. Use the weights of this network, with the same options."
    )


def _shapes(path):
    """Return the shapes of all weights in a file, without single numbers such as counters."""
    with open(path, "rb") as file:
        start = file.read(len(SIGNATURE))
    if start != SIGNATURE:
        raise ValueError(
            f"{path!r} is not an HDF5 file: it begins with {start!r}. A weights file of Keras is needed, as "
            "Model.save_weights writes it."
        )
    try:
        with h5py.File(path) as stored:
            older = "layer_names" in stored.attrs or "model_weights" in stored
            found: list[tuple[int, ...]] = []
            stored.visititems(lambda name, item: found.extend(_shape(name, item)))
    except (OSError, RuntimeError, KeyError) as error:
        size = Path(path).stat().st_size / 1e6
        raise ValueError(
            f"{path!r} is damaged or incomplete: {size:.1f} MB ({error}). Copy or download it again."
        ) from error
    endings = OLDER if older else KERAS_3
    if not path.endswith(endings) or (older and path.endswith(KERAS_3)):
        raise ValueError(
            f"{path!r} is in the format of {'an older Keras' if older else 'Keras 3'}, which needs another "
            f"ending. Rename the file, so that its name ends in {' or '.join(endings)}."
        )
    return found


def _shape(name, item):
    """Return the shape of an entry of a file as a list, which is empty if the entry is not a weight."""
    is_weight = isinstance(item, h5py.Dataset) and not any(part in name for part in NOT_WEIGHTS)
    return [item.shape] if is_weight and item.shape else []


def _described(shapes):
    kernels = sum(count for shape, count in shapes.items() if len(shape) == 4)
    matrices = sum(count for shape, count in shapes.items() if len(shape) == 2)
    vectors = sum(count for shape, count in shapes.items() if len(shape) == 1)
    parameters = sum(prod(shape) * count for shape, count in shapes.items())
    return (
        f"{kernels} convolution kernels, {matrices} dense layers, {vectors} vectors (such as biases), "
        f"{parameters:,} parameters"
    )
