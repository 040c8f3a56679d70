"""Exercises of notebook 07, VGG16 on a GPU."""

import numpy as np

from helpers.exercises import costs, pixels, stopping
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function, one_after_the_other
from helpers.exercises.lazy import lazily, lazy_text

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

EXERCISES = {
    "07.1": Exercise(
        level="explain it",
        kind="number",
        minutes=14,
        check=costs.work,
        means=(
            "block5 has about half of the weights, but the smallest share of the work: its maps are small. "
            "The blocks before it are nearly all of the work of a pass through the network, even if they are "
            "frozen. Compute their outputs once."
        ),
        hints=(
            "Loop over the layers and take those that are a keras.layers.Conv2D. Its filters are used once "
            "per position of its output.",
            "layer.output.shape is (None, rows, columns, filters), and layer.input.shape[-1] is the number "
            "of channels that each filter reads.",
        ),
        solution="""
import keras

vgg16 = keras.applications.VGG16(include_top=False, weights=None, input_shape=(224, 224, 3))
work = {}
for layer in vgg16.layers:
    if isinstance(layer, keras.layers.Conv2D):
        _, rows, columns, filters = layer.output.shape
        product = rows * columns * filters * 3 * 3 * layer.input.shape[-1]
        work[layer.name[:6]] = work.get(layer.name[:6], 0) + product
answer = {block: count / sum(work.values()) for block, count in work.items()}
""",
        wrong=(
            costs.shares(0),
            dict.fromkeys(costs.CHANNELS, 0.2),
            dict.fromkeys(costs.CHANNELS, 1e9),
            "block5",
        ),
    ),
    "07.2": Exercise(
        level="vary it",
        kind="function",
        minutes=12,
        check=function(pixels.tries(), "prepared_how", pixels.MISTAKES),
        means=(
            "Each family of networks has its own preprocessing, and a wrong one raises no error. The lowest "
            "and the highest value per channel show it, whatever the image shows. So print them before the "
            "first training, and put the preprocessing inside the model."
        ),
        hints=(
            "What does a black pixel become in each of the four ways, and what a white one? Compute both by "
            "hand, channel by channel.",
            "Minimum and maximum over rows and columns: axis=(0, 1). Ask first for the ways that change the "
            "width of the range or its lower end; the order of the channels is left for the end.",
        ),
        solution="""
def prepared_how(array):
    low, high = array.min(axis=(0, 1)), array.max(axis=(0, 1))
    if max(high - low) < 2:
        return "scaled before"
    if min(low) < -200:
        return "prepared twice"
    return "right" if low[0] > low[2] else "not reversed"


answer = prepared_how
""",
        wrong=(
            lambda array: "right",
            *pixels.MISTAKES,
            lambda array: array,
            "right",
        ),
    ),
    "07.3": Exercise(
        level="vary it",
        kind="design",
        minutes=20,
        check=lazily("trained", "head_on_features"),
        means=(
            "The network has seen each image once, and the head hundreds of times: this is a linear probe in "
            "plain Keras, and it runs without a GPU. The whole model gives the same answers from pixels, so "
            "you can save it."
        ),
        hints=(
            "Three parts: features = the network on rescaled pixels, averaged over rows and columns; a head "
            "that trains on them; and a model that puts everything together.",
            "A trained layer or model can be called like a function: head(x). Build the whole model from "
            "keras.Input((32, 32, 3)), and call Rescaling, network, pooling and head in this order.",
        ),
        solution="""
import keras
import numpy as np

from helpers.exercises.workflow import images, small_network

data, network = images(), small_network()
labels = np.searchsorted(data.classes, data.y_train)
keras.utils.set_random_seed(0)

inputs = keras.Input((32, 32, 3))
x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = keras.layers.GlobalAveragePooling2D()(network(x, training=False))
below = keras.Model(inputs, x)
features = below.predict(data.X_train, verbose=0)

head = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(5)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
head.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"])
head.fit(features, labels, epochs=100, verbose=0)

model = keras.Model(inputs, head(x))
answer = (head, model)
""",
        wrong=(0.8, ("head", "model"), "model.fit(features, y)"),
    ),
    "07.4": Exercise(
        level="do it",
        kind="function",
        minutes=11,
        check=one_after_the_other(
            function(
                [
                    (([0.9, 0.5, 0.6, 0.7, 0.8], 2), 1),
                    (([1.0, 0.9, 0.8], 2), 2),
                    (([0.5, 0.6, 0.4, 0.45, 0.5], 3), 2),
                    (([0.9, 0.5, 0.6, 0.7, 0.1], 2), 1),
                    (([0.9, 0.5, 0.6, 0.4], 2), 3),
                    (([0.5, 0.9, 0.8, 0.7, 0.1], 2), 0),
                    (([0.9, 0.5, 0.5, 0.6, 0.3], 2), 1),  # an equal loss is no improvement
                ],
                "best_epoch",
                {
                    stopping.content: (
                        "An equal loss is no improvement, as in Keras: the best loss keeps its age."
                    ),
                    stopping.impatient: "You stop one epoch too early.",
                    lambda losses, patience: int(np.argmin(losses)): (
                        "You look at epochs that early stopping never sees: it has stopped before."
                    ),
                    lambda losses, patience: len(losses) - 1: "That is the last epoch, not the best one.",
                },
            ),
            stopping.patience_pays,
            "best_epoch, and a list of losses",
        ),
        means=stopping.bet,
        hints=(
            "Go through the losses with enumerate. Keep the index of the best loss so far.",
            "At each epoch without a new best loss, how many epochs ago was the best one, and when do you "
            "leave the loop? For `losses`, draw a curve that falls twice: how long is the way between?",
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


losses = [0.9, 0.5, 0.6, 0.6, 0.6, 0.3]
answer = (best_epoch, losses)
""",
        wrong=(
            *[
                (f, [0.9, 0.5, 0.6, 0.6, 0.6, 0.3])
                for f in (
                    lambda losses, patience: len(losses) - 1,
                    stopping.impatient,
                    stopping.content,
                    lambda losses, patience: int(np.argmin(losses)),
                )
            ],
            (stopping.kept, [0.9, 0.5, 0.6, 0.3]),
            2,
        ),
    ),
    "07.5": Exercise(
        level="vary it",
        kind="design",
        minutes=14,
        check=lazily("memory", "fitting"),
        means=lazy_text("memory", "halved"),
        hints=(
            "Begin with no frozen block and freeze one more until it fits. Which two calls do you need in "
            "each round?",
            "In each round, set trainable for every layer of the backbone: is the number in its name larger "
            "than the number of frozen blocks? A layer without a block has no weights.",
        ),
        solution="""
from helpers.networks import hardware


def freeze_until_it_fits(model, base, image_size, batch_size, mib):
    base.trainable = True
    for frozen in range(6):
        for layer in base.layers:
            in_block = layer.name.startswith("block")
            layer.trainable = in_block and int(layer.name[5]) > frozen
        needed = hardware.predict_memory(model, image_size, batch_size)["sum"]
        if needed <= mib:
            return frozen


answer = freeze_until_it_fits
""",
        wrong=(
            lambda model, base, image_size, batch_size, mib: 2,
            lambda model, base, image_size, batch_size, mib: setattr(base, "trainable", False),
            "smaller batches",
        ),
    ),
    "07.6": Exercise(
        level="do it",
        kind="design",
        minutes=50,
        check=lazily("workflow_check", "missing"),
        means=(
            "You have written the whole recipe, from the first image to the saved model. The same lines work "
            "with VGG16 and a million images: only names and sizes change."
        ),
        hints=(
            "Follow the eight steps in their order. After each wrong answer, the reply names the first step "
            "that needs a change, and the change.",
            "There are two calls of compile and two of fit. Before the second compile, the whole base "
            "becomes trainable, and then its earlier blocks and all BatchNorm layers frozen again.",
        ),
        solution=WORKFLOW,
        wrong=(("model", "history"), 0.9, "model.fit(X_train, y_train)"),
    ),
}
