"""Bugs that raise no error: each is switched on for real in one small fine-tune.

Every case trains the shapes model on 20 new shapes a class, and returns its curves together with
an honest test accuracy. Used in notebook 06.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.data.image_sets import ImageSet, builtin
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.hardware import compiled
from helpers.networks.heads import classifier, set_trainable_from
from helpers.strategies import FromScratch, FullFineTune

EPOCHS = 10
FINE_TUNING_RATE, SCRATCH_RATE = FullFineTune().base_lr, FromScratch().lr


@dataclass(frozen=True)
class Case:
    """A run, healthy or not: what to look for, what it is, and how to put it right."""

    diagnosis: str
    code: str
    symptom: str
    remedy: str
    train: Callable[[ImageSet, int], dict]


def _run(data, seed, **options):
    """Fine-tune with one thing exchanged; accuracy and val_accuracy by epoch, and the test accuracy.

    Options: first block that trains, learning rate, batch size, shuffle, `prepare` (what is done to
    pixels outside training), `change` (of the model), other training or validation pictures.
    """
    keras.utils.set_random_seed(seed)
    base = set_trainable_from(fresh(Backbone("shapes")), options.get("from_block", "all"))
    model = options.get("change", lambda model: model)(classifier(base, len(data.classes), seed=seed))
    prepare = options.get("prepare", lambda pictures: pictures)
    X, y = options.get("training") or (data.X_train, _labels(data, "train"))
    X_held, y_held = options.get("validation") or (data.X_validation, _labels(data, "validation"))
    model.compile(
        keras.optimizers.Adam(options.get("rate", FINE_TUNING_RATE)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=compiled(),
    )
    history = model.fit(
        X,
        y,
        epochs=EPOCHS,
        batch_size=options.get("batch_size", 16),
        shuffle=options.get("shuffle", True),
        validation_data=(prepare(X_held), y_held),
        verbose=0,
    ).history
    test = model.evaluate(prepare(data.X_test), _labels(data, "test"), verbose=0)[1]
    return {"accuracy": history["accuracy"], "val_accuracy": history["val_accuracy"], "test": test}


def _labels(data, part):
    return np.searchsorted(data.classes, getattr(data, f"y_{part}"))


def _train_batchnorm(model):
    for layer in next(la for la in model.layers if isinstance(la, keras.Model)).layers:
        layer.trainable = True
    return model


def _add_softmax(model):
    """A softmax that the loss does not see: Keras on TensorFlow undoes one that is the last layer."""
    probabilities = keras.layers.Softmax()(model.output)
    return keras.Model(model.input, keras.layers.Rescaling(1.0)(probabilities))


def _leakage(data, seed):
    seen = data.X_train[::2], _labels(data, "train")[::2]
    return _run(data, seed, validation=seen)


def _misaligned(data, seed):
    y = np.random.default_rng(seed).permutation(_labels(data, "train"))
    return _run(data, seed, training=(data.X_train, y))


def _sorted_by_class(data, seed):
    y = _labels(data, "train")
    order = np.argsort(y, kind="stable")
    return _run(data, seed, training=(data.X_train[order], y[order]), shuffle=False)


def _few_for_choosing(data, seed):
    """The best epoch is chosen, and reported, on 20 test pictures."""
    few = slice(0, 20)
    chosen_on = data.X_test[few], _labels(data, "test")[few]
    return _run(data, seed, validation=chosen_on)


CASES = {
    "healthy": Case(
        "nothing is wrong",
        "model.fit(X_train, y_train, validation_data=(X_validation, y_validation))",
        "Training and validation rise together; test agrees with validation.",
        "Nothing to do.",
        _run,
    ),
    "preprocessing": Case(
        "new pictures' pixels scaled twice",
        "model.predict(X_new / 255)  # the model scales pixels itself, and was trained on 0..255",
        "Training is as ever; validation stays flat at guessing: all those pictures look black to the net.",
        "Prepare pictures in one place for training and use: in this series inside the model.",
        lambda data, seed: _run(data, seed, prepare=lambda X: X / 255),
    ),
    "frozen": Case(
        "base left frozen",
        "base.trainable = False  # and never True again",
        "Training accuracy creeps up slowly, although everything is said to train.",
        "Print the number of trainable parameters before fitting; compile again after a change.",
        lambda data, seed: _run(data, seed, from_block=None),
    ),
    "batchnorm": Case(
        "BatchNorm in training mode",
        "base.trainable = True  # and BatchNorm with it, one picture a batch",
        "Training is perfect, sooner than ever; validation stays far below it, but above guessing.",
        "Keep BatchNorm layers of the base frozen while fine-tuning.",
        lambda data, seed: _run(data, seed, change=_train_batchnorm, batch_size=1),
    ),
    "softmax": Case(
        "softmax twice",
        "Softmax()(logits), one more layer, and a loss with from_logits=True",
        "Starts like the healthy run, then sticks far below it: gradients are squeezed twice.",
        "Either softmax in the model, or from_logits=True in the loss, not both.",
        lambda data, seed: _run(data, seed, change=_add_softmax),
    ),
    "leakage": Case(
        "training images in validation",
        "validation_data=(X_train[::2], y_train[::2])",
        "Training is as ever; validation is perfect, ahead of it; honest test pictures are worse.",
        "Split first, and check that no picture is in two splits.",
        _leakage,
    ),
    "rate": Case(
        "learning rate too high",
        "keras.optimizers.Adam(1e-2)  # on pre-trained weights",
        "Flat at guessing, in training too: what was pre-trained has been destroyed.",
        f"Fine-tune with a smaller rate than from scratch: here {FINE_TUNING_RATE:g}, not {SCRATCH_RATE:g}.",
        lambda data, seed: _run(data, seed, rate=1e-2),
    ),
    "misaligned": Case(
        "labels do not belong to the pictures",
        "X, y = load(); rng.shuffle(y)  # X was not shuffled along",
        "Training rises by heart, validation stays at guessing.",
        "Shuffle indices, not arrays; look at pictures with their labels.",
        _misaligned,
    ),
    "sorted": Case(
        "classes in order, not shuffled",
        "model.fit(X_sorted, y_sorted, shuffle=False)",
        "Training starts worse than guessing, as the net knows only the class it saw last; then lags behind.",
        "Shuffle the training pictures in every epoch.",
        _sorted_by_class,
    ),
    "chosen": Case(
        "chosen and reported on a few test pictures",
        "best = max(history['val_accuracy'])  # 20 test pictures",
        # given: definition
        "Training is as ever; validation is a staircase in steps of 5 points, and off the honest test.",
        "Choose on validation pictures, enough of them, and score the test split once.",
        _few_for_choosing,
    ),
}


def train(name: str, seed: int = 0) -> dict:
    """Train one case.

    Args:
        name: of CASES.
        seed: of the pictures and of training.

    Returns:
        "accuracy" and "val_accuracy" by epoch as that programmer saw them, and "test": accuracy on
        500 honest pictures, prepared as in training.

    Raises:
        ValueError: no such case.
    """
    if name not in CASES:
        raise ValueError(f"Unknown case {name!r}: use one of {', '.join(CASES)}.")
    return CASES[name].train(builtin("new_shapes", 20, 20, 50, seed), seed)
