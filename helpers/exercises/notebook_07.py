"""Exercises of notebook 07, VGG16 on a GPU."""

import numpy as np

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, function, number


def _impatient(losses, patience):
    """Stop one epoch too early."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience - 1:
            break
    return best


def _workflow(answer):
    from helpers.exercises.workflow_check import missing  # loads Keras

    return missing(answer)


WORKFLOW = """
# 1. Load and split the images
import tempfile
from pathlib import Path

import keras
import numpy as np

from helpers.exercises.workflow import Recorder, images, small_network

data = images()
train, validation, test = (
    (data.split(part).X, np.searchsorted(data.classes, data.split(part).y))
    for part in ("train", "validation", "test")
)

# 2. Load a pre-trained backbone
keras.utils.set_random_seed(0)
base = small_network()
inputs = keras.Input((32, 32, 3))
x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)  # 0..255 becomes -1..1

# 3. Freeze, add a head, compile
base.trainable = False
x = base(x, training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, keras.layers.Dense(len(data.classes))(x))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"])

# 4. Train the head
history = Recorder()
model.fit(*train, validation_data=validation, epochs=20, verbose=0, callbacks=[history])
head_accuracy = model.evaluate(*validation, verbose=0)[1]
baseline = np.bincount(validation[1]).max() / len(validation[1])
print(f"most frequent class: {baseline:.3f}, head: {head_accuracy:.3f}")

# 5. Unfreeze the last block
base.trainable = True
for layer in base.layers:
    in_last_block = layer.name.startswith("block4")
    is_batchnorm = isinstance(layer, keras.layers.BatchNormalization)
    layer.trainable = in_last_block and not is_batchnorm
model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])

# 6. Train on, and keep what helps
head_weights = model.get_weights()
stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
options = {"epochs": 20, "verbose": 0, "callbacks": [history, stop]}
model.fit(*train, validation_data=validation, **options)
accuracy = model.evaluate(*validation, verbose=0)[1]
if accuracy <= head_accuracy:
    model.set_weights(head_weights)
print(f"last block: {accuracy:.3f}")

# 7. Score the test set once
guesses = model.predict(test[0], verbose=0).argmax(axis=1)
print(f"test: {np.mean(guesses == test[1]):.3f}")
mistakes = np.flatnonzero(guesses != test[1])
for k in mistakes[:5]:
    print(f"{data.classes[test[1][k]]} was taken for {data.classes[guesses[k]]}")

# 8. Save, load, predict
path = Path(tempfile.mkdtemp()) / "model.keras"
model.save(path)
loaded = keras.saving.load_model(path)
print(data.classes[loaded.predict(test[0][:1], verbose=0).argmax()])

answer = (model, history)
"""

CORNERS = np.arange(12).reshape(2, 2, 3)  # an image in which all numbers differ

EXERCISES = {
    "07.1": Exercise(
        level="do it",
        kind="number",
        minutes=2,
        check=number(
            4096 * 25088 + 4096,
            mistakes={
                25088 * 4096: "Count the biases, too: one per neuron.",
                512 * 7 * 7: "That is the input of the layer.",
            },
        ),
        means="This one layer has most of the parameters of VGG16: a new head without it is much smaller.",
        hints=(
            "The input has 7 · 7 · 512 values; each of the 4096 neurons has one weight per value.",
            "Each neuron also has one bias: (7 * 7 * 512 + 1) * 4096.",
        ),
        solution="answer = (7 * 7 * 512 + 1) * 4096",
        wrong=(25088, 102760448, 4096),
    ),
    "07.2": Exercise(
        level="do it",
        kind="function",
        minutes=4,
        check=function(
            [
                ((np.array([[[255, 0, 10]]]),), np.array([[[10 - 103.939, 0 - 116.779, 255 - 123.68]]])),
                ((CORNERS,), CORNERS[..., ::-1] - np.array([103.939, 116.779, 123.68])),
            ],
            name="vgg_pixels",
        ),
        means="The channels and the means are part of the model: other pixels mean other features.",
        hints=(
            "VGG16 expects blue, green, red: image[..., ::-1] reverses the last axis.",
            "Then subtract the means [103.939, 116.779, 123.68] of blue, green and red.",
        ),
        solution="""
import numpy as np


def vgg_pixels(image):
    return image[..., ::-1] - np.array([103.939, 116.779, 123.68])


answer = vgg_pixels
""",
        wrong=(
            lambda image: image / 255,
            lambda image: image - np.array([103.939, 116.779, 123.68]),
            lambda image: np.flip(image) - np.array([103.939, 116.779, 123.68]),
        ),
    ),
    "07.3": Exercise(
        level="vary it",
        kind="function",
        minutes=5,
        check=function(
            [
                (([0.9, 0.5, 0.6, 0.7, 0.8], 2), 1),
                (([1.0, 0.9, 0.8], 2), 2),
                (([0.5, 0.6, 0.4, 0.45, 0.5], 3), 2),
                (([0.9, 0.5, 0.6, 0.7, 0.1], 2), 1),
                (([0.9, 0.5, 0.6, 0.4], 2), 3),
            ],
            name="best_epoch",
        ),
        means="This is what EarlyStopping does if it restores the best weights.",
        hints=(
            "Go through the losses; remember the best loss so far and its index.",
            "Stop when the best loss is `patience` epochs old; return its index.",
        ),
        solution="""
def best_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


answer = best_epoch
""",
        wrong=(lambda losses, patience: len(losses) - 1, _impatient, 2),
    ),
    "07.4": Exercise(
        level="vary it",
        kind="number",
        minutes=2,
        check=number(
            224 * 224 * 3 * 3 * 64 * 64,
            mistakes={
                2 * 224 * 224 * 3 * 3 * 64 * 64: "Almost: these are multiplications and additions together.",
                224 * 224 * 3 * 3 * 64: "That is one filter; the layer has 64 of them.",
                3 * 3 * 64 * 64: "That is one position of the image.",
                224 * 224 * 64 * 64: "Each filter looks at 3 · 3 positions.",
            },
        ),
        means="Convolutions have few parameters, but most of the work.",
        hints=(
            "At one position, one filter multiplies 3 · 3 · 64 numbers by its weights.",
            "Multiply by 64 filters, and by all positions of the image.",
        ),
        solution="answer = (224 * 224) * (3 * 3 * 64) * 64",
        wrong=(2 * 224 * 224 * 3 * 3 * 64 * 64, 36864, 224 * 224),
    ),
    "07.5": Exercise(
        level="explain it",
        kind="choice",
        minutes=2,
        check=choice(
            "smaller batches",
            {
                "a larger learning rate": "The learning rate does not change memory.",
                "more epochs": "Epochs run one after the other; memory stays the same.",
                "a larger image size": "Activations grow with the number of pixels.",
            },
        ),
        means="Activations are stored for the backward pass, for every image of the batch.",
        hints=(
            "Which part of the predicted memory is largest when all layers train?",
            "Activations grow with the batch size: halve it.",
        ),
        solution='answer = "smaller batches"',
        wrong=("more epochs", "a larger image size", "buy a GPU"),
    ),
    "07.6": Exercise(
        level="vary it",
        kind="design",
        minutes=40,
        check=_workflow,
        means="This is the whole workflow; with your own images, only step 1 changes.",
        hints=(
            "Follow the eight steps in their order. After each wrong answer, the reply names the first step "
            "that needs a change, and the change.",
            "Two calls of compile and two of fit. Before the second compile: base.trainable = True, then "
            "layer.trainable = False for the earlier blocks and for all BatchNorm layers.",
        ),
        solution=WORKFLOW,
        wrong=(("model", "history"), 0.9, "model.fit(X_train, y_train)"),
    ),
}
