"""Look into a network: filters, feature maps, and the image regions that support a class."""

import numpy as np

from helpers.data.validation import check_images, check_integer
from helpers.networks.backbones import Backbone, shared
from helpers.networks.backend import keras
from helpers.networks.heads import all_layers
from helpers.networks.seeding import seeded


def filters(backbone: Backbone, layer: str | None = None) -> np.ndarray:
    """Return the kernels of a convolution on RGB, scaled for display.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: the name of a convolution on RGB; None for the first one.

    Returns:
        float32 (filters, height, width, 3) with values 0..1; 0.5 is a weight of zero.

    Raises:
        ValueError: If the layer is not a convolution with three input channels.

    Example:
        >>> filters(Backbone("shapes")).shape
        (32, 3, 3, 3)
    """
    model = shared(backbone).model
    found = [la for la in model.layers if isinstance(la, keras.layers.Conv2D) and layer in (None, la.name)]
    kernels = np.asarray(found[0].kernel) if found else np.zeros((1, 1, 0, 1))
    if kernels.shape[2] != 3:
        raise ValueError(
            f"layer must be a convolution with three input channels. Received: {layer!r}. Use None for the "
            "first one."
        )
    kernels = kernels.transpose(3, 0, 1, 2)
    most = np.abs(kernels).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + 0.5 * kernels / np.maximum(most, 1e-12)


def feature_maps(backbone: Backbone, layer: str, image: np.ndarray) -> np.ndarray:
    """Compute all channels of a layer's output for one image, most varying first.

    Source: Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: the name of the layer.
        image: uint8 (height, width, 3).

    Returns:
        float32 (channels, rows, columns), sorted by their standard deviation over the image.

    Raises:
        ValueError: If the layer is unknown, or the image has another shape.

    Example:
        >>> feature_maps(Backbone("shapes"), "block2_pool", np.zeros((32, 32, 3), "uint8")).shape
        (64, 8, 8)
    """
    X = _checked(image)
    maps = _up_to(backbone, layer).predict(X, verbose=0)[0].astype("float32").transpose(2, 0, 1)
    return maps[np.argsort(-maps.std(axis=(1, 2)))]


def strongest(backbone: Backbone, layer: str, channel: int, X: np.ndarray, most: int = 8) -> np.ndarray:
    """Find the images that activate one channel most strongly.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: the name of the layer.
        channel: the index of the channel.
        X: uint8 (n, height, width, 3).
        most: number of images to return.

    Returns:
        Their indices, strongest activation first, int64 (most,).

    Raises:
        ValueError: If the layer or channel does not exist, X does not hold images, or `most` is not a
            positive integer.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> X = builtin("shapes", n_train=2).X_train
        >>> strongest(Backbone("shapes"), "block3_pool", channel=5, X=X, most=3).shape
        (3,)
    """
    most = check_integer("most", most, 1)
    maps = _up_to(backbone, layer).predict(check_images(X), verbose=0)
    channel = check_integer("channel", channel, 0, maps.shape[-1] - 1)
    return np.argsort(-maps[..., channel].max(axis=(1, 2)))[:most]


def grad_cam(model: keras.Model, image: np.ndarray, label: int, layer: str | None = None) -> np.ndarray:
    """Compute the image regions that support a class: gradient-weighted class activation mapping.

    Each channel is weighted by the gradient of the class score, averaged over the image; negative evidence
    is dropped. Source: Selvaraju et al. 2017, "Grad-CAM".

    Args:
        model: a backbone with a head on it, from pixels to class scores: yours,
            that of `helpers.networks.heads.classifier`, or `helpers.strategies.export.to_keras`.
        image: uint8 (height, width, 3).
        label: the index of the class.
        layer: the name of a layer of the backbone, such as "block2_pool"; None for the last one.

    Returns:
        float32 (height, width) of the image's size with values 0..1; all 0 if nothing supports the class.

    Raises:
        ValueError: If the class or layer does not exist, or a shortcut bypasses the layer; or the classifier
            takes features of several layers (Head2Toe), so that no layer alone decides.

    Example:
        >>> from helpers.networks.backbones import fresh
        >>> from helpers.networks.heads import classifier
        >>> model = classifier(fresh(Backbone("shapes")), classes=2)
        >>> grad_cam(model, np.zeros((32, 32, 3), "uint8"), label=1).shape
        (32, 32)
    """
    X = _checked(image)
    below, above = _cut(_in_float32(model), layer)
    label = check_integer("label", label, 0, above.output_shape[-1] - 1)
    maps = below(keras.ops.convert_to_tensor(X.astype("float32")), training=False)
    weights = keras.ops.mean(_gradient(above, maps, label), axis=(1, 2), keepdims=True)
    heat = keras.ops.relu(keras.ops.sum(weights * maps, axis=-1, keepdims=True))
    heat = keras.ops.convert_to_numpy(keras.ops.image.resize(heat, X.shape[1:3]))[0, ..., 0]
    return heat / (heat.max() or 1)


def map_layers(model: keras.Model) -> list[str]:
    """List the names of the layers that `grad_cam` accepts, first to last.

    There are none if the classifier takes features of several layers, as Head2Toe does.
    """
    other = (keras.layers.InputLayer, keras.layers.AdaptiveAveragePooling2D)  # pixels; pooled features
    backbone = _backbone(model)
    layers = backbone.layers if len(backbone.outputs) == 1 else []
    return [la.name for la in layers if len(la.output.shape) == 4 and not isinstance(la, other)]


def _checked(image):
    """Return one image as a batch."""
    if np.ndim(image) != 3:
        raise ValueError(
            f"image must have shape (height, width, 3). Received: {np.shape(image)}. Of several images X, "
            "pass one, such as X[0]."
        )
    return check_images(np.asarray(image)[None])


def _in_float32(model):
    """Return a model that computes in float32: in float16, sums overflow and small gradients vanish."""
    if all(layer.compute_dtype == "float32" for layer in all_layers(model)):
        return model

    def precise(layer):
        return layer.__class__.from_config(layer.get_config() | {"dtype": "float32"})

    with seeded(0):
        copy = keras.models.clone_model(model, clone_function=precise, recursive=True)
    copy.set_weights([weights.astype("float32") for weights in model.get_weights()])
    return copy


def _backbone(model):
    return next((layer for layer in model.layers if isinstance(layer, keras.Model)), model)


def _cut(model, name):
    """Cut a classifier in two: from pixels to a layer's activations, and from these to the scores."""
    backbone, known = _backbone(model), map_layers(model)
    if len(backbone.outputs) > 1:
        raise ValueError("The classifier takes features of several layers, so there is no map of one layer.")
    name = name or (backbone.layers[-1].name if backbone is not model else known[-1])
    if name not in known:
        raise ValueError(f"Unknown layer {name!r}. Use one of {', '.join(known)}.")
    cut = backbone.get_layer(name).output
    try:
        x = inputs = keras.Input(cut.shape[1:])
        if cut is not backbone.output:
            x = keras.Model(cut, backbone.output)(x)
    except ValueError as error:
        raise ValueError(
            f"A shortcut (residual connection) bypasses layer {name!r}. Use the last layer of a block."
        ) from error
    if backbone is model:
        return keras.Model(model.input, cut), keras.Model(inputs, x)
    for layer in model.layers[model.layers.index(backbone) + 1 :]:
        x = layer(x)
    before = _before(model, backbone)
    below = keras.Model(before.input, keras.Model(backbone.input, cut)(before.output))
    return below, keras.Model(inputs, x)


def _before(model, backbone):
    """Return what comes before the backbone, such as its preprocessing, as a model."""
    reached = []

    def call(layer, *arguments, **options):
        if layer is backbone:
            reached.append(arguments[0])
        return layer(*arguments, **options)

    copy = keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
    return keras.Model(copy.input, reached[0])


def _gradient(model, x, label):
    """Compute the gradient of a class score with respect to x, on the backend of Keras."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(lambda x: model(x, training=False)[0, label])(x)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(x, training=False)[0, label]
    return tape.gradient(score, x)


def _up_to(backbone, layer):
    """Return the part of a backbone up to a layer."""
    source = shared(backbone)
    model, kept = source.model, source.submodels
    if layer not in backbone.layer_names:
        raise ValueError(f"Unknown layer {layer!r}. Use one of {', '.join(backbone.layer_names)}.")
    if layer not in kept:
        kept[layer] = keras.Model(model.input, model.get_layer(layer).output)
    return kept[layer]
