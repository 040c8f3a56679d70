"""Where the studies on real photographs find pictures and MobileNet's ImageNet weights."""

import os
from pathlib import Path

from helpers.networks.backbones import Backbone

WEIGHTS = "weights/mobilenet_0.75_224_no_top.weights.h5"


def root() -> Path:
    """The folder that `TRANSFER_DATA_DIR` names.

    Raises:
        FileNotFoundError: it names none.
    """
    named = os.environ.get("TRANSFER_DATA_DIR")
    if not named:
        raise FileNotFoundError(
            "This study reads real pictures: name the folder that holds them in TRANSFER_DATA_DIR."
        )
    return Path(named).expanduser()


def mobilenet() -> Backbone:
    """MobileNet with three quarters of its channels, pre-trained on ImageNet."""
    return Backbone("MobileNet", str(root() / WEIGHTS), (("alpha", 0.75),))
