"""What may be changed in a pre-trained architecture, and what breaks it. Used in notebook 06."""

import dataclasses

import numpy as np

from helpers.data.image_sets import ImageSet
from helpers.networks.backend import keras


def crop_after(model: keras.Model, layer: str) -> keras.Model:
    """Drop every layer after one. Pre-trained weights keep their meaning.

    Args:
        model: a backbone, as `helpers.networks.backbones.fresh` returns it.
        layer: the last one to keep.

    Raises:
        ValueError: no such layer.
    """
    return keras.Model(model.input, _layer(model, layer).output)


def without(model: keras.Model, layer: str) -> keras.Model:
    """Take one layer out of the middle; the others keep their weights.

    Raises:
        ValueError: no such layer, or the layers around it do not fit together.
    """
    _layer(model, layer)
    return _chain(model, [la for la in model.layers if la.name != layer])


def swapped(model: keras.Model, one: str, other: str) -> keras.Model:
    """Exchange two layers; all keep their weights.

    Raises:
        ValueError: no such layer, or a layer does not fit in its new place.
    """
    order = {one: _layer(model, other), other: _layer(model, one)}
    return _chain(model, [order.get(la.name, la) for la in model.layers])


def enlarged(data: ImageSet, times: int) -> ImageSet:
    """The same set with every pixel repeated: all things in it are so many times as large, in pixels."""
    names = ("X_train", "X_validation", "X_test")
    larger = {name: getattr(data, name).repeat(times, axis=1).repeat(times, axis=2) for name in names}
    return dataclasses.replace(data, **larger)


def probe_accuracy(model: keras.Model, data: ImageSet) -> float:
    """Accuracy of a linear classifier on the averaged output of a model, on validation pictures.

    Args:
        model: from pixels to (batch, rows, columns, channels).
        data: a `helpers.data.image_sets.ImageSet`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    codes, held_out = (
        model.predict(X, batch_size=64, verbose=0).mean(axis=(1, 2))
        for X in (data.X_train, data.X_validation)
    )
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-3, max_iter=1000))
    return float(probe.fit(codes, data.y_train).score(held_out, data.y_validation))


def _layer(model, name):
    known = {layer.name: layer for layer in model.layers}
    if name not in known:
        raise ValueError(f"Unknown layer {name!r}: use one of {', '.join(known)}.")
    return known[name]


def _chain(model, layers):
    """Build the layers anew, one after the other, with the weights they had."""
    x = inputs = keras.Input(model.input_shape[1:])
    for layer in layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        copy = type(layer).from_config(layer.get_config())
        x = copy(x)
        wanted, given = [tuple(w.shape) for w in copy.weights], [np.shape(w) for w in layer.get_weights()]
        if wanted != given:
            raise ValueError(
                f"Layer {layer.name!r} does not fit here: its weights have the shapes {given}, but at this "
                f"place {wanted} are needed."
            )
        copy.set_weights(layer.get_weights())
    return keras.Model(inputs, x)
