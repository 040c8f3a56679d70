"""Checks of networks that students have trained in plain Keras, with a reply for what is missing first.

Accuracies are measured on new images, so that a check does not depend on what a student writes down.
"""

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from helpers.data.image_sets import ImageSet, builtin
from helpers.exercises.designs import accuracy_of, outputs, weighted_layers
from helpers.exercises.workflow import Recorder, Stage, images, small_network, weight_names
from helpers.networks.backbones import Backbone, block_of, shared
from helpers.networks.backend import keras
from helpers.networks.source_models import source_record
from helpers.strategies import LinearProbe
from helpers.studies.engine.statistics import standard_error

NEW_IMAGES = 20  # per class, to measure an accuracy
TIMES_SMALLER = 10  # the learning rate after unfreezing, compared with that of the head
LEARNED, BROKEN = 0.8, 0.5  # accuracy on new shapes of a good and of a destroyed network
APART = 3  # two rates on both sides of the cliff


def _pair_of(answer, first, second, what):
    if isinstance(answer, tuple) and len(answer) == 2:
        if isinstance(answer[0], first) and isinstance(answer[1], second):
            return None
    return f"Give {what}, in this order and separated by a comma."


def _accuracy(model, data):
    return accuracy_of(model, data.X_test, np.searchsorted(data.classes, data.y_test))


def _clearly_above(accuracy, other, count):
    return accuracy > other + 2 * standard_error(accuracy, count)


@functools.cache
def _tests(name: str) -> ImageSet:
    return builtin(name, 1, 0, NEW_IMAGES)


def _convolutions(model):
    return {
        layer.name: keras.ops.convert_to_numpy(layer.kernel)
        for layer in weighted_layers(model)
        if isinstance(layer, keras.layers.Conv2D)
    }


# Exercise 04.5: develop a source model, and reuse it


def developed(answer: Any) -> str | None:
    """Check a source model trained on shapes, and a target model with the same backbone."""
    problem = _pair_of(answer, keras.Model, keras.Model, "the two Keras models: source_model, target_model")
    return problem or next(_development_problems(*answer), None)


def _development_problems(source, target) -> Iterator[str]:
    for name, model in (("source_model", source), ("target_model", target)):
        if problem := outputs(10)(model):
            yield f"{name}: {problem}"
    shapes, new_shapes = _tests("shapes"), _tests("new_shapes")
    accuracy, naive = _accuracy(source, shapes), source_record("shapes")["naive_accuracy"]
    if not _clearly_above(accuracy, naive, len(shapes.y_test)):
        yield (
            f"source_model is right for {accuracy:.0%} of {len(shapes.y_test)} new shapes; a naive model "
            f"reaches {naive:.0%}. So there is nothing to transfer yet. Did base.trainable = True come "
            "before compile? Are the labels numbers in the order of source.classes? Else train for longer."
        )
    learned, reused = _convolutions(source), _convolutions(target)
    if not reused or not reused.keys() <= learned.keys():
        yield "target_model does not contain the backbone of source_model: put the same `base` into both."
    if not all(np.array_equal(reused[name], learned[name]) for name in reused):
        yield (
            "The convolutions of target_model differ from those of source_model. Put the same `base` into "
            "both, and set base.trainable = False before you compile target_model."
        )
    if any(isinstance(layer, keras.layers.Conv2D) and layer.trainable for layer in weighted_layers(target)):
        yield (
            "The backbone is trainable in target_model, so its training changes source_model, too. Set "
            "base.trainable = False before you compile target_model."
        )
    accuracy, untrained = _accuracy(target, new_shapes), _untrained_probe()
    if not _clearly_above(accuracy, untrained, len(new_shapes.y_test)):
        yield (
            f"target_model is right for {accuracy:.0%} of {len(new_shapes.y_test)} images of new_shapes; a "
            f"probe on an untrained network reaches {untrained:.0%}. Train its head for more epochs, or the "
            "source model on more images."
        )


@functools.cache
def _untrained_probe() -> float:
    data = builtin("new_shapes", 20, 0, NEW_IMAGES)
    return LinearProbe(Backbone("MiniVGG")).fit(data.X_train, data.y_train).score(data.X_test, data.y_test)


# Exercises 06.2 and 06.3: first the head, then everything, at a good rate and at one that destroys


def probe_then_fine_tune(answer: Any) -> str | None:
    """Check a model and its record: first the head, then all layers at a tenth of the learning rate."""
    return _recorded(answer) or next(_fine_tuned_well(*answer), None)


def bracketed(answer: Any) -> str | None:
    """Check a guess, and two models with their records: at one rate a model learns, the other destroys it."""
    if not (isinstance(answer, tuple) and len(answer) == 3):
        return "Give three answers: guess, and the two pairs of a model and its history, kept and broken."
    guess, *pairs = answer
    if not (isinstance(guess, int | float) and 0 < guess < 1):
        return "guess must be one learning rate, such as 0.5: the first that you expect to destroy the model."
    for name, pair in zip(("kept", "broken"), pairs, strict=True):
        if problem := _recorded(pair):
            return f"{name}: {problem}"
    return next(_bracket_problems(*pairs), None)


def _recorded(answer):
    return _pair_of(answer, keras.Model, Recorder, "your Keras model and its Recorder: model, history")


def _fine_tuned_well(model, history):
    yield from _stage_problems(model, history)
    first, last = history.stages[0].learning_rate, history.stages[-1].learning_rate
    if last * TIMES_SMALLER > first * 1.001:
        yield (
            f"The learning rate was {first:.2g} for the head, and {last:.2g} while all layers trained. Make "
            f"it {TIMES_SMALLER} times smaller in the second compile. Then build the model anew."
        )
    accuracy = _accuracy(model, _tests("new_shapes"))
    if accuracy < LEARNED:
        yield (
            f"All settings are right, but the model is right for only {accuracy:.0%} of new images. Train "
            "the head for more epochs before you unfreeze, about 20. Are the labels in the order of "
            "data.classes?"
        )


def _bracket_problems(kept, broken) -> Iterator[str]:
    if kept[0] is broken[0] or kept[1] is broken[1]:
        yield "kept and broken share a model or a Recorder. Make both anew for each rate, in the function."
    for name, (model, history) in (("kept", kept), ("broken", broken)):
        problems = itertools.chain(_stage_problems(model, history), _head_was_poor(history))
        yield from (f"{name}: {problem}" for problem in problems)
    (head, last), (other_head, other_last) = ((h.stages[0], h.stages[-1]) for _, h in (kept, broken))
    if not np.isclose(head.learning_rate, other_head.learning_rate):
        yield "The head had another rate in kept than in broken. Only that of the second stage may differ."
    if len(last.val_accuracy) != len(other_last.val_accuracy):
        yield "The second stages of kept and broken need the same number of epochs; only the rate may differ."
    low, high = last.learning_rate, other_last.learning_rate
    accuracy = _accuracy(kept[0], _tests("new_shapes"))
    if accuracy < LEARNED:
        yield f"kept: at the rate {low:.2g}, the model is right for only {accuracy:.0%} of new images."
    accuracy = _accuracy(broken[0], _tests("new_shapes"))
    if accuracy > BROKEN:
        yield f"broken: at the rate {high:.2g}, the model is still right for {accuracy:.0%} of new images."
    if not low < high <= APART * low * 1.001:
        yield (
            f"The rates are {low:.2g} and {high:.2g}; the second may be at most {APART} times the first. Try "
            "a rate between them, and see which of the two it replaces."
        )


def _head_was_poor(history) -> Iterator[str]:
    first = history.stages[0]
    if not first.val_accuracy:
        yield (
            'history has no validation accuracy of the head. Write metrics=["accuracy"] in compile, and '
            "pass validation_data to both calls of `fit`."
        )
    if not any(accuracy >= LEARNED for accuracy in first.val_accuracy):
        yield (
            "The head was not good before you unfroze the network, so nobody can see what the second rate "
            "destroys. Keep the first stage of 06.2, and pass validation_data to `fit`."
        )


def moved(model: keras.Model) -> float:
    """Return how far the convolutions of the last block are from those of the model "shapes", relative."""
    mine, shipped = _convolutions(model), _convolutions(shared(Backbone("shapes")).model)
    last = [name for name in shipped if name.startswith("block4")]
    steps = [np.linalg.norm(mine[k] - shipped[k]) / np.linalg.norm(shipped[k]) for k in last]
    return float(np.mean(steps))


def _stage_problems(model, history) -> Iterator[str]:
    if problem := outputs(10)(model):
        yield problem
    stages, layers = history.stages, list(weighted_layers(model))
    blocks = {name: block_of(layer.name) for layer in layers for name in weight_names(layer)}
    if not stages or history.weights != blocks.keys():
        yield (
            "history has not recorded this model. Write history = Recorder() once, pass callbacks=[history] "
            "to both calls of `fit`, and give the model that you trained last."
        )
    inside = {name for name, block in blocks.items() if block}
    if not inside:
        yield 'The model has no pre-trained backbone: base = backbones.fresh(Backbone("shapes")).'
    if spoilt := stages[0].changed & inside:
        yield (
            f"The first call of `fit` changed the backbone ({_named(spoilt)}). Set base.trainable = False "
            "before the first compile. Then build the model anew."
        )
    yield from _second_stage_problems(stages, layers, inside)


def _second_stage_problems(stages: list[Stage], layers, inside) -> Iterator[str]:
    if len(stages) == 1:
        yield "history has recorded one call of `fit`. Unfreeze, compile again, and call `fit` once more."
    last = stages[-1]
    norms = {
        name
        for layer in layers
        if isinstance(layer, keras.layers.BatchNormalization)
        for name in weight_names(layer)
    }
    if trained := last.changed & norms & inside:
        yield (
            f"BatchNorm has changed in the second stage ({_named(trained)}). Set layer.trainable = False for "
            "every keras.layers.BatchNormalization of the base. Then build the model anew."
        )
    if not last.trainable & inside:
        yield "The backbone was still frozen in the last call of `fit`: set base.trainable = True first."
    if frozen := inside - norms - last.trainable:
        yield f"This exercise trains all blocks; still frozen in the last call of `fit`: {_named(frozen)}."
    if not last.changed & inside:
        yield (
            "The backbone is trainable, but its weights have not changed. Keras fixes at compile which "
            "weights train: compile again after you unfreeze."
        )


def _named(weights):
    """Return the blocks of some weights as a short text."""
    return ", ".join(sorted({block_of(name.split("/")[0]) for name in weights}))


# Exercise 07.3: train a head on features that are computed once


def head_on_features(answer: Any) -> str | None:
    """Check a head that was trained on features, and the whole model with the same head."""
    problem = _pair_of(answer, keras.Model, keras.Model, "the two Keras models: head, model")
    return problem or next(_head_problems(*answer), None)


def _head_problems(head, model) -> Iterator[str]:
    data, network = images(), small_network()
    features = network.output.shape[-1]
    if getattr(head, "input_shape", None) != (None, features):
        yield (
            "head must start from the features, one row per image: begin it with "
            f"keras.Input(({features},)). Average the last feature maps over rows and columns first."
        )
    if getattr(model, "input_shape", None) != (None, *data.X_train.shape[1:]):
        yield f"model must start from pixels: keras.Input({data.X_train.shape[1:]})."
    for name, part in (("head", head), ("model", model)):
        if problem := outputs(len(data.classes))(part):
            yield f"{name}: {problem}"
    mine, shipped = _convolutions(model), _convolutions(network)
    if mine.keys() != shipped.keys() or not all(np.array_equal(mine[k], shipped[k]) for k in shipped):
        yield "The convolutions of model are not those of small_network(): freeze them, or put them inside."
    X, y = data.X_test, np.searchsorted(data.classes, data.y_test)
    x = keras.layers.GlobalAveragePooling2D()(network.predict(X / 127.5 - 1, verbose=0))
    alone, whole = (
        accuracy_of(part, given, y) for part, given in ((head, keras.ops.convert_to_numpy(x)), (model, X))
    )
    largest = np.bincount(y).max() / len(y)
    if not _clearly_above(alone, largest, len(y)):
        yield (
            f"head is right for {alone:.0%} of the test images, from features of pixels between -1 and 1; "
            f"the largest class has {largest:.0%}. Rescale the pixels before the network, and train the "
            "head for more epochs: on features, 100 epochs take seconds."
        )
    if abs(whole - alone) > standard_error(alone, len(y)):
        yield (
            f"From features, head is right for {alone:.0%} of the test images; from pixels, model is right "
            f"for {whole:.0%}. Both must be equal: rescale pixels to -1..1 in both "
            "cases, and put the same head inside."
        )
