"""A quick training from random weights in every situation of the board. (Notebook 08.)

With the quick probes of the study `board_probes` it is what the recommender knows before training. On the
very training pictures of the board's cells; no test picture is looked at. Needs the folder that
`TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

from helpers.strategies.probes import scratch_probe
from helpers.studies import board
from helpers.studies.board_probes import situations, training_pictures

SEEDS = 3


def cells() -> list[dict]:
    # The corners of both boards first, as there.
    return sorted(
        situations("target", "images", "seed", seeds=SEEDS),
        key=lambda cell: cell["images"] not in board.CORNERS,
    )


def measure(cell: dict) -> dict:
    X, y, _ = training_pictures(source="none", **cell)
    return {"scratch": scratch_probe(X, y)}
