"""Convert images with more than 8 bits per channel: one range of values for a whole image set.

Cameras and microscopes fill only a part of 16 bits, often 12. Without a common range such images are nearly
black; a range of its own for each image would hide which image is brighter. Exported models take this module
along: it needs only NumPy and Pillow.
"""

import contextlib
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from helpers.data.image_files.deep_pixels import deep_kind, exact_values

FULL = {"integer": 65535, "float": 1}  # the largest value that these images can have, by custom
SHARES = (0.1, 99.9)  # percentiles of one image: single pixels of a sensor are always black or white
MOST_MEASURED, PIXELS = 200, 20_000  # images of a set, spread evenly, and pixels of each, drawn at random
FEWEST_VALUES = 16  # masks have fewer values, and all of them matter
RARE = 0.1  # share of the images that may have values of their own
REACH = 4  # times the range of all others: what lies beyond would leave them only a few levels of grey


class Range(NamedTuple):
    """Values that are stretched to 0..255: the lowest, the highest, and the share of the pixels outside.

    Example:
        >>> Range(12.0, 4095.0, 0.004).outside
        0.004
    """

    low: float
    high: float
    outside: float = 0.0


Ranges = Mapping[str, Sequence[float]]  # by "integer" and "float"; JSON makes lists of them


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
    if values.dtype == np.uint16:  # each possible value once, not each pixel
        return to_8_bit(np.arange(65536), kind, ranges)[values]
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(values.shape, np.uint8)
    if kind in ranges:
        low, high = map(float, ranges[kind][:2])
    elif finite.min() >= 0 and finite.max() <= FULL[kind]:
        low, high = 0.0, float(FULL[kind])
    else:
        low, high = float(finite.min()), float(finite.max())
    inside = np.clip(np.where(np.isfinite(values), values, low).astype(np.float64), low, high)
    scaled = (inside - low) * (255 / (high - low)) if high > low else 0 * inside
    return np.round(scaled).astype(np.uint8)


def measured(paths: Sequence[str | os.PathLike]) -> dict[str, Range]:
    """Measure which values the deep images of a set use.

    Values that would leave only a few levels of grey to all others do not count: a single value far from
    all others, such as -9999 for missing data or 65535 for a faulty pixel; the range of a few images, at
    most a tenth, that reaches far beyond that of the others; and faulty pixels of any value, up to about
    two in a hundred: an object in the image covers more than two pixels, so neighbours are bright, too.

    Args:
        paths: of all images of the set; at most 200 deep ones are measured, spread evenly. Files that are
            not images are ignored.

    Returns:
        The range, by "integer" and "float". A kind is missing if nothing has to be stretched: its values
        fill at least half of 0..65535 or 0..1, or the images are constant.
    """
    files = filter(os.path.isfile, paths)  # a pipe would block
    kinds = {path: kind for path in files if (kind := _kind_of_file(path))}
    ranges = {}
    for kind, full in FULL.items():
        deep = [path for path, found in kinds.items() if found == kind]
        samples = [_sample(path) for path in deep[:: -(-len(deep) // MOST_MEASURED) or 1]]
        samples = [sample for sample in samples if sample.size]
        if samples and (found := _range_of(samples)):
            values = np.concatenate(samples, axis=1)[0]
            low, high = found
            fills = high - low >= full / 2 and values.min() >= 0 and values.max() <= full
            if not fills:
                ranges[kind] = Range(low, high, float(np.mean((values < low) | (values > high))))
    return ranges


def in_words(ranges: Ranges) -> str:
    """Say which values were stretched.

    Example:
        >>> in_words({"integer": Range(12, 4095)})
        '16-bit images use the values 12 to 4095 of 0 to 65535: all were stretched by this one range'
        >>> in_words({"float": Range(0, 3, 0.021)}).partition("; ")[2]
        '2.1 % of the pixels have values outside and became black or white'
    """
    names = {"integer": "16-bit images", "float": "images of decimal numbers"}
    return "; ".join(
        f"{names[kind]} use the values {low:.6g} to {high:.6g} of 0 to {FULL[kind]}: all were stretched by "
        f"this one range{_outside_in_words(*outside)}"
        for kind, (low, high, *outside) in ranges.items()
    )


def _outside_in_words(share=0.0):
    said = f"; {100 * share:.2g} % of the pixels have values outside and became black or white"
    return said if share else ""


def unstretched(path: str | os.PathLike, ranges: Ranges) -> str:
    """Say that an image uses few of its values, and no range is known by which to stretch it.

    Args:
        path: the image.
        ranges: of the set that the model learned from.

    Returns:
        A sentence with the remedy; empty if all is well.
    """
    return "; ".join(
        f"this {'16-bit image' if kind == 'integer' else 'image of decimal numbers'} uses the values "
        f"{low:.6g} to {high:.6g} of 0 to {FULL[kind]}, and labels.json has no range of the training images: "
        "export the model with export(strategy, folder, data)"
        for kind, (low, high, _) in measured([path]).items()
        if kind not in ranges
    )


def _range_of(samples):
    """Return the common range of images, without that of faulty pixels; None if all values are equal.

    Args:
        samples: of `_sample`, one per image.
    """
    found, calm = (_common_range([sample[k] for sample in samples]) for k in range(2))
    if found is None or calm is None or len(np.unique(np.concatenate(samples, axis=1)[0])) < FEWEST_VALUES:
        return found
    return calm if found[1] - found[0] > REACH * (calm[1] - calm[0]) else found


def _common_range(samples):
    """Return the range that most images share; None if all values are equal.

    Args:
        samples: finite values of each image, each (n,).
    """
    values = np.concatenate(samples)
    low, high = _without_far_values(np.unique(values))
    each = []
    for sample in samples:
        inside = sample[(low <= sample) & (sample <= high)]
        if inside.size:
            limits = np.percentile(inside, SHARES, method="nearest")
            each.append(limits if limits[1] > limits[0] else (inside.min(), inside.max()))
    lows, highs = np.sort(np.array(each, dtype=float), axis=0).T
    rare = int(RARE * len(samples))
    low, high = lows[rare], highs[len(highs) - 1 - rare]
    if high > low:  # then images far beyond do not count; otherwise the images are constant
        low, high = low - REACH * (high - low), high + REACH * (high - low)
        lows, highs = lows[lows >= low], highs[highs <= high]
    low, high = float(lows.min()), float(highs.max())
    return (low, high) if high > low else None


def _without_far_values(values):
    """Return the lowest and highest of sorted values, without those farther off than the rest spans."""
    first, last = 0, len(values) - 1
    while last - first >= FEWEST_VALUES:
        if values[first + 1] - values[first] > values[last] - values[first + 1]:
            first += 1
        elif values[last] - values[last - 1] > values[last - 1] - values[first]:
            last -= 1
        else:
            break
    return values[first], values[last]


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


def _sample(path):
    """Return finite values of an image, float64 (2, n): as they are, and without faulty pixels.

    The second row is limited to the second lowest and second highest value of the eight neighbours. There
    are no values if the image cannot be read.
    """
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        with open(path, "rb") as file, Image.open(file) as image:
            pixels = exact_values(image, file)
        chosen = np.arange(pixels.size)
        if pixels.size > PIXELS:
            chosen = np.random.default_rng(0).integers(pixels.size, size=PIXELS)
        values, around = pixels.ravel()[chosen].astype(np.float64), _neighbours(pixels, chosen)
        finite = np.isfinite(around)
        low = np.sort(np.where(finite, around, np.inf), axis=0)[1]
        high = np.sort(np.where(finite, around, -np.inf), axis=0)[-2]
        calm = np.where(np.isfinite(low) & np.isfinite(high), np.clip(values, low, high), values)
        return np.stack([values, calm])[:, np.isfinite(values)]
    return np.empty((2, 0))


def _neighbours(pixels, chosen):
    """Return the values of the eight neighbours of some pixels, float64 (8, n); at an edge, some twice.

    Args:
        pixels: (height, width) or (height, width, channels).
        chosen: indices into the flat pixels, int (n,).
    """
    row, column, *channel = np.unravel_index(chosen, pixels.shape)
    height, width = pixels.shape[:2]
    found = [
        pixels[(_mirrored(row + down, height), _mirrored(column + right, width), *channel)]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        if (down, right) != (0, 0)
    ]
    return np.array(found, np.float64)


def _mirrored(place, length):
    return np.clip(np.where(place < length, abs(place), length - 2), 0, length - 1)
