"""Measure how fast VGG16 is fine-tuned at 224 pixels, and which share of the GPU's peak that is.

Two recipes train on the same random images in one run: the head only, from block5 on, and all layers.

- plain: as the Keras guide on transfer learning does. 32-bit precision, arrays into `model.fit`, and the
  frozen part runs again in every epoch.
- this series: 16-bit precision where the GPU gains from it, XLA, and the frozen part runs once.

Images per second count all images of all epochs, and the one pass through the frozen part, but not
compilation. The share of the peak compares the arithmetic done with a large matrix product, measured on the
same GPU in the precision of this series' recipe.

    python -m benchmarks.vgg16            # on a GPU; needs about 20 GB of its memory
    python -m benchmarks.vgg16 --small    # on a CPU in a minute, to see that it works
"""

import csv
import os
import platform
import statistics
import time
from datetime import date
from importlib import metadata
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np  # noqa: E402

from benchmarks import parser  # noqa: E402
from helpers.environment import ROOT  # noqa: E402
from helpers.networks import backbones, hardware, heads  # noqa: E402
from helpers.networks.backend import keras  # noqa: E402
from helpers.strategies import training  # noqa: E402
from helpers.strategies.trained_network import frozen_activations  # noqa: E402

CLASSES = 10
TRAINED = {"head only": None, "block5": "block5", "all layers": "all"}
LARGE = {"image_size": 224, "batch_size": 128, "batches": 8, "epochs": 5}
SMALL = {"image_size": 32, "batch_size": 8, "batches": 2, "epochs": 3}
OUT = ROOT / "datasets" / "results" / "vgg16_speed.csv"
SEED = 0  # of the random images


def classifier(from_block):
    base = heads.set_trainable_from(backbones.fresh(backbones.Backbone("VGG16", "random")), from_block)
    return heads.classifier(base, CLASSES)


def plain(from_block, X, y, batch_size, epochs):
    """Train as the Keras guide does; return the model, seconds once (none), and seconds per epoch."""
    model, times = classifier(from_block), []
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-5), loss, metrics=["accuracy"])
    tick = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: times.append(time.perf_counter()))
    model.fit(X, y, epochs=epochs + 1, batch_size=batch_size, verbose=0, callbacks=[tick])
    return model, 0.0, _between(times)


def ours(from_block, X, y, batch_size, epochs):
    """Train as `helpers.strategies.FineTune` does; return the same three results."""
    model, times, once = classifier(from_block), [], 0.0
    frozen, trained = heads.split_frozen(model) or (None, model)
    if frozen is not None:
        frozen_activations(frozen, X[:batch_size], batch_size=batch_size)  # compiles
        started = time.perf_counter()
        X = frozen_activations(frozen, X, batch_size=batch_size)
        getattr(X, "block_until_ready", lambda: None)()  # JAX returns before it has computed
        once = time.perf_counter() - started
    training.fit(
        trained,
        X,
        y,
        epochs=epochs + 1,
        batch_size=batch_size,
        seed=0,
        head_lr=1e-5,
        base_lr=1e-5,
        on_epoch=lambda epoch, logs: times.append(time.perf_counter()),
    )
    return model, once, _between(times)


def _between(times):
    """Return the median of the seconds per epoch, without the first epoch, in which the backend compiles."""
    return statistics.median(np.diff(times))


def measure(recipe, name, image_size, batch_size, batches, epochs, peak) -> dict:
    """Return one row of the table."""
    images = batch_size * batches
    rng = np.random.default_rng(SEED)
    X = rng.integers(0, 256, (images, image_size, image_size, 3), dtype=np.uint8)
    y = rng.integers(0, CLASSES, images)
    hardware.mixed_precision("float32" if recipe is plain else None)
    with hardware.meter() as cost:
        model, once, per_epoch = recipe(TRAINED[name], X, y, batch_size, epochs)
    operations = hardware.count_operations(model, image_size)
    every_epoch = operations["forward"] + operations["backward"]
    once_only = operations["frozen"] if recipe is ours else epochs * operations["frozen"]
    seconds = once + epochs * per_epoch
    done = images * (once_only + epochs * every_epoch)
    return {
        "recipe": "plain" if recipe is plain else "this series",
        "trains": name,
        "seed": SEED,
        "precision": keras.config.dtype_policy().name,
        "images": images,
        "image_size": image_size,
        "batch_size": batch_size,
        "epochs": epochs,
        "seconds_once": round(once, 4),
        "seconds_per_epoch": round(per_epoch, 4),
        "images_per_second": round(images * epochs / seconds, 1),
        "percent_of_peak": round(100 * done / seconds / peak, 1),
        "memory_MiB": "" if cost.memory is None else round(cost.memory),
    }


def line(row: dict, reference: dict) -> str:
    """Return a row as printed."""
    speed = row["images_per_second"]
    return (
        f"{row['trains']:11} {row['recipe']:12} {row['precision']:15} {speed:9,.1f} images/s"
        f"{row['percent_of_peak']:6.1f} % of the peak{speed / reference['images_per_second']:6.1f} x plain"
    )


def provenance(peak, dtype) -> list[str]:
    packages = ("keras", keras.backend.backend(), "numpy")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    return [
        f"# Made by `python -m benchmarks.vgg16`, {date.today()}, {hardware.device_name()}",
        f"# Python {platform.python_version()}, {versions}",
        f"# Peak, a {dtype} matrix product measured in this run: {peak / 1e12:.3g} TFLOP/s",
        *["# Under JAX, memory is the most since the process began"] * (keras.backend.backend() == "jax"),
    ]


def write(path: Path, lines: list[str], rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main(argv=None):
    taken = parser("vgg16", __doc__)
    taken.add_argument("--small", action="store_true", help="few small images, for a CPU")
    taken.add_argument("--out", type=Path, help=f"table to write (default: {OUT}; none with --small)")
    arguments = taken.parse_args(argv)
    dtype = hardware.precision_for(hardware.capability()).removeprefix("mixed_")  # as our recipe computes
    peak = hardware.matrix_speed(dtype)
    lines = provenance(peak, dtype)
    print(*lines, sep="\n")
    path, rows = arguments.out or (None if arguments.small else OUT), []
    for name in TRAINED:
        for recipe in (plain, ours):
            row = measure(recipe, name, peak=peak, **(SMALL if arguments.small else LARGE))
            rows.append(row)
            print(line(row, rows[-2] if recipe is ours else row), flush=True)
            if path:
                write(path, lines, rows)
    if path:
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
