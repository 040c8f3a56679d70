"""Checks of trained networks: a reply for each mistake. Records are written by hand, so nothing trains."""

import keras
import numpy as np
import pytest

from helpers.exercises import trained
from helpers.exercises.designs import weighted_layers
from helpers.exercises.workflow import Recorder, Stage, small_network, weight_names
from helpers.networks.backbones import Backbone, fresh


def stacked(base, classes=10):
    pool, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(classes, name="head")
    return keras.Sequential([keras.Input((32, 32, 3)), base, pool, head])


MODEL = stacked(fresh(Backbone("shapes")))
NAMES = {name for layer in weighted_layers(MODEL) for name in weight_names(layer)}
HEAD = {name for name in NAMES if name.startswith("head")}
NORMS = {name for name in NAMES if "_bn/" in name}
CONVOLUTIONS = NAMES - HEAD - NORMS
FIRST = {"learning_rate": 1e-2, "trainable": HEAD, "changed": HEAD, "val_accuracy": (0.9,)}
LAST = {**FIRST, "learning_rate": 1e-3, "trainable": HEAD | CONVOLUTIONS, "changed": HEAD | CONVOLUTIONS}


def record(first=(), last=(), stages=2, weights=NAMES):
    history = Recorder()
    both = [Stage(from_logits=True, **(FIRST | dict(first))), Stage(from_logits=True, **(LAST | dict(last)))]
    history.stages, history.weights = both[:stages], weights
    return MODEL, history


@pytest.fixture
def accuracies(monkeypatch):
    """Fix what the checks measure: call the fixture with the accuracies in order."""

    def measured(*values):
        left = iter(values)
        monkeypatch.setattr(trained, "_accuracy", lambda model, data: next(left))

    return measured


@pytest.mark.parametrize(
    ("history", "reply"),
    [
        (record(), None),
        (record(stages=0), "history has not recorded this model"),
        (record(weights={"head/kernel"}), "history has not recorded this model"),
        (record(first={"changed": HEAD | {"block4_conv1/kernel"}}), "changed the backbone (block4)"),
        (record(stages=1), "recorded one call of `fit`"),
        (record(last={"changed": NAMES}), "BatchNorm has changed in the second stage (block1, block2"),
        (record(last={"trainable": HEAD, "changed": HEAD}), "still frozen in the last call of `fit`: set"),
        (
            record(last={"trainable": HEAD | {"block4_conv1/kernel"}, "changed": HEAD}),
            "still frozen in the last call of `fit`: block1, block2, block3, block4",
        ),
        (record(last={"changed": HEAD}), "compile again after you unfreeze"),
        (record(last={"learning_rate": 1e-2}), "Make it 10 times smaller"),
    ],
)
def test_probe_then_fine_tune(history, reply, accuracies):
    accuracies(0.95)
    found = trained.probe_then_fine_tune(history)
    assert found is None if reply is None else reply in found


def test_a_poor_model_is_not_accepted(accuracies):
    accuracies(0.4)
    assert "right for only 40% of new images" in trained.probe_then_fine_tune(record())
    assert "Give your Keras model and its Recorder" in trained.probe_then_fine_tune((MODEL, {}))
    other = stacked(fresh(Backbone("shapes")), classes=5)
    assert "Dense(10)" in trained.probe_then_fine_tune((other, record()[1]))


SECOND = stacked(fresh(Backbone("shapes")))


def at_rates(low, high, first=(), last=()):
    """Return a guess and two records; `first` and `last` change the second one."""
    _, other = record(first, {"learning_rate": high, **dict(last)})
    return 0.01, record(last={"learning_rate": low}), (SECOND, other)


@pytest.mark.parametrize(
    ("answer", "accuracy", "reply"),
    [
        (at_rates(1e-3, 3e-3), (0.9, 0.2), None),
        (at_rates(1e-3, 3e-2), (0.9, 0.1), "The rates are 0.001 and 0.03; the second may be at most 3 times"),
        (at_rates(3e-3, 1e-3), (0.9, 0.2), "The rates are 0.003 and 0.001"),
        (at_rates(1e-3, 2e-3), (0.9, 0.7), "broken: at the rate 0.002, the model is still right for 70%"),
        (at_rates(2e-3, 3e-3), (0.7, 0.2), "kept: at the rate 0.002, the model is right for only 70%"),
        (at_rates(1e-3, 3e-3, {"learning_rate": 1e-1}), (0.9, 0.2), "The head had another rate"),
        (at_rates(1e-3, 3e-3, (), {"val_accuracy": (0.5, 0.2)}), (0.9, 0.2), "same number of epochs"),
        (at_rates(1e-3, 3e-3, {"val_accuracy": (0.3,)}), (0.9, 0.2), "broken: The head was not good"),
        (at_rates(1e-3, 3e-3, {"val_accuracy": ()}), (0.9, 0.2), 'Write metrics=["accuracy"] in compile'),
        (at_rates(1e-3, 3e-3, (), {"changed": NAMES}), (0.9, 0.2), "broken: BatchNorm has changed"),
        ((0.01, record(), record()), (0.9, 0.2), "share a model"),
        ((0.01, record(), 3e-3), (), "broken: Give your Keras model and its Recorder"),
        (("large", record(), record()), (), "guess must be one learning rate"),
        (record(), (), "Give three answers"),
    ],
)
def test_bracketed(answer, accuracy, reply, accuracies):
    accuracies(*accuracy)
    found = trained.bracketed(answer)
    assert found is None if reply is None else reply in found


def test_moved_is_0_for_the_shipped_weights_and_1_for_weights_of_0():
    assert trained.moved(MODEL) == 0
    base = fresh(Backbone("shapes"))
    base.set_weights([0 * weight for weight in base.get_weights()])
    assert trained.moved(stacked(base)) == pytest.approx(1)


def frozen(base):
    base.trainable = False
    return base


def test_developed(accuracies, monkeypatch):
    monkeypatch.setattr(trained, "_untrained_probe", lambda: 0.16)
    base, other = fresh(Backbone("MiniVGG")), fresh(Backbone("MiniVGG", seed=1))
    source, target = stacked(base), stacked(frozen(base))

    def reply_to(*models, measured=(0.6, 0.5)):
        accuracies(*measured)
        return trained.developed(models)

    assert reply_to(source, target) is None
    assert "there is nothing to transfer yet" in reply_to(source, target, measured=(0.13,))
    assert "reaches 16%. Train its head" in reply_to(source, target, measured=(0.6, 0.18))
    assert "differ from those of source_model" in reply_to(source, stacked(frozen(other)))
    assert "does not contain the backbone" in reply_to(
        source, keras.Sequential([keras.Input((2, 2, 128)), *target.layers[1:]])
    )
    assert "target_model: The output has shape (5,)" in reply_to(source, stacked(base, 5))
    base.trainable = True
    assert "The backbone is trainable in target_model" in reply_to(source, target)
    assert "Give the two Keras models" in trained.developed([source, target])


def test_head_on_features():
    """A head that has learned nothing is refused, however the model is built."""
    network = frozen(small_network())
    inputs, head = keras.Input((32, 32, 3)), keras.Sequential([keras.Input((128,)), keras.layers.Dense(5)])
    x = keras.layers.GlobalAveragePooling2D()(network(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)))
    whole = keras.Model(inputs, head(x))
    head.set_weights([np.zeros((128, 5)), np.arange(5.0)])
    assert "head is right for 20% of the test images" in trained.head_on_features((head, whole))
    assert "model must start from pixels" in trained.head_on_features((head, head))
    assert "begin it with keras.Input((128,))" in trained.head_on_features((whole, head))
    assert "not those of small_network()" in trained.head_on_features(
        (head, stacked(fresh(Backbone("shapes")), 5))
    )
