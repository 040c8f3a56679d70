"""Changes to a pre-trained architecture: harmless ones, and ones that damage it."""

import dataclasses

import numpy as np

from helpers.data.image_sets import ImageSet
from helpers.data.validation import check_integer
from helpers.networks.backend import keras
from helpers.networks.seeding import seeded


def crop_after(model: keras.Model, layer: str) -> keras.Model:
    """Remove all layers after a layer; the weights of the others stay useful.

    Args:
        model: a backbone, as `helpers.networks.backbones.fresh` returns it.
        layer: the last layer to keep.

    Raises:
        ValueError: If the layer does not exist.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> crop_after(fresh(Backbone("shapes")), "block2_pool").output_shape
        (None, None, None, 64)
    """
    return keras.Model(model.input, _layer(model, layer).output)


def without(model: keras.Model, layer: str) -> keras.Model:
    """Remove one layer from the middle; the others keep their weights.

    Raises:
        ValueError: If the layer does not exist, or the layers around it do not fit together.
    """
    _layer(model, layer)
    return _chain(model, [la for la in model.layers if la.name != layer])


def swapped(model: keras.Model, one: str, other: str) -> keras.Model:
    """Swap two layers; all layers keep their weights.

    Raises:
        ValueError: If a layer does not exist, or does not fit at its new position.

    Example:
        >>> names = ("first", "second", "third")
        >>> model = keras.Sequential([keras.Input((4,)), *(keras.layers.Dense(4, name=n) for n in names)])
        >>> [layer.name for layer in swapped(model, "second", "third").layers[-3:]]
        ['first', 'third', 'second']
    """
    order = {one: _layer(model, other), other: _layer(model, one)}
    return _chain(model, [order.get(la.name, la) for la in model.layers])


def enlarged(data: ImageSet, times: int) -> ImageSet:
    """Enlarge all images of a set by repeating every pixel.

    Args:
        data: the image set.
        times: the factor for height and width, an integer.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> enlarged(builtin("shapes", n_train=1), times=2).X_train.shape
        (10, 64, 64, 3)
    """
    times = check_integer("times", times, 1)
    names = ("X_train", "X_validation", "X_test")
    larger = {name: getattr(data, name).repeat(times, axis=1).repeat(times, axis=2) for name in names}
    return dataclasses.replace(data, **larger)


def probe_accuracy(model: keras.Model, data: ImageSet) -> float:
    """Compute the validation accuracy of a linear classifier on the average-pooled output of a model.

    Args:
        model: a network from pixels to (batch, rows, columns, channels).
        data: the image set; the classifier is fitted on its training images.

    Raises:
        ValueError: If the set has no training or no validation images.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> from helpers.networks.backbones import Backbone, load
        >>> data = builtin("shapes", n_train=5, n_validation=5, n_test=0)
        >>> 0.9 < probe_accuracy(load(Backbone("shapes")), data) <= 1
        True
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    for part in ("train", "validation"):
        if len(data.split(part)[1]) == 0:
            raise ValueError(f"The set has no {part} images, which the accuracy needs. Pass another set.")
    codes, held_out = (
        model.predict(X, batch_size=64, verbose=0).mean(axis=(1, 2))
        for X in (data.X_train, data.X_validation)
    )
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-3, max_iter=1000))
    return float(probe.fit(codes, data.y_train).score(held_out, data.y_validation))


def _layer(model, name):
    known = {layer.name: layer for layer in model.layers}
    if name not in known:
        raise ValueError(f"Unknown layer {name!r}. Use one of {', '.join(known)}.")
    return known[name]


def _chain(model, layers):
    """Build a new model from copies of the layers, in this order, with their weights."""
    x = inputs = keras.Input(model.input_shape[1:])
    for layer in layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        with seeded(0):
            copy = type(layer).from_config(layer.get_config())
        x = copy(x)
        wanted, given = [tuple(w.shape) for w in copy.weights], [np.shape(w) for w in layer.get_weights()]
        if wanted != given:
            raise ValueError(
                f"Layer {layer.name!r} does not fit here: its weights have the shapes {given}, but this "
                f"position needs {wanted}. Choose a layer with as many input and output channels."
            )
        copy.set_weights(layer.get_weights())
    return keras.Model(inputs, x)
