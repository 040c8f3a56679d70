"""Where the studies on real photographs find the images and MobileNet's ImageNet weights."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.image_sets import ImageSet, from_folder

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone

WEIGHTS = "weights/mobilenet_0.75_224_no_top.weights.h5"
SMALL, TINY = 96, 64  # pixels: of MobileNet and of networks from scratch, where a study trains all layers
BASE_RATE = 3e-5  # of MobileNet, fine-tuned at 96 pixels: the best of the study `photo_rates`


def root() -> Path:
    """Return the folder that `TRANSFER_DATA_DIR` names.

    Raises:
        FileNotFoundError: the variable is not set.
    """
    named = os.environ.get("TRANSFER_DATA_DIR")
    if not named:
        raise FileNotFoundError(
            "This study reads photographs: set TRANSFER_DATA_DIR to the folder that contains them."
        )
    return Path(named).expanduser()


def mobilenet() -> "Backbone":
    """Return MobileNet with three quarters of its channels, pre-trained on ImageNet."""
    from helpers.networks.backbones import Backbone  # loads Keras, which the board's names do not need

    return Backbone("MobileNet", str(root() / WEIGHTS), (("alpha", 0.75),))


@functools.lru_cache(maxsize=2)
def images(target: str, image_size: int) -> ImageSet:
    """Return the images of a target at this size in pixels."""
    return from_folder(root() / target, image_size)
