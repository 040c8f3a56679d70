"""Weights files of made-up networks, in the format of Keras 2 in which the public ones are published."""

from pathlib import Path

import h5py
import keras
import numpy as np


def older_format(path: Path, model: keras.Model) -> Path:
    """Write weights as Keras 2 did."""
    with h5py.File(path, "w") as file:
        layers = [layer for layer in model.layers if layer.weights]
        file.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                group.create_dataset(name, data=np.asarray(weight), compression=9)
    return path
