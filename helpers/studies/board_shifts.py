"""How far does each situation of the board shift its source model's BatchNorm statistics?

Measured on the training images of the board's cells, at most 300 of them, as notebook 08 measures it. Needs
the folder that `TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

import numpy as np

from helpers.networks.batchnorm import SHIFTS_SAMPLE, shifts
from helpers.studies import board_probes


def cells() -> list[dict]:
    return board_probes.cells()


def measure(cell: dict) -> dict:
    X, _, backbone = board_probes.training_images(**cell)
    drawn = np.random.default_rng(cell["seed"]).permutation(len(X))[:SHIFTS_SAMPLE]
    found = [*shifts(backbone, X[drawn]).values()]
    return {"first": found[0], "last": found[-1]}
