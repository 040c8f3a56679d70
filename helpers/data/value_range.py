"""Convert images with more than 8 bits per channel: one range of values for a whole image set.

Cameras and microscopes fill only a part of 16 bits, often 12. Without a common range such images are nearly
black; a range of its own for each image would hide which image is brighter. Exported models take this module
along: it needs only NumPy and Pillow.
"""

import contextlib
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import numpy as np
from PIL import Image

FULL = {"integer": 65535, "float": 1}  # the largest value that these images can have, by custom
SHARES = (0.1, 99.9)  # percentiles of one image: single pixels of a sensor are always black or white
MOST_MEASURED = 500  # images of a set, spread evenly

Ranges = Mapping[str, Sequence[float]]


def deep_kind(image: Image.Image) -> str | None:
    """Return "integer" or "float" if an image that is not loaded yet has more than 8 bits per channel."""
    if image.mode == "F":
        return "float"
    if image.mode == "I" or image.mode.startswith("I;16"):
        return "integer"
    # Pillow opens 16-bit colours as 8-bit images; only how they are stored shows their depth.
    stored = [str(tile[3]) for tile in getattr(image, "tile", ())]
    return "integer" if image.mode in ("RGB", "RGBA") and any(";16" in text for text in stored) else None


def exact_values(image: Image.Image, file: BinaryIO) -> np.ndarray:
    """Return all bits of an image with more than 8 bits per channel, without transparency.

    Args:
        image: opened from the file.
        file: the open file. 16-bit colours are decoded a second time: Pillow keeps the upper 8 bits.

    Returns:
        float64 (height, width) or (height, width, 3).
    """
    values = np.asarray(image).astype(np.float64)
    if values.ndim == 2:
        return values
    values = 256 * values[..., :3]
    with contextlib.suppress(Exception):  # this decoder cannot: the upper bits are nearly all of the image
        file.seek(0)
        with Image.open(file) as again:
            again.tile = [tile._replace(args=_bytes_swapped(tile.args)) for tile in again.tile]
            values += np.asarray(again)[..., :3]
    return values


def _bytes_swapped(args):
    """Change the arguments of a Pillow decoder: it takes the lower bytes for the upper ones."""
    if isinstance(args, tuple):
        return (_bytes_swapped(args[0]), *args[1:])
    other = {"B": "L", "L": "B", "N": "B"}  # N: of this computer, nearly always L
    return args[:-1] + other[args[-1]]


def to_8_bit(values: np.ndarray, kind: str, ranges: Ranges) -> np.ndarray:
    """Scale values to 0..255.

    Args:
        values: (height, width) or (height, width, 3).
        kind: of `deep_kind`.
        ranges: of the image set, from `measured`. Without a range for this kind, integers are read as
            0..65535 and floats as 0..1; an image beyond that is stretched by its own range.

    Returns:
        uint8, of the same shape; values below and above the range are 0 and 255, as are NaNs 0.

    Example:
        >>> dark = np.array([[0, 1000, 4000]])
        >>> to_8_bit(dark, "integer", {}), to_8_bit(dark, "integer", {"integer": (0, 4000)})
        (array([[ 0,  4, 16]], dtype=uint8), array([[  0,  64, 255]], dtype=uint8))
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(values.shape, np.uint8)
    if kind in ranges:
        low, high = ranges[kind]
    elif finite.min() >= 0 and finite.max() <= FULL[kind]:
        low, high = 0, FULL[kind]
    else:
        low, high = finite.min(), finite.max()
    inside = np.clip(np.where(np.isfinite(values), values, low), low, high)
    scaled = (inside - low) * (255 / (high - low)) if high > low else 0 * inside
    return np.round(scaled).astype(np.uint8)


def measured(paths: Sequence[str | os.PathLike]) -> dict[str, tuple[float, float]]:
    """Measure which values the deep images of a set use.

    Args:
        paths: of all images of the set; at most 500 deep ones are measured, spread evenly. Files that are
            not images are ignored.

    Returns:
        Lowest and highest value, by "integer" and "float". A kind is missing if it fills at least half of
        0..65535 or 0..1, or if the images are constant: then nothing has to be stretched.
    """
    files = filter(os.path.isfile, paths)  # a pipe would block
    kinds = {path: kind for path in files if (kind := _kind_of_file(path))}
    ranges = {}
    for kind, full in FULL.items():
        deep = [path for path, found in kinds.items() if found == kind]
        each = [limits for path in deep[:: -(-len(deep) // MOST_MEASURED) or 1] if (limits := _limits(path))]
        if each:
            low, high = min(low for low, _ in each), max(high for _, high in each)
            fills = low >= 0 and high <= full and high - low >= full / 2
            if high > low and not fills:
                ranges[kind] = (low, high)
    return ranges


def in_words(ranges: Ranges) -> str:
    """Say which values were stretched.

    Example:
        >>> in_words({"integer": (12.0, 4095.0)})
        '16-bit images use the values 12 to 4095 of 0 to 65535: all were stretched by this one range'
    """
    names = {"integer": "16-bit images", "float": "images of decimal numbers"}
    return "; ".join(
        f"{names[kind]} use the values {low:.6g} to {high:.6g} of 0 to {FULL[kind]}: all were stretched by "
        "this one range"
        for kind, (low, high) in ranges.items()
    )


def _kind_of_file(path):
    if not os.path.isfile(path):  # a pipe would block
        return None
    with warnings.catch_warnings(), contextlib.suppress(Exception):  # the one who reads the image names these
        warnings.simplefilter("ignore")
        with open(path, "rb") as file:
            if file.read(2) == b"\xff\xd8":  # a JPEG has 8 bits
                return None
            file.seek(0)
            with Image.open(file) as image:
                return deep_kind(image)
    return None


def _limits(path):
    """Return the lowest and highest value of an image, except rare ones; None if it cannot be read."""
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        with open(path, "rb") as file, Image.open(file) as image:
            values = exact_values(image, file)
        values = values[np.isfinite(values)]
        low, high = np.percentile(values, SHARES, method="nearest").tolist()
        return (low, high) if high > low else (float(values.min()), float(values.max()))
    return None
