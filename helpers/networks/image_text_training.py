"""Train the shipped pair of an image and a text network: `python -m helpers pretrain --source captions`.

The images and captions are drawn (`helpers.data.captioned`), in endless variety, and the held-out
combinations are never among them.
"""

import time
from typing import Any

import numpy as np

from helpers.data import captioned
from helpers.networks import image_text, source_models
from helpers.networks.backend import keras
from helpers.networks.precision import mixed_bfloat16
from helpers.networks.pretraining import naive_accuracy
from helpers.networks.seeding import seeded

EPOCHS, IMAGES, BATCH = 6, 20_000, 128  # images per epoch; those of each epoch are new
PEAK_RATE = 2e-3
FIRST_SCALE, LARGEST_SCALE = 1 / 0.07, 100.0  # as in the paper
VALIDATION, NAIVE = 60, 400  # images per class: to validate, and for the naive model to learn from


class Contrastive(keras.Model):
    """A pair that learns with the contrastive loss; labels are the numbers of the captions.

    Args:
        pair: as `image_text.pair` returns it.

    Example:
        >>> model = Contrastive(image_text.pair())
        >>> round(float(model.scale()), 1)
        14.3
    """

    def __init__(self, pair: keras.Model, **options: Any) -> None:
        super().__init__(**options)
        self.pair = pair
        self.log_scale = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(np.log(FIRST_SCALE)), dtype="float32"
        )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return the codes of images and captions."""
        return self.pair(inputs, training=training)

    def scale(self) -> Any:
        """Return 1 / temperature, at most LARGEST_SCALE."""
        return keras.ops.minimum(keras.ops.exp(self.log_scale), LARGEST_SCALE)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the contrastive loss; Keras calls this in each step of `fit`."""
        images, texts = y_pred
        return image_text.contrastive_loss(images, texts, y, self.scale())


def run(epochs: int | None = None, seed: int = 0, images: int = IMAGES, folder: str | None = None) -> dict:
    """Train a pair, save it, and return its record (recipe and accuracies).

    Args:
        epochs: instead of the recipe's.
        seed: random seed of weights, images and their order.
        images: per epoch.
        folder: must be None; the images are drawn.

    Raises:
        ValueError: If a folder is given.
    """
    if folder:
        raise ValueError(f"Captions need no folder. Omit --folder {folder}, or add --source photos.")
    epochs, started = epochs or EPOCHS, time.perf_counter()
    with mixed_bfloat16():
        model = Contrastive(image_text.pair(seed))
    model.compile(keras.optimizers.Adam(PEAK_RATE))
    held_out = captioned.classes(captioned.HELD_OUT, VALIDATION, [seed, 0])
    seen = captioned.classes(captioned.SEEN, VALIDATION, [seed, 0])
    for epoch in range(epochs):
        model.optimizer.learning_rate = PEAK_RATE * (np.cos(np.pi * epoch / epochs) + 1) / 2
        X, captions = captioned.training_images(images, [seed, epoch + 1])
        numbers = np.unique(captions, return_inverse=True)[1]
        with seeded(seed):  # of the order of the images
            history = model.fit(
                [X, captioned.word_counts(captions)], numbers, batch_size=BATCH, epochs=1, verbose=0
            )
        print(
            f"epoch {epoch + 1}/{epochs}: loss {history.history['loss'][0]:.3f}, accuracy on seen "
            f"combinations {accuracy(model.pair, captioned.SEEN, *seen):.3f} after "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
    seconds = round(time.perf_counter() - started)
    X, y = captioned.classes(captioned.HELD_OUT, NAIVE, [seed, 1])
    record = {
        "source": image_text.NAME,
        "words": len(captioned.VOCABULARY),
        "combinations": len(captioned.TRAINING),
        "held_out_combinations": len(captioned.HELD_OUT),
        "image_size": 32,
        "seed": seed,
        "epochs": epochs,
        "training_images_per_epoch": images,
        "batch_size": BATCH,
        "optimizer": f"Adam, cosine from {PEAK_RATE}",
        "scale": float(model.scale()),
        "validation_images": len(held_out[1]),
        "seen_accuracy": accuracy(model.pair, captioned.SEEN, *seen),
        "held_out_accuracy": accuracy(model.pair, captioned.HELD_OUT, *held_out),
        "naive_model": f"logistic regression on 32x32 pixels, {len(y):,} images of the held-out combinations",
        "naive_accuracy": naive_accuracy(X, y, *held_out),
        "chance_accuracy": 1 / len(captioned.HELD_OUT),
        "parameters": model.pair.count_params(),
        "training_seconds": seconds,
        "precision": "mixed_bfloat16",
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }
    source_models.save_source_model(image_text.NAME, model.pair, record)
    return record


def accuracy(pair: keras.Model, pairs: captioned.Pairs, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of images whose class has the nearest code: the mean of its captions.

    Args:
        pair: as `image_text.pair` returns it.
        pairs: a colour and a shape per class.
        X: images, uint8 (n, 32, 32, 3).
        y: class indices into pairs, int (n,).
    """
    counts = captioned.word_counts([text for one in pairs for text in captioned.captions(*one)])
    some = np.zeros((len(counts), *X.shape[1:]), np.uint8)
    texts = pair.predict([some, counts], verbose=0)[1]
    names = texts.reshape(len(pairs), -1, texts.shape[1]).mean(axis=1)
    names /= np.linalg.norm(names, axis=1, keepdims=True)
    images = pair.predict([X, np.zeros((len(X), counts.shape[1]), np.float32)], batch_size=256, verbose=0)[0]
    return float(np.mean((images @ names.T).argmax(axis=1) == y))
