"""Backbones: pre-trained networks without their heads.

A `Backbone` is a small, hashable description (architecture and weights). `load` turns it into a
`keras.Model` that takes RGB pixels 0..255: preprocessing is part of the model, so it cannot be forgotten.
"""

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.networks.backend import keras
from helpers.networks.rates import Rates, rates_of
from helpers.networks.source_models import NOT_224, SHIPPED, WEIGHTS_DIR
from helpers.networks.weights_files import check_weights

layers = keras.layers


@dataclass(frozen=True)
class Backbone:
    """Describe a backbone and its weights; cheap to copy, hash and pickle.

    Args:
        name: "shapes" or "photos" (the shipped MiniVGG source models), "MiniVGG" with random weights, or
            a class of `keras.applications`, such as "VGG16" or "MobileNet".
        weights: for `keras.applications`: "imagenet" (downloaded), the path of a `.weights.h5` file, or
            None for random weights. Not for the other names.
        options: further (name, value) pairs for the constructor, such as (("alpha", 0.75),).
        seed: random seed of random weights.

    Raises:
        ValueError: If the name is unknown, or the network accepts no weights or options.
        FileNotFoundError: If the weights file does not exist.

    Example:
        >>> Backbone("shapes").blocks
        ('block1', 'block2', 'block3', 'block4')
    """

    name: str = "shapes"
    weights: str | None = None
    options: tuple[tuple[str, object], ...] = ()
    seed: int = 0

    def __post_init__(self):
        known, name = {*SHIPPED, "MiniVGG"}, str(self.name)
        if name not in known and not callable(_application(name)):
            if callable(getattr(keras.applications, name, None)):
                raise ValueError(
                    f"{self.name!r} is not supported, because its preprocessing cannot be part of the model. "
                    "Use another network, such as 'EfficientNetV2B0' or 'MobileNetV2'."
                )
            raise ValueError(
                f"Unknown backbone {self.name!r}. Use one of {sorted(known)} or a class of "
                "keras.applications, such as 'VGG16' or 'MobileNet'."
            )
        if self.name in known and (self.weights or self.options):
            raise ValueError(
                f"{self.name!r} accepts no weights and no options; only classes of keras.applications do. "
                f"Received: weights={self.weights!r}, options={self.options!r}."
            )
        if self.weights not in (None, "imagenet") and not Path(self.weights).is_file():
            raise FileNotFoundError(
                f"Weights file not found: {self.weights!r}. Check the path, or use weights='imagenet' to "
                "download the weights."
            )

    @property
    def image_size(self) -> int:
        """Side in pixels of the images that the published weights were trained on: it suits new images, too.

        Networks with random weights get 32 (MiniVGG) or the size of the published weights.
        """
        return {**SHIPPED, "MiniVGG": 32, **NOT_224}.get(self.name, 224)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers with output (batch, rows, columns, channels), first to last."""
        return tuple(
            layer.name
            for layer in load(self).layers
            if len(layer.output.shape) == 4
            and not isinstance(layer, layers.InputLayer)
            and not layer.name.startswith("preprocess")
        )

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks that `helpers.networks.heads.set_trainable_from` accepts, first to last."""
        return tuple(dict.fromkeys(filter(None, map(block_of, self.layer_names))))

    @property
    def rates(self) -> Rates:
        """Learning rates for fine-tuning, of head and backbone: see `helpers.networks.rates.rates_of`."""
        return rates_of(self.name)


def _application(name):
    """Return the class if its preprocessing can be built as layers, else None.

    MobileNetV3 has no effective `preprocess_input`. EfficientNetB0 to B7 rescale inside the model, but only
    for weights="imagenet", which a copy of the weights would lose.
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
    """Return the block of a layer, or None if its name has no block number.

    Example:
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
    """Build a small VGG-style backbone with BatchNorm and layer names like those of VGG16.

    Each block has two 3x3 convolutions and a 2x2 max pooling (Simonyan & Zisserman, 2015), with batch
    normalisation (Ioffe & Szegedy, 2015) so that the network trains in minutes on a CPU.

    Args:
        seed: random seed of the initial weights.
        widths: number of channels of each block.

    Returns:
        A model from float or uint8 pixels 0..255, (batch, height, width, 3), to activations
        (batch, height / 16, width / 16, widths[-1]); height and width are at least 16.

    Example:
        >>> mini_vgg().count_params()
        464224
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
            # With Keras' default momentum of 0.99, the moving statistics lag behind: after a hundred steps,
            # a third of their value is still the initial one, and good weights score badly.
            x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
            x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(inputs, x, name="mini_vgg")


@keras.saving.register_keras_serializable("helpers")
class ReverseChannels(keras.layers.Layer):
    """Convert RGB to BGR, the order that the original weights of VGG16 and ResNet50 expect.

    Example:
        >>> np.asarray(ReverseChannels()(np.array([1.0, 2.0, 3.0]))).tolist()
        [3.0, 2.0, 1.0]
    """

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Reverse the last axis."""
        return x[..., ::-1]


def _preprocessing(name):
    """Rebuild the `preprocess_input` of a Keras application as layers.

    Each of these functions is linear in every channel, so a black and a white image show its scale and
    offset, and a red image shows whether it swaps the channels.
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
    inputs = x = keras.Input((None, None, 3), name="pixels")
    for step in _preprocessing(backbone.name):
        x = step(x)
    model = make(weights=None, input_tensor=x)
    model = keras.Model(inputs, model.output, name=backbone.name.lower())
    if backbone.weights:
        if backbone.weights != "imagenet":
            check_weights(str(backbone.weights), model)
        model.set_weights(make(weights=backbone.weights, input_shape=(224, 224, 3)).get_weights())
    return model


def check_backbone(value: object) -> Backbone:
    """Return the value if it is a Backbone.

    Raises:
        TypeError: If it is not.
    """
    if not isinstance(value, Backbone):
        raise TypeError(
            f"backbone must be a Backbone, such as Backbone('shapes'). Received: {value!r}, of type "
            f"{type(value).__name__}."
        )
    return value


@functools.lru_cache(maxsize=4)
def load(backbone: Backbone) -> keras.Model:
    """Return the backbone as a shared, frozen model: for features, never for training.

    Returns:
        A model from pixels 0..255 (batch, height, width, 3) to activations
        (batch, rows, columns, channels).

    Raises:
        TypeError: If the argument is not a Backbone.
        ValueError: If its weights file does not hold the weights of this network.

    Example:
        >>> model = load(Backbone("shapes"))
        >>> model.predict(np.zeros((2, 32, 32, 3)), verbose=0).shape
        (2, 2, 2, 128)
    """
    model = _build(check_backbone(backbone))
    model.trainable = False
    return model


@functools.lru_cache(maxsize=4)
def submodels(backbone: Backbone) -> dict:
    """Return what is kept of the models cut out of `load(backbone)`: by layer, or by what is built on it.

    Building such a model costs more than using it. The cache holds as many backbones as `load`.
    """
    return {}


def forget() -> None:
    """Drop all loaded backbones, so that the next ones are built with Keras' present settings."""
    for cache in (load, submodels, fingerprint):
        cache.cache_clear()


def fresh(backbone: Backbone) -> keras.Model:
    """Return a trainable copy of the backbone, separate from the shared one that `load` returns.

    Example:
        >>> model = fresh(Backbone("shapes"))
        >>> model.trainable
        True
    """
    model = keras.models.clone_model(load(backbone))
    model.set_weights(load(backbone).get_weights())
    model.trainable = True
    return model


@functools.lru_cache(maxsize=16)
def fingerprint(backbone: Backbone) -> str:
    """Hash the architecture and all weights: backbones with equal hashes give equal features."""
    model = load(backbone)
    digest = hashlib.sha256(json.dumps(model.get_config(), sort_keys=True, default=str).encode())
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).data)
    return digest.hexdigest()
