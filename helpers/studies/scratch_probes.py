"""A quick training from random weights in every situation of the board.

Together with the quick probes of the study `board_probes`, this is what the recommender knows before
training. It uses exactly the training images of the board's cells, and no test image. Needs the folder that
`TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

from helpers.strategies.probes import scratch_probe
from helpers.studies import board
from helpers.studies.board_probes import situations, training_images

SEEDS = 3


def cells() -> list[dict]:
    # The corners of both boards first, as there.
    return sorted(
        situations("target", "images", "seed", seeds=SEEDS),
        key=lambda cell: cell["images"] not in board.CORNERS,
    )


def measure(cell: dict) -> dict:
    X, y, _ = training_images(source="none", **cell)
    return {"scratch": scratch_probe(X, y)}
