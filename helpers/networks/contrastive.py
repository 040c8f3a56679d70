"""Pre-train a source model without labels: SimCLR on the drawn shapes.

Source: Chen et al. 2020, "A simple framework for contrastive learning of visual representations". Two views
of an image are shifted, mirrored and coloured at random. The network learns to find the other view of each
image among all views of its batch. A projection head is trained with it and thrown away afterwards.
"""

import time
from typing import Any

import numpy as np

from helpers.data import synthetic
from helpers.networks import backbones
from helpers.networks.backend import keras
from helpers.networks.precision import mixed_bfloat16

BATCH, TEMPERATURE, PROJECTION = 256, 0.2, 64
EPOCHS, IMAGES, PEAK_RATE = 7, 30_000, 1e-3  # as many images as for the source with labels
REACH = 5  # pixels by which a view is shifted, at most
GREY = 0.2  # share of the views without colour
CHANNELS = np.array([(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])


def view(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one random view of each image: shifted, perhaps mirrored, and in other colours.

    Args:
        X: uint8 (n, rows, columns, 3).
        rng: what chance is drawn from.

    Returns:
        uint8, of the same shape.

    Example:
        >>> view(np.zeros((2, 32, 32, 3), np.uint8), np.random.default_rng(0)).shape
        (2, 32, 32, 3)
    """
    n, height, width, _ = X.shape
    padded = np.pad(X, ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0)), mode="reflect")
    rows, columns = (np.arange(size) + rng.integers(0, 2 * REACH + 1, (n, 1)) for size in (height, width))
    columns = np.where(rng.random((n, 1)) < 0.5, columns, columns[:, ::-1])
    moved = padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return _coloured(moved, rng)


def _coloured(X, rng):
    """Exchange the channels, change contrast and brightness of each, or take the colour away."""
    n = len(X)
    order = CHANNELS[rng.integers(0, len(CHANNELS), n)][:, None, None]
    values = np.take_along_axis(X, order, axis=3).astype(np.float32) / 255 - 0.5
    grey = rng.random((n, 1, 1, 1)) < GREY
    values = np.where(grey, values.mean(axis=3, keepdims=True), values)
    contrast = rng.uniform(0.4, 1, (n, 1, 1, 3)) * rng.choice([-1, 1], (n, 1, 1, 3))
    brightness = rng.uniform(-0.3, 0.3, (n, 1, 1, 3))
    return (255 * np.clip(values * contrast + brightness + 0.5, 0, 1)).astype(np.uint8)


def partners(n: int) -> np.ndarray:
    """Return the place of the other view of each image in a batch with n first and then n second views.

    Example:
        >>> partners(2)
        array([2, 3, 0, 1])
    """
    return np.concatenate([np.arange(n) + n, np.arange(n)])


def nt_xent(partner: Any, codes: Any) -> Any:
    """Return the normalised temperature-scaled cross-entropy of each view (NT-Xent).

    Args:
        partner: place of the other view, int (2n,).
        codes: of all views, float (2n, dimensions); they need not be normalised.

    Returns:
        A tensor (2n,): how surprised each view is by its partner, in nats.
    """
    ops = keras.ops
    codes = ops.normalize(codes, axis=1)
    likeness = ops.matmul(codes, ops.transpose(codes)) / TEMPERATURE
    likeness = likeness - 1e9 * ops.eye(ops.shape(codes)[0])  # no view is its own partner
    target = ops.cast(ops.reshape(partner, (-1,)), "int32")
    return keras.losses.sparse_categorical_crossentropy(target, likeness, from_logits=True)


def pretrain(epochs: int | None = None, seed: int = 0) -> tuple[keras.Model, dict]:
    """Pre-train a MiniVGG on drawn shapes without their labels.

    Args:
        epochs: instead of the recipe's. Each one draws new images.
        seed: random seed of weights, images and views.

    Returns:
        The backbone, and its record. There, accuracy is the share of views whose other view is found among
        all others of its batch; the naive model compares the pixels.
    """
    epochs, rng, started = epochs or EPOCHS, np.random.default_rng(seed), time.perf_counter()
    with mixed_bfloat16():
        backbone = backbones.mini_vgg(seed)
        model = _with_projection(backbone, seed)
    model.compile(keras.optimizers.Adam(PEAK_RATE), nt_xent)
    total, step = epochs * (IMAGES // BATCH), 0
    for epoch in range(epochs):
        X, _ = synthetic.shapes(IMAGES, seed=[seed, epoch + 1])
        losses = []
        for start in range(0, IMAGES - BATCH + 1, BATCH):
            model.optimizer.learning_rate = PEAK_RATE * (np.cos(np.pi * step / total) + 1) / 2
            batch = X[start : start + BATCH]
            both = np.concatenate([view(batch, rng), view(batch, rng)])
            losses.append(float(model.train_on_batch(both, partners(BATCH))))
            step += 1
        seconds = round(time.perf_counter() - started)
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.3f} after {seconds} s", flush=True)
    both = _held_out(seed)
    record = {
        "source": "simclr",
        "method": "SimCLR (Chen et al. 2020) on drawn shapes, without their labels",
        "image_size": synthetic.SIZE,
        "seed": seed,
        "epochs": epochs,
        "training_images_per_epoch": IMAGES,
        "batch_size": BATCH,
        "temperature": TEMPERATURE,
        "optimizer": f"Adam, cosine from {PEAK_RATE}",
        "validation_images": BATCH,
        "validation_accuracy": found(model.predict(both, batch_size=BATCH, verbose=0)),
        "naive_model": "nearest view by pixels",
        "naive_accuracy": found(both.reshape(len(both), -1).astype(np.float32) - 127.5),
        "chance_accuracy": 1 / (2 * BATCH - 1),
        "parameters": backbone.count_params(),
        "training_seconds": round(time.perf_counter() - started),
        "precision": "mixed_bfloat16",
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }
    return backbone, record


def found(codes: np.ndarray) -> float:
    """Return the share of views whose nearest other view, by cosine, is that of the same image.

    Args:
        codes: of the first views of n images, and then of the second ones, float (2n, dimensions).

    Example:
        >>> found(np.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.1], [0.1, 0.9]]))
        1.0
    """
    codes = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    likeness = codes @ codes.T
    np.fill_diagonal(likeness, -np.inf)
    return float(np.mean(likeness.argmax(axis=1) == partners(len(codes) // 2)))


def _held_out(seed):
    """Two views of images that the network has not seen."""
    X, rng = synthetic.shapes(BATCH, seed=[seed, 0])[0], np.random.default_rng([seed, 0])
    return np.concatenate([view(X, rng), view(X, rng)])


def _with_projection(backbone, seed):
    """From pixels to the codes that are compared."""
    layers, glorot = keras.layers, keras.initializers.GlorotUniform
    x = layers.GlobalAveragePooling2D()(backbone.output)
    width = backbone.output.shape[-1]
    x = layers.Dense(width, activation="relu", kernel_initializer=glorot(seed))(x)
    x = layers.Dense(PROJECTION, dtype="float32", kernel_initializer=glorot(seed + 1))(x)
    return keras.Model(backbone.input, x)
