"""What some channels of VGG16 look for, and where two photographs activate them, as stored images.

Reading them needs neither Keras nor VGG16. `python -m helpers channels` makes them: for one layer of each
block, the six channels that vary most over each sample photograph, twelve in all; for each channel, the
image that it prefers (`activation_maximisation`) and its feature map on each photograph.
"""

import functools
import json

import numpy as np
from PIL import Image

from helpers.data import sample_photographs
from helpers.environment import ROOT

FOLDER = ROOT / "datasets" / "vgg16_channels"
# layer -> side of the preferred images in pixels; a channel of an early layer sees only a few pixels
SIDES = {"block1_conv2": 16, "block2_conv2": 48, "block3_conv3": 96, "block4_conv3": 128, "block5_conv3": 128}
# layer -> side of the receptive field: the pixels that one value of a feature map depends on
FIELDS = {"block1_conv2": 5, "block2_conv2": 14, "block3_conv3": 40, "block4_conv3": 92, "block5_conv3": 196}
PER_PHOTOGRAPH = 6
WIDEST = 112  # pixels; wider feature maps are stored at this size


def channels(layer: str) -> list[int]:
    """Return the indices of the stored channels of a layer.

    Example:
        >>> len(channels("block5_conv3"))
        12
    """
    return _record()["channels"][layer]


def preferred(layer: str) -> np.ndarray:
    """Return the images that the stored channels of a layer prefer.

    Returns:
        uint8 (12, height, width, 3).

    Example:
        >>> preferred("block5_conv3").shape
        (12, 128, 128, 3)
    """
    return _tiles(np.asarray(Image.open(FOLDER / f"{layer}.jpg")), columns=len(channels(layer)))[0]


def stored_maps(layer: str, photograph: str) -> np.ndarray:
    """Return the feature maps of the stored channels on a sample photograph.

    Args:
        layer: one of SIDES.
        photograph: one of `helpers.data.sample_photographs.NAMES`.

    Returns:
        uint8 (12, rows, columns); 255 is the highest activation of all twelve, 0 the lowest.

    Example:
        >>> stored_maps("block5_conv3", "temple").shape
        (12, 14, 14)
    """
    sheet = np.asarray(Image.open(FOLDER / f"{layer}_maps.png"))
    rows = len(sample_photographs.NAMES)
    return _tiles(sheet, len(channels(layer)), rows)[sample_photographs.NAMES.index(photograph)]


def compute_maps(image: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the feature maps of the stored channels on an image, with VGG16.

    Args:
        image: uint8 (224, 224, 3).

    Returns:
        For each layer, uint8 (12, rows, columns), as `stored_maps`.

    Raises:
        FileNotFoundError: If the weights are neither on this computer nor can they be downloaded.
    """
    return {layer: _to_bytes(maps[..., channels(layer)]) for layer, maps in _activations(image).items()}


def make(seed: int = 0, steps: int = 128) -> None:
    """Make and store all images: about 10 minutes on two cores.

    Args:
        seed: random seed of the preferred images.
        steps: steps of gradient ascent.

    Raises:
        FileNotFoundError: If the weights are neither on this computer nor can they be downloaded.
    """
    from helpers.networks.activation_maximisation import preferred_images
    from helpers.networks.backbones import fingerprint
    from helpers.networks.backend import keras
    from helpers.networks.imagenet import vgg16_with_weights

    photographs = [_activations(sample_photographs.sample_photograph(n)) for n in sample_photographs.NAMES]
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = {}
    for layer, side in SIDES.items():
        maps = [one[layer] for one in photographs]
        chosen[layer] = _chosen(maps)
        images = preferred_images(vgg16_with_weights(), layer, chosen[layer], side, steps, seed)
        _save(images[None], f"{layer}.jpg", quality=92, subsampling=0)
        maps = [_to_bytes(one[..., chosen[layer]]) for one in maps]
        _save(np.stack(maps), f"{layer}_maps.png", optimize=True)
        print(f"{layer}: channels {', '.join(map(str, chosen[layer]))}", flush=True)
    record = {
        "network": "VGG16, ImageNet weights (Simonyan & Zisserman 2015; CC BY 4.0)",
        "fingerprint": fingerprint(vgg16_with_weights()),
        "photographs": [sample_photographs.credit(name) for name in sample_photographs.NAMES],
        "seed": seed,
        "steps": steps,
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
        "channels": chosen,
    }
    (FOLDER / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    _record.cache_clear()


def most_varying(maps: np.ndarray) -> np.ndarray:
    """Return the indices of feature maps (channels, rows, columns), the most varying one first.

    The border does not count: there, some channels respond to the zeros of the padding.

    Example:
        >>> rising = np.arange(16).reshape(4, 4)
        >>> most_varying(np.stack([rising, 3 * rising, 2 * rising])).tolist()
        [1, 2, 0]
    """
    border = max(1, maps.shape[1] // 14)
    return np.argsort(-maps[:, border:-border, border:-border].std(axis=(1, 2)), kind="stable")


def _chosen(maps):
    """Choose channels: the most varying ones over the first photograph, then further ones for the next."""
    chosen = []
    for one in maps:
        order = most_varying(one.transpose(2, 0, 1)).tolist()
        chosen += [channel for channel in order if channel not in chosen][:PER_PHOTOGRAPH]
    return chosen


@functools.cache
def _record():
    return json.loads((FOLDER / "record.json").read_text(encoding="utf-8"))


def _activations(image):
    """The activations of each layer of SIDES on one image, float32 (rows, columns, channels)."""
    from helpers.networks.backbones import load
    from helpers.networks.backend import keras
    from helpers.networks.imagenet import vgg16_with_weights

    model = load(vgg16_with_weights())
    cut = keras.Model(model.input, [model.get_layer(layer).output for layer in SIDES])
    return {name: maps[0] for name, maps in zip(SIDES, cut.predict(image[None], verbose=0), strict=True)}


def _to_bytes(maps):
    """Scale maps (rows, columns, channels) to (channels, rows, columns) of 0..255, at most WIDEST wide."""
    step = max(1, maps.shape[0] // WIDEST)
    rows, columns = maps.shape[0] // step, maps.shape[1] // step
    small = maps.reshape(rows, step, columns, step, -1).mean(axis=(1, 3)).transpose(2, 0, 1)
    low, high = small.min(), small.max()
    return (255 * (small - low) / max(high - low, 1e-12)).round().astype("uint8")


def _save(tiles, name, **options):
    """Save tiles (rows, columns, height, width[, 3]) as one image."""
    rows, columns, height, width, *colours = tiles.shape
    sheet = tiles.swapaxes(1, 2).reshape(rows * height, columns * width, *colours)
    Image.fromarray(sheet).save(FOLDER / name, **options)


def _tiles(sheet, columns, rows=1):
    """Cut an image into its tiles (rows, columns, height, width[, 3])."""
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    return sheet.reshape(rows, height, columns, width, *sheet.shape[2:]).swapaxes(1, 2)
