"""What an exercise can require of a Keras model; for `helpers.exercises.kinds.network`.

Each function here returns a requirement: a function from the model to None, or to a reply if the model does
not meet it. Layers inside of a model that is a layer count, too.
"""

import functools
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from helpers.data.image_sets import ImageSet
from helpers.environment import load_keras

if TYPE_CHECKING:
    import keras

Requirement = Callable[["keras.Model"], str | None]


def outputs(count: int) -> Requirement:
    """Require one output per class.

    Args:
        count: the number of classes.
    """

    def reply(model):
        shape = getattr(model, "output_shape", None)
        if shape is None:
            return "The model does not know its input shape yet: begin it with keras.Input(...), or train it."
        if shape[1:] == (count,):
            return None
        return (
            f"The output has shape {shape[1:]}; the last layer needs one output per class: "
            f"keras.layers.Dense({count})."
        )

    return reply


def gives_scores(images: Callable[[], ImageSet]) -> Requirement:
    """Require that a model whose loss has from_logits=True does not turn its scores into probabilities.

    Args:
        images: returns images for the model.
    """

    def reply(model):
        config = getattr(getattr(model, "loss", None), "get_config", dict)()
        if not config.get("from_logits", False):
            return None
        rows = model.predict(images().X_test[:8], verbose=0)
        if np.any(rows < 0) or not np.allclose(rows.sum(axis=1), 1, atol=1e-4):
            return None
        return (
            "The outputs are probabilities: of each image, they add up to 1. The loss has from_logits=True: "
            "it expects scores, and applies softmax itself. Build the last layer without an activation."
        )

    return reply


def trains_only(names: Collection[str], why: str) -> Requirement:
    """Require that exactly some layers are trainable.

    Args:
        names: the beginnings of the names of these layers, such as "block4"; "head" stands for the last
            layer of the model, whatever its name.
        why: why just these; the reply ends with it.
    """

    def reply(model):
        last = model.layers[-1]
        for layer in weighted_layers(model):
            wanted = layer.name.startswith(tuple(names)) or (layer is last and "head" in names)
            if wanted != bool(layer.trainable_weights):
                state = "frozen" if wanted else "trainable"
                return f"The layer {layer.name} is {state}. {why}"
        return None

    return reply


def at_most(count: int) -> Requirement:
    """Require that a model has at most so many parameters."""

    def reply(model):
        have = model.count_params()
        if have <= count:
            return None
        return (
            f"The model has {have:,} parameters; at most {count:,} are allowed. model.summary() lists them."
        )

    return reply


def has_kept(original: Callable[[], "keras.Model"]) -> Requirement:
    """Require that all layers with weights of another model are in this one, with the same weights.

    Args:
        original: returns the other model; the layers are found by their names.
    """

    def reply(model):
        mine = {layer.name: layer.get_weights() for layer in weighted_layers(model)}
        for layer in weighted_layers(original()):
            if layer.name not in mine:
                return f"The model has no layer {layer.name}: put the whole pre-trained network inside."
            if not all(map(np.array_equal, mine[layer.name], layer.get_weights())):
                return (
                    f"The weights of {layer.name} are not those of the pre-trained network any more. Load "
                    "the network again, freeze it before you compile, and build the model anew."
                )
        return None

    return reply


def accuracy_above(lowest: float, images: Callable[[], ImageSet], advice: str) -> Requirement:
    """Require a test accuracy.

    Args:
        lowest: the accuracy, as a fraction.
        images: returns the images; output k of the model stands for class k of `ImageSet.classes`.
        advice: what to do if the accuracy is lower.
    """

    def reply(model):
        data = images()
        accuracy = accuracy_of(model, data.X_test, np.searchsorted(data.classes, data.y_test))
        if accuracy >= lowest:
            return None
        return f"On the test set, the accuracy is {accuracy:.2f}; the task asks for {lowest:g}. {advice}"

    return reply


def accuracy_of(model: "keras.Model", X: np.ndarray, y: np.ndarray) -> float:
    """Return the fraction of inputs whose highest output is that of their class; y has indices of classes."""
    return float(np.mean(model.predict(X, verbose=0).argmax(axis=1) == y))


@functools.cache
def shipped_weights() -> dict[str, list[np.ndarray]]:
    """Return the weights of the shapes network, by the name of the layer."""
    from helpers.networks.backbones import Backbone, fresh

    return {layer.name: layer.get_weights() for layer in weighted_layers(fresh(Backbone("shapes")))}


def weighted_layers(model: "keras.Model") -> Iterator["keras.layers.Layer"]:
    """Yield the layers with weights, also those of a model within the model."""
    return (layer for layer in all_layers(model) if layer.weights)


def all_layers(model: "keras.Model") -> Iterator["keras.layers.Layer"]:
    """Yield the layers of a model, and instead of a model within the model its layers."""
    for layer in model.layers:
        if isinstance(layer, load_keras().Model):
            yield from all_layers(layer)
        else:
            yield layer
