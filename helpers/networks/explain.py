"""Looking into a network: filters, feature maps, and what speaks for a class.

Used in notebooks 01, 04, 07 and 08.
"""

import numpy as np

from helpers.data.validation import check_images, check_integer
from helpers.networks.backbones import Backbone, load
from helpers.networks.backend import keras


def filters(backbone: Backbone, layer: str | None = None) -> np.ndarray:
    """The kernels of a convolution that looks at colours, scaled to be seen.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: a convolution on RGB; None is the first one.

    Returns:
        float32 (filters, height, width, 3) with values 0..1; 0.5 is a weight of zero.

    Raises:
        ValueError: the layer does not look at three channels.
    """
    model = load(backbone)
    found = [la for la in model.layers if isinstance(la, keras.layers.Conv2D) and layer in (None, la.name)]
    kernels = np.asarray(found[0].kernel) if found else np.zeros((1, 1, 0, 1))
    if kernels.shape[2] != 3:
        raise ValueError(f"Layer {layer!r} is no convolution on three colours; use None for the first one.")
    kernels = kernels.transpose(3, 0, 1, 2)
    most = np.abs(kernels).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + 0.5 * kernels / np.maximum(most, 1e-12)


def feature_maps(backbone: Backbone, layer: str, picture: np.ndarray) -> np.ndarray:
    """Every channel of a layer's output for one picture, the busiest first.

    Source: Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: its name.
        picture: uint8 (height, width, 3).

    Returns:
        float32 (channels, rows, columns), sorted by how much they vary over the picture.

    Raises:
        ValueError: unknown layer, or not a picture.
    """
    X = check_images(np.asarray(picture)[None])
    if layer not in backbone.layer_names:
        raise ValueError(f"Unknown layer {layer!r}: use one of {', '.join(backbone.layer_names)}.")
    maps = _up_to(backbone, layer).predict(X, verbose=0)[0].astype("float32").transpose(2, 0, 1)
    return maps[np.argsort(-maps.std(axis=(1, 2)))]


def strongest(backbone: Backbone, layer: str, channel: int, X: np.ndarray, most: int = 8) -> np.ndarray:
    """Indices of the pictures that excite one channel most, the strongest first.

    Args:
        backbone, layer: whose output.
        channel: which of its channels.
        X: uint8 (n, height, width, 3).
        most: how many indices.
    """
    values = _up_to(backbone, layer).predict(check_images(X), verbose=0)[..., channel].max(axis=(1, 2))
    return np.argsort(-values)[:most]


def grad_cam(model: keras.Model, picture: np.ndarray, label: int, layer: str | None = None) -> np.ndarray:
    """Where a layer's activations speak for a class: gradient-weighted class activation mapping.

    Each channel counts as much as the class score rises with it, averaged over the picture; what
    speaks against the class is dropped. Source: Selvaraju et al. 2017, "Grad-CAM".

    Args:
        model: of `helpers.networks.heads.classifier` or `helpers.strategies.export.to_keras`, so probes too.
        picture: uint8 (height, width, 3).
        label: index of the class.
        layer: an activation of the backbone, such as "block2_pool"; None is its last one.

    Returns:
        float32 (height, width) of values 0..1, as large as the picture; all 0 where nothing speaks
        for the class.

    Raises:
        ValueError: no such class or layer, or a shortcut leads around the layer.
    """
    X = check_images(np.asarray(picture)[None])
    below, above = _cut(model, layer)
    label = check_integer("label", label, 0, above.output_shape[-1] - 1)
    maps = below(keras.ops.convert_to_tensor(X.astype("float32")), training=False)
    weights = keras.ops.mean(_gradient(above, maps, label), axis=(1, 2), keepdims=True)
    heat = keras.ops.relu(keras.ops.sum(weights * maps, axis=-1, keepdims=True))
    heat = keras.ops.convert_to_numpy(keras.ops.image.resize(heat, X.shape[1:3]))[0, ..., 0]
    return heat / max(float(heat.max()), 1e-12)


def map_layers(model: keras.Model) -> list[str]:
    """The layers that `grad_cam` can look at, first to last."""
    other = (keras.layers.InputLayer, keras.layers.AdaptiveAveragePooling2D)  # pixels; an SVM's pooling
    layers = _backbone(model).layers
    return [la.name for la in layers if len(la.output.shape) == 4 and not isinstance(la, other)]


def _backbone(model):
    return next((layer for layer in model.layers if isinstance(layer, keras.Model)), model)


def _cut(model, name):
    """A classifier in two: from pixels to a layer's activations, and from these to the scores."""
    backbone, known = _backbone(model), map_layers(model)
    name = name or (backbone.layers[-1].name if backbone is not model else known[-1])
    if name not in known:
        raise ValueError(f"Unknown layer {name!r}: use one of {', '.join(known)}.")
    cut = backbone.get_layer(name).output
    try:
        x = inputs = keras.Input(cut.shape[1:])
        if cut is not backbone.output:
            x = keras.Model(cut, backbone.output)(x)
    except ValueError as error:
        raise ValueError(f"A shortcut leads around {name!r}: choose the end of a block.") from error
    if backbone is not model:
        for layer in model.layers[model.layers.index(backbone) + 1 :]:
            x = layer(x)
    return keras.Model(backbone.input, cut), keras.Model(inputs, x)


def _gradient(model, x, label):
    """How a class score changes with each number of x, on the backend that Keras uses."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(lambda x: model(x, training=False)[0, label])(x)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(x, training=False)[0, label]
    return tape.gradient(score, x)


def _up_to(backbone, layer):
    """The part of a backbone up to a layer, kept with it."""
    model = load(backbone)
    kept = model.__dict__.setdefault("_parts", {})
    if layer not in kept:
        kept[layer] = keras.Model(model.input, model.get_layer(layer).output)
    return kept[layer]
