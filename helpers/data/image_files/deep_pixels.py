"""Decode all bits of images with more than 8 bits per channel, of which Pillow keeps only the upper ones.

Exported models take this module along: it needs only NumPy and Pillow.
"""

import re
from typing import BinaryIO

import numpy as np
from PIL import Image

from helpers.data.image_files.file_kinds import UnreadableImage

_BITS, _PHOTOMETRIC, _PLANAR = 258, 262, 284  # TIFF tags
# How 16-bit colours are stored; BGR;16 is 16 bits for all three channels.
_COLOURS = re.compile(r"(LA|RGB|RGBA|RGBX|RGBa|CMYK);16[BLN]")
_CHANNELS = {"RGB": 3, "RGBA": 3, "CMYK": 4}


def deep_kind(image: Image.Image) -> str | None:
    """Return "integer" or "float" if an image that is not loaded yet has more than 8 bits per channel."""
    if image.mode == "F":
        return "float"
    if image.mode == "I" or image.mode.startswith("I;16"):
        return "integer"
    # Pillow opens 16-bit colours as 8-bit images; only how they are stored shows their depth.
    deep = in_planes(image) or _ppm_maximum(image) or _stored(image)
    return "integer" if image.mode in _CHANNELS and deep else None


def in_planes(image: Image.Image) -> bool:
    """Return whether a TIFF image stores each 16-bit channel apart: Pillow reads them as 8-bit channels."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(_PLANAR) == 2 and len(image.getbands()) > 1 and max(tags.get(_BITS, (8,))) > 8


def exact_values(image: Image.Image, file: BinaryIO) -> np.ndarray:
    """Return all bits of an image with more than 8 bits per channel, without transparency.

    Args:
        image: opened from the file, loaded or not, of a kind that `deep_kind` names.
        file: the open file. 16-bit colours are decoded a second time, for their lower 8 bits.

    Returns:
        uint16, int32 or float32, (height, width) or (height, width, channels) with the channels R, G, B or
        C, M, Y, K.

    Raises:
        UnreadableImage: If neither Pillow nor this module can decode all bits.
    """
    if image.mode not in _CHANNELS:
        return _one_channel(image)
    if in_planes(image):
        return _planes(image, file)
    again = _opened_again(file)  # a loaded image has forgotten how it was stored
    if maximum := _ppm_maximum(again):
        return _ppm(again, file, maximum)
    return _two_bytes(image, file, _stored(again))


def _one_channel(image):
    values = np.asarray(image)
    if values.dtype.itemsize > 2:
        return values
    values = values.astype(np.uint16)  # of this computer's byte order
    white_is_zero = image.format == "TIFF" and image.tag_v2.get(_PHOTOMETRIC) == 0
    return ~values if white_is_zero else values  # Pillow inverts 8-bit images only


def _stored(image):
    """Return how the 16-bit colours of an image are stored, such as "RGB;16B"; None for other images."""
    tiles = getattr(image, "tile", ())
    found = _COLOURS.search(str(tiles[0].args)) if tiles else None
    return found and found[0]


def _two_bytes(image, file, stored):
    if stored is None:
        raise UnreadableImage("16-bit colours that are stored in an unknown way; export it as 16-bit PNG")
    if stored.startswith("LA"):
        four = np.asarray(_decoded_as(file, stored, "RGBA")).astype(np.uint16)  # the bytes of grey and alpha
        return np.repeat(four[..., :1] << 8 | four[..., 1:2], 3, axis=2)
    swapped = {"B": "L", "L": "B", "N": "B"}[stored[-1]]  # N: of this computer, nearly always L
    lower = _decoded_as(file, stored, stored[:-1] + swapped)
    both = (np.asarray(each)[..., : _CHANNELS[image.mode]] for each in (image, lower))
    upper, lower = (each.astype(np.uint16) for each in both)
    return upper << 8 | lower


def _decoded_as(file, stored, other):
    """Decode an image as if its pixels were stored in another way, of the same number of bytes."""
    image = _opened_again(file)

    def replaced(args):
        return other if args == stored else args

    image.tile = [
        tile._replace(args=tuple(map(replaced, tile.args)) if isinstance(tile.args, tuple) else other)
        for tile in image.tile
    ]
    image.load()
    return image


def _opened_again(file):
    file.seek(0)
    return Image.open(file)


def _planes(image, file):
    """Read the uncompressed blocks of the red, the green and the blue plane."""
    again = _opened_again(file)
    planes = list(dict.fromkeys(tile.args[0] for tile in again.tile))
    if {tile.codec_name for tile in again.tile} != {"raw"} or planes != ["R", "G", "B"]:
        raise UnreadableImage(
            "16-bit channels stored apart and compressed or transparent (TIFF with planar configuration 2); "
            "export it as 16-bit PNG"
        )
    order = "<" if again.tag_v2.prefix == b"II" else ">"
    values = np.zeros((*again.size[::-1], 3), np.uint16)
    for plane, (left, top, right, bottom), offset, stride in (
        (planes.index(tile.args[0]), tile.extents, tile.offset, tile.args[1]) for tile in again.tile
    ):
        row, rows = stride // 2 or right - left, bottom - top  # a block at the edge is wider than its part
        file.seek(offset)
        block = np.frombuffer(file.read(2 * row * rows), f"{order}u2").reshape(rows, row)
        values[top:bottom, left:right, plane] = block[:, : right - left]
    return values


def _ppm_maximum(image):
    """Return the maximum that the header of a colour PPM names, if it is above 255; otherwise 0."""
    tiles = getattr(image, "tile", ())
    known = tiles and image.format == "PPM" and tiles[0].codec_name in ("ppm", "ppm_plain")
    return tiles[0].args[-1] if known and tiles[0].args[-1] > 255 else 0


def _ppm(image, file, maximum):
    """Read a colour PPM, scaled to 65535 as Pillow does with grey ones."""
    tile = image.tile[0]
    file.seek(tile.offset)
    count = 3 * image.width * image.height
    if tile.codec_name == "ppm":
        values = np.frombuffer(file.read(2 * count), ">u2")
    else:
        values = np.array(re.sub(rb"#[^\r\n]*", b"", file.read()).split()[:count], float)
    scaled = np.round(np.minimum(values, maximum) * (65535 / maximum)).astype(np.uint16)
    return scaled.reshape(image.height, image.width, 3)
