"""Quick probes in every situation of the board: what the recommender knows before training.

They use exactly the training images of the board's cells, and no test image. Needs the folder that
`TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

import numpy as np

from helpers.data.splits import n_per_class
from helpers.networks.backbones import Backbone
from helpers.strategies.probes import quick_probes
from helpers.studies import board, board_photos

SEEDS = 5


def cells() -> list[dict]:
    return [c for c in situations("target", "source", "images", "seed", seeds=SEEDS) if c["source"] != "none"]


def measure(cell: dict) -> dict:
    X, y, backbone = training_images(**cell)
    return {"classes": len(np.unique(y)), **quick_probes(X, y, backbone)}


def situations(*keys: str, seeds: int) -> list[dict]:
    """What the cells of both boards vary among these keys, each combination once, for so many seeds."""
    unique = dict.fromkeys(
        tuple(cell[key] for key in keys)
        for cell in [*board.cells(), *board_photos.cells()]
        if cell["seed"] < seeds
    )
    return [dict(zip(keys, values, strict=True)) for values in unique]


def training_images(
    target: str, source: str, images: int, seed: int
) -> tuple[np.ndarray, np.ndarray, Backbone]:
    """Return the images and labels that the board's cells with this seed learn from, and the source model."""
    study = board if target in board.TARGETS else board_photos
    data, backbone = study.setting(target, source)
    return *n_per_class(data.X_train, data.y_train, images, seed), backbone
