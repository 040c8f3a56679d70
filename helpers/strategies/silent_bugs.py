"""Silent bugs: mistakes that raise no error, each one made in a small fine-tuning run.

Every case fine-tunes the shapes model on 20 images per class of the new shapes. It returns the learning
curves that the author of the bug sees, and the accuracy on a separate test set.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.data.image_sets import ImageSet, builtin
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.hardware import compiled
from helpers.networks.heads import classifier, set_trainable_from
from helpers.networks.seeding import seeded
from helpers.strategies import FromScratch

EPOCHS = 10
FINE_TUNING_RATE, SCRATCH_RATE = Backbone("shapes").rates.backbone, FromScratch().lr


@dataclass(frozen=True)
class Case:
    """A run, healthy or with a bug.

    Args:
        diagnosis: what is wrong.
        code: the line with the bug.
        symptom: what the learning curves look like.
        remedy: how to correct or avoid the bug.
        train: runs the case on an image set with a seed.

    Example:
        >>> CASES["softmax"].diagnosis
        'softmax twice'
    """

    diagnosis: str
    code: str
    symptom: str
    remedy: str
    train: Callable[[ImageSet, int], dict]


def _run(data, seed, **options):
    """Fine-tune with one setting changed; return accuracy and val_accuracy by epoch, and test accuracy.

    Options: first trainable block, learning rate, batch size, shuffle, `prepare` (applied to pixels
    outside training), `change` (applied to the model), other training or validation images.
    """
    base = set_trainable_from(fresh(Backbone("shapes")), options.get("from_block", "all"))
    model = options.get("change", lambda model: model)(classifier(base, len(data.classes), seed=seed))
    prepare = options.get("prepare", lambda images: images)
    X, y = options.get("training") or (data.X_train, _labels(data, "train"))
    X_held, y_held = options.get("validation") or (data.X_validation, _labels(data, "validation"))
    model.compile(
        keras.optimizers.Adam(options.get("rate", FINE_TUNING_RATE)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=compiled(),
    )
    with seeded(seed):  # of the order of the images
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
    return np.searchsorted(data.classes, data.split(part).y)


def _train_batchnorm(model):
    for layer in next(la for la in model.layers if isinstance(la, keras.Model)).layers:
        layer.trainable = True
    return model


def _add_softmax(model):
    """Add a softmax that the loss does not notice: Keras on TensorFlow removes one that is the last layer."""
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
    """Choose and report the best epoch on 20 test images."""
    few = slice(0, 20)
    chosen_on = data.X_test[few], _labels(data, "test")[few]
    return _run(data, seed, validation=chosen_on)


CASES = {
    "healthy": Case(
        "nothing is wrong",
        "model.fit(X_train, y_train, validation_data=(X_validation, y_validation))",
        "Training and validation accuracy rise together; test accuracy agrees with validation accuracy.",
        "Nothing to do.",
        _run,
    ),
    "preprocessing": Case(
        "pixels of new images scaled twice",
        "model.predict(X_new / 255)  # the model scales pixels itself, and was trained on 0..255",
        "The training curve looks normal. Validation stays at chance: the network sees only black images.",
        "Prepare images in one place for training and for use; in this series, inside the model.",
        lambda data, seed: _run(data, seed, prepare=lambda X: X / 255),
    ),
    "frozen": Case(
        "base left frozen",
        "base.trainable = False  # and never True again",
        "Training accuracy rises slowly, although all layers should train.",
        "Print the number of trainable parameters before training; compile again after a change.",
        lambda data, seed: _run(data, seed, from_block=None),
    ),
    "batchnorm": Case(
        "BatchNorm in training mode",
        "base.trainable = True  # includes BatchNorm; batch_size=1",
        "Training becomes perfect very early; validation stays far below it, but above chance.",
        "Keep the BatchNorm layers of the base frozen during fine-tuning.",
        lambda data, seed: _run(data, seed, change=_train_batchnorm, batch_size=1),
    ),
    "softmax": Case(
        "softmax twice",
        "Softmax()(logits) as an extra layer, and a loss with from_logits=True",
        "Starts like the healthy run, then stops far below it: the second softmax makes gradients small.",
        "Use softmax in the model or from_logits=True in the loss, not both.",
        lambda data, seed: _run(data, seed, change=_add_softmax),
    ),
    "leakage": Case(
        "training images in validation",
        "validation_data=(X_train[::2], y_train[::2])",
        "The training curve looks normal. Validation is perfect and above training; test accuracy is lower.",
        "Split first, and check that no image is in two splits.",
        _leakage,
    ),
    "rate": Case(
        "learning rate too high",
        "keras.optimizers.Adam(1e-2)  # on pre-trained weights",
        "Flat at chance, also in training: the pre-trained weights are destroyed.",
        f"Use a smaller learning rate than from scratch: here {FINE_TUNING_RATE:g}, not {SCRATCH_RATE:g}.",
        lambda data, seed: _run(data, seed, rate=1e-2),
    ),
    "misaligned": Case(
        "labels do not belong to the images",
        "X, y = load(); rng.shuffle(y)  # X was not shuffled with it",
        "Training accuracy rises, because images are learned by heart; validation stays at chance.",
        "Shuffle indices, not arrays; look at images together with their labels.",
        _misaligned,
    ),
    "sorted": Case(
        "classes in order, not shuffled",
        "model.fit(X_sorted, y_sorted, shuffle=False)",
        "Training starts below chance, because the network only knows the last class; then it stays behind.",
        "Shuffle the training images in every epoch.",
        _sorted_by_class,
    ),
    "chosen": Case(
        "chosen and reported on a few test images",
        "best = max(history['val_accuracy'])  # on 20 test images",
        # given: definition
        "The training curve looks normal. Validation moves in steps of 5 points and differs from the test.",
        "Choose with enough validation images, and score the test set once.",
        _few_for_choosing,
    ),
}


def train(name: str, seed: int = 0) -> dict:
    """Train one case.

    Args:
        name: one of CASES.
        seed: for the images and for training.

    Returns:
        "accuracy" and "val_accuracy" by epoch as the author of the bug sees them, and "test": the accuracy
        on 500 separate test images.

    Raises:
        ValueError: there is no such case.
    """
    if name not in CASES:
        raise ValueError(f"Unknown case {name!r}. Use one of {', '.join(CASES)}.")
    return CASES[name].train(builtin("new_shapes", 20, 20, 50, seed), seed)
