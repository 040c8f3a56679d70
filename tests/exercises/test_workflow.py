"""Exercise 07.6: the solution passes, and each typical mistake gets a reply that names it.

Every mistake is a change of the solution's code, as a student would make it.
"""

import keras
import numpy as np
import pytest
from of_today import share

from helpers.exercises import check, checks, workflow, workflow_check
from helpers.exercises.workflow import Recorder, Stage

SOLUTION = checks.exercises("07")["07.6"].solution
RESCALING = "x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)  # 0..255 becomes -1..1"
FREEZE = "base.trainable = False\n"
UNFREEZE = "base.trainable = True\n"
CHOICE = "layer.trainable = in_last_block and not is_batchnorm"
COMPILE_AGAIN = 'model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])'
SECOND_FIT = "model.fit(*train, validation_data=validation, **options)"
NO_BATCHNORM = (
    'for layer in base.layers:\n    layer.trainable = "block4" in layer.name and "_bn" not in layer.name'
)
HEAD = "keras.layers.Dense(len(data.classes))"
LOGITS = "SparseCategoricalCrossentropy(from_logits=True)"
ANSWER = "answer = (model, history)"
SPLIT = "(data.split(part).X, np"

MISTAKES = {
    "no preprocessing": ([(RESCALING, "x = inputs")], "Step 2: the preprocessing is not inside the model"),
    "preprocessing outside": (
        [(RESCALING, "x = inputs"), (SPLIT, "(data.split(part).X / 127.5 - 1, np")],
        "Before `fit` is the wrong place",
    ),
    "preprocessing twice": (
        [("(inputs)  #", "(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))  #")],
        "preprocessed twice. Keep one",
    ),
    "another preprocessing": (
        [("1 / 127.5, offset=-1", "1 / 255")],
        "sees values from 0 to 1; the backbone was trained on values from -1 to 1",
    ),
    "softmax twice": ([(HEAD, 'keras.layers.Dense(5, "softmax")')], "they contradict each other. Keras on"),
    "logits taken for probabilities": ([(LOGITS, "SparseCategoricalCrossentropy()")], "returns logits, but"),
    "a loss by its name": ([(f"keras.losses.{LOGITS}", '"sparse_categorical_crossentropy"')], "from_logits"),
    "head for 1000 classes": ([(HEAD, "keras.layers.Dense(1000)")], "one output per class"),
    "base never frozen": ([(FREEZE, "")], "changed the backbone (block1, block2, block3, block4, top_conv)"),
    "head frozen": (
        [("model.compile(keras.optimizers.Adam(1e-2)", "model.trainable = False\nmodel.compile('sgd'")],
        "changed no weights",
    ),
    "one call of fit": ([(SECOND_FIT, "")], "only one call of `fit`"),
    "recorder forgotten once": ([("[history, stop]", "[stop]")], "only one call of `fit`"),
    "never unfrozen": ([(UNFREEZE, ""), (CHOICE, "pass")], "still frozen"),
    "all layers unfrozen": ([(CHOICE, "layer.trainable = not is_batchnorm")], "block1, block2, block3. Few"),
    "not compiled again": ([(COMPILE_AGAIN, "")], "`fit`. If you did, an earlier learning rate was"),
    "same rate": ([("Adam(1e-3)", "Adam(1e-2)")], "0.01 in the first call of `fit`, and up to 0.01 while"),
    "same rate, then a smaller one": (
        [("Adam(1e-3)", "Adam(1e-2)"), (SECOND_FIT, f"{SECOND_FIT}\n{COMPILE_AGAIN}\n{SECOND_FIT}")],
        "up to 0.01 while block4 trained",
    ),
    "same rate by a schedule": (
        [("[history, stop]", "[history, stop, keras.callbacks.LearningRateScheduler(lambda epoch: 1e-2)]")],
        "up to 0.01 while block4 trained",
    ),
    "BatchNorm in training mode": (
        [(CHOICE, "layer.trainable = in_last_block")],
        "statistics of 3 layers changed",
    ),
    "BatchNorm in training mode at first": (
        [
            (CHOICE, "layer.trainable = in_last_block"),
            (SECOND_FIT, f"{SECOND_FIT}\n{NO_BATCHNORM}\n{COMPILE_AGAIN}\n{SECOND_FIT}"),
        ],
        "statistics of 3 layers changed",
    ),
    "only the head": (
        [(ANSWER, "answer = (keras.Model(x, model.layers[-1](x)), history)")],
        "shape (32,), not images: it is only the head",
    ),
    "a model without a backbone": (
        [(ANSWER, "answer = (keras.Model(inputs, keras.layers.Dense(5)(inputs)), history)")],
        "no convolutional layer",
    ),
    "images resized outside": (
        [("(32, 32, 3)", "(16, 16, 3)"), (SPLIT, "(data.split(part).X[:, ::2, ::2], np")],
        "keras.layers.Resizing",
    ),
    "another model": (
        [(ANSWER, 'answer = (keras.Model(inputs, keras.layers.Dense(5, name="new")(x)), history)')],
        "history has recorded another model",
    ),
    "a new record": (
        [(ANSWER, "answer = (keras.models.clone_model(model), Recorder())")],
        "history is empty",
    ),
    "what fit returns": ([(ANSWER, "answer = (model, model.history)")], "received History"),
    "a list of what fit returns": ([(ANSWER, "answer = (model, [model.history])")], "received list"),
    "no accuracy": ([('metrics=["accuracy"]', ""), ("verbose=0)[1]", "verbose=0)")], 'metrics=["accuracy"]'),
    "labels shuffled": (
        [("np.searchsorted(data.classes, data.split(part).y)", "np.arange(len(data.split(part).y)) % 5")],
        "A classifier that knows only the mean colour",
    ),
}


# Each of them trains a network, so a third is tried every day.
TODAY = dict(share(MISTAKES.items(), 3))


def answer(*changes):
    """Return what the solution gives to `check`, after one epoch each and with some lines changed."""
    code = SOLUTION.replace("epochs=20", "epochs=1").replace('"epochs": 20', '"epochs": 1')
    code = code[: code.index("# 7. ")] + ANSWER
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    space = {}
    exec(code, space)
    return space["answer"]


def tiny_network(blocks=4, norm=True, prepare=lambda x: x):
    """A network with the layer names of VGG16 that trains in a moment; its weights are random."""
    inputs = keras.Input((None, None, 3))
    x = prepare(inputs)
    for block in range(1, blocks + 1):
        for number in range(1, 4):
            name = f"block{block}_conv{number}"
            x = keras.layers.Conv2D(16, 3, padding="same", activation="relu", name=name)(x)
            x = keras.layers.BatchNormalization(name=f"{name}_bn")(x) if norm else x
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(inputs, keras.layers.Conv2D(32, 1, name="top_conv")(x))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:keras.*")  # Keras notices some of the mistakes, too
@pytest.mark.parametrize("changes, reply", TODAY.values(), ids=TODAY)
def test_a_mistake_is_named(changes, reply, monkeypatch):
    monkeypatch.setattr(workflow, "small_network", tiny_network)
    found = check("07.6", *answer(*changes))
    assert not found.right and reply in found.text, found.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "right, wrong",
    [(SPLIT, "(255 - data.split(part).X, np"), ("np.searchsorted(", "4 - np.searchsorted(")],
    ids=["images changed outside", "classes in another order"],
)
def test_images_and_labels_must_be_those_of_the_exercise(right, wrong):
    found = check("07.6", *answer((right, wrong), ("epochs=1,", "epochs=8,")))
    assert "Do not change images outside the model, and encode classes in the order" in found.text, found.text


@pytest.mark.slow
def test_random_weights_of_the_small_network_are_not_pre_trained():
    found = check("07.6", *answer(("= small_network()", "= keras.models.clone_model(small_network())")))
    assert "Step 2: the weights of block1, block2, block3, block4 are not the" in found.text, found.text


def test_a_model_without_an_input_shape_is_named():
    model, history = keras.Sequential([keras.layers.Dense(5)]), Recorder()
    history.set_model(model)
    with pytest.raises(ValueError, match="begin the model with keras.Input"):
        history.on_train_begin()
    assert "begin the model with keras.Input((32, 32, 3))" in check("07.6", model, history).text


@pytest.mark.parametrize("from_logits, problems", [(None, 0), (False, 1), (True, 0)])
def test_only_a_loss_that_is_known_is_judged(from_logits, problems):
    stage = Stage(1e-3, from_logits, set(), set(), ())
    assert len(list(workflow_check._loss_problems(np.array([[-1.0, 5.0]]), stage))) == problems


def trained(base, x, inputs, last_block):
    """Train in both stages, one epoch each, and return the model and its record."""
    data, history = workflow.images(), Recorder()
    X, y = data.X_validation, np.searchsorted(data.classes, data.y_validation)
    options = {"validation_data": (X, y), "verbose": 0, "callbacks": [history]}
    model = keras.Model(inputs, keras.layers.Dense(5)(keras.layers.GlobalAveragePooling2D()(x)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for layer in base.layers:
        layer.trainable = False
    model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["accuracy"])
    model.fit(X, y, **options)
    for layer in base.layers:
        is_batchnorm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = any(name in layer.name for name in last_block) and not is_batchnorm
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    model.fit(X, y, **options)
    return model, history


def nested():
    inputs = keras.Input((32, 32, 3))
    x = keras.Sequential([keras.layers.RandomFlip("horizontal")])(inputs)
    base = tiny_network(blocks=5, norm=False)
    return base, base(keras.applications.vgg16.preprocess_input(x)), inputs, ["block5", "top"]


def with_a_convolution_in_the_head():
    inputs, base = keras.Input((32, 32, 3)), tiny_network()
    x = base(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    return base, keras.layers.Conv2D(16, 1, activation="relu")(x), inputs, ["block4", "top"]


def flat():
    base = tiny_network(prepare=keras.layers.Rescaling(1 / 127.5, offset=-1))
    return base, base.output, base.input, ["block4", "top"]


@pytest.mark.slow
@pytest.mark.parametrize("form", share([nested, flat, with_a_convolution_in_the_head], 3))
def test_the_form_of_the_model_does_not_matter(form, tmp_path):
    """These networks have not learned anything, so the accuracy is all that the reply can object to."""
    model, history = trained(*form())
    assert [stage.learning_rate for stage in history.stages] == pytest.approx([1e-2, 1e-3])
    model.save(tmp_path / "model.keras")
    for candidate in (model, keras.saving.load_model(tmp_path / "model.keras")):
        found = check("07.6", candidate, history)
        assert "A classifier that knows only the mean colour" in found.text, found.text


def test_preprocessing_of_another_network_is_named():
    inputs = keras.Input((32, 32, 3))
    x = tiny_network(5, norm=False)(keras.applications.mobilenet.preprocess_input(inputs))
    outputs = keras.layers.Dense(5)(keras.layers.GlobalAveragePooling2D()(x))
    found = check("07.6", keras.Model(inputs, outputs), Recorder())
    assert "from -1 to 1; the backbone was trained on values from -124 to 151" in found.text


@pytest.mark.slow
def test_imagenet_weights_pass(real_data):
    weights = str(real_data("weights") / "mobilenet_0.75_224_no_top.weights.h5")
    network = f"keras.applications.MobileNet((96, 96, 3), 0.75, include_top=False, weights={weights!r})"
    code = (
        SOLUTION.replace("small_network()", network)
        .replace("x = base(x", "x = base(keras.layers.Resizing(96, 96)(x)")
        .replace('startswith("block4")', 'startswith(("conv_dw_13", "conv_pw_13"))')
        .replace("epochs=20", "epochs=5")
        .replace('"epochs": 20', '"epochs": 2')
    )
    space = {}
    exec(code, space)
    reply = check("07.6", *space["answer"])
    assert reply.right, reply.text


def small_model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="head")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_a_recorder_keeps_the_stages_of_the_latest_model():
    history, images, labels = Recorder(), np.ones((4, 2)), np.arange(4) % 3
    first, second = small_model(), small_model()
    for model in (first, first, second):
        model.fit(images, labels, validation_split=0.5, epochs=2, verbose=0, callbacks=[history])
    assert len(history.stages) == 1 and len(history.stages[0].val_accuracy) == 2
    assert history.stages[0].changed == history.stages[0].trainable == {"head/kernel", "head/bias"}
    assert not history.stages[0].from_logits


def test_a_recorder_does_not_judge_a_function_of_the_students_own():
    history, model = Recorder(), small_model()
    model.compile("sgd", lambda y, outputs: keras.ops.mean((y - outputs) ** 2))
    model.fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0, callbacks=[history])
    assert history.stages[0].from_logits is None


def test_a_recorder_notes_what_did_not_change():
    history, model = Recorder(), small_model()
    model.trainable = False
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="trainable"):
        model.fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0, callbacks=[history])
    assert history.stages[0].trainable == history.stages[0].changed == set()


def test_an_interrupted_call_is_not_recorded():
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    history, model = Recorder(), small_model()
    with pytest.raises(KeyboardInterrupt):
        model.fit(np.ones((4, 2)), np.zeros(4), verbose=0, callbacks=[Interrupt(), history])
    assert history.stages == []


def test_the_small_network_is_the_shipped_one_without_preprocessing():
    from helpers.networks.backbones import Backbone, load

    X = workflow.images().X_test[:4]
    codes = workflow.small_network().predict(X / 127.5 - 1, verbose=0)
    np.testing.assert_allclose(codes, load(Backbone("photos")).predict(X, verbose=0), atol=1e-4)
