"""Do the stored images activate the channels of VGG16 for which they were made?

Each cell is a channel of `helpers.networks.vgg16_channels`. Measured is its activation before the ReLU,
averaged over the map: on its `own` image, the highest on the images of the other eleven channels of its
layer (`others`), and the highest on the sample photographs (`photographs`). Needs the weights of VGG16.
"""

import functools

import numpy as np

from helpers.data.sample_photographs import NAMES, sample_photograph
from helpers.networks import vgg16_channels
from helpers.networks.activation_maximisation import before_activation
from helpers.networks.backbones import load
from helpers.studies import _vgg16


def cells() -> list[dict]:
    return [
        {"layer": layer, "channel": channel}
        for layer in vgg16_channels.SIDES
        for channel in vgg16_channels.channels(layer)
    ]


def measure(cell: dict) -> dict:
    on_images, on_photographs = _activations(cell["layer"])
    place = vgg16_channels.channels(cell["layer"]).index(cell["channel"])
    return {
        "own": float(on_images[place, place]),
        "others": float(np.delete(on_images[:, place], place).max()),
        "photographs": float(on_photographs[:, place].max()),
    }


@functools.lru_cache(maxsize=1)
def _activations(layer):
    """The mean activations of the stored channels on the stored images and on the photographs."""
    network = before_activation(load(_vgg16.backbone()), layer)
    photographs = np.stack([sample_photograph(name) for name in NAMES])
    return [
        network.predict(X.astype("float32"), batch_size=4, verbose=0).mean(axis=(1, 2))[
            :, vgg16_channels.channels(layer)
        ]
        for X in (vgg16_channels.preferred(layer), photographs)
    ]
