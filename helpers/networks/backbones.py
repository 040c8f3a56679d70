"""Backbones: pre-trained networks without their heads.

A `Backbone` is a small, hashable description (architecture and weights). `load` and `fresh` turn it into a
`keras.Model` that takes RGB pixels 0..255: preprocessing is part of the model, so it cannot be forgotten.
"""

import functools
import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.data.validation import check_integer, existing
from helpers.networks.applications import application, build, checked_options
from helpers.networks.backend import keras
from helpers.networks.rates import Rates, rates_of
from helpers.networks.seeding import seeded
from helpers.networks.source_models import NOT_224, SHIPPED, WEIGHTS_DIR

layers = keras.layers

DEFAULT = "default"  # the weights that a network has if none are named


@dataclass(frozen=True)
class Backbone:
    """Describe a backbone and its weights; cheap to copy, hash and pickle.

    Args:
        name: "shapes", "simclr" (the same images, without labels) or "photos" (the shipped MiniVGG source
            models), "MiniVGG" with random weights, or a class of `keras.applications`, such as "VGG16" or
            "MobileNet".
        weights: for a class of `keras.applications`: "imagenet" (the default, as in Keras; downloaded once),
            the path of a weights file, or "random" (in Keras: None). The other names have only their own
            weights: "shipped" or, for MiniVGG, "random".
        options: further arguments of the constructor, as a dict or as (name, value) pairs, such as
            {"alpha": 0.75}.
        seed: random seed of random weights.

    Raises:
        ValueError: If the name is unknown, or the network does not accept these weights or options.
        TypeError: If the weights are not a string or path, or the options are not pairs.
        FileNotFoundError: If the weights file does not exist.

    Example:
        >>> Backbone("shapes").blocks
        ('block1', 'block2', 'block3', 'block4')
        >>> Backbone("MobileNet", "random", {"alpha": 0.25})
        Backbone('MobileNet', alpha=0.25, random weights, seed=0)
    """

    name: str = "shapes"
    weights: str | os.PathLike | None = DEFAULT
    options: tuple[tuple[str, object], ...] = ()
    seed: int = 0

    def __post_init__(self):
        _check_name(self.name)
        checked = {
            "weights": _checked_weights(self.name, self.weights),
            "options": _checked_options(self.name, self.options),
            "seed": check_integer("seed", self.seed, 0, 2**32 - 1),
        }
        vars(self).update(checked)  # the class is frozen

    def __setstate__(self, state):
        """Restore a pickle; those of older versions have None for shipped and for random weights."""
        if state["weights"] is None:
            state = {**state, "weights": _own_weights(state["name"]) or "random"}
        vars(self).update(state)

    def __repr__(self) -> str:
        parts = [repr(self.name), *(f"{name}={value!r}" for name, value in self.options)]
        if self.is_random:
            parts += ["random weights", f"seed={self.seed}"]
        elif self.name not in SHIPPED:
            published = self.weights == "imagenet"
            parts.append("ImageNet weights" if published else f"weights of {self.weights!r}")
        return f"Backbone({', '.join(parts)})"

    @property
    def is_random(self) -> bool:
        """Whether the weights are random: such a network has learned from no images."""
        return self.weights == "random"

    @property
    def title(self) -> str:
        """The name in tables and texts: random weights are always said."""
        return f"{self.name} (random weights)" if self.is_random else self.name

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
            for layer in shared(self).model.layers
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
        """Learning rates for fine-tuning, of head and backbone: see `helpers.networks.rates.rates_of`.

        Those of classes of `keras.applications` suit pre-trained weights, not random ones.
        """
        return rates_of(self.name)


def _check_name(name):
    own, text = {*SHIPPED, "MiniVGG"}, str(name)
    if text in own or application(text) is not None:
        return
    if callable(getattr(keras.applications, text, None)):
        raise ValueError(
            f"{name!r} is not supported, because its preprocessing cannot be part of the model. "
            "Use another network, such as 'EfficientNetV2B0' or 'MobileNetV2'."
        )
    raise ValueError(
        f"Unknown backbone {name!r}. Use one of {sorted(own)} or a class of "
        "keras.applications, such as 'VGG16' or 'MobileNet'."
    )


def _own_weights(name):
    """Return the only weights of MiniVGG and the shipped models, None for other networks."""
    return "shipped" if name in SHIPPED else "random" if name == "MiniVGG" else None


def _checked_weights(name, weights):
    """Return "imagenet", "random", "shipped" or the absolute path of an existing file."""
    if not (weights is None or isinstance(weights, (str, os.PathLike))):
        raise TypeError(
            f"weights must be 'imagenet', 'random' or the path of a weights file. Received: {weights!r}"
        )
    own = _own_weights(name)
    if weights == DEFAULT:
        return own or "imagenet"
    weights = "random" if weights is None else weights
    if own:
        if weights != own:
            raise ValueError(
                f"{name!r} accepts no weights; only classes of keras.applications do. Received: "
                f"weights={weights!r}. For random weights, use Backbone('MiniVGG')."
            )
        return own
    if weights in ("imagenet", "random"):
        return weights
    path = existing(weights)
    if path is None or not path.is_file():
        raise FileNotFoundError(
            f"Weights file not found: {str(weights)!r}. Check the path, or use weights='imagenet' to "
            "download the weights, or weights='random'."
        )
    return str(path.absolute())  # the same file after os.chdir


def _checked_options(name, options):
    if options and _own_weights(name):
        raise ValueError(
            f"{name!r} accepts no options; only classes of keras.applications do. Received: {options!r}."
        )
    return checked_options(name, options)


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


def _build(backbone):
    if backbone.name == "MiniVGG":
        return mini_vgg(backbone.seed)
    if backbone.name in SHIPPED:
        model = mini_vgg()
        with np.load(_weights_file(backbone), allow_pickle=False) as stored:
            model.set_weights([stored[w.path].astype("float32") for w in model.weights])
        return model
    return build(backbone.name, backbone.weights, backbone.options, backbone.seed)


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


@dataclass(frozen=True, eq=False)
class Shared:
    """A network that everything in this process reads; `load` and `fresh` return copies of it.

    Args:
        model: frozen; never train it or change its layers.
        submodels: models cut out of it, kept because building them costs more than using them.

    Example:
        >>> shared(Backbone("shapes")).model.trainable
        False
    """

    model: keras.Model
    submodels: dict = field(default_factory=dict)

    @functools.cached_property
    def weights_digest(self) -> str:
        """Hash of all weights."""
        return _digest(b"", self.model)

    @functools.cached_property
    def fingerprint(self) -> str:
        """Hash of the architecture and all weights: networks with equal hashes give equal features."""
        config = json.dumps(self.model.get_config(), sort_keys=True, default=str)
        return _digest(config.encode(), self.model)


def _digest(start, model):
    digest = hashlib.sha256(start)
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).data)
    return digest.hexdigest()


def shared(backbone: Backbone) -> Shared:
    """Return the network that this package computes features with; built anew if its file changes.

    Raises:
        TypeError: If the argument is not a Backbone.
        ValueError: If its weights file does not hold the weights of this network.
        OSError: If its weights file is missing, or its ImageNet weights cannot be downloaded.
    """
    file = _weights_file(check_backbone(backbone))
    return _shared(backbone, file and _version(file), keras.config.dtype_policy().name)


@functools.lru_cache(maxsize=4)
def _shared(backbone, version, policy):
    model = _build(backbone)
    model.trainable = False
    return Shared(model)


def _weights_file(backbone):
    """Return the path of the file that holds the weights, or None."""
    if backbone.name in SHIPPED:
        return WEIGHTS_DIR / f"{backbone.name}.npz"
    return None if backbone.weights in ("imagenet", "random") else Path(backbone.weights)


def _version(path):
    """Return what changes whenever a file is overwritten or replaced."""
    if not path.is_file():
        raise FileNotFoundError(
            f"The weights file {str(path)!r} no longer exists. Restore it, or use another Backbone."
        )
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def load(backbone: Backbone) -> keras.Model:
    """Return a frozen copy of the backbone. Training it changes no other network.

    Returns:
        A model from pixels 0..255 (batch, height, width, 3) to activations
        (batch, rows, columns, channels).

    Raises:
        TypeError: If the argument is not a Backbone.
        ValueError: If its weights file does not hold the weights of this network.
        OSError: If its weights file is missing, or its ImageNet weights cannot be downloaded.

    Example:
        >>> model = load(Backbone("shapes"))
        >>> model.predict(np.zeros((2, 32, 32, 3)), verbose=0).shape
        (2, 2, 2, 128)
    """
    model = fresh(backbone)
    model.trainable = False
    return model


def fresh(backbone: Backbone) -> keras.Model:
    """Return a copy of the backbone, all layers trainable.

    Raises:
        TypeError, ValueError, OSError: as for `load`.

    Example:
        >>> len(fresh(Backbone("shapes")).trainable_weights)
        24
    """
    model = _copy(shared(backbone).model)
    for layer in model.layers:  # `model.trainable = True` would be ignored: the model itself is not frozen
        layer.trainable = True
    return model


def _copy(model):
    with seeded(0):  # Keras draws weights, which are replaced
        copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def forget() -> None:
    """Free the memory of all loaded backbones; the next use builds them anew."""
    _shared.cache_clear()


def fingerprint(backbone: Backbone) -> str:
    """Hash the architecture and all weights: backbones with equal hashes give equal features."""
    return shared(backbone).fingerprint
