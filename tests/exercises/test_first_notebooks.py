"""Typical mistakes where students build, train or change a network, in the notebooks 00 to 03."""

import pytest

from helpers.exercises import checks
from helpers.exercises.designs import weighted_layers
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras

layers = keras.layers


def reply(name, answer):
    found = checks.check(name, answer)
    assert not found.right
    return found.text


@pytest.fixture
def transferred():
    """The network of exercise 00.4 before training."""
    base = fresh(Backbone("shapes"))
    base.trainable = False
    return keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(10)])


def test_00_4_names_what_is_missing(transferred):
    assert "Has the head been trained" in reply("00.4", transferred)
    assert "Dense(10)" in reply("00.4", transferred.layers[0])
    first = next(weighted_layers(transferred))
    first.set_weights([0.9 * weight for weight in first.get_weights()])
    assert "weights of block1_conv1 are not those" in reply("00.4", transferred)
    transferred.layers[0].trainable = True
    assert "block1_conv1 is trainable" in reply("00.4", transferred)


def test_00_4_wants_the_pre_trained_network_inside():
    alone = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)])
    assert "no layer block1_conv1" in reply("00.4", alone)


@pytest.mark.parametrize(
    ("side", "last", "words"),
    [
        (12, [layers.Flatten, lambda: layers.Dense(10)], "at most 2,000"),
        (12, [layers.GlobalMaxPooling2D, lambda: layers.Dense(10)], "the task asks for 0.75"),
        (12, [layers.GlobalMaxPooling2D, lambda: layers.Dense(9)], "Dense(10)"),
        (14, [layers.GlobalMaxPooling2D, lambda: layers.Dense(10)], "keras.Input((12, 12, 1))"),
    ],
)
def test_01_4_names_what_is_wrong(side, last, words):
    parts = [keras.Input((side, side, 1)), layers.Conv2D(8, 3), *(make() for make in last)]
    assert words in reply("01.4", keras.Sequential(parts))


def test_00_4_refuses_probabilities_where_the_loss_expects_scores(transferred):
    twice = keras.Sequential([*transferred.layers[:2], layers.Dense(10, activation="softmax")])
    for from_logits, words in ((True, "The outputs are probabilities"), (False, "Has the head been trained")):
        twice.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits))
        assert words in reply("00.4", twice)
    transferred.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert "Has the head been trained" in reply("00.4", transferred)


def detector(rate, weight=0.0, steps=10):
    head = layers.Dense(2, kernel_initializer=keras.initializers.Constant(weight))
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.GlobalAveragePooling2D(), head])
    model.compile(keras.optimizers.Adam(rate))
    model.optimizer.iterations.assign(steps)
    return model


def test_02_3_says_which_detector_or_number_is_wrong(monkeypatch):
    from helpers.exercises import forgetting

    first, models = detector(0.003), {name: detector(0.001, 1) for name in forgetting.NAMES}
    models["hasty"] = detector(0.01, 5)
    day_losses = {first: 0.004, models["both"]: 0.001, models["alone"]: 0.03, models["hasty"]: 0.3}
    monkeypatch.setattr(forgetting, "_day_loss", lambda model: day_losses[model])
    found = {(first, "day"): 0.93, (models["alone"], "day"): 0.92, (models["alone"], "night"): 0.84}
    found |= {(models["hasty"], "day"): 0.8, (models["both"], "day"): 0.94, (models["both"], "night"): 0.83}
    lost = {"alone": 1.0, "hasty": 13.0, "both": -1.0}

    def said(numbers=lost, changed=(), models=models):
        accuracies = {**found, **dict(changed)}
        monkeypatch.setattr(forgetting, "_accuracy", lambda model, time: accuracies[model, time])
        return checks.check("02.3", first, models, numbers)

    right = said()
    assert right.right and "alone 1.0, hasty 13.0, both -1.0" in right.text
    assert "fine-tuning on the night lost -1 to 18" in right.text
    for numbers, words in (
        (lost | {"hasty": -13.0}, "the sign"),
        (lost | {"hasty": 0.13}, "in points, please"),
        (lost | {"both": 3.0}, "this detector has lost -1.0 points"),
        (lost | {"both": "none"}, "must be one number"),
        (lost | {"both": ...}, "Still with ...: 'both'"),
        ({"alone": 1.0}, "`lost` must be a dict"),
    ):
        assert words in said(numbers).text
    for changed, words in (
        ({(models["alone"], "night"): 0.6}, "At night, `alone` has 60%"),
        ({(models["both"], "day"): 0.6}, "By day, `both` has 60%"),
    ):
        assert words in said(changed=changed).text
    assert "the same object" in said(models=models | {"both": models["alone"]}).text
    for name, other, words in (
        ("hasty", detector(0.001, 5), "ten times the learning rate"),
        ("hasty", detector(0.01, 0.5), "`hasty` have moved less than those of `alone`"),
        ("hasty", detector(0.01, 5, steps=0), "`hasty` has not been trained further"),
        ("both", detector(0.001), "`both` has not been trained further"),
        ("both", keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dense(2)]), "is no copy"),
    ):
        assert words in said(models=models | {name: other}).text
    assert "must be a Keras model" in said(models=models | {"both": 3}).text
    day_losses[models["both"]] = 0.02
    assert "it has not seen them again" in said().text
    day_losses[models["alone"]] = 0.001
    assert "`alone` is surer than `detector`. So it has seen them again" in said().text


def change(order, bias_order, layer=-1):
    def exchange(model):
        kernel, bias = model.layers[layer].get_weights()
        model.layers[layer].set_weights([kernel[:, order], bias[bias_order]])

    return exchange


def overwrite_the_columns_only(model):
    kernel, bias = model.layers[-1].get_weights()
    kept = kernel[:, 0]
    kernel[:, 0] = kernel[:, 1]
    kernel[:, 1] = kept
    model.layers[-1].set_weights([kernel, bias[[1, 0, 2]]])


def overwrite(model):
    kernel, bias = model.layers[-1].get_weights()
    kernel[:, 0], kernel[:, 1] = kernel[:, 1], kernel[:, 0]
    model.layers[-1].set_weights([kernel, bias[[1, 1, 2]]])


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (change([1, 0, 2], [0, 1, 2]), "its own bias"),
        (change([0, 1, 2], [1, 0, 2]), "the columns of the kernel are not"),
        (change([2, 1, 0], [2, 1, 0]), "two other classes"),
        (change([1, 2, 0], [1, 2, 0]), "not those of before"),
        (change([1, 0, 2, 3, 4, 5], [1, 0, 2, 3, 4, 5], layer=0), "first layer has changed"),
        (overwrite, "is a view, not a copy"),
        (overwrite_the_columns_only, "kernel[:, 0].copy()"),
        (lambda model: keras.models.clone_model(model), "change this model"),
    ],
)
def test_03_5_names_what_was_exchanged(exchange, words):
    assert words in reply("03.5", exchange)
    assert checks.check("03.5", change([1, 0, 2], [1, 0, 2])).right


last = layers.Dense(3)


def change_a_layer_of_the_notebook(model):
    kernel, bias = last.get_weights()
    last.set_weights([kernel[:, [1, 0, 2]], bias[[1, 0, 2]]])


def copy_a_layer_of_the_notebook(model):
    model.layers[-1].set_weights(last.get_weights())


def test_03_5_names_the_layer_that_the_function_takes_from_outside():
    last.build((None, 16))
    for exchange in (change_a_layer_of_the_notebook, copy_a_layer_of_the_notebook):
        said = reply("03.5", exchange)
        assert "uses `last`" in said and "model.layers[-1]" in said
    assert "Have you called set_weights" in reply("03.5", lambda model: None)
