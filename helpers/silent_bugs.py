"""Bugs that raise no error: each is switched on for real in one small fine-tune.

Every case trains the shapes model on 20 new shapes a class, and returns its curves together with
an honest test accuracy. Used in notebook 06.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.datasets import ImageSet, builtin
from helpers.models import Backbone, classifier, fresh, keras, set_trainable_from

EPOCHS = 10


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

    Options, each as it should be: first block that trains, learning rate, batch size, shuffle,
    optimizer, loss, `prepare` (what is done to pixels), `change` (of the model), other training or
    validation pictures.
    """
    keras.utils.set_random_seed(seed)
    base = set_trainable_from(fresh(Backbone("shapes")), options.get("from_block", "all"))
    model = options.get("change", lambda model: model)(classifier(base, len(data.classes), seed=seed))
    prepare = options.get("prepare", lambda pictures: pictures)
    X, y = options.get("training") or (data.X_train, _labels(data, "train"))
    X_held, y_held = options.get("validation") or (data.X_validation, _labels(data, "validation"))
    model.compile(
        options.get("optimizer") or keras.optimizers.Adam(options.get("rate", 3e-4)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        prepare(X),
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
    return _run(data, seed, from_block="block4", validation=seen)


def _misaligned(data, seed):
    y = np.random.default_rng(seed).permutation(_labels(data, "train"))
    return _run(data, seed, training=(data.X_train, y))


def _sorted_by_class(data, seed):
    y = _labels(data, "train")
    order = np.argsort(y, kind="stable")
    sgd = keras.optimizers.SGD(3e-2)
    return _run(data, seed, training=(data.X_train[order], y[order]), shuffle=False, optimizer=sgd)


def _few_for_choosing(data, seed):
    """The best epoch is chosen, and reported, on 20 test pictures."""
    few = slice(0, 20)
    chosen_on = data.X_test[few], _labels(data, "test")[few]
    return _run(data, seed, from_block=None, validation=chosen_on)


CASES = {
    "healthy": Case(
        "nothing is wrong",
        "model.fit(X_train, y_train, validation_data=(X_validation, y_validation))",
        "Training and validation rise together; test agrees with validation.",
        "Nothing to do.",
        _run,
    ),
    "preprocessing": Case(
        "pixels scaled twice",
        "model.fit(X_train / 255, ...)  # the model scales pixels itself",
        "Flat at guessing from the first epoch, in training too: all pictures look the same to the net.",
        "Know where preprocessing happens: in this series inside the model, so give raw pixels 0..255.",
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
        "base.trainable = True  # BatchNorm learns statistics of tiny batches",
        "Training is perfect as ever; validation jumps, and ends below the healthy run.",
        "Keep BatchNorm layers of the base frozen while fine-tuning.",
        lambda data, seed: _run(data, seed, change=_train_batchnorm, batch_size=2),
    ),
    "softmax": Case(
        "softmax twice",
        "Softmax()(logits), one more layer, and a loss with from_logits=True",
        "Learns, but much more slowly than the healthy run: gradients are squeezed twice.",
        "Either softmax in the model, or from_logits=True in the loss, not both.",
        lambda data, seed: _run(data, seed, change=_add_softmax),
    ),
    "leakage": Case(
        "training pictures in validation",
        "validation_data=(X_train[::2], y_train[::2])",
        "Validation is perfect, as good as training; honest test pictures are worse.",
        "Split first, and check that no picture is in two splits.",
        _leakage,
    ),
    "rate": Case(
        "learning rate too high",
        "keras.optimizers.Adam(1e-2)  # on pre-trained weights",
        "Jumps about near guessing: what was pre-trained has been destroyed.",
        "Fine-tune with a rate 10 to 100 times smaller than from scratch.",
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
        "Training looks strange for its loss: the net only remembers the class it saw last.",
        "Shuffle the training pictures in every epoch.",
        _sorted_by_class,
    ),
    "chosen": Case(
        "chosen and reported on a few test pictures",
        "best = max(history['val_accuracy'])  # 20 test pictures",
        "A staircase with steps of 5 points; the best epoch is better than an honest test.",
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
