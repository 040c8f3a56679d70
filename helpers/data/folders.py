"""Read folders of images with one sub-folder per class: the parts of `image_sets.from_folder`."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from helpers.data.archives import shown
from helpers.data.folder_contents.beside import MASK, outside, skipped_lines, without_masks
from helpers.data.folder_contents.clutter import visible
from helpers.data.folder_contents.layouts import (
    Layout,
    check_without_splits,
    class_folders,
    layout_of,
    left_aside,
)
from helpers.data.folder_contents.names import class_name
from helpers.data.folder_contents.skipped import by_class, by_reason, missed
from helpers.data.image_files.reading import pages, printable, try_image
from helpers.data.image_files.value_range import Ranges, measured
from helpers.data.splits import split
from helpers.data.validation import check_integer, existing

MOST_BYTES = 768 * 2**20  # of images in memory; splitting them takes as much again
MANY = 1000  # from this number of images on, a progress bar is shown


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


def load_folder(
    path: str | os.PathLike, image_size: int = 64, per_class: int | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read all images of a folder that has one sub-folder per class, in sorted order.

    Every format that Pillow knows is converted to RGB by `helpers.data.image_files.reading.read_image`; of an
    animation, the first frame is read. Images with more than 8 bits per channel are stretched by one range
    for the whole folder, see `helpers.data.image_files.value_range.measured`.

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
    check_without_splits(folder)
    ranges = measured(class_files(folder, per_class))
    X, y, skipped, _ = read_folder(folder, size, per_class, ranges)
    return X, y, skipped


def class_files(folder: Path, per_class: int | None) -> list[Path]:
    """List the files in the class folders: at most per_class of each, drawn at random, always the same."""
    files = [without_masks(visible(inner)[1])[0] for inner in class_folders(folder)]
    if per_class is None:
        return [file for members in files for file in members]
    most, orders = check_integer("per_class", per_class, 1), np.random.default_rng(0)
    drawn = [(members, np.sort(orders.permutation(len(members))[:most])) for members in files]
    return [members[k] for members, chosen in drawn for k in chosen]


def read_folder(
    folder: Path, size: int, per_class: int | None, ranges: Ranges, most_bytes: int | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], list[str]]:
    """Return X, y, "path: reason" of the skipped files, and the paths of the images within the folder.

    The ranges are those of `helpers.data.image_files.value_range.measured` for all images of the set.
    """
    files = class_files(folder, per_class)
    check_room(len(files), size, most_bytes)
    lost: dict[Path, str] = {}
    X = np.empty((len(files), size, size, 3), np.uint8)
    read: list[Path] = []
    title = f"Reading {Path(shown(folder)).name}"
    for file in tqdm(files, title, unit="file", leave=False, disable=len(files) < MANY):
        image = try_image(file, (size, size), ranges)
        if isinstance(image, str):
            lost[file] = image
        else:
            X[len(read)] = image
            read.append(file)
    masks = (path for inner in class_folders(folder) for path in without_masks(visible(inner)[1])[1])
    skipped = outside(folder) + skipped_lines(lost | dict.fromkeys(masks, MASK), read)
    paths = [f"{file.parent.name}/{file.name}" for file in read]
    y = np.array([class_name(path.split("/")[0]) for path in paths])
    for inner in class_folders(folder):
        if class_name(inner.name) not in y:
            reasons = [line for line in skipped if line.startswith(f"{printable(inner.name)}/")]
            raise ValueError(
                f"The class folder {shown(inner)!r} contains no readable image{left_aside(inner)}. "
                f"Add images or remove the folder. {by_reason(reasons)}"
            )
    return X[: len(paths)], y, tuple(skipped), paths


class Part(NamedTuple):
    """The images of one split: X uint8 (n, size, size, 3); y and paths str (n,).

    Example:
        >>> y, paths = np.array(["a", "b"]), np.array(["a/1.png", "b/1.png"])
        >>> both = Part(np.zeros((2, 8, 8, 3), "uint8"), y, paths)
        >>> both.at(np.array([1])).paths.tolist()
        ['b/1.png']
    """

    X: np.ndarray
    y: np.ndarray
    paths: np.ndarray

    def at(self, rows: np.ndarray) -> "Part":
        """Return some of the images."""
        return Part(self.X[rows], self.y[rows], self.paths[rows])


class Files(NamedTuple):
    """What a folder contains: the images of its splits, "path: reason" of skipped files, and value ranges.

    `several` says, in words, which files contain several images.

    Example:
        >>> Files({}, ("cat/1.png: empty file",), {}).skipped
        ('cat/1.png: empty file',)
    """

    parts: dict[str, Part]
    skipped: tuple[str, ...]
    ranges: Ranges
    several: str = ""


def read_layout(folder: Path, layout: Layout, size: int, per_class: int | None) -> Files:
    """Read the images of all splits; paths are relative to the folder, with "/" between folders.

    Raises:
        ValueError: If a class has no readable image, or the images do not fit into memory.
    """
    files = [path for inner in layout.folders.values() for path in class_files(inner, per_class)]
    check_room(len(files), size)
    ranges, parts = measured(files), {}
    skipped = outside(folder) if layout.splits else []
    for name, inner in layout.folders.items():
        above = f"{inner.name}/" if layout.splits else ""
        X, y, lines, paths = read_folder(inner, size, per_class, ranges)
        parts[name] = Part(X, y, np.array([above + path for path in paths]))
        skipped += [printable(above) + line for line in lines]
    return Files(parts, tuple(skipped), ranges, several_images(files))


def several_images(files: Iterable[Path]) -> str:
    """Say which files contain several images, of which only the first is read; empty if there are none."""
    numbers = {file: number for file in files if file.is_file() and (number := pages(file)) > 1}
    if not numbers:
        return ""
    first, number = next(iter(numbers.items()))
    return (
        f"{len(numbers)} files contain several images (pages or frames), such as {number} in "
        f"{printable(f'{first.parent.name}/{first.name}')}. Only the first image of each is read; to use the "
        "others, save them as files of their own"
    )


def skipped_in_words(files: Files, max_skipped: float) -> str:
    """Say how many files were skipped, and why.

    Raises:
        ValueError: If more than the fraction max_skipped of them should have been images.
    """
    images, skipped = sum(len(part.y) for part in files.parts.values()), files.skipped
    read = Counter(printable(name) for part in files.parts.values() for name in part.y.tolist())
    each = [by_reason(skipped), by_class(skipped, read, max_skipped).removesuffix(".")]
    message = f"{len(skipped)} of {images + len(skipped)} files were skipped. {'. '.join(filter(None, each))}"
    if (lost := missed(skipped)) > max_skipped * (images + lost):
        enough = math.ceil(100 * lost / (images + lost)) / 100
        raise ValueError(
            f"{message}. Repair, move or remove them. Or do without them: where the folder is read, add "
            f"max_skipped={enough:g} (in the terminal: --max-skipped {enough:g}). "
            f"Received: max_skipped={max_skipped:g}."
        )
    return message


def three_splits(
    parts: dict[str, Part], fractions: Sequence[float], seed: int, group_of: Mapping[str, str] | None
) -> dict[str, Part]:
    """Complete predefined splits, or split a folder without them; each group of images stays in one split.

    Args:
        parts: "train", and perhaps "validation" and "test"; or "all".
        fractions: shares of the three splits of "all".
        seed: of the random choice.
        group_of: the group of each path; None if each image stands for itself.

    Raises:
        ValueError: As `helpers.data.splits.split`.
    """

    def pieces(part, shares):
        groups = None if group_of is None else [group_of[path] for path in part.paths.tolist()]
        chosen = split(part.X, part.y, shares, seed, groups)
        return {
            name: part.at(rows) for name, rows in zip(("train", "validation", "test"), chosen, strict=True)
        }

    if "all" in parts:
        return pieces(parts["all"], fractions)
    if "validation" not in parts:
        parts = pieces(parts["train"], (0.8, 0.2, 0)) | {
            name: parts[name] for name in parts if name == "test"
        }
    nothing = parts["train"].at(np.arange(0))
    return {"test": nothing, **parts}


def check_room(files: int, size: int, most_bytes: int | None = None) -> None:
    """Check before reading that the images fit into memory.

    Raises:
        ValueError: If they do not fit; the message names a size that does.
    """
    limit = most_bytes or MOST_BYTES
    if (needed := files * size * size * 3) > limit:
        fits = math.isqrt(limit // (3 * files)) // 8 * 8
        smaller = f"Use image_size={fits} or less, or fewer images" if fits >= 8 else "Use fewer images"
        raise ValueError(
            f"{files} images of {size} x {size} pixels need {needed / 2**30:.1f} GiB of memory; the limit is "
            f"{limit / 2**30:.2g} GiB. {smaller} (per_class=...)."
        )


def largest_size(folder: Path) -> int:
    """Return the largest image size in pixels, a multiple of 8, at which the images fit into memory.

    Args:
        folder: with one sub-folder per class, or with such folders for the splits.

    Raises:
        ValueError: If the folder has no class folders, a single one or nested ones.
    """
    inside = layout_of(folder).folders.values()
    files = max(1, sum(len(class_files(inner, None)) for inner in inside))
    return max(8, math.isqrt(MOST_BYTES // (3 * files)) // 8 * 8)
