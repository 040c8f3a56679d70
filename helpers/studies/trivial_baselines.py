"""How far do two trivial baselines get on each target of the board, and how many originals has it?

Five nearest neighbours, on what needs no network:

- "colours": histograms of red, green and blue (`helpers.strategies.frozen.NearestColours`).
- "thumbnail": the pixels of the image at 8x8.

The draws are those of the board, with the same seeds, and `images` is 0 where all training images are known.
Where such a baseline comes near the best strategy, the target says little about transfer: `helpers.findings`
does not count it.

`originals` is the number of independent originals among these training images: images that
`helpers.data.duplicates.near` joins as near copies, and those of one declared group of file names
(`_targets.TARGETS`), count once. For spoken digits, that is the number of speakers. Needs the folder that
`TRANSFER_DATA_DIR` names, except for the built-in targets.
"""

import functools

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from helpers.data.copy_search import alike_pairs
from helpers.data.duplicates import Copies
from helpers.data.image_sets import reduced
from helpers.strategies.frozen import NearestColours
from helpers.studies import _targets
from helpers.studies.board import SEEDS, drawn, sizes

ALL = 0  # stands for all training images
COLOURS, THUMBNAIL = "colours", "thumbnail"
SIZE, THUMBNAIL_SIZE, NEIGHBOURS = 64, 8, 5


def cells() -> list[dict]:
    return [
        {"target": target, "strategy": strategy, "images": images, "seed": seed}
        for target, named in _targets.TARGETS.items()
        for images in (ALL, *sizes(target))
        for seed in (range(SEEDS[named.is_builtin]) if images else (0,))
        for strategy in (COLOURS, THUMBNAIL)
    ]


def measure(cell: dict) -> dict:
    train, test = (_targets.images(cell["target"], part, SIZE) for part in ("train", "test"))
    rows = np.arange(len(train.y))
    if cell["images"] != ALL:
        rows = drawn(train.y, cell["images"], cell["seed"])
    guesses = _guesses(cell["strategy"], train.X[rows], train.y[rows], test.X)
    return {
        "accuracy": float(np.mean(guesses == test.y)),
        "originals": len(np.unique(originals(cell["target"])[rows])),
    }


def _guesses(strategy, X, y, X_test):
    if strategy == COLOURS:
        return NearestColours(NEIGHBOURS).fit(X, y).predict(X_test)
    nearest = KNeighborsClassifier(NEIGHBOURS).fit(_thumbnails(X), y)
    return nearest.predict(_thumbnails(X_test))


def _thumbnails(X):
    return reduced(X, THUMBNAIL_SIZE).reshape(len(X), -1) / 255


@functools.lru_cache(maxsize=1)
def originals(target: str) -> np.ndarray:
    """Return the number of the original of each training image, int (n,).

    Images of a declared group have one original; near copies have one; any other image is its own.
    Built-in images are drawn one by one and are not searched.

    Example:
        >>> len(np.unique(originals("streets_night")))
        1000
    """
    train = _targets.images(target, "train", SIZE)
    if train.groups is not None:
        return np.unique(train.groups, return_inverse=True)[1]
    number = np.arange(len(train.y))
    if not _targets.TARGETS[target].is_builtin:
        alike = alike_pairs([*train.X])
        for places in Copies(number, np.full(len(number), "train"), train.y, alike).sets:
            number[places] = places[0]
    return number
