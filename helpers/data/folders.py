"""Reads folders of images, one sub-folder per class: the parts of `image_sets.from_folder`."""

import math
import os
import unicodedata
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm.auto import tqdm

from helpers.data.archives import shown
from helpers.data.validation import existing, visible, whole_number

MOST_BYTES = 768 * 2**20  # of pictures read at once; splitting them takes as much again
MANY = 1000  # pictures that are worth a progress bar
OTHER_FILE = "no picture, by its name"  # why notes beside the pictures are skipped
_SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale a 16-bit, 32-bit or float picture to 0..255 (Pillow's own convert would clip at 255)."""
    values = np.asarray(image).astype(np.float64)
    values = np.where(np.isfinite(values), values, 0)
    low, high = values.min(), values.max()
    if low >= 0 and high <= (1 if image.mode == "F" else 65535):
        values = values * 255 if image.mode == "F" else values / 257
    else:
        values = (values - low) * (255 / (high - low) if high > low else 0)
    return Image.fromarray(np.round(values).astype(np.uint8))


def read_picture(path: Path, size: int) -> np.ndarray:
    """Read a picture as uint8 (size, size, 3): upright, on white, covering the square, centred."""
    with Image.open(path) as opened:
        opened.draft(None, (2 * size, 2 * size))  # a big JPEG is decoded at a fraction of its size
        opened.load()
        image = ImageOps.exif_transpose(opened)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _to_8_bit(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(ImageOps.fit(image.convert("RGB"), (size, size)))


def _try_picture(path: Path, size: int) -> np.ndarray | str:
    """The picture, or the reason why it cannot be read."""
    if not path.is_file():  # a broken or circular link; a pipe, which would block
        return "not a regular file"
    try:
        if path.stat().st_size == 0:
            return "empty file"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does not matter here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return read_picture(path, size)
    except UnidentifiedImageError:
        kind = path.suffix.lower()
        if kind in (".heic", ".heif"):
            return "HEIC, which cannot be read here: export it as JPEG"
        return "not a picture that Pillow can read" if kind in Image.registered_extensions() else OTHER_FILE
    except Exception as error:  # broken files raise nearly anything; one must not end the reading
        return str(error) or type(error).__name__


def open_folder(path: str | os.PathLike) -> Path:
    """The path of a folder that is there, with ~ written out.

    Raises:
        FileNotFoundError: nothing of this name, or no name at all.
        NotADirectoryError: a file.
    """
    folder = existing(path) if str(path) else None  # an empty path would mean the current folder
    if folder is None:
        raise FileNotFoundError(
            f"There is no folder {str(path)!r}. Check the path, or upload the folder first."
        )
    if not folder.is_dir():
        raise NotADirectoryError(
            f"{str(path)!r} is a file. Unpack it if it is an archive, and give the folder."
        )
    return folder


def _class_folders(folder: Path) -> list[Path]:
    folders, files = visible(folder)
    remedy = "Make one sub-folder per class, named after the class, and put its pictures there."
    if not folders:
        problem = f"holds files ({files[0].name}, ...) but no class folders" if files else "is empty"
        raise ValueError(f"{shown(folder)!r} {problem}. {remedy}")
    for inner in folders:
        if nested := visible(inner)[0]:
            raise ValueError(
                f"The class folder {shown(inner)!r} holds another folder, {nested[0].name!r}. Move its "
                f"pictures up into {inner.name!r}, or give only {shown(inner)!r} if its folders are the "
                "classes."
            )
    if len(folders) < 2:
        raise ValueError(
            f"{shown(folder)!r} holds a single class, {folders[0].name!r}; two are needed. {remedy}"
        )
    return folders


def _class_name(name: str) -> str:
    """A Mac writes é as e and an accent; elsewhere it is one letter. Both are one class."""
    return unicodedata.normalize("NFC", name)


def load_folder(
    path: str | os.PathLike, image_size: int = 64, per_class: int | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read every picture of a folder with one sub-folder per class, in sorted order.

    Any Pillow format becomes RGB: upright by its EXIF tag, transparency on white, 16 bits scaled to 8,
    the first frame of an animation; resized to cover the square, cropped at the centre. With per_class,
    at most so many files of a class are read: always the same ones, drawn at random.

    Returns:
        X uint8 (n, image_size, image_size, 3), y str (n,), and "path: reason" for each file skipped.

    Raises:
        FileNotFoundError, NotADirectoryError: `path` is missing, or a file.
        ValueError: image_size is not between 8 and 1024; no class folders, a single one, nested ones,
            or one without a readable picture; more pictures of this size than fit into memory.
    """
    size, folder = whole_number("image_size", image_size, 8, 1024), open_folder(path)
    X, y, skipped, _ = read_folder(folder, size, per_class)
    return X, y, skipped


def class_files(folder: Path, per_class: int | None) -> list[Path]:
    """The files in the class folders, at most per_class of each: drawn at random, the same every time."""
    files = [visible(inner)[1] for inner in _class_folders(folder)]
    if per_class is None:
        return [file for members in files for file in members]
    most, orders = whole_number("per_class", per_class, 1), np.random.default_rng(0)
    drawn = [(members, np.sort(orders.permutation(len(members))[:most])) for members in files]
    return [members[k] for members, chosen in drawn for k in chosen]


def read_folder(
    folder: Path, size: int, per_class: int | None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], list[str]]:
    """X, y, "path: reason" of the skipped, and the paths of the pictures in X, below the folder."""
    files = class_files(folder, per_class)
    check_room(len(files), size)
    skipped = [
        f"{p.name}: lies outside the class folders"
        for p in visible(folder)[1]
        if p.suffix.lower() in Image.registered_extensions()
    ]  # a README beside them is fine
    X = np.empty((len(files), size, size, 3), np.uint8)
    paths: list[str] = []
    title = f"Reading {Path(shown(folder)).name}"
    for file in tqdm(files, title, unit="file", leave=False, disable=len(files) < MANY):
        picture, path = _try_picture(file, size), f"{file.parent.name}/{file.name}"
        if isinstance(picture, str):
            skipped.append(f"{path}: {picture}")
        else:
            X[len(paths)] = picture
            paths.append(path)
    y = np.array([_class_name(path.split("/")[0]) for path in paths])
    for inner in _class_folders(folder):
        if _class_name(inner.name) not in y:
            reasons = [line for line in skipped if line.startswith(f"{inner.name}/")]
            raise ValueError(
                f"The class folder {shown(inner)!r} holds no readable picture. Add some, or remove it. "
                + "; ".join(reasons[:5])
            )
    return X[: len(paths)], y, tuple(skipped), paths


def check_room(files: int, size: int) -> None:
    """Refuse before reading what would not fit into memory, and say what would."""
    if (needed := files * size * size * 3) > MOST_BYTES:
        fits = math.isqrt(MOST_BYTES // (3 * files)) // 8 * 8
        smaller = f"Take image_size={fits} or less, or fewer pictures" if fits >= 8 else "Take fewer pictures"
        raise ValueError(
            f"{files} pictures of {size} x {size} need {needed / 2**30:.1f} GiB of memory; at most "
            f"{MOST_BYTES / 2**30:.2g} GiB are read. {smaller} (per_class=...)."
        )


def predefined(folder: Path) -> dict[str, Path]:
    """{"train": folder, ...} where the sub-folders are splits, in capitals or not, else {}.

    Raises:
        ValueError: several folders for one split, or splits with other classes than train.
    """
    folders = {p.name: p for p in visible(folder)[0]}
    splits = {name: _SPLITS.get(name.lower(), "") for name in folders}
    if not any(splits[name] and visible(inner)[0] for name, inner in folders.items()):
        return {}  # no folder that is called a split holds class folders
    if unknown := [name for name in splits if not splits[name]]:
        raise ValueError(
            f"{shown(folder)!r} holds splits, but also {', '.join(unknown)}, which is none. Splits are "
            "train, val and test: rename the others, or move them away."
        )
    if "train" not in splits.values():
        raise ValueError(
            f"{shown(folder)!r} holds {', '.join(splits)}, but no train. Add it, or give the folder whose "
            "sub-folders are the classes."
        )
    split, count = Counter(splits.values()).most_common(1)[0]
    if count > 1:
        several = ", ".join(name for name in splits if splits[name] == split)
        raise ValueError(f"{shown(folder)!r} holds several {split} folders: {several}. Keep one.")
    classes = {name: {_class_name(p.name) for p in _class_folders(inner)} for name, inner in folders.items()}
    train = next(name for name in splits if splits[name] == "train")
    for name in classes:
        if different := sorted(classes[name] ^ classes[train]):
            raise ValueError(
                f"{train!r} and {name!r} in {shown(folder)!r} must hold the same classes, but differ in: "
                f"{', '.join(different)}. Add or remove these class folders."
            )
    return {splits[name]: inner for name, inner in folders.items()}
