"""Checks of exercises 09.1 and 09.5: networks of which one block trains, or BatchNorm and the head."""

from collections.abc import Iterator

import numpy as np

from helpers.data.image_sets import builtin
from helpers.data.shifts import SHIFTS
from helpers.exercises import altering
from helpers.exercises.attempts import Failed, attempt
from helpers.exercises.designs import accuracy_of, outputs, shipped_weights, weighted_layers
from helpers.networks.backbones import block_of
from helpers.networks.backend import keras

TESTED = 40  # images per class
BLURRED, DRAWN = 0.86, 0.85  # the accuracies that the exercises ask for
BLOCKS = ("block1", "block12", "block3")


def _classifier(base):
    pooling, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, name="head")
    return keras.Sequential([keras.Input((None, None, 3)), base, pooling, head])


def _changed(model) -> tuple[str, ...] | None:
    """Return the names of the layers that differ from the shipped network; None if some are missing."""
    mine = {layer.name: layer.get_weights() for layer in weighted_layers(model)}
    if not shipped_weights().keys() <= mine.keys():
        return None
    return tuple(n for n, old in shipped_weights().items() if not all(map(np.array_equal, mine[n], old)))


NOT_INSIDE = "The layers of the shapes network are not in it: build it with fresh(Backbone('shapes'))."


# Exercise 09.1


def one_block(answer: object) -> str | None:
    """Check a pair: `tune_only(model, block)`, and a model of which it tuned the first block."""
    if not (isinstance(answer, tuple) and len(answer) == 2 and callable(answer[0])):
        return 'Give your function and the tuned model: check("09.1", tune_only, tuned).'
    if not isinstance(answer[1], keras.Model):
        return "The second part must be the Keras model that you have tuned on blurred images."
    return _tuned_wrongly(answer[0]) or next(_poorly_tuned(answer[1]), None)


def _tuned_wrongly(tune_only):
    for number, block in enumerate(BLOCKS):
        base = altering.small_network(12)  # frozen
        base.trainable = number != 1
        model = _classifier(base)
        call = f'tune_only(model, "{block}")'
        try:
            attempt(tune_only, model, block, slow=True)
        except Failed as failure:
            return f"{call} {failure}. The backbone is model.layers[0], the head model.layers[-1]."
        if problem := next(_wrong_layers(model, base, block), None):
            return f"After {call}, {problem}"
    return None


def _wrong_layers(model, base, block) -> Iterator[str]:
    trains = [layer.name for layer in base.layers if layer.trainable_weights and base.trainable]
    if not trains and not model.layers[-1].trainable_weights:
        yield "nothing trains. Inside a frozen base no layer does: set base.trainable = True first."
    for layer in base.layers:
        if not layer.weights:
            continue
        norm, mine = isinstance(layer, keras.layers.BatchNormalization), block_of(layer.name) == block
        if norm and layer.name in trains:
            yield f"{layer.name} still trains. BatchNorm must keep what it knows of the source."
        if not norm and mine != (layer.name in trains):
            if mine:
                yield f"{layer.name} does not train, although it belongs to {block}."
            yield (
                f"{layer.name} still trains. If its name begins like that of {block}: what comes after the "
                "number?"
            )
    if model.layers[-1].trainable_weights:
        yield "the head still trains. Freeze model.layers[-1], too."


def _poorly_tuned(model) -> Iterator[str]:
    if problem := outputs(10)(model):
        yield f"tuned: {problem}"
    changed = _changed(model)
    if changed is None:
        yield NOT_INSIDE
    if others := [name for name in changed or () if not name.startswith("block1_")]:
        yield f"In tuned, {others[0]} has changed. Only block1 may: call tune_only before you compile."
    if norms := [name for name in changed or () if name.endswith("_bn")]:
        yield f"In tuned, {norms[0]} has changed, although BatchNorm does not train. Call tune_only first."
    accuracy = blurred(model)
    if not changed:
        yield (
            f"No weight of tuned has changed; on new blurred images, it has {accuracy:.0%}. Compile and fit "
            "it after tune_only."
        )
    if accuracy < BLURRED:
        yield (
            f"On new blurred images, tuned has {accuracy:.0%}; the task asks for {BLURRED:.0%}. Does it "
            "start from source_weights? Are the labels in the order of names? Else train for more epochs."
        )


def blurred(model: keras.Model) -> float:
    """Return the accuracy of a model on new blurred shapes."""
    X, y = SHIFTS["blur"].draw(TESTED, seed=5)
    return accuracy_of(model, X, np.unique(y, return_inverse=True)[1])


def tuned_block(answer: tuple) -> str:
    """Return what a correct answer of exercise 09.1 has found."""
    return (
        f"On new blurred images, your network has {blurred(answer[1]):.0%}. Blocks 2 to 4 and the head know "
        "the shapes as before; the first block has learned to give them what they expect. Try block4 with "
        "the same function: it has far more weights."
    )


# Exercise 09.5


def batchnorm_and_head(model: keras.Model) -> str | None:
    """Require a trained network on the shipped one, of which only BatchNorm and the head have changed."""
    return next(_not_batchnorm(model), None)


def _not_batchnorm(model) -> Iterator[str]:
    if problem := outputs(10)(model):
        yield problem
    changed = _changed(model)
    if changed is None:
        yield NOT_INSIDE
    *inside, head = weighted_layers(model)
    for layer in inside:
        norm = isinstance(layer, keras.layers.BatchNormalization)
        if not norm and layer.trainable_weights:
            yield f"{layer.name} still trains: set layer.trainable = False for all layers but BatchNorm."
        if norm and not layer.trainable_weights:
            yield f"{layer.name} is frozen. Set base.trainable = True first, then go through its layers."
    if not head.trainable_weights:
        yield "The head is frozen, so it cannot learn the new classes."
    if others := [name for name in changed or () if not name.endswith("_bn")]:
        yield f"{others[0]} has changed: freeze the convolutions before you compile. Build the base anew."
    if not any(name.endswith("_bn") for name in changed or ()):
        yield "All is set as it should be, but BatchNorm has not changed yet: compile and fit the model."
    accuracy = drawn(model)
    if accuracy < DRAWN:
        yield (
            f"On other new shapes, the model has {accuracy:.0%}; the task asks for {DRAWN:.0%}. Are the "
            "labels numbers in the order of few_data.classes? Else train for more epochs."
        )


def drawn(model: keras.Model) -> float:
    """Return the accuracy of a model on images of the new shapes that it has not seen."""
    data = builtin("new_shapes", 1, 0, TESTED)
    return accuracy_of(model, data.X_test, np.searchsorted(data.classes, data.y_test))


def trained_share(model: keras.Model) -> str:
    """Return what a correct answer of exercise 09.5 has found."""
    count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return (
        f"You trained {count:,} of {model.count_params():,} weights, {count / model.count_params():.1%}, and "
        f"the network has {drawn(model):.0%} on other images of these shapes. For a hundred tasks, you "
        "store the network once, and a hundred times these few numbers. The stored statistics have followed "
        "your images, too."
    )
