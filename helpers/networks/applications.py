"""The networks of keras.applications as backbones: their preprocessing as layers, options and weights."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from helpers.data import catalogue
from helpers.networks.backend import keras
from helpers.networks.seeding import seeded
from helpers.networks.weights_files import check_weights

layers = keras.layers

# What a backbone needs, or what only the top would use: a backbone does not have these options.
_FIXED = {
    "include_top",
    "include_preprocessing",
    "weights",
    "input_tensor",
    "input_shape",
    "pooling",
    "classes",
    "classifier_activation",
    "name",
}


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


def application(name: str) -> Callable[..., keras.Model] | None:
    """Return the class of this name if its preprocessing can be built as layers, else None.

    MobileNetV3 has no effective `preprocess_input`. EfficientNetB0 to B7 rescale inside the model, but only
    for weights="imagenet", which a copy of the weights would lose.
    """
    if not name[:1].isupper() or name.startswith("EfficientNetB") or _module(name) is None:
        return None
    found = getattr(keras.applications, name, None)
    return found if callable(found) else None


def _module(name):
    return next(
        (
            m
            for m in vars(keras.applications).values()
            if getattr(m, name, None) is not None and hasattr(m, "preprocess_input")
        ),
        None,
    )


def checked_options(
    name: str, options: Mapping[str, float] | Iterable[tuple[str, float]]
) -> tuple[tuple[str, float], ...]:
    """Return the options of a network as sorted pairs, whatever form they have.

    Args:
        name: of a class of `keras.applications`.
        options: a dict, or (name, value) pairs.

    Raises:
        TypeError: They are neither, or a value is not a number.
        ValueError: The network does not have an option, or one occurs twice.

    Example:
        >>> checked_options("MobileNet", {"depth_multiplier": 1, "alpha": 0.75})
        (('alpha', 0.75), ('depth_multiplier', 1))
    """
    try:
        pairs = [
            (key, value) for key, value in (options.items() if isinstance(options, Mapping) else options)
        ]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"options must be a dict or (name, value) pairs, such as {{'alpha': 0.75}}. Received: {options!r}"
        ) from error
    known = _option_names(name) if pairs else []
    for key, value in pairs:
        if key not in known:
            raise ValueError(
                f"Unknown option {key!r} of {name}. "
                + (f"Use one of: {', '.join(known)}." if known else f"{name} has no options.")
            )
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
            raise TypeError(f"The option {key!r} of {name} must be a number. Received: {value!r}")
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError(f"An option of {name} occurs twice: {options!r}. Name each option once.")
    return tuple(
        sorted((key, value.item() if isinstance(value, np.number) else value) for key, value in pairs)
    )


def _option_names(name):
    parameters = inspect.signature(getattr(keras.applications, name)).parameters.values()
    return [p.name for p in parameters if p.name not in _FIXED and p.kind is not p.VAR_KEYWORD]


def preprocessing(name: str) -> list[keras.layers.Layer]:
    """Rebuild the `preprocess_input` of a network as layers.

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


def build(name: str, weights: str, options: Sequence[tuple[str, object]], seed: int) -> keras.Model:
    """Build a network without its top, from pixels 0..255.

    Args:
        name: of a class for which `application` returns one.
        weights: "imagenet", "random", or the path of a weights file.
        options: (name, value) pairs for the constructor.
        seed: random seed of random weights.

    Raises:
        ValueError: A value of the options does not suit the network, there are no ImageNet weights for it,
            or the weights file holds those of another network.
        OSError: The ImageNet weights cannot be downloaded.
    """
    make = functools.partial(getattr(keras.applications, name), include_top=False, **dict(options))
    key, catalogued = catalogue.NETWORKS.get(name, (None, None))
    if weights == "imagenet" and key and tuple(options) == catalogued:
        weights = str(catalogue.weights(key))  # looks into TRANSFER_DATA_DIR, too
    with seeded(seed):
        inputs = x = keras.Input((None, None, 3), name="pixels")
        for step in preprocessing(name):
            x = step(x)
        try:
            model = make(weights=None, input_tensor=x)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{name} cannot be built with the options {dict(options)}: {error}") from error
        model = keras.Model(inputs, model.output, name=name.lower())
        if weights == "imagenet":
            model.set_weights(_published(name, options, make))
        elif weights != "random":
            check_weights(weights, model)
            model.set_weights(make(weights=weights, input_shape=(224, 224, 3)).get_weights())
    return model


def _published(name, options, make):
    """Return the ImageNet weights as Keras itself downloads them."""
    remedies = "pass the path of a weights file as weights, or weights='random'."
    try:
        return make(weights="imagenet", input_shape=(224, 224, 3)).get_weights()
    except ValueError as error:
        raise ValueError(
            f"{name} has no ImageNet weights for the options {dict(options)}: {error} Use other options, "
            f"{remedies}"
        ) from error
    except Exception as error:  # Keras raises a plain Exception if a download fails
        raise ConnectionError(
            f"The ImageNet weights of {name} could not be downloaded: {error}. Connect to the internet once, "
            f"{remedies}"
        ) from error
