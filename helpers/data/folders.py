"""Read folders of images with one sub-folder per class: the parts of `image_sets.from_folder`."""

import math
import os
import unicodedata
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from tqdm.auto import tqdm

from helpers.data.archives import shown
from helpers.data.reading import read_image
from helpers.data.validation import check_integer, existing, visible

MOST_BYTES = 768 * 2**20  # of images in memory; splitting them takes as much again
MANY = 1000  # from this number of images on, a progress bar is shown
NOT_AN_IMAGE = "not an image file by its name"  # why notes beside the images are skipped
_SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}


def _try_image(path: Path, size: int) -> np.ndarray | str:
    """Return the image, or the reason why it cannot be read."""
    if not path.is_file():  # a broken or circular link, or a pipe, which would block
        return "not a regular file"
    try:
        if path.stat().st_size == 0:
            return "empty file"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does not matter here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return read_image(path, (size, size))
    except UnidentifiedImageError:
        kind = path.suffix.lower()
        if kind in (".heic", ".heif"):
            return "the HEIC format is not supported; export the image as JPEG"
        known = kind in Image.registered_extensions()
        return "not an image that Pillow can read" if known else NOT_AN_IMAGE
    except Exception as error:  # damaged files raise nearly any error; one must not stop the reading
        return str(error) or type(error).__name__


def open_folder(path: str | os.PathLike) -> Path:
    """Return the path of an existing folder, with ~ expanded.

    Raises:
        FileNotFoundError: If nothing exists at the path, or the path is empty.
        NotADirectoryError: If the path is a file.
    """
    folder = existing(path) if str(path) else None  # an empty path would mean the current folder
    if folder is None:
        raise FileNotFoundError(
            f"Folder not found: {str(path)!r}. Check the path or upload the folder first."
        )
    if not folder.is_dir():
        raise NotADirectoryError(
            f"The path must be a folder. Received the file {str(path)!r}. If it is an archive, unpack it "
            "and pass the folder."
        )
    return folder


def _class_folders(folder: Path) -> list[Path]:
    folders, files = visible(folder)
    remedy = "Create one sub-folder per class, named after the class, and put its images there."
    if not folders:
        problem = f"contains files ({files[0].name}, ...) but no class folders" if files else "is empty"
        raise ValueError(f"{shown(folder)!r} {problem}. {remedy}")
    for inner in folders:
        if nested := visible(inner)[0]:
            raise ValueError(
                f"The class folder {shown(inner)!r} contains another folder, {nested[0].name!r}. Move its "
                f"images up into {inner.name!r}, or pass only {shown(inner)!r} if its folders are the "
                "classes."
            )
    if len(folders) < 2:
        raise ValueError(
            f"{shown(folder)!r} contains only one class, {folders[0].name!r}; at least two are needed. "
            f"{remedy}"
        )
    return folders


def _class_name(name: str) -> str:
    """Normalise a class name: macOS stores é as e plus an accent, other systems as one letter."""
    return unicodedata.normalize("NFC", name)


def load_folder(
    path: str | os.PathLike, image_size: int = 64, per_class: int | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read all images of a folder that has one sub-folder per class, in sorted order.

    Every format that Pillow knows is converted to RGB by `read_image`; of an animation, the first frame
    is read.

    Args:
        path: the folder.
        image_size: height and width of the images in pixels, 8 to 1024.
        per_class: read at most this many files per class, drawn at random, always the same ones. None
            reads all.

    Returns:
        X uint8 (n, image_size, image_size, 3), y str (n,), and "path: reason" for each skipped file.

    Raises:
        FileNotFoundError: If the folder does not exist.
        NotADirectoryError: If the path is a file.
        ValueError: If image_size is not between 8 and 1024; if the folder has no class folders, a single
            one, or nested ones; if a class has no readable image; or if the images do not fit into
            memory.
    """
    size, folder = check_integer("image_size", image_size, 8, 1024), open_folder(path)
    X, y, skipped, _ = read_folder(folder, size, per_class)
    return X, y, skipped


def class_files(folder: Path, per_class: int | None) -> list[Path]:
    """List the files in the class folders: at most per_class of each, drawn at random, always the same."""
    files = [visible(inner)[1] for inner in _class_folders(folder)]
    if per_class is None:
        return [file for members in files for file in members]
    most, orders = check_integer("per_class", per_class, 1), np.random.default_rng(0)
    drawn = [(members, np.sort(orders.permutation(len(members))[:most])) for members in files]
    return [members[k] for members, chosen in drawn for k in chosen]


def read_folder(
    folder: Path, size: int, per_class: int | None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], list[str]]:
    """Return X, y, "path: reason" of the skipped files, and the paths of the images within the folder."""
    files = class_files(folder, per_class)
    check_room(len(files), size)
    skipped = [
        f"{p.name}: outside the class folders"
        for p in visible(folder)[1]
        if p.suffix.lower() in Image.registered_extensions()
    ]  # other files beside them, such as a README, are fine
    X = np.empty((len(files), size, size, 3), np.uint8)
    paths: list[str] = []
    title = f"Reading {Path(shown(folder)).name}"
    for file in tqdm(files, title, unit="file", leave=False, disable=len(files) < MANY):
        image, path = _try_image(file, size), f"{file.parent.name}/{file.name}"
        if isinstance(image, str):
            skipped.append(f"{path}: {image}")
        else:
            X[len(paths)] = image
            paths.append(path)
    y = np.array([_class_name(path.split("/")[0]) for path in paths])
    for inner in _class_folders(folder):
        if _class_name(inner.name) not in y:
            reasons = [line for line in skipped if line.startswith(f"{inner.name}/")]
            raise ValueError(
                f"The class folder {shown(inner)!r} contains no readable image. Add images or remove the "
                f"folder. {'; '.join(reasons[:5])}"
            )
    return X[: len(paths)], y, tuple(skipped), paths


def check_room(files: int, size: int) -> None:
    """Check before reading that the images fit into memory.

    Raises:
        ValueError: If they do not fit; the message names a size that does.
    """
    if (needed := files * size * size * 3) > MOST_BYTES:
        fits = math.isqrt(MOST_BYTES // (3 * files)) // 8 * 8
        smaller = f"Use image_size={fits} or less, or fewer images" if fits >= 8 else "Use fewer images"
        raise ValueError(
            f"{files} images of {size} x {size} pixels need {needed / 2**30:.1f} GiB of memory; the limit is "
            f"{MOST_BYTES / 2**30:.2g} GiB. {smaller} (per_class=...)."
        )


def largest_size(folder: Path) -> int:
    """Return the largest image size in pixels, a multiple of 8, at which the images fit into memory.

    Args:
        folder: with one sub-folder per class, or with such folders for the splits.

    Raises:
        ValueError: If the folder has no class folders, a single one or nested ones.
    """
    inside = predefined(folder) or {"all": folder}
    files = max(1, sum(len(class_files(inner, None)) for inner in inside.values()))
    return max(8, math.isqrt(MOST_BYTES // (3 * files)) // 8 * 8)


def predefined(folder: Path) -> dict[str, Path]:
    """Return {"train": folder, ...} if the sub-folders are splits, in upper or lower case, else {}.

    Raises:
        ValueError: If train is missing, a split has several folders, the splits differ in their classes,
            or other folders lie beside the splits.
    """
    folders = {p.name: p for p in visible(folder)[0]}
    splits = {name: _SPLITS.get(name.lower(), "") for name in folders}
    if not any(splits[name] and visible(inner)[0] for name, inner in folders.items()):
        return {}  # no folder with the name of a split contains class folders
    if unknown := [name for name in splits if not splits[name]]:
        raise ValueError(
            f"{shown(folder)!r} contains splits, but also other folders: {', '.join(unknown)}. Splits are "
            "named train, val and test. Rename the other folders or move them away."
        )
    if "train" not in splits.values():
        raise ValueError(
            f"{shown(folder)!r} contains {', '.join(splits)}, but no train. Add a train folder, or pass the "
            "folder whose sub-folders are the classes."
        )
    split, count = Counter(splits.values()).most_common(1)[0]
    if count > 1:
        several = ", ".join(name for name in splits if splits[name] == split)
        raise ValueError(f"{shown(folder)!r} contains several {split} folders: {several}. Keep one.")
    classes = {name: {_class_name(p.name) for p in _class_folders(inner)} for name, inner in folders.items()}
    train = next(name for name in splits if splits[name] == "train")
    for name in classes:
        if different := sorted(classes[name] ^ classes[train]):
            raise ValueError(
                f"{train!r} and {name!r} in {shown(folder)!r} must contain the same classes, but differ in: "
                f"{', '.join(different)}. Add or remove these class folders."
            )
    return {splits[name]: inner for name, inner in folders.items()}
