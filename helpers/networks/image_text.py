"""A tiny CLIP: an image network and a text network whose codes of an image and of its caption agree.

Both give codes of length 1. The nearest caption names an image, also if no training image had this caption:
zero-shot classification. After Radford et al. 2021, "Learning transferable visual models from natural
language supervision". Their text network is a Transformer; this one is a bag of words, which forgets the
order of the words. `python -m helpers pretrain --source captions` trains the shipped pair
(`helpers.networks.image_text_training`).
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.data.captioned import VOCABULARY, word_counts
from helpers.data.validation import check_images
from helpers.networks.backbones import mini_vgg
from helpers.networks.backend import keras
from helpers.networks.source_models import WEIGHTS_DIR, source_record

NAME = "captions"  # of the shipped pair
CODE = 64  # numbers per code
layers = keras.layers


def pair(seed: int = 0) -> keras.Model:
    """Build both networks as one model, with random weights.

    Args:
        seed: random seed of the weights.

    Returns:
        A model from [pixels (batch, height, width, 3), counts of words (batch, words)] to
        [codes of the images, codes of the captions], both float32 (batch, CODE) and of length 1.

    Example:
        >>> images, texts = pair()([np.zeros((2, 32, 32, 3)), np.ones((2, len(VOCABULARY)))])
        >>> tuple(images.shape), tuple(texts.shape)
        ((2, 64), (2, 64))
    """
    base, start = mini_vgg(seed), keras.initializers.GlorotUniform(seed)
    words = keras.Input((len(VOCABULARY),), name="words")
    x = layers.GlobalAveragePooling2D(name="pool")(base.output)
    project: Any = {"use_bias": False, "kernel_initializer": start, "dtype": "float32"}
    image = layers.Dense(CODE, name="image_projection", **project)(x)
    text = layers.Dense(CODE, name="word_vectors", **project)(words)  # the sum of the vectors of the words
    return keras.Model(
        [base.input, words],
        [
            layers.UnitNormalization(name="image_code", dtype="float32")(image),
            layers.UnitNormalization(name="text_code", dtype="float32")(text),
        ],
        name="pair",
    )


def contrastive_loss(images: Any, texts: Any, which: Any, scale: Any) -> Any:
    """Return how badly each image finds its caption in the batch, and each caption its images.

    The logits are the similarities (cosines) of all images and all captions, times a scale. The loss is the
    cross-entropy of the rows plus that of the columns, halved (Radford et al. 2021). In the paper, each image
    has a caption of its own. Here, several images of a batch can have equal captions: the target is then
    spread equally over them, as Yang et al. 2022 do ("Unified contrastive learning in image-text-label
    space").

    Args:
        images: codes, float32 (batch, code), of length 1.
        texts: codes of their captions, of the same shape.
        which: numbers of the captions, int (batch,); equal captions have equal numbers.
        scale: 1 / temperature.

    Returns:
        A tensor without dimensions.

    Example:
        >>> codes = np.eye(2, dtype="float32")
        >>> round(float(contrastive_loss(codes, codes, np.array([0, 1]), 1.0)), 4)  # log(1 + 1 / e)
        0.3133
    """
    ops = keras.ops
    logits = scale * ops.matmul(images, ops.transpose(texts))
    which = ops.reshape(which, (-1,))
    same = ops.cast(ops.equal(which[:, None], which[None, :]), logits.dtype)
    target = same / ops.sum(same, axis=1, keepdims=True)  # symmetric: the same for rows and columns
    rows, columns = ops.log_softmax(logits, axis=1), ops.log_softmax(logits, axis=0)
    return -ops.mean(ops.sum(target * (rows + columns) / 2, axis=1))


@functools.lru_cache(maxsize=1)
def load() -> keras.Model:
    """Return the shipped pair, frozen; one model for all callers, so never train it.

    Raises:
        OSError: If its weights file is missing.

    Example:
        >>> load().trainable
        False
    """
    model = pair()
    with np.load(WEIGHTS_DIR / f"{NAME}.npz", allow_pickle=False) as stored:
        model.set_weights([stored[w.path].astype("float32") for w in model.weights])
    model.trainable = False
    return model


def image_codes(X: np.ndarray) -> np.ndarray:
    """Return the codes of images from the shipped pair.

    Args:
        X: uint8 (n, height, width, 3); the pair has learned from 32 x 32 pixels.

    Returns:
        float32 (n, CODE), each row of length 1.

    Raises:
        ValueError, TypeError: If X are no such images.

    Example:
        >>> image_codes(np.zeros((2, 32, 32, 3), "uint8")).shape
        (2, 64)
    """
    return _half("image_code").predict(check_images(X), batch_size=128, verbose=0)


def text_codes(captions: Sequence[str] | np.ndarray) -> np.ndarray:
    """Return the codes of captions from the shipped pair.

    Args:
        captions: n sentences of known words (`helpers.data.captioned.VOCABULARY`), separated by spaces.

    Returns:
        float32 (n, CODE), each row of length 1.

    Raises:
        TypeError: If the captions are one string.
        ValueError: If a word is unknown, or a caption is empty.

    Example:
        >>> codes = text_codes(["a red star on stripes", "a star on red stripes"])
        >>> bool(np.allclose(codes[0], codes[1]))  # a bag of words forgets the order
        True
    """
    return _half("text_code").predict(word_counts(captions), batch_size=128, verbose=0)


def scale() -> float:
    """Return the learned 1 / temperature of the shipped pair: similarities times this are logits.

    Example:
        >>> scale() > 1
        True
    """
    return float(source_record(NAME)["scale"])


@functools.lru_cache(maxsize=2)
def _half(output):
    model = load()
    place = ["image_code", "text_code"].index(output)
    return keras.Model(model.inputs[place], model.outputs[place])
