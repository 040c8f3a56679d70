"""Backbones, heads and freezing: everything that turns pixels into a Keras model.

A `Backbone` is a light, hashable description (architecture + weights). `load` turns it into a
`keras.Model` that takes raw 0..255 RGB pixels: preprocessing is part of the model, so it cannot
be forgotten. Used in notebooks 04 to 08.
"""

import argparse
import functools
import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.environment import load_keras

if TYPE_CHECKING:
    import keras
else:
    keras = load_keras()
layers = keras.layers

WEIGHTS_DIR = Path(__file__).parents[1] / "datasets" / "source_models"
SHIPPED = {"shapes": 32, "photos": 64}  # name -> the image size it was pre-trained at


@dataclass(frozen=True)
class Backbone:
    """Names a backbone and its weights; cheap to copy, hash and pickle.

    Args:
        name: "shapes" or "photos" (shipped MiniVGG source models), "MiniVGG", or the name of a
            class in `keras.applications`, such as "VGG16" or "MobileNet".
        weights: for `keras.applications`, "imagenet" (downloads), the path of a
            `.weights.h5` file, or None for random weights. Shipped models need none.
        options: further (name, value) pairs for the constructor, e.g. (("alpha", 0.75),).
        seed: of the random weights, where weights is None.

    Raises:
        ValueError: unknown name, or weights or options for a network that takes none.
        FileNotFoundError: weights names a file that is not there.

    Example:
        >>> Backbone("shapes").blocks
        ('block1', 'block2', 'block3', 'block4')
    """

    name: str = "shapes"
    weights: str | None = None
    options: tuple[tuple[str, object], ...] = ()
    seed: int = 0

    def __post_init__(self):
        known = {*SHIPPED, "MiniVGG"}
        if self.name not in known and not callable(_application(self.name)):
            if hasattr(keras.applications, self.name):
                raise ValueError(
                    f"{self.name!r} cannot be built with its preparation of pictures inside: take another "
                    "network, such as 'EfficientNetV2B0' or 'MobileNetV2'."
                )
            raise ValueError(
                f"Unknown backbone {self.name!r}: use one of {sorted(known)} "
                "or a class of keras.applications, such as 'VGG16' or 'MobileNet'."
            )
        if self.name in known and (self.weights or self.options):
            raise ValueError(
                f"{self.name!r} takes no weights and no options, only a class of keras.applications."
            )
        if self.weights not in (None, "imagenet") and not Path(self.weights).is_file():
            raise FileNotFoundError(
                f"No weights file at {self.weights!r}: check the path, or use weights='imagenet' to download."
            )

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Layers whose output is an image-shaped activation, first to last."""
        return tuple(
            layer.name
            for layer in load(self).layers
            if len(layer.output.shape) == 4
            and not isinstance(layer, layers.InputLayer)
            and not layer.name.startswith("preprocess")
        )

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks that `set_trainable_from` knows, first to last."""
        return tuple(dict.fromkeys(filter(None, map(block_of, self.layer_names))))


def _application(name):
    """The class, where its pictures can be prepared in layers; else None.

    MobileNetV3 comes without a `preprocess_input`. EfficientNetB0 to B7 rescale inside, for "imagenet" only,
    which a copy of the weights would lose.
    """
    if not name[:1].isupper() or name.startswith("EfficientNetB") or _module(name) is None:
        return None
    return getattr(keras.applications, name, None)


def _module(name):
    return next(
        (
            m
            for m in vars(keras.applications).values()
            if getattr(m, name, None) is not None and hasattr(m, "preprocess_input")
        ),
        None,
    )


def block_of(layer_name: str) -> str | None:
    """Name the block of a layer.

    >>> block_of("block3_conv1"), block_of("conv_pw_7_bn"), block_of("head")
    ('block3', 'block7', None)
    """
    found = (
        re.match(r"block_?(\d+)", layer_name)
        or re.match(r"conv_[dp]w_(\d+)", layer_name)
        or re.match(r"conv_pad_(\d+)", layer_name)
        or re.match(r"conv(\d+)_", layer_name)
    )
    return f"block{found[1]}" if found else None


def mini_vgg(seed: int = 0, widths: tuple[int, ...] = (32, 64, 96, 128)) -> keras.Model:
    """Build a small VGG-style backbone with BatchNorm and layer names like VGG16's.

    Two 3x3 convolutions and a 2x2 max pooling a block (Simonyan & Zisserman, 2015), with
    batch normalisation (Ioffe & Szegedy, 2015) so that it trains in minutes on a CPU.

    Args:
        seed: of the initial weights.
        widths: channels of the blocks.

    Returns:
        A model from float or uint8 pixels 0..255, (batch, height, width, 3), to
        activations (batch, height / 16, width / 16, widths[-1]); height, width at least 16.
    """
    seeds = keras.random.SeedGenerator(seed)
    inputs = keras.Input((None, None, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="preprocess")(inputs)
    for block, width in enumerate(widths, 1):
        for conv in (1, 2):
            name = f"block{block}_conv{conv}"
            start = keras.initializers.HeNormal(seed=int(keras.random.randint((), 0, 2**30, seed=seeds)))
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer=start, name=name)(
                x
            )
            # With Keras' momentum of 0.99 the statistics used for prediction would lag behind: after a
            # hundred steps a third of them is still the first guess, and good weights score badly.
            x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
            x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(inputs, x, name="mini_vgg")


@keras.saving.register_keras_serializable("helpers")
class ReverseChannels(keras.layers.Layer):
    """RGB to BGR: the order that VGG16's and ResNet50's original weights expect."""

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x[..., ::-1]


def _preprocessing(name):
    """The `preprocess_input` that belongs to a keras application, rebuilt as layers.

    Every one of them is, channel by channel, a straight line; so black and white images tell
    its scale and offset, and a pure red one whether it swaps the channels.
    """
    module = _module(name)
    black, white, red = np.zeros((1, 1, 3)), np.full((1, 1, 3), 255.0), np.array([[[255.0, 0, 0]]])
    out = [
        np.asarray(module.preprocess_input(image.copy()), "float64").ravel() for image in (black, white, red)
    ]
    scale, offset = (out[1] - out[0]) / 255, out[0]
    swapped = not np.isclose(out[2][0], out[1][0])
    steps = [ReverseChannels(name="preprocess_bgr")] if swapped else []
    return [*steps, layers.Rescaling(scale.tolist(), offset.tolist(), name="preprocess")]


def _build(backbone):
    if backbone.name == "MiniVGG":
        return mini_vgg(backbone.seed)
    if backbone.name in SHIPPED:
        model = mini_vgg()
        with np.load(WEIGHTS_DIR / f"{backbone.name}.npz", allow_pickle=False) as stored:
            model.set_weights([stored[w.path].astype("float32") for w in model.weights])
        return model
    keras.utils.set_random_seed(backbone.seed)
    make = functools.partial(_application(backbone.name), include_top=False, **dict(backbone.options))
    plain = make(weights=backbone.weights, input_shape=(224, 224, 3)) if backbone.weights else None
    inputs = x = keras.Input((None, None, 3), name="pixels")
    for step in _preprocessing(backbone.name):
        x = step(x)
    model = make(weights=None, input_tensor=x)
    model = keras.Model(inputs, model.output, name=backbone.name.lower())
    if plain is not None:
        model.set_weights(plain.get_weights())
    return model


@functools.lru_cache(maxsize=4)
def load(backbone: Backbone) -> keras.Model:
    """Return the backbone as one shared, frozen model: for features, never for training.

    Returns:
        A model from pixels 0..255 (batch, height, width, 3) to activations
        (batch, rows, columns, channels).
    """
    model = _build(backbone)
    model.trainable = False
    return model


def fresh(backbone: Backbone) -> keras.Model:
    """Return a copy of the backbone of your own, to train as you like."""
    model = keras.models.clone_model(load(backbone))
    model.set_weights(load(backbone).get_weights())
    model.trainable = True
    return model


@functools.lru_cache(maxsize=16)
def fingerprint(backbone: Backbone) -> str:
    """Hash of the architecture and all weights: two backbones with one hash give one feature."""
    model = load(backbone)
    digest = hashlib.sha256(json.dumps(model.get_config(), sort_keys=True, default=str).encode())
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).data)
    return digest.hexdigest()


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
        from helpers.augmentation import RandomShift

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


def save_source_model(name: str, model: keras.Model, record: dict) -> Path:
    """Write a MiniVGG's weights in half precision (no pickle), and its recipe beside them."""
    WEIGHTS_DIR.mkdir(parents=True, exist_ok=True)
    path = WEIGHTS_DIR / f"{name}.npz"
    halves: dict[str, Any] = {w.path: np.asarray(w).astype("float16") for w in model.weights}
    np.savez_compressed(path, **halves)
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    return path


def source_record(name: str) -> dict:
    """The recipe and the measured accuracy of a shipped source model."""
    return json.loads((WEIGHTS_DIR / f"{name}.json").read_text())


def main(argv: Sequence[str] | None = None) -> None:
    """`python -m helpers.models pretrain --source shapes` trains and saves a source model."""
    from helpers import pretraining

    parser = argparse.ArgumentParser(prog="python -m helpers.models", description=main.__doc__)
    command = parser.add_subparsers(dest="command", required=True).add_parser("pretrain")
    command.add_argument("--source", choices=sorted(SHIPPED), default="shapes")
    command.add_argument("--folder", help="photos: folder with train/CLASS and val/CLASS pictures")
    command.add_argument("--epochs", type=int)
    command.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    started = time.perf_counter()
    record = pretraining.run(arguments.source, arguments.folder, arguments.epochs, arguments.seed)
    print(json.dumps(record, indent=2))
    print(f"Took {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    # Run under the module's own name, so that its registered layer exists once.
    from helpers.models import main as run_main

    run_main()
