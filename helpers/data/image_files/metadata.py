"""Leave out the metadata of an image file, if its metadata keeps Pillow from decoding the pixels.

Exported models take this module along: it needs only the standard library.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

_PNG = b"\x89PNG\r\n\x1a\n"
# Tags that describe how the pixels are stored, after TIFF 6.0; all others are metadata.
_PIXEL_TAGS = {
    *(256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320),
    *(322, 323, 324, 325, 332, 334, 338, 339, 347, 529, 530, 531, 532),
}


def without_metadata(file: BinaryIO) -> bytes | None:
    """Return the content of an image file without its metadata; the pixels stay as they are.

    Args:
        file: open, at its beginning.

    Returns:
        A PNG, JPEG or TIFF file without texts, colour profiles and other metadata. The orientation of PNG
        and TIFF files is kept. None for other formats.

    Example:
        >>> import io
        >>> from PIL import Image, PngImagePlugin
        >>> note = PngImagePlugin.PngInfo()
        >>> note.add_text("comment", "nice weather")
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (4, 4)).save(file, "PNG", pnginfo=note)
        >>> b"weather" in file.getvalue(), b"weather" in without_metadata(io.BytesIO(file.getvalue()))
        (True, False)
    """
    start = file.read(8)
    try:
        if start == _PNG:
            return _PNG + b"".join(_png_chunks(start + file.read()))
        if start[:2] == b"\xff\xd8":
            return b"\xff\xd8" + b"".join(_jpeg_segments(start + file.read()))
        if start[:4] in (b"II*\0", b"MM\0*"):
            return _tiff(start + file.read())
    except (struct.error, ValueError, IndexError):  # the file ends too early
        pass
    return None


def _png_chunks(content: bytes) -> Iterator[bytes]:
    """Yield the chunks that describe the pixels, their transparency and their orientation."""
    place = len(_PNG)
    while place + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        chunk = content[place : place + 12 + length]
        needed = kind[:1].isupper()  # after the PNG standard
        useful = kind == b"eXIf" or (kind == b"tRNS" and _is_transparency(length, content[25:26]))
        if needed or (useful and zlib.crc32(chunk[4:-4]).to_bytes(4) == chunk[-4:]):
            yield chunk
        if kind == b"IEND":
            return
        place += 12 + length
    if not kind[:1].isupper():  # cut off within metadata, after the pixels
        yield b"\0\0\0\0IEND\xaeB`\x82"


def _is_transparency(length, colour_type):
    """Return whether the transparency has the length that the colours need: grey, RGB or a palette."""
    return {b"\0": length == 2, b"\2": length == 6, b"\3": 1 <= length <= 256}.get(colour_type, False)


def _jpeg_segments(content: bytes) -> Iterator[bytes]:
    """Yield all segments except application data and comments, then the compressed pixels."""
    place = 2
    while True:
        place = content.index(b"\xff", place)  # decoders skip stray bytes between segments
        while content[place] == 0xFF:
            place += 1
        marker = content[place]
        if marker == 0xDA:  # start of scan
            yield b"\xff" + content[place:]
            return
        place += 1
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:  # without content
            continue
        (length,) = struct.unpack_from(">H", content, place)
        segment = content[place : place + length]
        # These say how colours are stored, if they are as long as libjpeg needs them.
        colours = len(segment) >= {b"JFIF\0": 16, b"Adobe": 14}.get(segment[2:7], math.inf)
        if colours or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            yield bytes([0xFF, marker]) + segment
        place += length


def _tiff(content: bytes) -> bytes:
    """Return the file with a first directory of pixel tags only, and without further images."""
    order = "<" if content.startswith(b"II") else ">"
    (place,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, place)
    entries = [content[start : start + 12] for start in range(place + 2, place + 2 + 12 * count, 12)]
    kept = [entry for entry in entries if struct.unpack(f"{order}H", entry[:2])[0] in _PIXEL_TAGS]
    directory = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + bytes(4)
    return content[:place] + directory + content[place + len(directory) :]
