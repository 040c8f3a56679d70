"""The check of exercise 07.6: look at a trained model and its record for what is missing in the workflow."""

import functools
from typing import Any

import numpy as np

from helpers.exercises.designs import weighted_layers
from helpers.exercises.workflow import NO_INPUT, Recorder, images, small_network, weight_names
from helpers.networks.backbones import block_of
from helpers.networks.backend import keras

COLOURS = np.array([[0.0, 0, 0], [255, 255, 255], [255, 0, 0]])[:, None, None]  # black, white, red
MODES = ("caffe", "tf", "torch")  # the three kinds of preprocessing in keras.applications
MODE_OF = {"block5_conv3": "caffe", "conv_pw_13": "tf", "block4_conv2_bn": "tf"}  # VGG, MobileNet, MiniVGG
TIMES_SMALLER = 10  # the learning rate after unfreezing, compared with that of the head
TOLERANCE = 0.1  # between the recorded accuracy and that of the model, measured on half of the images


def missing(answer: Any) -> str | None:
    """Return what is missing first in the order of the recipe and how to correct it; None if nothing is.

    Args:
        answer: a pair of the trained Keras model, or a loaded copy of it, and its `Recorder`.
    """
    if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], keras.Model)):
        return 'Give your Keras model and its history: check("07.6", model, history).'
    model, history = answer
    if not isinstance(history, Recorder):
        return (
            f"Step 4: history must be a Recorder; received {type(history).__name__}. What `fit` returns does "
            "not show which layers trained, and at which rate. Write history = Recorder(), and pass "
            "callbacks=[history] to every call of model.fit."
        )
    return next(_problems(model, history), None)


def _problems(model, history):
    if not hasattr(model, "input_shape"):
        yield f"Step 2: {NO_INPUT}"
    yield from _shape_problems(model)
    yield from _preprocessing_problems(model)
    if not history.stages:
        yield "Step 4: history is empty. Pass callbacks=[history] to every call of model.fit."
    if history.weights != {name for layer in weighted_layers(model) for name in weight_names(layer)}:
        yield (
            "Step 4: history has recorded another model. Build the model once, train it with "
            "callbacks=[history], and check that model or a loaded copy of it."
        )
    yield from _weights_problems(model, history.stages)
    data = images()
    X, y = data.X_validation[::2], np.searchsorted(data.classes, data.y_validation[::2])
    outputs = model.predict(X, verbose=0)
    yield from _loss_problems(outputs, history.stages[-1])
    yield from _stage_problems(model, history.stages)
    yield from _accuracy_problems(float(np.mean(outputs.argmax(axis=1) == y)), history.stages)


def _shape_problems(model):
    size, classes = images().X_train.shape[1:], len(images().classes)
    expected = " x ".join(map(str, size))
    if len(model.input_shape) != 4:
        yield (
            f"Step 2: the model expects inputs of shape {model.input_shape[1:]}, not images: it is only the "
            f"head. Build one model from images ({expected}) to classes, with the backbone inside."
        )
    if not any(map(_is_convolution, weighted_layers(model))):
        yield "Step 2: the model has no convolutional layer. Put a pre-trained backbone inside."
    if any(mine not in (None, wanted) for mine, wanted in zip(model.input_shape[1:], size, strict=True)):
        yield (
            f"Step 2: the model expects images of shape {model.input_shape[1:]}; those of the exercise have "
            f"{expected}. Resize them inside the model, with keras.layers.Resizing."
        )
    if model.output_shape[1:] != (classes,):
        yield (
            f"Step 3: the model has outputs of shape {model.output_shape[1:]}. The new head needs one output "
            f"per class: keras.layers.Dense({classes})."
        )


def _preprocessing_problems(model):
    names = {layer.name for layer in weighted_layers(model)}
    modes = [mode for name, mode in MODE_OF.items() if name in names] or MODES
    preprocess = keras.applications.imagenet_utils.preprocess_input
    right = [preprocess(COLOURS.copy(), mode=mode) for mode in modes]
    twice = [preprocess(once.copy(), mode=mode) for once, mode in zip(right, modes, strict=True)]
    seen = _first_convolution_sees(model)
    if any(_alike(seen, option) for option in right):
        return
    if any(_alike(seen, option) for option in twice):
        yield "Step 2: the pixels are preprocessed twice. Keep one preprocessing, inside the model."
    ranges = " or ".join(f"{option.min():.0f} to {option.max():.0f}" for option in right)
    if _alike(seen, COLOURS):
        yield (
            "Step 2: the preprocessing is not inside the model: the first convolution sees values from 0 to "
            f"255, but the backbone was trained on values from {ranges}. Put the preprocessing between "
            "inputs and backbone. Before `fit` is the wrong place: everyone who loads the model would have "
            "to repeat it."
        )
    yield (
        "Step 2: this is not the preprocessing of the backbone. For pixels from 0 to 255, the first "
        f"convolution sees values from {seen.min():.3g} to {seen.max():.3g}; the backbone was trained on "
        f"values from {ranges}. Use the `preprocess_input` of this network, which also orders the channels."
    )


def _weights_problems(model, stages):
    """Compare the weights that never changed with those of the shipped network, if it is the backbone."""
    shipped, mine = _weights_of_blocks(small_network()), _weights_of_blocks(model)
    if shipped.keys() != mine.keys():
        return
    changed = set().union(*(stage.changed for stage in stages))
    other = {name for name in mine.keys() - changed if not _equal(mine[name], shipped[name])}
    if blocks := sorted({block_of(name) for name in other}):
        yield (
            f"Step 2: the weights of {', '.join(blocks)} are not the pre-trained ones of small_network(). "
            "clone_model makes random weights, and a backbone that has trained before is no longer as it "
            "was. Write base = small_network(), and build the model anew."
        )


def _loss_problems(outputs, stage):
    probabilities = outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=0.01)
    if probabilities and stage.from_logits:
        yield (
            "Step 3: the head ends in softmax, but the loss has from_logits=True: they contradict each "
            "other. Keras on TensorFlow notices this and warns; on JAX it applies softmax twice. Use one of "
            "them: remove the activation of the head, or write from_logits=False."
        )
    if not probabilities and stage.from_logits is False:
        yield (
            "Step 3: the head returns logits, but the loss expects probabilities. Use "
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)."
        )


def _stage_problems(model, stages):
    first, last = stages[0], stages[-1]
    backbone = _backbone(model, first)
    blocks = list(dict.fromkeys(map(_block, backbone)))
    numbered = [block for block in blocks if block_of(block)] or blocks
    tuned = blocks[blocks.index(numbered[-max(1, len(numbered) // 4)]) :]  # one of four or five, and the rest
    block_with = {name: _block(layer) for layer in backbone for name in weight_names(layer)}

    if spoilt := _in_order(blocks, {block_with[name] for name in first.changed if name in block_with}):
        yield (
            f"Step 3: the first call of `fit` changed the backbone ({spoilt}). Set base.trainable = False "
            "before you compile. Then build the model anew, since these weights are no longer the "
            "pre-trained ones."
        )
    if not first.changed:
        yield "Step 4: the first call of `fit` changed no weights. The new head must be trainable."
    if len(stages) == 1:
        yield (
            "Step 5: history has recorded only one call of `fit`. Unfreeze the last block, compile again, "
            "and call `fit` a second time, with callbacks=[history] in both calls."
        )
    if not last.trainable & set(block_with):
        yield (
            "Step 5: the backbone was still frozen in the last call of `fit`. Set base.trainable = True "
            f"first, then layer.trainable = False for all layers before {tuned[0]}."
        )
    changed = {name for stage in stages for name in stage.changed if name in block_with}
    if early := _in_order(blocks, {block_with[name] for name in changed} - set(tuned)):
        yield (
            f"Step 5: these blocks trained as well: {early}. Few images suffice only for the last one: set "
            f"layer.trainable = False for all layers before {tuned[0]}. Then build the model anew."
        )
    if statistics := [name for name in changed if "/moving_" in name]:
        yield (
            "Step 5: BatchNorm was in training mode: the statistics of "
            f"{len(statistics) // 2} layers changed. Set layer.trainable = False for every "
            "keras.layers.BatchNormalization in the backbone. (training=False alone is not enough: `fit` "
            "overrides it for layers inside the backbone.) Then build the model anew."
        )
    rate = max((stage.learning_rate for stage in stages if stage.changed & set(block_with)), default=0)
    if rate * TIMES_SMALLER > first.learning_rate * 1.001:
        yield (
            f"Step 5: the learning rate was {first.learning_rate:.2g} in the first call of `fit`, and up to "
            f"{rate:.2g} while {tuned[0]} trained. Make it at least {TIMES_SMALLER} times smaller after "
            "unfreezing: large steps destroy what the block has learned. Then build the model anew."
        )
    if not last.changed & set(block_with):
        yield (
            f"Step 5: {tuned[0]} is trainable, but its weights did not change. Keras reads `trainable` when "
            "it compiles: call model.compile again after you unfreeze, before `fit`. If you did, an earlier "
            "learning rate was too high, so that all ReLUs return 0 and pass no gradient: choose a smaller "
            "one, and build the model anew."
        )


def _accuracy_problems(accuracy, stages):
    if not all(stage.val_accuracy for stage in stages):
        yield (
            'Step 4: the validation accuracy is unknown. Compile with metrics=["accuracy"], and call `fit` '
            "with validation_data."
        )
    recorded = min(stage.val_accuracy[-1] for stage in stages)
    if accuracy < recorded - TOLERANCE:
        yield (
            f"Step 2: `fit` measured a validation accuracy of {recorded:.0%}, but for the validation images "
            f"as they are, with pixels from 0 to 255, it is {accuracy:.0%}. Do not change images outside the "
            "model, and encode classes in the order of data.classes."
        )
    if accuracy <= _baseline():
        yield (
            f"Step 4: the validation accuracy is {accuracy:.0%}. A classifier that knows only the mean "
            f"colour of an image reaches {_baseline():.0%}. Check that images and labels belong together, "
            "and train the head until its accuracy stops rising."
        )


@functools.cache
def _baseline():
    """Return the validation accuracy of logistic regression on mean colours."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data = images()
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(data.X_train.mean(axis=(1, 2)), data.y_train)
    return model.score(data.X_validation.mean(axis=(1, 2)), data.y_validation)


def _first_convolution_sees(model):
    """Return the centre pixels that the first convolution gets for COLOURS, float (3, 1, 1, 3).

    The convolution may lie in a nested model, behind operations that are no layers, so its input is
    caught during a call.
    """
    rows, columns = (side or 96 for side in model.input_shape[1:3])
    layer = next(filter(_is_convolution, weighted_layers(model)))
    seen, call = [], layer.call

    def catch(x, *args, **options):
        seen.append(x)
        return call(x, *args, **options)

    layer.call = catch
    try:
        model(np.tile(COLOURS, (1, rows, columns, 1)).astype("float32"), training=False)
    finally:
        del layer.call  # the method of the class shows again
    x = keras.ops.convert_to_numpy(seen[0]).astype("float64")
    return x[:, x.shape[1] // 2, x.shape[2] // 2][:, None, None]


def _alike(seen, expected):
    return bool(np.abs(seen - expected).max() < 0.02 * np.ptp(expected))


def _is_convolution(layer):
    return any(len(weight.shape) == 4 for weight in layer.weights)


def _is_spatial(layer):
    """Return whether the layer works on rows and columns, as those of a backbone do, and not on features."""
    return len((layer.get_build_config() or {}).get("input_shape", ())) == 4


def _backbone(model, first):
    """Return the spatial layers of the backbone: a new head may have some, too, which trained at first."""
    layers = [layer for layer in weighted_layers(model) if _is_spatial(layer)]
    frozen = [not first.trainable.intersection(weight_names(layer)) for layer in layers]
    if not any(frozen):
        return layers
    last = max(i for i, layer in enumerate(layers) if frozen[i] or block_of(layer.name))
    return layers[: last + 1]


def _weights_of_blocks(model):
    """Return the weights in numbered blocks by their names, "layer/weight"."""
    return {
        name: keras.ops.convert_to_numpy(weight)
        for layer in weighted_layers(model)
        if block_of(layer.name)
        for name, weight in zip(weight_names(layer), layer.weights, strict=True)
    }


def _equal(weights, others):
    return weights.shape == others.shape and np.allclose(weights, others)


def _block(layer):
    return block_of(layer.name) or layer.name


def _in_order(blocks, some):
    return ", ".join(block for block in blocks if block in some)
