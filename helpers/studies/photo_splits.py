"""How much of the ants' and bees' accuracy is the division into training and test? (docs/accuracy.md)

The study `photo_accuracy` keeps the published division; its seeds differ by the folds only. Here a seed draws
the division anew, of all pictures, into as many for training and for the test as were published, with the
same share of either class; cross-validation then chooses as there. No picture has a near copy
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
    codes, y, size = _pictures()
    parts = train_test_split(np.arange(len(y)), test_size=size, stratify=y, random_state=cell["seed"])
    train, test = ((codes[rows], y[rows]) for rows in parts)
    return examined(train, test, cell["seed"])


@functools.cache
def _pictures():
    """Codes and labels of all pictures, and how many of them the published test has."""
    parts = [read(NAME, part)[:2] for part in ("train", DATA[NAME])]
    codes, y = (np.concatenate(values) for values in zip(*parts, strict=True))
    return codes, y, len(parts[1][1])
