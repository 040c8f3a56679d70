"""What `python -m helpers advise FOLDER --run` reaches on photographs and sketches, from start to end.

Each cell runs the command on a copy of a folder in a process of its own, with an empty cache, and reads its
output. The way "default" chooses among MobileNet and the shipped models. The way "shipped" is what remains
without MobileNet's weights. The way "no limit" gives the training as much time as it needs, only with 20
training images per class. A seed draws these; all the others are the validation set. With all training
images, a fifth of them is the validation set. The test set stays the same.

Seconds are wall time and processor time, from the start of Python on; other work on the computer lengthens
the wall time. Needs the folder that `TRANSFER_DATA_DIR` names, with the image sets and MobileNet's weights.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from helpers.data.folder_contents.clutter import visible
from helpers.environment import ROOT
from helpers.studies._photographs import root

SEEDS = 3
TARGETS = ("flowers", "trashnet", "pacs_sketch")
WAYS = {
    "default": [],
    "shipped": ["--sources", "photos", "shapes"],
    "no limit": ["--sources", "MobileNet", "--seconds", "100000"],
}
FEW, ALL = 20, 0  # images per class; 0 stands for all


def cells() -> list[dict]:
    few = [
        {"target": target, "way": way, "images": FEW, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for way in WAYS
    ]
    every = [
        {"target": target, "way": way, "images": ALL, "seed": 0}
        for target in TARGETS
        for way in WAYS
        if way != "no limit"
    ]
    return sorted([*few, *every], key=lambda cell: cell["way"] == "no limit")


def measure(cell: dict) -> dict:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / cell["target"]
        _write(root() / cell["target"], folder, cell["images"], cell["seed"])
        printed, wall, processor = _run([str(folder), "--run", *WAYS[cell["way"]]], temporary)
    return read(printed) | {"seconds": wall, "processor_seconds": processor}


def read(printed: str) -> dict:
    r"""Return what the output of the command says.

    Args:
        printed: with the line of the recommendation and that of the test set.

    Returns:
        strategy, source, accuracy (0..1), train and test (numbers of images), and megabytes (of weights that
        others have to download).

    Raises:
        ValueError: the output lacks a line.

    Example:
        >>> found = read(
        ...     "MobileNet, trained on ImageNet: 7.6 MB, a.h5 in FOLDER.\n"
        ...     "splits: train 600, validation 150\n"
        ...     "- The best source is MobileNet on images\n"
        ...     "Linear probe: test accuracy 89.6% on 250 images (95 % confidence interval 85.2% to 92.8%)"
        ... )
        >>> found["strategy"], found["source"], found["accuracy"], found["megabytes"]
        ('Linear probe', 'MobileNet', 0.896, 7.6)
    """
    tested = re.search(r"^(.+): test accuracy ([\d.]+)% on (\d+) images", printed, re.MULTILINE)
    best = re.search(r"The best source is (\w+)", printed)
    split = re.search(r"^splits: train (\d+)", printed, re.MULTILINE)
    if not (tested and best and split):
        raise ValueError(f"The output names no test accuracy, no source or no split: {printed[-500:]!r}")
    test = int(tested[3])
    return {
        "strategy": tested[1],
        "source": best[1],
        "accuracy": round(float(tested[2]) / 100 * test) / test,
        "train": int(split[1]),
        "test": test,
        "megabytes": sum(map(float, re.findall(r"trained on ImageNet: ([\d.]+) MB", printed))),
    }


def _write(source: Path, target: Path, images: int, seed: int) -> None:
    """Copy a folder; with few training images, all others of `train` become `val`."""
    rng = np.random.default_rng(seed)
    for part in ("train", "test"):
        for inner in visible(source / part)[0]:
            files = visible(inner)[1]
            few = rng.permutation(len(files))[:images] if part == "train" and images else range(len(files))
            chosen = {files[k] for k in few}
            for file in files:
                place = target / (part if file in chosen else "val") / inner.name
                place.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place / file.name)


def _run(arguments: list[str], cache: str) -> tuple[str, float, float]:
    """Run the command; return its output, and its seconds of wall time and of processor time."""
    started, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "advise", *arguments],
        cwd=ROOT,
        env={**os.environ, "TRANSFER_CACHE_DIR": f"{cache}/cache", "TRANSFER_DATA_DIR": str(root())},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    wall, after = time.perf_counter() - started, os.times()
    if done.returncode:
        raise RuntimeError(f"The command ended with exit code {done.returncode}: {done.stderr[-500:]}")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, wall, processor
