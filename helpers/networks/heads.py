"""Heads and freezing: what is put on a backbone, and which of its layers train."""

import numpy as np

from helpers.networks.backbones import block_of
from helpers.networks.backend import keras

layers = keras.layers


def set_trainable_from(model: keras.Model, from_block: str | None) -> keras.Model:
    """Freeze every layer before a block, and let the block and all after it train.

    BatchNorm layers always stay frozen: only so do they keep the source's statistics. (Calling
    the backbone with `training=False` is not enough: inside another model, Keras 3 passes on
    the outer model's `training=True`.)

    Args:
        model: a backbone, as `fresh` returns it.
        from_block: such as "block3"; "last" trains the last quarter of the blocks (one of four or
            five), "all" everything, None nothing.

    Raises:
        ValueError: no such block; "last" of a network whose layers tell of no blocks.
    """
    blocks = [block_of(layer.name) for layer in model.layers]
    known = list(dict.fromkeys(filter(None, blocks)))
    if from_block not in (None, "all", "last", *known):
        raise ValueError(f"Unknown block {from_block!r}: use one of {known}, 'last', 'all' or None.")
    if from_block == "last":
        if not known:
            raise ValueError(f"The layers of {model.name!r} tell of no blocks: use from_block='all' or None.")
        from_block = known[-max(1, len(known) // 4)]
    training = from_block == "all"
    model.trainable = True
    for layer, block in zip(model.layers, blocks, strict=True):
        training = training or (from_block is not None and block == from_block)
        layer.trainable = training and not isinstance(layer, layers.BatchNormalization)
    return model


def split_frozen(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Cut a classifier where its training begins: below, every picture always gives the same.

    So what comes out of the lower part needs to be computed once, not once an epoch.

    Args:
        model: as `classifier` builds it, over a backbone after `set_trainable_from`.

    Returns:
        (frozen, trained): from pixels to activations and from activations to logits, sharing the
        layers of `model`; None where the network is no plain chain there, or nothing is frozen.
    """
    backbone = next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)
    if backbone is None or any("random" in type(layer).__name__.lower() for layer in model.layers):
        return None
    first = next((k for k, layer in enumerate(backbone.layers) if layer.trainable_weights), None)
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
    except ValueError:  # a shortcut leads around the cut
        return None
    for layer in model.layers[model.layers.index(backbone) + 1 :]:
        x = layer(x)
    return frozen, keras.Model(inputs, x)


def classifier(
    backbone: keras.Model, classes: int, dropout: float = 0.0, seed: int = 0, augment: bool = False
) -> keras.Model:
    """Put a new head on a backbone: global average pooling and a linear layer.

    Args:
        backbone: model from pixels to (batch, rows, columns, channels).
        classes: size of the label space, at least 2.
        dropout: share of the CNN codes dropped while training.
        seed: of the head's weights.
        augment: flip and move the pictures at random, while training only.

    Returns:
        A model from pixels (batch, height, width, 3) to logits (batch, classes): its last
        layer, "head", has no softmax, which the loss applies (numerically safer).
    """
    inputs = keras.Input(backbone.input_shape[1:], name="pixels")
    x = inputs
    if augment:
        from helpers.networks.augmentation import RandomShift

        x = RandomShift(0.1, seed=seed)(layers.RandomFlip("horizontal", seed=seed)(x))
    x = layers.GlobalAveragePooling2D(name="cnn_codes")(backbone(x))
    if dropout:
        x = layers.Dropout(dropout, seed=seed, name="dropout")(x)
    start = keras.initializers.GlorotUniform(seed=seed)
    # In 32 bits also in mixed precision: the loss takes differences of logits.
    x = layers.Dense(classes, kernel_initializer=start, dtype="float32", name="head")(x)
    return keras.Model(inputs, x)


def layer_table(model: keras.Model) -> list[dict]:
    """List the layers that matter: name, kind, output shape, parameters and how many train.

    Returns:
        One dict a layer, with keys layer, kind, output, parameters, trainable.
    """
    rows = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            rows += layer_table(layer)
            continue
        rows.append(
            {
                "layer": layer.name,
                "kind": type(layer).__name__,
                "output": tuple(layer.output.shape[1:]),
                "parameters": layer.count_params(),
                "trainable": count_trainable(layer),
            }
        )
    return rows


def count_trainable(model: keras.Model | keras.layers.Layer) -> int:
    """Number of parameters that training would change (0 for a frozen layer or model)."""
    return int(sum(np.prod(w.shape) for w in model.trainable_weights))
