"""Find and read image files. Exported models take this module along: it needs only NumPy and Pillow."""

import contextlib
import glob
import io
import os
import re
import unicodedata
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, JpegImagePlugin, UnidentifiedImageError

from helpers.data.image_files.deep_pixels import deep_kind, exact_values, in_planes
from helpers.data.image_files.file_kinds import HEAD, RAW, UnreadableImage, kind_of, why_unreadable
from helpers.data.image_files.metadata import without_metadata
from helpers.data.image_files.value_range import Ranges, to_8_bit

_JPEG = b"\xff\xd8"  # the first bytes
SHELL_EXPANDS_PATTERNS = os.name != "nt"
MOST_JPEG_PIXELS = 250_000_000  # cameras of phones reach 200 megapixels; JPEG is decoded at a reduced size
_MAKE, _SUB_IMAGES, _DNG_VERSION = 271, 330, 50706  # TIFF tags of raw photos
_NEW_SUBFILE_TYPE = 254  # TIFF tag; odd types are previews of another image
_SEVERAL = ("TIFF", "GIF", "WEBP", "PNG", "AVIF")  # formats of stacks and animations
_TURNS = {  # by the EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def find_images(name: str | os.PathLike) -> list[Path]:
    """List the files that a name stands for.

    Args:
        name: of a file; of a folder, whose files are listed without hidden ones and sub-folders; or, on
            Windows only, a pattern such as `*.jpg`, which its command line leaves to the program. Brackets
            are never a pattern.

    Returns:
        The paths, sorted.

    Raises:
        FileNotFoundError: If there is no such file, or the folder contains no files.
    """
    path = Path(name)
    if path.is_file():
        return [path]
    if path.is_dir():
        found = [file for file in path.iterdir() if not file.name.startswith(".")]
        problem = f"{printable(name)} contains no images."
    else:
        pattern = str(name).replace("[", "[[]")
        found = [] if SHELL_EXPANDS_PATTERNS else [Path(match) for match in glob.glob(pattern)]
        problem = f"There is no file {printable(name)}."
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise FileNotFoundError(problem)
    return files


def printable(name: str | os.PathLike) -> str:
    r"""Return a name that can be printed on one line, drawn and stored as UTF-8.

    Bytes of file names that are not UTF-8, line breaks and other control characters are written as escapes.

    Example:
        >>> print(printable("caf\udce9\n.jpg"))
        caf\xe9\n.jpg
    """
    return "".join(map(_escaped, str(name)))


def _escaped(c):
    if "\udc80" <= c <= "\udcff":  # how Python shows a byte of a name that is not UTF-8
        return f"\\x{ord(c) - 0xDC00:02x}"
    hidden = unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
    return c.encode("unicode_escape").decode() if hidden else c


def read_image(path: str | os.PathLike, size: tuple[int, int], ranges: Ranges | None = None) -> np.ndarray:
    """Read an image as RGB pixels of a given size.

    It is turned upright by its EXIF tag, laid on white if it is transparent, resized to cover the size,
    and cropped at the centre. Damaged metadata does not matter, if the pixels can be decoded.

    Args:
        path: the file.
        size: width and height of the result in pixels.
        ranges: of `helpers.data.image_files.value_range.measured`, for images with more than 8 bits per
            channel.

    Returns:
        uint8 (height, width, 3).

    Raises:
        UnreadableImage: If the image has too many pixels, or is a raw photo.
        Exception: Whatever Pillow raises for files that it cannot read, often an OSError.
    """
    with open(path, "rb") as file:
        return decode(file, size, ranges)


def decode(file: BinaryIO, size: tuple[int, int], ranges: Ranges | None = None) -> np.ndarray:
    """Read an image from an open file, as `read_image` does."""
    return _despite_metadata(file, lambda source: _pixels(source, size, ranges or {}))


def try_image(path: Path, size: tuple[int, int], ranges: Ranges | None = None) -> np.ndarray | str:
    """Read an image, or return the reason why it cannot be read, and the remedy.

    Args:
        path: the file.
        size: width and height of the result in pixels.
        ranges: as for `read_image`.

    Returns:
        uint8 (height, width, 3), or a sentence without a colon, such as
        "a HEIC image; export it as JPEG or PNG".
    """
    if not path.is_file():  # a broken or circular link, or a pipe, which would block
        return "not a regular file"
    head = b""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does not matter here
            head = file.read(HEAD)
            return decode(file, size, ranges)
    except UnreadableImage as error:
        return str(error)
    except PermissionError as error:
        return f"cannot be opened ({error.strerror}); change its permissions"
    except Exception as error:  # damaged files raise nearly any error; one must not stop the reading
        return why_unreadable(head, path.name, _problem(error), _end(path))


def _end(path):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - HEAD))
        return file.read()
    return b""


def _problem(error):
    """Return what an error says of all such files: without positions, lengths and the like."""
    if isinstance(error, UnidentifiedImageError):
        return "Pillow does not recognise it"
    general = re.sub(r"\s*(\(.*?\)|<.*?>)|\d+", "", printable(str(error)))
    return general.replace(": ", ", ").strip() or type(error).__name__


def upright_size(path: str | os.PathLike) -> tuple[int, int]:
    """Return width and height of an image in pixels, after it is turned upright.

    Raises:
        Exception: as for `read_image`.
    """

    def size(file):
        with _opened(file) as image:
            # Pillow turns TIFF files by itself, and gives the size after that.
            turned = image.format != "TIFF" and _orientation(image) >= 5  # by a quarter
            return image.size[::-1] if turned else image.size

    with open(path, "rb") as file:
        return _despite_metadata(file, size)


def pages(path: str | os.PathLike) -> int:
    """Return how many images a file contains: the pages of a TIFF stack, or the frames of an animation.

    Only the first is read. Previews of the first image do not count.
    """
    with warnings.catch_warnings(), contextlib.suppress(Exception):  # the one who reads the image names these
        warnings.simplefilter("ignore")
        with open(path, "rb") as file:
            if file.read(2) == _JPEG:  # phones add a depth map to a JPEG
                return 1
            file.seek(0)
            with Image.open(file) as image:
                frames = getattr(image, "n_frames", 1) if image.format in _SEVERAL else 1
                if image.format != "TIFF" or frames == 1:
                    return frames
                size = image.size
                return sum(_is_page(image, k, size) for k in range(frames))
    return 1


def _is_page(image, k, size):
    image.seek(k)
    return k == 0 or (image.size == size and not _is_preview(image))  # slides are stored in several sizes


def _despite_metadata(file, action):
    """Call an action with a file; if that fails, with a copy without metadata or with the end it lacks."""
    file.seek(0)
    try:
        return action(file)
    except UnreadableImage:
        raise
    except Exception:
        file.seek(0)
        bare = without_metadata(file)
        if bare is not None:
            with contextlib.suppress(Exception):
                return action(io.BytesIO(bare))
            for jpeg in (_whole(file), bare):  # first the one with the orientation
                with contextlib.suppress(Exception):
                    return _with_end(jpeg, action)
        raise


def _with_end(jpeg, action):
    """Call an action with a JPEG file whose end marker is lost, if all its pixels are there.

    Raises:
        ValueError: If other bytes at the end make other pixels: then pixels are lost, too.
    """
    if not jpeg.startswith(_JPEG):
        raise ValueError("not a JPEG file")
    jpeg = jpeg.rstrip(b"\xff")  # half of an end marker
    result, other = (action(io.BytesIO(jpeg + more + b"\xff\xd9")) for more in (b"", 64 * b"\x5a"))
    if not np.array_equal(result, other):
        raise ValueError("pixels are lost")
    return result


def _opened(file):
    """Open an image that is neither too large nor only the preview of a raw photo."""
    start = file.read(2)
    file.seek(0)
    image: Image.Image
    if start == _JPEG:
        # `Image.open` refuses large images before `draft` can reduce them.
        image, limit = JpegImagePlugin.JpegImageFile(file), MOST_JPEG_PIXELS
    else:
        try:
            image, limit = Image.open(file), Image.MAX_IMAGE_PIXELS
        except Image.DecompressionBombError as error:
            raise UnreadableImage("the image has too many pixels; make it smaller") from error
    if limit is not None and (pixels := image.width * image.height) > limit:
        raise UnreadableImage(
            f"{pixels / 1e6:.0f} megapixels are more than the {limit / 1e6:.0f} that can be read of a "
            f"{image.format} file; make the image smaller"
        )
    tags = getattr(image, "tag_v2", {})  # of a TIFF file
    preview = _is_preview(image)
    photo = preview and (_SUB_IMAGES in tags or _MAKE in tags)
    if photo or _DNG_VERSION in tags or kind_of(_head(file)) is RAW:
        raise UnreadableImage(str(RAW))
    if preview and getattr(image, "n_frames", 1) > 1:
        raise UnreadableImage("a TIFF file whose first image is only a preview; export it as JPEG or PNG")
    return image


def _is_preview(image):
    kind = getattr(image, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and kind % 2 == 1


def _head(file):
    file.seek(0)
    return file.read(HEAD)


def _whole(file):
    file.seek(0)
    return file.read()


def _orientation(image):
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF data: the pixels count
        return 1


def _pixels(file, size, ranges):
    with _opened(file) as image:
        # Decode a large JPEG at a fraction of its size.
        image.draft(None, (2 * max(size), 2 * max(size)))
        kind, apart = deep_kind(image), in_planes(image)
        image.load()
        turn = _TURNS.get(_orientation(image))
        flat = _flat(image, file, kind, ranges, apart)
    if turn is not None:
        flat = flat.transpose(turn)
    return np.asarray(ImageOps.fit(flat, size))


def _flat(image, file, kind, ranges, apart):
    """Return the image as RGB with 8 bits per channel, without transparency."""
    if kind and (kind in ranges or len(image.getbands()) == 1 or apart):
        pixels = to_8_bit(exact_values(image, file), kind, ranges)
        inks = image.mode == "CMYK"
        shallow = Image.frombytes("CMYK", image.size, pixels.tobytes()) if inks else Image.fromarray(pixels)
        if "A" in image.getbands():
            shallow.putalpha(image.getchannel("A"))
        image = shallow
    if image.mode == "LAB":
        to_rgb = (ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"))
        image = ImageCms.profileToProfile(image, *to_rgb, outputMode="RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")
