import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from helpers.data import synthetic
from helpers.networks import backbones, heads
from helpers.networks.backend import keras
from helpers.strategies import checkpoints, training
from helpers.strategies.layerwise_adam import LayerwiseAdam
from helpers.strategies.training import Batches, fit


@pytest.fixture(scope="module")
def data():
    return synthetic.streets(64, seed=1)


def small_classifier(seed=0, **options):
    return heads.classifier(backbones.mini_vgg(seed, (4, 4)), 2, seed=seed, **options)


SETTINGS = {"epochs": 2, "batch_size": 32, "seed": 0, "head_lr": 1e-2, "base_lr": 1e-3}


def assert_same_weights(one, two):
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_same_seed_gives_the_same_weights(data):
    one, two = small_classifier(), small_classifier()
    assert fit(one, *data, **SETTINGS) == fit(two, *data, **SETTINGS)
    assert_same_weights(one, two)


def test_backbone_moves_by_its_own_rate(data):
    """Adam's first step has the size of the learning rate, so it shows which rate was used."""
    model = small_classifier()
    before = {w.path: np.array(w) for w in model.trainable_weights}
    fit(model, *data, **{**SETTINGS, "epochs": 1, "batch_size": 64})
    moved = {w.path: np.abs(np.array(w) - before[w.path]).max() for w in model.trainable_weights}
    assert moved["head/kernel"] == pytest.approx(1e-2, rel=0.05)
    assert moved["block2_conv2/kernel"] == pytest.approx(1e-3, rel=0.05)


def settled(model, X):
    """The BatchNorm statistics of a network, and those that all images give with its last weights."""
    layer = next(la for la in heads.all_layers(model) if isinstance(la, keras.layers.BatchNormalization))
    before = keras.Model(model.get_layer("mini_vgg").input, layer.input).predict(X, verbose=0)
    kept = np.array(layer.moving_mean), np.array(layer.moving_variance)
    return kept, (before.mean(axis=(0, 1, 2)), before.var(axis=(0, 1, 2)))


@pytest.mark.parametrize("interrupt", [False, True])
def test_batchnorm_predicts_with_the_statistics_of_the_last_weights(data, interrupt):
    """Moving averages lag behind the weights: after a few steps from random ones, predictions are chance."""
    X = data[0][:50]  # one batch of `recompute_batchnorm`, so that the statistics are exact
    model = small_classifier()

    def stopped(epoch, logs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) if interrupt else contextlib.nullcontext():
        fit(model, X, data[1][:50], **SETTINGS, on_epoch=stopped if interrupt else None)
    kept, expected = settled(model, X)
    np.testing.assert_allclose(kept[0], expected[0], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(kept[1], expected[1], rtol=1e-2)


def test_layerwise_adam_with_equal_rates_is_adam(data):
    one, two = small_classifier(), small_classifier()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    one.compile(LayerwiseAdam(1e-3, 1.0), loss)
    two.compile(keras.optimizers.Adam(1e-3), loss)
    for model in (one, two):
        model.fit(*data, batch_size=32, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_every_epoch_sees_every_picture_once_in_an_order_of_its_own():
    X = np.arange(50)
    batches = Batches(X, X, 16, seed=3)
    orders = []
    for epoch in range(3):
        batches.shuffle(epoch)
        parts = [batches[k] for k in range(len(batches))]
        assert [len(x) for x, _ in parts] == [16, 16, 16, 2]
        assert all((x == y).all() for x, y in parts)
        orders.append(np.concatenate([x for x, _ in parts]).tolist())
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    batches.shuffle(1)
    assert batches[0][0].tolist() == orders[1][:16]


def test_another_seed_gives_another_order(data):
    """Otherwise runs over seeds would differ less than they should."""
    X, orders = np.arange(50), []
    for seed in (0, 1, 2):
        batches = Batches(X, X, 50, seed)
        batches.shuffle(0)
        orders.append(batches[0][0].tolist())
    assert orders[0] != orders[1] != orders[2] != orders[0] and X.tolist() not in orders
    losses = [
        fit(small_classifier(), *data, **{**SETTINGS, "epochs": 1, "seed": seed})["loss"] for seed in (0, 1)
    ]
    assert losses[0] != losses[1]


def test_pictures_travel_as_bytes(data):
    assert Batches(*data, 8)[0][0].dtype == np.uint8


def test_stop_ends_within_a_batch_and_keeps_the_history(data):
    stop = threading.Event()
    seen = []

    def on_epoch(epoch, logs):
        seen.append((epoch, logs["accuracy"]))
        stop.set()

    history = fit(small_classifier(), *data, **{**SETTINGS, "epochs": 50}, on_epoch=on_epoch, stop=stop)
    assert len(seen) == 1 and history["accuracy"] == [seen[0][1]]


def test_validation_is_watched(data):
    model = small_classifier()
    history = fit(model, *data, **SETTINGS, validation=data)
    assert len(history["val_accuracy"]) == 2
    # The last scores are those of the network that comes out, BatchNorm's statistics included.
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    scores = model.predict(data[0], verbose=0)
    assert history["val_loss"][-1] == pytest.approx(float(loss(data[1], scores)), rel=1e-3)
    assert history["val_accuracy"][-1] == pytest.approx(np.mean(scores.argmax(axis=1) == data[1]))


@pytest.mark.parametrize("name", ["epochs", "batch_size", "head_lr", "base_lr"])
@pytest.mark.parametrize("value", [0, "8"])
def test_settings_must_be_positive_numbers(data, name, value):
    with pytest.raises(ValueError, match=f"{name} must be .* Received: {value!r}"):
        fit(small_classifier(), *data, **{**SETTINGS, name: value})


@pytest.mark.parametrize("name", ["head_lr", "base_lr"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), np.float32("inf")])
def test_learning_rates_must_be_finite(data, name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number greater than 0. Received: "):
        fit(small_classifier(), *data, **{**SETTINGS, name: value})


@pytest.mark.parametrize("name, value", [("patience", 0), ("patience", 2.5), ("seed", None), ("seed", -1)])
def test_patience_and_seed_must_be_integers(data, name, value):
    with pytest.raises(ValueError, match=f"{name} must be an integer .* Received: {value!r}"):
        fit(small_classifier(), *data, **{**SETTINGS, name: value}, validation=data)


@pytest.mark.parametrize("error, rate", [(ValueError, 1e30), (ZeroDivisionError, 1e-2)])
def test_a_run_that_fails_leaves_the_network_as_it_was(data, error, rate):
    model, same = small_classifier(), small_classifier()

    def broken(epoch, logs):
        return 1 / 0

    with pytest.raises(error):
        fit(model, *data, **{**SETTINGS, "head_lr": rate, "base_lr": rate}, on_epoch=broken)
    assert_same_weights(model, same)


def test_labels_have_to_be_class_indices_one_a_picture(data):
    X, y = data
    with pytest.raises(ValueError, match=f"{len(X) - 1} images but y has {len(X)} labels"):
        fit(small_classifier(), X[1:], y, **SETTINGS)
    for wrong in (y + 1, y - 1, y.astype(float), y.astype(str)):
        with pytest.raises(ValueError, match="integers from 0 to 1"):
            fit(small_classifier(), X, wrong, **SETTINGS)
        with pytest.raises(ValueError, match="integers from 0 to 1"):
            fit(small_classifier(), X, y, **SETTINGS, validation=(X, wrong))


@pytest.mark.parametrize(
    "change, error, words",
    [
        (lambda X: X / 255.0, TypeError, "uint8 images.*multiply them by 255"),
        (lambda X: np.where(X > 99, np.nan, X), ValueError, "NaN or infinite"),
        (lambda X: X[:0], ValueError, "at least one image"),
        (lambda X: X[..., 0], ValueError, "X must have shape"),
        (lambda X: X[..., :1], ValueError, "greyscale"),
    ],
)
def test_what_are_no_images_is_refused_for_training_and_validation(change, error, words, data):
    X, y = data
    bad = change(X)
    with pytest.raises(error, match=words):
        fit(small_classifier(), bad, y[: len(bad)], **SETTINGS)
    with pytest.raises(error, match=words):
        fit(small_classifier(), X, y, validation=(bad, y[: len(bad)]), **SETTINGS)


def test_validation_must_be_a_pair(data):
    with pytest.raises(TypeError, match="must be a pair"):
        fit(small_classifier(), *data, validation=data[0], **SETTINGS)


def test_activations_may_be_numbers_of_any_size_but_need_the_shape_of_the_network(data):
    backbone = heads.set_trainable_from(backbones.mini_vgg(0, (4, 4, 4, 4)), "block4")
    frozen, trained = heads.split_frozen(heads.classifier(backbone, 2))
    activations = frozen.predict(data[0], verbose=0)
    assert len(fit(trained, activations, data[1], **SETTINGS)["loss"]) == 2
    for wrong in (activations[..., :2], activations[0], activations[:0]):
        with pytest.raises(ValueError, match=r"shape \(n, None, None, 4\), n > 0"):
            fit(trained, wrong, data[1][: len(wrong)], **SETTINGS)


@pytest.mark.parametrize("missing, given", [("epochs", {}), ("epochs", {"epoch": 3})])
def test_a_setting_that_is_missing_or_unknown_is_named_with_those_there_are(missing, given, data):
    settings = {name: value for name, value in SETTINGS.items() if name != missing}
    with pytest.raises(TypeError, match=f"^fit .*'{next(iter(given), missing)}'.*Its settings are epochs, "):
        fit(small_classifier(), *data, **settings, **given)


def test_a_folder_is_refused_as_checkpoint_before_training(data, tmp_path):
    with pytest.raises(ValueError, match="is a folder. Pass a file, such as .*run.npz"):
        fit(small_classifier(), *data, **SETTINGS, checkpoint=tmp_path)
    assert not tmp_path.with_name(tmp_path.name + ".part").exists()


def test_a_loss_that_explodes_is_said(data):
    model = small_classifier()
    model.get_layer("head").set_weights([np.full((4, 2), np.nan), np.zeros(2)])
    with pytest.raises(ValueError, match="learning rate is too high"):
        fit(model, *data, **SETTINGS)


def test_early_stopping_goes_back_to_the_best_weights():
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone, fresh
    from helpers.networks.heads import classifier, set_trainable_from

    data = builtin("new_shapes", 3, 3, 0)
    X, y = data.X_train, np.searchsorted(data.classes, data.y_train)
    held = data.X_validation, np.searchsorted(data.classes, data.y_validation)
    model = classifier(set_trainable_from(fresh(Backbone("shapes")), None), 10)
    options = {"epochs": 30, "batch_size": 8, "seed": 0, "head_lr": 0.3, "base_lr": 1e-4}
    history = fit(model, X, y, validation=held, patience=2, **options)
    best = min(history["val_loss"])
    assert len(history["val_loss"]) == np.argmin(history["val_loss"]) + 1 + 2 < 30
    assert model.evaluate(*held, verbose=0) == pytest.approx([best, training.kept(history)], rel=1e-3)
    with pytest.raises(ValueError, match="validation"):
        fit(model, X, y, patience=2, **options)


def test_the_accuracy_kept_is_that_of_the_lowest_loss():
    history = {"val_loss": [0.9, 0.4, 0.5], "val_accuracy": [0.6, 0.7, 0.8]}
    assert training.kept(history) == 0.7


class StopAfter:
    """Stands in for the reader's Stop: set after so many batches, of training or of validation."""

    def __init__(self, batches):
        self.left = batches

    def is_set(self):
        self.left -= 1
        return self.left < 0


RANDOM = {"dropout": 0.5, "augment": True}
LONGER = {**SETTINGS, "epochs": 6, "batch_size": 16, "head_lr": 1e-2, "patience": 2}


@pytest.fixture(scope="module")
def uninterrupted(data):
    """Dropout, augmentation and early stopping, in one go."""
    model = small_classifier(**RANDOM)
    return model, fit(model, *data, validation=data, **LONGER)


@pytest.mark.parametrize("batches", [2, 8, 19])
def test_an_interrupted_run_ends_as_if_it_had_not_been(data, uninterrupted, tmp_path, batches):
    file = tmp_path / "run.npz"
    first = small_classifier(**RANDOM)
    part = fit(first, *data, validation=data, **LONGER, checkpoint=file, stop=StopAfter(batches))
    assert len(part.get("loss", [])) == batches // 8  # an epoch: 4 batches, and 4 of validation
    again = small_classifier(**RANDOM)  # as a new process would build it
    whole, history = uninterrupted
    assert fit(again, *data, validation=data, **LONGER, checkpoint=file) == history
    assert_same_weights(again, whole)


def test_a_finished_run_is_not_run_again(data, uninterrupted, tmp_path):
    file = tmp_path / "run.npz"
    fit(small_classifier(**RANDOM), *data, validation=data, **LONGER, checkpoint=file)
    again = small_classifier(**RANDOM)
    epochs = []
    history = fit(
        again, *data, validation=data, **LONGER, checkpoint=file, on_epoch=lambda *seen: epochs.append(seen)
    )
    assert epochs == [] and history == uninterrupted[1]
    assert_same_weights(again, uninterrupted[0])


def test_an_error_of_the_reader_leaves_the_last_epoch_on_disk(data, tmp_path):
    def interrupt(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    file = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        fit(small_classifier(), *data, **SETTINGS, checkpoint=file, on_epoch=interrupt)
    resumed, whole = small_classifier(), small_classifier()
    assert fit(resumed, *data, **SETTINGS, checkpoint=file) == fit(whole, *data, **SETTINGS)
    assert_same_weights(resumed, whole)


def test_a_checkpoint_of_another_run_is_refused(data, tmp_path):
    file = tmp_path / "run.npz"
    fit(small_classifier(), *data, **SETTINGS, checkpoint=file)
    with pytest.raises(ValueError, match="head_lr was 0.01 and is 0.02.*Delete it"):
        fit(small_classifier(), *data, **{**SETTINGS, "head_lr": 2e-2}, checkpoint=file)
    with pytest.raises(ValueError, match=r"layers was \d+ and is.*dropout was \[\] and is \[0.8\]"):
        fit(small_classifier(dropout=0.8), *data, **SETTINGS, checkpoint=file)
    negatives = 255 - data[0], data[1]
    for given, validation in ((negatives, None), ((data[0], 1 - data[1]), None), (data, data)):
        with pytest.raises(ValueError, match="images was"):
            fit(small_classifier(), *given, **SETTINGS, validation=validation, checkpoint=file)
    one, other = (backbones.Backbone(name) for name in ("shapes", "photos"))  # of the same shapes
    file.unlink()
    for backbone, message in ((one, None), (other, "frozen_weights was")):
        network = heads.classifier(heads.set_trainable_from(backbones.fresh(backbone), "all"), 2)
        with pytest.raises(ValueError, match=message) if message else contextlib.nullcontext():
            fit(network, *data, **SETTINGS, checkpoint=file)
    file.write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not a checkpoint file"):
        fit(small_classifier(), *data, **SETTINGS, checkpoint=file)


WRITER = """
import sys
import numpy as np
from helpers.strategies.checkpoints import State, write
for k in range(10**6):
    write(sys.argv[1], State({}, {"loss": [k]}, 1, model=[np.full(200_000, k)]))
    print(k, flush=True)
"""


def test_a_kill_at_any_time_leaves_a_whole_checkpoint(tmp_path):
    file = tmp_path / "run.npz"
    for pause in (0.0, 0.003, 0.011, 0.017):
        process = subprocess.Popen([sys.executable, "-c", WRITER, file], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(pause)
        os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait()
        process.stdout.close()
        state = checkpoints.read(file, {})
        assert (state.model[0] == state.history["loss"][0]).all()


def backend_error():
    """What the backend raises when memory runs out."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    import jax

    return jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate")


@pytest.fixture
def small_card(monkeypatch):
    """A card that holds so many pictures and no more; the first epoch still fits."""
    room = {"pictures": 16}
    shuffle = Batches.shuffle

    def shuffled(self, epoch):
        if epoch == 1 and self.batch_size > room["pictures"]:
            raise backend_error()
        shuffle(self, epoch)

    monkeypatch.setattr(Batches, "shuffle", shuffled)
    return room


def test_when_memory_runs_out_the_batch_is_halved_and_the_run_starts_again(data, small_card, tmp_path):
    model, plain = small_classifier(**RANDOM), small_classifier(**RANDOM)
    with pytest.warns(UserWarning) as told:
        history = fit(model, *data, **SETTINGS, checkpoint=tmp_path / "run.npz")
    texts = [str(w.message) for w in told if "Memory ran out" in str(w.message)]
    assert [text.split()[-1] for text in texts] == ["16."]
    assert history == fit(plain, *data, **{**SETTINGS, "batch_size": 16})
    assert_same_weights(model, plain)
    assert checkpoints.read(tmp_path / "run.npz", {}).batch_size == 16


def test_when_nothing_fits_the_remedies_are_named(data, small_card):
    small_card["pictures"] = 0
    with (
        pytest.raises(MemoryError, match="smaller images, train fewer blocks"),
        pytest.warns(UserWarning, match="Memory ran out"),
    ):
        fit(small_classifier(), *data, **{**SETTINGS, "batch_size": 2})


def test_another_error_is_not_taken_for_memory(data, monkeypatch):
    def broken(self, epoch):
        raise RuntimeError("something else")

    monkeypatch.setattr(training.Batches, "shuffle", broken)
    with pytest.raises(RuntimeError, match="something else"):
        fit(small_classifier(), *data, **SETTINGS)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_keeps_32_bit_weights_and_resumes(data, tmp_path, policy):
    from helpers.networks.hardware import mixed_precision

    file = tmp_path / "run.npz"
    try:
        assert mixed_precision(policy) == policy
        whole, broken, resumed = (small_classifier(**RANDOM) for _ in range(3))
        settings = {**SETTINGS, "batch_size": 16}
        history = fit(whole, *data, **settings)
        fit(broken, *data, **settings, checkpoint=file, stop=StopAfter(5))
        assert fit(resumed, *data, **settings, checkpoint=file) == history
        assert_same_weights(resumed, whole)
        assert {w.dtype for w in whole.trainable_weights} == {"float32"}
        assert whole.layers[-1].compute_dtype == "float32"
        scaled = type(whole.optimizer).__name__ == "LossScaleOptimizer"
        assert scaled == (policy == "mixed_float16")
    finally:
        mixed_precision("float32")
