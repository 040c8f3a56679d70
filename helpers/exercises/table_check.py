"""Check of exercise 05.2: the lecture's table as networks in plain Keras."""

from collections.abc import Iterator

import numpy as np

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.designs import all_layers, outputs, shipped_weights, weighted_layers
from helpers.findings.board import LARGE
from helpers.networks.backbones import block_of
from helpers.networks.backend import keras

CALLS = ((True, 5, 10), (False, 20, 5), (True, 100, 10), (False, 500, 3), (False, 99, 4))


def building(answer: object) -> str | None:
    """Check `build(similar, images, classes)`: which layers the networks have, and which of them train."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = build."
    models = {}
    for given in CALLS:
        call = f"build{given}"
        try:
            models[call, given] = attempt(answer, *given, slow=True)
        except Failed as failure:
            return f"{call} {failure}."
    for (call, given), model in models.items():  # after all calls, so that none changes another network
        if not isinstance(model, keras.Model):
            return f"{call} returns {shown(model)}, but a Keras model is expected."
        if problem := next(_problems(model, *given), None):
            return f"{call}: {problem}"
    return None


def _problems(model, similar, images, classes) -> Iterator[str]:
    if problem := outputs(classes)(model):
        yield problem
    if getattr(model, "input_shape", None) not in ((None, 32, 32, 3), (None, None, None, 3)):
        yield "begin the model with keras.Input((32, 32, 3))."
    shipped = shipped_weights()
    layers = [*weighted_layers(model)]
    end = max((k for k, layer in enumerate(layers, 1) if layer.name in shipped), default=0)
    inside, head = layers[:end], layers[end:]  # a head can have several layers
    pools = sum(isinstance(layer, keras.layers.MaxPooling2D) for layer in all_layers(model))
    yield from _wrong_blocks(inside, shipped, similar or images >= LARGE, pools)
    yield from _wrong_head(head)
    yield from _wrong_state(inside, images >= LARGE)


def _wrong_head(head):
    if not head:
        yield "nothing comes after the base: put pooling and a new head on it."
    learned = [layer for layer in head if not isinstance(layer, keras.layers.BatchNormalization)]
    if frozen := [layer.name for layer in learned if not layer.trainable_weights]:
        yield f"the head is frozen ({frozen[0]}), so it keeps its random weights."


def _wrong_blocks(inside, shipped, whole, pools):
    mine = {layer.name: layer.get_weights() for layer in inside}
    if not mine:
        yield "there is no pre-trained layer: put fresh(Backbone('shapes')) inside, or its first blocks."
    if strange := [n for n in mine if n not in shipped or not all(map(np.array_equal, mine[n], shipped[n]))]:
        yield f"{strange[0]} is not a layer of the shapes network with its weights. Only the head is new."
    missing = [name for name in shipped if name not in mine]
    if whole and missing:
        yield f"{missing[0]} is missing. This cell of the table uses the whole network."
    if not whole and not missing:
        yield (
            "this target is small and different, so the lecture takes activations of an earlier layer. The "
            "network must end after block 1, 2 or 3: keras.Model(base.input, ...) can do this."
        )
    blocks = {block_of(name) for name in mine}
    if split := [name for name in missing if block_of(name) in blocks]:
        yield f"{split[0]} is missing: end the network with the pooling layer of a block."
    if pools < len(blocks):
        yield f"the pooling of {max(blocks)} is missing: it is the last layer of this block."


def _wrong_state(inside, large):
    trains = [layer.name for layer in inside if layer.trainable_weights]
    norms = [name for name in trains if name.endswith("_bn")]
    convolutions = [layer.name for layer in inside if not layer.name.endswith("_bn")]
    if not large and trains:
        yield f"{trains[0]} is trainable. With few images, only the head trains: freeze the base."
    if large and norms:
        yield f"{norms[0]} is trainable. BatchNorm stays frozen in this exercise, as on the board."
    if large and (frozen := [name for name in convolutions if name not in trains]):
        yield (
            f"{frozen[0]} is frozen. With {LARGE} images per class or more, all blocks train. Give each call "
            "a base of its own, so that a later call does not freeze this one."
        )
