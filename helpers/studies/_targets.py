"""The targets of the board: their images, and whether they are similar to each source.

The likeness and its reason were written down before the runs of the board; seven of the targets had been on
an earlier board, and a probe and an earlier layer had been measured on others. ImageNet is the source of
MobileNet and of VGG16; the shipped model "photos" has learned from Tiny ImageNet, photographs of 64 pixels of
100 classes of ImageNet. So the same likeness holds for the three. "simclr", which came later, has learned
from images such as those of "shapes", without their labels: the domain is the same, so the likeness is, too.

Independent originals: the built-in images are drawn one by one, so that each is an original. Of the digits,
1797 images come from 43 writers, whom the set does not name. Files of the real sets are originals unless a
group is declared here (`groups`, a pattern of file names) or `helpers.data.duplicates` finds near copies. The
study `trivial_baselines` counts what remains. Neither can find the solar cells of one module (elpv_solar: the
order of the files separates the modules of the test set) nor two views of one object (trashnet).
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data import image_sets
from helpers.data.folder_contents.groups import of_files
from helpers.data.folders import class_files, open_folder, read_folder
from helpers.data.image_files.value_range import measured
from helpers.data.image_sets import reduced
from helpers.studies._photographs import root

SIMILAR, BETWEEN, DIFFERENT = "similar", "between", "different"
MOST_BYTES = 2 << 30  # of the images of one part: all training images of plankton at 224 pixels take 0.9 GB
PHOTOGRAPH_SOURCES = ("photos", "MobileNet", "VGG16")
DRAWN_SOURCES = ("shapes", "simclr")


@dataclass(frozen=True)
class Target:
    """A set of images that strategies learn.

    Args:
        likeness: "similar", "between" or "different", to all sources that it is paired with.
        reason: of the likeness.
        pool: number of training images of its smallest class.
        sources: of the source models that it is paired with.
        groups: a pattern of file names whose first group names images that belong together; None if each
            file stands for itself.
        test: the name of the folder with the test images, for real sets.

    Example:
        >>> TARGETS["pacs_cartoon"].likeness
        'between'
    """

    likeness: str
    reason: str
    pool: int
    sources: tuple[str, ...] = PHOTOGRAPH_SOURCES
    groups: str | None = None
    test: str = "test"

    @property
    def is_builtin(self) -> bool:
        """Whether the images are drawn by this package or come with scikit-learn."""
        return self.sources == DRAWN_SOURCES


TARGETS = {
    "new_shapes": Target(
        SIMILAR, "other shapes, drawn in the same way as those of the source", 500, DRAWN_SOURCES
    ),
    "micrographs": Target(
        DIFFERENT, "cells with inner structure, where the source has outlines", 500, DRAWN_SOURCES
    ),
    "streets_night": Target(
        DIFFERENT, "dark scenes with small figures, where the source has one large object", 500, DRAWN_SOURCES
    ),
    "digits": Target(
        DIFFERENT, "scanned handwriting, enlarged from 8x8 pixels; nothing is drawn", 100, DRAWN_SOURCES
    ),
    "hymenoptera": Target(
        SIMILAR, "photographs of ants and bees; ImageNet contains both, and these images", 121, test="val"
    ),
    "flowers": Target(SIMILAR, "photographs of plants; ImageNet contains the daisy", 150),
    "cats_vs_dogs": Target(SIMILAR, "photographs of animals; ImageNet contains many breeds", 250),
    "trashnet": Target(SIMILAR, "photographs of objects, of kinds that ImageNet contains", 120),
    "pacs_photo": Target(SIMILAR, "photographs; files of ImageNet were removed, its kinds remain", 57),
    "pacs_cartoon": Target(BETWEEN, "objects of kinds that ImageNet contains, but drawn in colour", 85),
    "pacs_sketch": Target(DIFFERENT, "lines on white, without colour and texture", 100),
    "plankton": Target(DIFFERENT, "grey shadow images of organisms under water", 500),
    "spoken_digits": Target(
        DIFFERENT, "spectrograms of speech, which show no objects", 100, groups=r"^\d_([a-z]+)_\d+"
    ),
    "elpv_solar": Target(DIFFERENT, "grey textures of solar cells, which show no objects", 500),
}


@dataclass(frozen=True, eq=False)
class Images:
    """The images of one part of a target.

    Args:
        X: uint8 (n, size, size, 3).
        y: class indices, int (n,).
        groups: the group of each image, str (n,), or None.

    Example:
        >>> images("streets_night", "test", 32).X.shape
        (400, 32, 32, 3)
    """

    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray | None = None


@functools.lru_cache(maxsize=4)
def images(target: str, part: str, size: int) -> Images:
    """Return the images of "train" or "test", always the same ones in the same order.

    Args:
        target: a name in `TARGETS`.
        part: "train" or "test".
        size: height and width in pixels; built-in images are not enlarged.

    Raises:
        FileNotFoundError: the folder of a real set is missing.
        ValueError: the target is unknown, a file cannot be read, the classes of the parts differ, or a class
            has too few images.
    """
    if target not in TARGETS:
        raise ValueError(f"Unknown target {target!r}. Use one of {', '.join(TARGETS)}.")
    if part not in ("train", "test"):
        raise ValueError(f"Unknown part {part!r}. Use 'train' or 'test'.")
    found = (_builtin if TARGETS[target].is_builtin else _read)(target, part, size)
    fewest = np.bincount(found.y).min()
    if part == "train" and fewest != TARGETS[target].pool:
        raise ValueError(
            f"The smallest class of {target!r} has {fewest} training images, but {TARGETS[target].pool} are "
            "declared. Restore the folder."
        )
    return found


def _builtin(target, part, size):
    data = image_sets.digits() if target == "digits" else image_sets.builtin(target)
    X, names = data.split(part)
    return Images(reduced(X, size), np.searchsorted(data.classes, names))


def _read(target, part, size):
    named = TARGETS[target]
    folders = {"train": root() / target / "train", "test": root() / target / named.test}
    classes = {where: sorted(path.name for path in _opened(target, folders[where])) for where in folders}
    if classes["train"] != classes["test"]:
        odd = sorted({*classes["train"]} ^ {*classes["test"]})
        raise ValueError(
            f"The training and test folders of {target!r} differ in their classes: {', '.join(odd)}. Rename "
            "or complete the folders."
        )
    folder = folders[part]
    ranges = measured(class_files(folder, None))
    X, names, skipped, paths = read_folder(folder, size, None, ranges, MOST_BYTES)
    if skipped:
        raise ValueError(
            f"{len(skipped)} files of {str(folder)!r} are not images of the set, such as {skipped[0]}. "
            "Restore or remove them: the draws depend on the files."
        )
    groups = None if named.groups is None else np.array(of_files(paths, named.groups))
    return Images(X, np.unique(names, return_inverse=True)[1], groups)


def _opened(target: str, folder: Path):
    if not folder.is_dir():
        raise FileNotFoundError(
            f"The board needs the images of {target!r} in {str(folder)!r}. Put them there, or set "
            "TRANSFER_DATA_DIR to the folder that contains them."
        )
    return (path for path in open_folder(folder).iterdir() if path.is_dir() and path.name[0] != ".")
