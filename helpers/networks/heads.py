"""Heads and freezing: the classifier on a backbone, and which of its layers are trainable."""

from collections.abc import Sequence

import numpy as np

from helpers.data.validation import check_integer
from helpers.networks.backbones import block_of
from helpers.networks.backend import keras

layers = keras.layers


def set_trainable_from(model: keras.Model, from_block: str | None, batchnorm: bool = False) -> keras.Model:
    """Make a block and all layers after it trainable, and freeze the layers before it.

    BatchNorm layers stay frozen unless asked for, so that they keep the statistics of the source. (Calling
    the backbone with `training=False` is not enough: inside another model, Keras 3 passes on the outer
    model's `training=True`.)

    Args:
        model: a backbone, as `helpers.networks.backbones.fresh` returns it; it changes.
        from_block: the first trainable block, such as "block3"; "last" for the last quarter of the blocks
            (one of four or five); "all" for all layers; None for no layer.
        batchnorm: whether the BatchNorm layers among them train, too.

    Returns:
        The model.

    Raises:
        TypeError: If the model is not a Keras model.
        ValueError: If the block does not exist, or from_block is "last" and the layer names have no block
            numbers; or BatchNorm is to train, but the model has none.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> model = set_trainable_from(fresh(Backbone("shapes")), "block4")
        >>> [layer.name for layer in model.layers if layer.trainable_weights]
        ['block4_conv1', 'block4_conv2']
    """
    blocks = [block_of(layer.name) for layer in _checked(model).layers]
    known = list(dict.fromkeys(filter(None, blocks)))
    if from_block not in (None, "all", "last", *known):
        raise ValueError(f"Unknown block {from_block!r}. Use one of {known}, 'last', 'all' or None.")
    if from_block == "last":
        if not known:
            raise ValueError(
                f"The layer names of {model.name!r} have no block numbers, so 'last' is undefined. Use "
                "from_block='all' or None."
            )
        from_block = known[-max(1, len(known) // 4)]
    first = 0 if from_block == "all" else len(blocks) if from_block is None else blocks.index(from_block)
    return _set_trainable(model, [k >= first for k in range(len(blocks))], batchnorm)


def set_trainable_blocks(model: keras.Model, blocks: Sequence[str], batchnorm: bool = False) -> keras.Model:
    """Make some blocks trainable, and freeze all other layers: surgical fine-tuning.

    Layers before the first block, such as the first convolution of MobileNet, belong to it. BatchNorm layers
    stay frozen unless asked for, as with `set_trainable_from`. Source: Lee et al. 2023, "Surgical fine-tuning
    improves adaptation to distribution shifts".

    Args:
        model: a backbone, as `helpers.networks.backbones.fresh` returns it; it changes.
        blocks: names of the trainable blocks, such as ("block1",); an empty sequence freezes all layers.
        batchnorm: whether the BatchNorm layers among them train, too.

    Returns:
        The model.

    Raises:
        TypeError: If the model is not a Keras model, or blocks is not a sequence of names.
        ValueError: If a block does not exist; or BatchNorm is to train, but the model has none.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> model = set_trainable_blocks(fresh(Backbone("shapes")), ("block1",))
        >>> [layer.name for layer in model.layers if layer.trainable_weights]
        ['block1_conv1', 'block1_conv2']
    """
    if isinstance(blocks, str) or not isinstance(blocks, Sequence):
        raise TypeError(f"blocks must be a sequence of names, such as ('block1',). Received: {blocks!r}")
    of_layer = [block_of(layer.name) for layer in _checked(model).layers]
    known = list(dict.fromkeys(filter(None, of_layer)))
    if known:
        before = of_layer.index(known[0])
        of_layer[:before] = [known[0]] * before
    if unknown := [block for block in blocks if block not in known]:
        raise ValueError(f"Unknown block {unknown[0]!r}. Use some of {known}.")
    return _set_trainable(model, [block in blocks for block in of_layer], batchnorm)


def _set_trainable(model, chosen, batchnorm):
    norms = [isinstance(layer, layers.BatchNormalization) for layer in model.layers]
    if batchnorm and not any(norms):
        raise ValueError(f"{model.name!r} has no BatchNorm, so it cannot train. Use batchnorm='keep'.")
    model.trainable = True
    for layer, trains, is_norm in zip(model.layers, chosen, norms, strict=True):
        layer.trainable = trains and (batchnorm or not is_norm)
    return model


def _checked(model):
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"A Keras model is needed, such as fresh(Backbone('shapes')). Received: {model!r}, of type "
            f"{type(model).__name__}."
        )
    return model


def split_frozen(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Split a classifier into its frozen part and its trainable part.

    The output of the frozen part never changes, so it needs to be computed only once, not in every epoch.

    Args:
        model: from `classifier`, on a backbone after `set_trainable_from`.

    Returns:
        Two models that share the layers of `model`: from pixels to activations (frozen), and from
        activations to logits (trainable). None if a shortcut bypasses the cut, images are augmented, or
        nothing is frozen.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> backbone = set_trainable_from(fresh(Backbone("shapes")), "block4")
        >>> frozen, trainable = split_frozen(classifier(backbone, classes=5))
        >>> frozen.output_shape, trainable.output_shape
        ((None, None, None, 96), (None, 5))
    """
    backbone = next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)
    if backbone is None or any("random" in type(layer).__name__.lower() for layer in model.layers):
        return None
    first = next((k for k, layer in enumerate(backbone.layers) if count_trainable(layer)), None)
    if first is None:
        cut = backbone.layers[-1]
    elif any(layer.weights for layer in backbone.layers[:first]):
        cut = backbone.layers[first - 1]
    else:
        return None
    try:
        frozen = keras.Model(backbone.input, cut.output)
        x = inputs = keras.Input(cut.output.shape[1:])
        if first is not None:
            x = keras.Model(cut.output, backbone.output)(x)
    except ValueError:  # a shortcut bypasses the cut
        return None
    for layer in model.layers[model.layers.index(backbone) + 1 :]:
        x = layer(x)
    return frozen, keras.Model(inputs, x)


def classifier(
    backbone: keras.Model, classes: int, dropout: float = 0.0, seed: int = 0, augment: bool = False
) -> keras.Model:
    """Put a new head on a backbone: global average pooling and a linear layer.

    Args:
        backbone: a model from pixels to (batch, rows, columns, channels).
        classes: number of classes, at least 2.
        dropout: dropout rate of the features.
        seed: random seed of the head's weights.
        augment: flip and shift the images at random during training.

    Returns:
        A model from pixels (batch, height, width, 3) to logits (batch, classes). Its last layer, "head",
        has no softmax: the loss applies it, which is numerically more stable.

    Raises:
        TypeError: If the backbone is not a Keras model.
        ValueError: If classes is not an integer of at least 2.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> classifier(fresh(Backbone("shapes")), classes=5).output_shape
        (None, 5)
    """
    classes = check_integer("classes", classes, 2)
    inputs = keras.Input(_checked(backbone).input_shape[1:], name="pixels")
    x = inputs
    if augment:
        from helpers.networks.augmentation import RandomShift

        x = RandomShift(0.1, seed=seed)(layers.RandomFlip("horizontal", seed=seed)(x))
    x = layers.GlobalAveragePooling2D(name="cnn_codes")(backbone(x))
    if dropout:
        x = layers.Dropout(dropout, seed=seed, name="dropout")(x)
    start = keras.initializers.GlorotUniform(seed=seed)
    # float32 even in mixed precision: the loss computes differences of logits.
    x = layers.Dense(classes, kernel_initializer=start, dtype="float32", name="head")(x)
    return keras.Model(inputs, x)


def layer_table(model: keras.Model) -> list[dict]:
    """List the layers of a model with their type, output shape and numbers of parameters.

    Args:
        model: a model; the layers of models inside it are included.

    Returns:
        One dict per layer, with keys layer, kind, output, parameters, trainable.

    Example:
        >>> from helpers.networks.backbones import mini_vgg
        >>> layer_table(mini_vgg())[2]["layer"]
        'block1_conv1'
    """
    return [
        {
            "layer": layer.name,
            "kind": type(layer).__name__,
            "output": tuple(layer.output.shape[1:]),
            "parameters": layer.count_params(),
            "trainable": count_trainable(layer),
        }
        for layer in all_layers(model)
    ]


def all_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """List the layers of a model in order; a model inside it is replaced by its own layers."""
    return [
        inner
        for layer in model.layers
        for inner in (all_layers(layer) if isinstance(layer, keras.Model) else [layer])
    ]


def count_trainable(model: keras.Model | keras.layers.Layer) -> int:
    """Count the trainable parameters of a model or layer.

    They can be weights of a frozen layer: scale and offset of a BatchNorm layer that keeps its statistics.

    Example:
        >>> dense = layers.Dense(3)
        >>> dense.build((None, 10))
        >>> count_trainable(dense)  # 10 x 3 weights and 3 biases
        33
    """
    return int(sum(np.prod(w.shape) for w in model.weights if w.trainable))
