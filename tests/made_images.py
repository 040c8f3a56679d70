"""Folders of small made-up images."""

from pathlib import Path

import numpy as np
from PIL import Image


def coloured_folder(folder: Path, size: int) -> None:
    """Write ten images per class and split, one colour per class."""
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for k, name in enumerate(("red", "green", "blue")):
            (folder / part / name).mkdir(parents=True)
            for number in range(10):
                image = rng.integers(0, 120, (size, size, 3))
                image[..., k] += 130
                Image.fromarray(image.astype("uint8")).save(folder / part / name / f"{number}.png")
