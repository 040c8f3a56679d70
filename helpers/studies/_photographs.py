"""Where the studies on real photographs find the images and MobileNet's ImageNet weights."""

import os
from pathlib import Path

from helpers.networks.backbones import Backbone

WEIGHTS = "weights/mobilenet_0.75_224_no_top.weights.h5"


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


def mobilenet() -> Backbone:
    """Return MobileNet with three quarters of its channels, pre-trained on ImageNet."""
    return Backbone("MobileNet", str(root() / WEIGHTS), (("alpha", 0.75),))
