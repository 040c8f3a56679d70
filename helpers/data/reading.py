"""Find and read image files. Exported models take this module along: it needs only NumPy and Pillow."""

import glob
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps


def find_images(name: str | os.PathLike) -> list[Path]:
    """List the files that a name stands for.

    Args:
        name: of a file; of a folder, whose files are listed without hidden ones and sub-folders; or a
            pattern such as *.jpg, which Windows leaves to the program.

    Returns:
        The paths, sorted.

    Raises:
        FileNotFoundError: If there is no such file, or the folder contains no files.
    """
    path = Path(name)
    if path.is_file():
        return [path]
    if path.is_dir():
        found = list(path.glob("[!.]*"))
        problem = f"{name} contains no images."
    else:
        found = [Path(match) for match in glob.glob(str(name))]
        problem = f"There is no file {name}."
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise FileNotFoundError(problem)
    return files


def read_image(path: str | os.PathLike, size: tuple[int, int]) -> np.ndarray:
    """Read an image as RGB pixels of a given size.

    It is turned upright by its EXIF tag, laid on white if it is transparent, resized to cover the size,
    and cropped at the centre.

    Args:
        path: the file.
        size: width and height of the result in pixels.

    Returns:
        uint8 (height, width, 3).

    Raises:
        OSError: If Pillow cannot read the file.
    """
    with Image.open(path) as opened:
        # Decode a large JPEG at a fraction of its size.
        opened.draft(None, (2 * max(size), 2 * max(size)))
        opened.load()
        image = ImageOps.exif_transpose(opened)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _to_8_bit(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.asarray(ImageOps.fit(image.convert("RGB"), size))


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale a 16-bit, 32-bit or float image to 0..255 (Pillow's own convert would clip at 255)."""
    values = np.asarray(image).astype(np.float64)
    values = np.where(np.isfinite(values), values, 0)
    low, high = values.min(), values.max()
    if low >= 0 and high <= (1 if image.mode == "F" else 65535):
        values = values * 255 if image.mode == "F" else values / 257
    else:
        values = (values - low) * (255 / (high - low) if high > low else 0)
    return Image.fromarray(np.round(values).astype(np.uint8))
