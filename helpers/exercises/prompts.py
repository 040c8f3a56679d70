"""Exercise 09.7: several captions per class, the right way and typical wrong ones."""

import numpy as np

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import function


def nearest(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return the class whose mean caption is nearest, int (images,) (Radford et al. 2021).

    Args:
        images: codes of length 1, (images, code).
        texts: codes of length 1, (classes, captions, code).

    Example:
        >>> nearest(np.eye(2), np.eye(2)[:, None]).tolist()
        [0, 1]
    """
    return (images @ _unit(texts.mean(axis=1)).T).argmax(axis=1)


def without_length(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Forget that a mean of codes is shorter than 1."""
    return (images @ texts.mean(axis=1).T).argmax(axis=1)


def best_caption(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Take the class of the nearest single caption."""
    return (texts @ images.T).max(axis=1).argmax(axis=0)


def first_caption(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Use one caption per class."""
    return (images @ texts[:, 0].T).argmax(axis=1)


def mean_of_classes(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Average over the classes, so that captions compete."""
    return (images @ _unit(texts.mean(axis=0)).T).argmax(axis=1)


def nearest_image(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Find an image for each class instead of a class for each image."""
    return (images @ _unit(texts.mean(axis=1)).T).argmax(axis=0)


def similarities(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return the similarities themselves."""
    return images @ _unit(texts.mean(axis=1)).T


def _unit(codes):
    return codes / np.linalg.norm(codes, axis=-1, keepdims=True)


def _made_up(seed, images, classes, captions, code):
    """Codes of images, and of captions that agree in the first classes and less and less in the others."""
    rng = np.random.default_rng(seed)
    spread = np.linspace(0.2, 2, classes)[:, None, None]
    middles, noise = rng.normal(size=(classes, 1, code)), rng.normal(size=(classes, captions, code))
    return _unit(rng.normal(size=(images, code))), _unit(middles + spread * noise)


TRIES = [_made_up(0, 12, 4, 3, 3), _made_up(1, 9, 3, 4, 2), _made_up(2, 5, 5, 1, 6)]

EXERCISE = Exercise(
    level="do it",
    kind="function",
    minutes=8,
    check=function(
        [((images, texts), nearest(images, texts)) for images, texts in TRIES],
        name="zero_shot",
        mistakes={
            without_length: (
                "Means of codes are shorter than 1, most of all where the captions disagree. Divide each by "
                "its length."
            ),
            best_caption: "That is the nearest single caption. First take the mean of each class.",
            first_caption: "You use one caption per class. Take the mean of all of them.",
            mean_of_classes: "You average over the classes. Axis 1 has the captions.",
            nearest_image: "You find an image for each class. Each image needs a class: the other axis.",
            similarities: "These are the similarities. Return the index of the largest one for each image.",
        },
    ),
    means=(
        "This is prompt ensembling. All captions of a class become one code, so it costs no more than one "
        "caption when images come. Length 1 matters: otherwise, a class whose captions disagree is named too "
        "rarely."
    ),
    hints=(
        "Which axis of texts has the captions of a class? After the mean over it, the codes are shorter than "
        "1: what do you divide by?",
        "np.linalg.norm with keepdims=True gives the lengths. The product of two matrices gives all "
        "similarities at once, one row per image; what is then largest in each row?",
    ),
    solution="""
import numpy as np


def zero_shot(images, texts):
    classes = texts.mean(axis=1)
    classes = classes / np.linalg.norm(classes, axis=1, keepdims=True)
    return np.argmax(images @ classes.T, axis=1)


answer = zero_shot
""",
    wrong=(without_length, best_caption, similarities, lambda images, texts: 0, 3),
)
