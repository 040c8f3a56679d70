"""The board: every strategy on the built-in targets, over sizes and seeds.

The images of a target stay the same. A seed draws the training images among them, and controls all that is
random in a strategy. What needs no source model (from scratch, the trivial baseline) has the source "none".
"""

import functools

from helpers.data.image_sets import ImageSet, builtin, digits
from helpers.networks.backbones import Backbone
from helpers.studies.engine import runner

SEEDS = 10
CORNERS, SIZES = (10, 100), (5, 20, 50, 500)
TARGETS = {  # and the most training images that each has
    "new_shapes": 500,
    "micrographs": 500,
    "streets_night": 500,
    "digits": 100,
}


def cells() -> list[dict]:
    # The corners of the 2x2 board come first: so a table under way can already be read.
    return [
        {"target": target, "source": source, "strategy": strategy, "images": images, "seed": seed}
        for sizes in (CORNERS, SIZES)
        for seed in range(SEEDS)
        for target, most in TARGETS.items()
        for images in sizes
        if images <= most
        for strategy, source in runner.board_rows(["shapes"])
    ]


def measure(cell: dict) -> dict:
    data, backbone = setting(cell["target"], cell["source"])
    strategy = runner.board_strategy(cell, backbone)
    return runner.run(strategy, data, cell["images"], cell["seed"], held_out="test")


@functools.cache
def setting(target: str, source: str) -> tuple[ImageSet, Backbone]:
    """Return the images of a target, and the source model (not used if the source is "none")."""
    return digits() if target == "digits" else builtin(target), Backbone("shapes")
