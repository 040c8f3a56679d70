"""Images with captions: drawn shapes in named colours on named backgrounds.

A caption is a sentence such as "a red star on stripes". Some pairs of a colour and a shape are held out: no
training image shows them, but other training images show their colour and their shape. So a network that
learns from captions can be asked for something that it has never seen.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from helpers.data import synthetic
from helpers.data.validation import check_integer

COLOURS = {  # red, green and blue, in 0..1
    "red": (0.85, 0.1, 0.1),
    "orange": (0.95, 0.5, 0.05),
    "yellow": (0.95, 0.9, 0.1),
    "green": (0.1, 0.65, 0.15),
    "blue": (0.1, 0.2, 0.85),
    "purple": (0.55, 0.1, 0.7),
    "white": (0.95, 0.95, 0.95),
    "black": (0.05, 0.05, 0.05),
}
SHAPES = synthetic.CLASSES["shapes"]
BACKGROUNDS = dict(zip(synthetic.TEXTURES, ("a plain background", "stripes", "dots"), strict=True))
# Never drawn for training. Each colour and each shape occurs in two of these classes: neither decides.
HELD_OUT = (
    ("red", "star"),
    ("red", "heart"),
    ("yellow", "heart"),
    ("yellow", "circle"),
    ("green", "circle"),
    ("green", "hexagon"),
    ("blue", "hexagon"),
    ("blue", "triangle"),
    ("purple", "triangle"),
    ("purple", "square"),
    ("white", "square"),
    ("white", "star"),
)
# The same colours and shapes, as training shows them: what does a new combination cost?
SEEN = (
    ("red", "circle"),
    ("red", "hexagon"),
    ("yellow", "hexagon"),
    ("yellow", "triangle"),
    ("green", "triangle"),
    ("green", "square"),
    ("blue", "square"),
    ("blue", "star"),
    ("purple", "star"),
    ("purple", "heart"),
    ("white", "heart"),
    ("white", "circle"),
)
TRAINING = tuple((colour, shape) for colour in COLOURS for shape in SHAPES if (colour, shape) not in HELD_OUT)
_SPREAD = 0.06  # of each colour
_CHUNK = 250  # images drawn at once, as in synthetic.py

Pairs = Sequence[tuple[str, str]]


def caption(colour: str, shape: str, background: str) -> str:
    """Return the caption of an image.

    Args:
        colour: such as one of COLOURS.
        shape: such as one of SHAPES.
        background: one of BACKGROUNDS.

    Raises:
        ValueError: If the background is unknown.

    Example:
        >>> caption("orange", "star", "stripes")
        'an orange star on stripes'
    """
    if background not in BACKGROUNDS:
        raise ValueError(f"Unknown background {background!r}. Use one of {', '.join(BACKGROUNDS)}.")
    article = "an" if colour[:1] in {*"aeiou"} else "a"
    return f"{article} {colour} {shape} on {BACKGROUNDS[background]}"


def captions(colour: str, shape: str) -> list[str]:
    """Return a caption for each background: what a classifier of colours and shapes can compare images with.

    Example:
        >>> captions("red", "star")
        ['a red star on a plain background', 'a red star on stripes', 'a red star on dots']
    """
    return [caption(colour, shape, background) for background in BACKGROUNDS]


def draw(pairs: Pairs, which: np.ndarray, seed: int | Sequence[int] = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw images of given colours and shapes, on random backgrounds.

    Args:
        pairs: of a colour and a shape; shapes are outlines of `synthetic.CLASSES`, "shapes" or "new_shapes".
        which: indices into pairs, int (n,).
        seed: random seed; the same seed draws the same images.

    Returns:
        Images, uint8 (n, 32, 32, 3), and their captions, str (n,).

    Raises:
        ValueError: If a colour or a shape is unknown.

    Example:
        >>> X, sentences = draw([("red", "star")], np.array([0, 0]), seed=2)
        >>> X.shape, len(sentences)
        ((2, 32, 32, 3), 2)
    """
    names = [*synthetic.CLASSES["shapes"], *synthetic.CLASSES["new_shapes"]]
    for colour, shape in pairs:
        if colour not in COLOURS or shape not in names:
            raise ValueError(
                f"Unknown colour or shape in {(colour, shape)!r}. Colours: {', '.join(COLOURS)}. Shapes: "
                f"{', '.join(names)}."
            )
    rng = np.random.default_rng(seed)
    paints = np.array([COLOURS[colour] for colour, _ in pairs], np.float32)[which]
    paints = paints + rng.uniform(-_SPREAD, _SPREAD, paints.shape).astype(np.float32)
    outlines = np.array([names.index(shape) for _, shape in pairs])[which]
    backgrounds = rng.integers(0, len(BACKGROUNDS), len(which))
    X = np.empty((len(which), synthetic.SIZE, synthetic.SIZE, 3), np.uint8)
    for start in range(0, len(which), _CHUNK):
        part = slice(start, start + _CHUNK)
        X[part] = synthetic.draw_shapes(
            rng, outlines[part], names, colour=paints[part], background=backgrounds[part]
        )
    every = np.array([captions(colour, shape) for colour, shape in pairs])
    return X, every[which, backgrounds]


def training_images(n: int, seed: int | Sequence[int] = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw images and captions to learn from: never one of HELD_OUT.

    Args:
        n: number of images.
        seed: random seed; the same seed draws the same images.

    Returns:
        Images, uint8 (n, 32, 32, 3), and captions, str (n,).

    Raises:
        ValueError: If n is not a positive integer.

    Example:
        >>> training_images(2, seed=0)[0].shape
        (2, 32, 32, 3)
    """
    n = check_integer("n", n, 1)
    which = np.random.default_rng([*np.atleast_1d(seed), 1]).integers(0, len(TRAINING), n)
    return draw(TRAINING, which, seed)


def classes(pairs: Pairs, n: int, seed: int | Sequence[int] = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw images of each pair of a colour and a shape, as classes.

    Args:
        pairs: the classes, such as HELD_OUT.
        n: images per class.
        seed: random seed; the same seed draws the same images.

    Returns:
        Images, uint8 (n * len(pairs), 32, 32, 3), and class indices into pairs, int (n * len(pairs),): one
        image of each class after the other, so that the first images are balanced, too.

    Raises:
        ValueError: If n is not a positive integer, or a colour or a shape is unknown.

    Example:
        >>> classes(HELD_OUT[:2], 2)[1].tolist()
        [0, 1, 0, 1]
    """
    y = np.tile(np.arange(len(pairs)), check_integer("n", n, 1))
    return draw(pairs, y, seed)[0], y


def words(sentences: Sequence[str]) -> list[str]:
    """Return the words that occur in sentences, in alphabetical order.

    Example:
        >>> words(["a red star on stripes", "a red star on dots"])
        ['a', 'dots', 'on', 'red', 'star', 'stripes']
    """
    return sorted({word for sentence in sentences for word in sentence.split()})


VOCABULARY = tuple(words([text for pair in TRAINING for text in captions(*pair)]))


def word_counts(sentences: Sequence[str] | np.ndarray, vocabulary: Sequence[str] = VOCABULARY) -> np.ndarray:
    """Count words: a bag of words, which forgets their order.

    Args:
        sentences: n captions, lower case, words separated by spaces.
        vocabulary: the words to count.

    Returns:
        float32 (n, words).

    Raises:
        TypeError: If the sentences are one string, or one of them is none.
        ValueError: If a word is not in the vocabulary, a sentence is empty, or there is none.

    Example:
        >>> word_counts(["a red star on a star"], ["a", "on", "red", "star"]).tolist()
        [[2.0, 1.0, 1.0, 2.0]]
    """
    if isinstance(sentences, str):
        raise TypeError(f"Pass a list of captions, such as [{sentences!r}].")
    if len(sentences) == 0:
        raise ValueError("Pass at least one caption, such as ['a red star on stripes'].")
    places = {word: place for place, word in enumerate(vocabulary)}
    counts = np.zeros((len(sentences), len(places)), np.float32)
    for row, sentence in enumerate(sentences):
        if not isinstance(sentence, str):
            raise TypeError(f"Caption {row} must be a string. Received: {sentence!r}.")
        bag = Counter(sentence.lower().split())
        if not bag:
            raise ValueError(f"Caption {row} is empty.")
        if unknown := [word for word in bag if word not in places]:
            raise ValueError(
                f"Unknown word {unknown[0]!r} in {str(sentence)!r}. Known words: {', '.join(places)}."
            )
        for word, count in bag.items():
            counts[row, places[word]] = count
    return counts
