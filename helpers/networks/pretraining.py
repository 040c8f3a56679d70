"""Train the shipped source models: `python -m helpers pretrain --source NAME`.

The lecture requires that a source model beats a naive one on its own task, so each recipe records both
accuracies, on images that were not used for training.
"""

import time
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data import synthetic
from helpers.networks import backbones, contrastive, heads, source_models
from helpers.networks.backend import keras
from helpers.networks.precision import mixed_bfloat16
from helpers.networks.seeding import seeded

BATCH = 128
PEAK_RATE = 2e-3
# source -> stages of (image size, epochs): fast training on small images first, then the final size
STAGES = {"shapes": ((32, 7),), "photos": ((32, 6), (64, 4))}


def run(source: str, folder: str | None = None, epochs: int | None = None, seed: int = 0) -> dict:
    """Train a source model, save it, and return its record (recipe and accuracies).

    Args:
        source: "shapes", "photos", or "simclr", which `helpers.networks.contrastive` trains without labels.
        folder: for "photos": a folder with images in train/CLASS and val/CLASS (Tiny ImageNet's layout).
        epochs: epochs per stage, instead of the recipe's.
        seed: random seed of weights, images and their order.

    Raises:
        ValueError: If the source is "photos" and no folder is given, or it is another one and one is given.
        FileNotFoundError: If the folder lacks train or val.
    """
    if source != "photos" and folder:
        raise ValueError(f"Shapes need no folder. Omit --folder {folder}, or add --source photos.")
    if source == "photos" and not folder:
        raise ValueError("Photographs are not part of the series. Pass their folder with --folder.")
    if source == "simclr":
        backbone, record = contrastive.pretrain(epochs, seed=seed)
        source_models.save_source_model(source, backbone, record)
        return record
    draw, validation, classes = _photos(Path(folder), seed) if folder else _shapes(seed)
    stages = [(size, epochs or planned) for size, planned in STAGES[source]]
    sizes = [size for size, count in stages for _ in range(count)]
    started = time.perf_counter()
    with mixed_bfloat16():
        backbone = backbones.mini_vgg(seed)
        model = heads.classifier(backbone, classes, dropout=0.2, seed=seed)
    model.compile(
        keras.optimizers.Adam(PEAK_RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for epoch, size in enumerate(sizes):
        model.optimizer.learning_rate = PEAK_RATE * (np.cos(np.pi * epoch / len(sizes)) + 1) / 2
        with seeded(seed):  # of the order of the images
            model.fit(*draw(size), batch_size=BATCH, epochs=1, verbose=0)
        print(
            f"epoch {epoch + 1}/{len(sizes)} at {size} px: validation accuracy "
            f"{_accuracy(model, *validation(size)):.3f} after "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
    seconds = round(time.perf_counter() - started)
    X, y = draw(32)
    X_held_out, y_held_out = validation(32)
    record = {
        "source": source,
        "classes": classes,
        "image_size": sizes[-1],
        "seed": seed,
        "stages_of_size_and_epochs": stages,
        "training_images_per_epoch": len(y),
        "batch_size": BATCH,
        "optimizer": f"Adam, cosine from {PEAK_RATE}",
        "dropout": 0.2,
        "validation_images": len(y_held_out),
        "validation_accuracy": _accuracy(model, *validation(sizes[-1])),
        "naive_model": "logistic regression on 32x32 pixels, 10,000 training images",
        "naive_accuracy": naive_accuracy(X[:10_000], y[:10_000], X_held_out, y_held_out),
        "chance_accuracy": 1 / classes,
        "parameters": backbone.count_params(),
        "training_seconds": seconds,
        "precision": "mixed_bfloat16",
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }
    source_models.save_source_model(source, backbone, record)
    return record


def _accuracy(model, X, y):
    return float(np.mean(model.predict(X, batch_size=256, verbose=0).argmax(1) == y))


def naive_accuracy(X: np.ndarray, y: np.ndarray, X_held_out: np.ndarray, y_held_out: np.ndarray) -> float:
    """Return the accuracy of logistic regression on pixels: X uint8 (n, 32, 32, 3), y class indices (n,)."""
    naive = make_pipeline(
        StandardScaler(), SGDClassifier(loss="log_loss", max_iter=5, tol=None, random_state=0)
    )
    naive.fit(X.reshape(len(X), -1).astype("float32"), y)
    return float(naive.score(X_held_out.reshape(len(X_held_out), -1).astype("float32"), y_held_out))


def _shapes(seed):
    """Return functions that draw training and validation images, and the number of classes.

    Every call draws new training images: their number is unlimited, so there is no overfitting.
    """
    rounds = iter(range(1, 10**6))
    held_out = synthetic.shapes(4_000, seed=[seed, 0])
    return (
        lambda size: synthetic.shapes(30_000, seed=[seed, next(rounds)]),
        lambda size: held_out,
        len(synthetic.CLASSES["shapes"]),
    )


def _photos(folder, seed):
    """Return the same for Tiny ImageNet's train and val folders; training images are flipped and shifted."""
    for part in (folder / "train", folder / "val"):
        if not part.is_dir():
            raise FileNotFoundError(
                f"Folder not found: {str(part)!r}. Pass a folder with images in train/CLASS and val/CLASS."
            )
    rng = np.random.default_rng(seed)
    names = sorted(path.name for path in (folder / "train").iterdir() if path.is_dir())
    X, y = _read(folder / "train", names)
    X_val, y_val = _read(folder / "val", names)

    def draw(size):
        order = rng.permutation(len(X))
        batch = np.pad(_resized(X[order], size), ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
        out = np.empty((len(X), size, size, 3), np.uint8)
        for i, (top, left, flip) in enumerate(rng.integers(0, (9, 9, 2), (len(X), 3))):
            image = batch[i, top : top + size, left : left + size]
            out[i] = image[:, ::-1] if flip else image
        return out, y[order]

    return draw, lambda size: (_resized(X_val, size), y_val), len(names)


def _read(folder, names):
    paths = [(path, label) for label, name in enumerate(names) for path in sorted((folder / name).iterdir())]
    X = np.stack([np.asarray(Image.open(path).convert("RGB").resize((64, 64))) for path, _ in paths])
    return X, np.array([label for _, label in paths])


def _resized(X, size):
    """Resize by averaging squares of pixels, such as 2x2 from 64 to 32."""
    step = X.shape[1] // size
    if step == 1:
        return X
    return X.reshape(len(X), size, step, size, step, 3).mean((2, 4)).astype(np.uint8)
