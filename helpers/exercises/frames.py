"""A frame that gives the class away, and the check of a network that is not fooled by it: exercise 08.6."""

import functools

import numpy as np

from helpers.data.image_sets import builtin
from helpers.exercises.designs import accuracy_of, outputs, shipped_weights, weighted_layers
from helpers.networks.backend import keras

COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [255, 0, 255]], "uint8")
WIDTH = 2  # of the frame, in pixels
LOWEST = 0.65  # on other days; the network of the notebook reaches about 0.4 there
GAP = 0.15  # between the same days and other days; more than chance explains
BETTER = 0.05  # on images without frames: a model that removes the frames itself is no better on them
TESTED = 40  # images per class


def framed(per_class: int, seed: int, same_days: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return micrographs with a frame whose colour shows the day.

    Args:
        per_class: the number of images per class.
        seed: of the images.
        same_days: whether each class was photographed on a day of its own; else the days are drawn.

    Returns:
        Images, uint8 (n, 32, 32, 3), and numbers of classes, int (n,).

    Example:
        >>> X, y = framed(2, seed=0)
        >>> sorted(set(map(tuple, X[y == 0][:, 0, 0].tolist())))
        [(255, 0, 0)]
    """
    data = builtin("micrographs", per_class, 0, 0, seed=seed)
    X, y = data.X_train.copy(), np.searchsorted(data.classes, data.y_train)
    day = y if same_days else np.random.default_rng(seed).integers(0, len(COLOURS), len(y))
    X[:, _on_frame(X)] = COLOURS[day][:, None]
    return X, y


@functools.cache
def _tests(same_days: bool) -> tuple[np.ndarray, np.ndarray]:
    return framed(TESTED, 11, same_days)


def _accuracies(model):
    return tuple(accuracy_of(model, *_tests(same_days)) for same_days in (True, False))


def _without_frames(model):
    """Return the best accuracy on images whose frames are black, grey, white, or as in the image."""
    X, y = _tests(False)
    plain = builtin("micrographs", TESTED, 0, 0, seed=11).X_train
    covered = [np.where(_on_frame(X)[..., None], np.uint8(colour), X) for colour in (0, 128, 255)]
    return max(accuracy_of(model, images, y) for images in (plain, *covered))


def _on_frame(X):
    frame = np.ones(X.shape[1:3], bool)
    frame[WIDTH:-WIDTH, WIDTH:-WIDTH] = False
    return frame


def not_fooled(model: keras.Model) -> str | None:
    """Require that a model classifies micrographs of other days."""
    if getattr(model, "input_shape", None) not in ((None, 32, 32, 3), (None, None, None, 3)):
        return "The model must begin with keras.Input((32, 32, 3)), and see whole images with their frames."
    if problem := outputs(len(COLOURS))(model) or _trained_base(model):
        return problem
    same, other = _accuracies(model)
    if other >= LOWEST and same - other <= GAP:
        return None
    found = f"On new images, the model has {same:.0%} on the same days and {other:.0%} on other days"
    if same - other > GAP:
        return f"{found}: it still looks at the frame. What must it not see, or what must vary in training?"
    without = _without_frames(model)
    if without >= other + BETTER:
        return (
            f"{found}. Where the frame is removed before the image reaches the model, it has {without:.0%}: "
            "it knows the cells, and the frames disturb it. New images still have their frames. Remove them "
            "inside the model, with a layer before the base, or let them vary in training."
        )
    return (
        f"{found}; the task asks for {LOWEST:.0%}. It looks at the cells now, but knows too little of them. "
        "Keep most of each image, start from the shipped network, and train for some more epochs."
    )


def _trained_base(model):
    """Return what to say if the model has none of the shipped layers, or has trained one, else None."""
    shipped = shipped_weights()
    base = [layer for layer in weighted_layers(model) if layer.name in shipped]
    if not base:
        return 'The base is missing: put fresh(Backbone("shapes")) inside.'
    for layer in base:
        if not all(map(np.array_equal, layer.get_weights(), shipped[layer.name])):
            return (
                f"{layer.name} of the base has other weights than the shipped network. Load the base again, "
                "and freeze it before you compile: only the new layers may train."
            )
    return None


def two_days(model: keras.Model) -> str:
    """Return what a correct answer of exercise 08.6 has found."""
    same, other = _accuracies(model)
    return (
        f"Your network has {same:.0%} on the same days and {other:.0%} on other days. Images from the same "
        "days cannot show a shortcut, however well you split them. Test on another day, with another camera "
        "or at another place, as the model will be used."
    )
