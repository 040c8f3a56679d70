"""How much does the accuracy on ants and bees depend on the split into training and test set?

The study `photo_accuracy` keeps the published split; its seeds differ by the folds only. Here, a seed splits
all images again, into training and test sets as large as the published ones, with the same share of either
class; cross-validation then chooses as it does there. No image has a near copy
(`helpers.data.duplicates.near`), so none can leak. Needs the folder that `TRANSFER_DATA_DIR` names.
"""

import functools

import numpy as np
from sklearn.model_selection import train_test_split

from helpers.studies.photo_accuracy import DATA, examined, read

NAME = "hymenoptera"
SEEDS = 10


def cells() -> list[dict]:
    return [{"seed": seed} for seed in range(SEEDS)]


def measure(cell: dict) -> dict:
    codes, y, size = _images()
    parts = train_test_split(np.arange(len(y)), test_size=size, stratify=y, random_state=cell["seed"])
    train, test = ((codes[rows], y[rows]) for rows in parts)
    return examined(train, test, cell["seed"])


@functools.cache
def _images():
    """Return features and labels of all images, and the size of the published test set."""
    parts = [read(NAME, part)[:2] for part in ("train", DATA[NAME])]
    codes, y = (np.concatenate(values) for values in zip(*parts, strict=True))
    return codes, y, len(parts[1][1])
