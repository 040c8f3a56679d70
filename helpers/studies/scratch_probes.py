"""A quick training from random weights in every situation of the board. (Notebook 08.)

With the quick probes of the study `board_probes` it is what the recommender knows before training. On the
very training pictures of the board's cells; no test picture is looked at. Needs the folder that
`TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

from helpers.datasets import n_per_class
from helpers.recommender import scratch_probe
from helpers.studies import board, board_photos

SEEDS = 3


def cells() -> list[dict]:
    keys = ("target", "images", "seed")
    unique = dict.fromkeys(
        tuple(cell[key] for key in keys)
        for cell in [*board.cells(), *board_photos.cells()]
        if cell["seed"] < SEEDS
    )
    # The corners of the board first, as there.
    ordered = sorted(unique, key=lambda cell: cell[1] not in board.CORNERS)
    return [dict(zip(keys, values, strict=True)) for values in ordered]


def measure(cell: dict) -> dict:
    study = board if cell["target"] in board.TARGETS else board_photos
    data, _ = study.setting(cell["target"], "none")
    return {"scratch": scratch_probe(*n_per_class(data.X_train, data.y_train, cell["images"], cell["seed"]))}
