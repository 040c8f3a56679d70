"""A few photographs of a few things: the built-in ones, uploaded ones, or those of a folder."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import NamedTuple

import numpy as np

from helpers.data.folder_contents.layouts import layout_of
from helpers.data.folder_contents.skipped import by_reason
from helpers.data.folders import class_files, open_folder, read_layout
from helpers.data.image_files.reading import pages, try_image
from helpers.data.sample_photographs import NAMES, SIDE, credit, pieces

FEWEST = 2  # of each thing: one to learn from, one to test with
PER_CLASS = 20  # of a folder
MOST_CLASSES = 10


class Photographs(NamedTuple):
    """Photographs with the names of what they show.

    Attributes:
        X: uint8 (n, 224, 224, 3).
        y: class names, str (n,).
        names: of the files, n.
        origin: where they come from, in words.
        notes: sentences on what was not read, and on what limits a result.

    Example:
        >>> built_in().X.shape
        (12, 224, 224, 3)
    """

    X: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    origin: str
    notes: tuple[str, ...] = ()


def built_in() -> Photographs:
    """Return pieces of the two photographs that ship with scikit-learn."""
    X = {name: pieces(name) for name in NAMES}
    y = np.repeat(NAMES, [len(images) for images in X.values()])
    names = tuple(f"{name} {number}" for name, images in X.items() for number in range(1, len(images) + 1))
    warning = (
        "All pieces of a class come from one photograph. So this result says nothing about other photographs."
    )
    notes = (warning, *(credit(name) for name in NAMES))
    origin = f"pieces of two built-in photographs ({', '.join(NAMES)})"
    return Photographs(np.concatenate([*X.values()]), y, names, origin, notes)


def from_class_folders(path: str | os.PathLike) -> Photographs:
    """Read some photographs of a folder that has one sub-folder per class; splits are joined.

    Args:
        path: the folder. Of each class, 20 files at most are read, drawn at random, always the same ones. Of
            photographs that are the same pixel by pixel, the first one counts.

    Raises:
        FileNotFoundError: If the folder does not exist.
        NotADirectoryError: If the path is a file.
        ValueError: If the folder has no class folders, a single one, nested ones, or more than ten; or if a
            class has too few readable images.
    """
    folder = open_folder(path)
    layout = layout_of(folder)
    if len(layout.classes) > MOST_CLASSES:
        raise ValueError(
            f"{folder.name!r} has {len(layout.classes)} class folders; at most {MOST_CLASSES} are used here. "
            "Copy a few of them into another folder, or open notebook 08, which reads all of them."
        )
    files = read_layout(folder, layout, SIDE, PER_CLASS)
    X, y, paths = (np.concatenate(each) for each in zip(*files.parts.values(), strict=True))
    kept = sorted({image.tobytes(): k for k, image in reversed([*enumerate(X)])}.values())  # without copies
    copies = len(y) - len(kept)
    X, y, paths = X[kept], y[kept], paths[kept]
    check_counts({name: int(np.sum(y == name)) for name in layout.classes})
    notes = [f"Not read: {by_reason(files.skipped)}."] if files.skipped else []
    notes += [f"{files.several}."] if files.several else []
    notes += [f"Copies of other photographs were left out: {copies}."] if copies else []
    inside = layout.folders.values()
    every, used = (sum(len(class_files(inner, most)) for inner in inside) for most in (None, PER_CLASS))
    if used < every:
        notes.append(
            f"{used} of {every} files are used, at most {PER_CLASS} of each class folder. "
            "Notebook 08 uses all."
        )
    return Photographs(X, y, tuple(paths.tolist()), f"the folder {folder.name!r}", tuple(notes))


def check_counts(counts: dict[str, int]) -> None:
    """Check that there are enough photographs of each thing.

    Args:
        counts: the number of photographs by the name of the thing.

    Raises:
        ValueError: If a thing has fewer than two.

    Example:
        >>> check_counts({"cup": 5, "glass": 1})
        Traceback (most recent call last):
        ValueError: Add at least 2 photographs of each thing. So far: 5 of 'cup', 1 of 'glass'.
    """
    if min(counts.values()) < FEWEST:
        so_far = ", ".join(f"{count} of {name!r}" for name, count in counts.items())
        raise ValueError(f"Add at least {FEWEST} photographs of each thing. So far: {so_far}.")


class Received(NamedTuple):
    """Uploaded files: those that could be read, and sentences on the others.

    Attributes:
        images: uint8 (224, 224, 3) by the name of the file.
        notes: sentences on files that could not be read, or only in part.

    Example:
        >>> Received([], ["Not read: IMG_1.HEIC: a HEIC image; export it as JPEG or PNG."]).images
        []
    """

    images: list[tuple[str, np.ndarray]]
    notes: list[str]


def read_uploaded(files: Iterable[tuple[str, bytes]]) -> Received:
    """Read uploaded photographs.

    Args:
        files: name and content of each.

    Example:
        >>> read_uploaded([("clip.mp4", b"....ftypisom")]).notes
        ['Not read: clip.mp4: a video; save single frames as JPEG or PNG.']
    """
    images, skipped, notes = [], [], []
    with tempfile.TemporaryDirectory() as place:
        for number, (name, content) in enumerate(files):
            path = Path(place, f"{number}{PurePath(name).suffix[:20]}")  # phones give many files one name
            path.write_bytes(content)
            image = try_image(path, (SIDE, SIDE))
            if isinstance(image, str):
                skipped.append(f"{name}: {image}")
                continue
            images.append((name, image))
            if (frames := pages(path)) > 1:
                notes.append(f"{name} contains {frames} images; only the first is used.")
    return Received(images, [f"Not read: {by_reason(skipped)}."] * bool(skipped) + notes)
