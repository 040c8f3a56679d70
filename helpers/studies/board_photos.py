"""The board on photographs and microscope images, with two source models.

Needs the folder that `TRANSFER_DATA_DIR` names, with the image sets and MobileNet's ImageNet weights. The
shipped photo model and the networks from scratch see 64x64 pixels, MobileNet 96x96; the batch size is 16.
Ants and bees come without a test split: their published validation split is the test set here.
"""

import functools

from helpers.data.image_sets import ImageSet, from_folder
from helpers.networks.backbones import Backbone
from helpers.studies._photographs import mobilenet, root
from helpers.studies.engine import runner

SEEDS = 5
CORNERS, SIZES = (10, 100), (5, 20, 50)
TARGETS = ("hymenoptera", "flowers", "cats_vs_dogs", "lung_histology", "blood_cells")
IMAGE_SIZES = {"none": 64, "photos": 64, "MobileNet": 96}
BASE_RATES = {"MobileNet": 3e-5}  # of fine-tuning: the best of the study `photo_rates`, on validation


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "strategy": strategy, "images": images, "seed": seed}
        for sizes in (CORNERS, SIZES)  # corners of the 2x2 board first, as in the study `board`
        for seed in range(SEEDS)
        for target in TARGETS
        for images in sizes
        for strategy, source in runner.board_rows(["photos", "MobileNet"])
    ]


def measure(cell: dict) -> dict:
    data, backbone = setting(cell["target"], cell["source"])
    base_lr = BASE_RATES.get(cell["source"], runner.BASE_RATE)
    strategy = runner.board_strategy(cell, backbone, batch_size=16, base_lr=base_lr)
    held_out = "test" if len(data.X_test) else "validation"
    return runner.run(strategy, data, cell["images"], cell["seed"], held_out=held_out)


def setting(target: str, source: str) -> tuple[ImageSet, Backbone]:
    """Return the images of a target at the source's size, and the source model."""
    data = _images(target, IMAGE_SIZES[source])
    if source == "MobileNet":
        return data, mobilenet()
    return data, Backbone("photos")


@functools.lru_cache(maxsize=2)
def _images(name, image_size):
    return from_folder(root() / name, image_size)
