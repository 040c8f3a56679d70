"""Quick probes in every situation of the board: what the recommender knows before training. (Notebook 08.)

On the very training pictures of the board's cells; no test picture is looked at. Needs the folder that
`TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

import numpy as np

from helpers.datasets import n_per_class
from helpers.recommender import quick_probes
from helpers.studies import board, board_photos

SEEDS = 5


def cells() -> list[dict]:
    measured = [*board.cells(), *board_photos.cells()]
    keys = ("target", "source", "images", "seed")
    unique = dict.fromkeys(
        tuple(cell[key] for key in keys)
        for cell in measured
        if cell["source"] != "none" and cell["seed"] < SEEDS
    )
    return [dict(zip(keys, values, strict=True)) for values in unique]


def measure(cell: dict) -> dict:
    study = board if cell["target"] in board.TARGETS else board_photos
    data, backbone = study.setting(cell["target"], cell["source"])
    X, y = n_per_class(data.X_train, data.y_train, cell["images"], cell["seed"])
    return {"classes": len(np.unique(y)), **quick_probes(X, y, backbone)}
