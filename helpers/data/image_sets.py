"""Image sets for every notebook: the built-in synthetic ones, and your own from a folder of images.

Images are uint8 (n, height, width, 3) with values 0..255; labels are class names (n,).
"""

import itertools
import os
import re
import textwrap
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from helpers.data import folders, synthetic
from helpers.data.archives import set_name
from helpers.data.folder_contents.beside import ignored_images
from helpers.data.folder_contents.clutter import clutter
from helpers.data.folder_contents.group_patterns import suggest
from helpers.data.folder_contents.groups import check_argument, leak_in_words, of_files, straddling
from helpers.data.folder_contents.layouts import layout_of, listed
from helpers.data.image_files.reading import printable
from helpers.data.image_files.value_range import Ranges, in_words
from helpers.data.splits import check_fractions
from helpers.data.validation import check_integer, check_share

BUILTIN = ("shapes", "new_shapes", "micrographs", "streets_day", "streets_night")
SPLITS = ("train", "validation", "test")
MAX_SKIPPED = 0.1


class Split(NamedTuple):
    """Images X, uint8 (n, height, width, 3), and their class names y, str (n,).

    Example:
        >>> X, y = builtin("streets_day", n_train=1).split("train")
        >>> X.shape, sorted(y.tolist())
        ((2, 32, 32, 3), ['empty', 'pedestrian'])
    """

    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images and labels in three splits: training, validation and test.

    Args:
        name: the name of the set.
        classes: the class names, sorted.
        X_train: uint8 (n, height, width, 3); X_validation and X_test likewise.
        y_train: class names, str (n,); y_validation and y_test likewise.
        X_validation: see X_train.
        y_validation: see y_train.
        X_test: see X_train.
        y_test: see y_train.
        skipped: "path: reason" for each file that could not be read.
        paths: the file of each image: training images first, then validation, then test. Empty for
            synthetic images.
        ranges: values of images with more than 8 bits per channel that were stretched to 0..255, as
            `helpers.data.image_files.value_range.measured` returns them.
        groups: the group of each image, in the order of `paths`: images of one patient, or copies of one
            original. Empty if each image stands for itself.
        layout: how the folder was read, in words.
        ignored: files and folders that are neither images nor classes: what systems leave behind.
        several: which files contain several images, of which only the first was read, in words.

    Example:
        >>> builtin("streets_day", n_train=3, n_validation=2, n_test=1)
        ImageSet 'streets_day': 2 classes, 32x32, 0 skipped
          train: 6 (empty 3, pedestrian 3)
          validation: 4 (empty 2, pedestrian 2)
          test: 2 (empty 1, pedestrian 1)
    """

    name: str
    classes: tuple[str, ...]
    X_train: np.ndarray
    y_train: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    skipped: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    ranges: Ranges = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    layout: str = ""
    ignored: tuple[str, ...] = ()
    several: str = ""

    def __repr__(self) -> str:
        height, width = self.X_train.shape[1:3]
        head = (
            f"ImageSet {self.name!r}: {len(self.classes)} classes, {height}x{width}, "
            f"{len(self.skipped)} skipped"
        )
        notes = []
        for split_name in SPLITS:
            y = self.split(split_name).y
            each = ", ".join(f"{name} {np.sum(y == name)}" for name in self.classes[:10])
            more = ", ..." if len(self.classes) > 10 else ""
            notes.append(f"{split_name}: {len(y)} ({each}{more})")
        notes += [f"read as: {self.layout}"] if self.layout else []
        notes += [f"groups: {len(set(self.groups))}"] if self.groups else []
        notes += [f"ignored: {len(self.ignored)} ({listed(self.ignored)})"] if self.ignored else []
        # JupyterLab breaks longer lines in the middle of a word.
        wrapped = [textwrap.fill(note, 90, initial_indent="  ", subsequent_indent="    ") for note in notes]
        return "\n".join([head, *wrapped])

    @property
    def parts(self) -> np.ndarray:
        """The name of the split of each image, str (n,), in the order of `paths`."""
        return np.repeat(SPLITS, [len(self.split(name).y) for name in SPLITS])

    @property
    def labels(self) -> np.ndarray:
        """The class of each image, str (n,), in the order of `paths`."""
        return np.concatenate([self.split(name).y for name in SPLITS])

    def groups_of(self, name: str) -> np.ndarray | None:
        """Return the groups of the images of one split, str (n,); None if there are no groups."""
        return np.array(self.groups)[self.parts == name] if self.groups else None

    def keep(self, kept: np.ndarray) -> "ImageSet":
        """Return the set with some of its images only.

        Args:
            kept: whether each image is kept, bool (n,), in the order of `paths`.

        Example:
            >>> data = builtin("streets_day", n_train=2, n_validation=1, n_test=1)
            >>> data.keep(np.arange(8) != 0).y_train.shape
            (3,)
        """
        changed: dict[str, Any] = {
            f"{array}_{name}": getattr(self, f"{array}_{name}")[kept[self.parts == name]]
            for name in SPLITS
            for array in "Xy"
        }
        paths, groups = (tuple(itertools.compress(each, kept)) for each in (self.paths, self.groups))
        return replace(self, **changed, paths=paths, groups=groups)

    def split(self, name: str) -> Split:
        """Return one of the three splits.

        Args:
            name: "train", "validation" or "test".

        Raises:
            ValueError: If the name is unknown.

        Example:
            >>> builtin("shapes", n_train=1, n_validation=2, n_test=3).split("test").X.shape
            (30, 32, 32, 3)
        """
        if name not in SPLITS:
            raise ValueError(f"Unknown split {name!r}. Use one of {', '.join(SPLITS)}.")
        return Split(getattr(self, f"X_{name}"), getattr(self, f"y_{name}"))

    def at_most(self, image_size: int) -> "ImageSet":
        """Return the set with its images reduced to a size; smaller images are not enlarged.

        Args:
            image_size: height and width in pixels.

        Example:
            >>> builtin("shapes", n_train=1).at_most(16).X_train.shape
            (10, 16, 16, 3)
        """
        smaller: dict[str, Any] = {f"X_{name}": reduced(self.split(name).X, image_size) for name in SPLITS}
        return replace(self, **smaller)


def reduced(X: np.ndarray, image_size: int) -> np.ndarray:
    """Reduce square images to a size; smaller ones are returned as they are.

    Args:
        X: uint8 (n, side, side, 3).
        image_size: side of the result in pixels.

    Returns:
        uint8 (n, s, s, 3), with s the smaller of both sides.

    Example:
        >>> reduced(np.zeros((2, 64, 64, 3), "uint8"), 48).shape
        (2, 48, 48, 3)
    """
    if X.shape[1] <= image_size:
        return X
    out = np.empty((len(X), image_size, image_size, 3), np.uint8)
    for k, image in enumerate(X):
        out[k] = np.asarray(Image.fromarray(image).resize((image_size, image_size)))
    return out


def builtin(
    name: str, n_train: int = 500, n_validation: int = 100, n_test: int = 200, seed: int = 0
) -> ImageSet:
    """Generate a built-in image set with exactly as many images per class as asked for.

    The splits come from independent random streams.

    Args:
        name: one of BUILTIN.
        n_train: training images per class.
        n_validation: validation images per class.
        n_test: test images per class.
        seed: random seed; the same seed draws the same images.

    Raises:
        ValueError: If the name is unknown, or a count is not an integer (n_train at least 1, the
            others at least 0).

    Example:
        >>> builtin("streets_day", n_train=50).X_train.shape
        (100, 32, 32, 3)
    """
    if name not in BUILTIN:
        raise ValueError(f"Unknown built-in set {name!r}. Choose one of: {', '.join(BUILTIN)}.")
    counts = (
        check_integer("n_train", n_train, 1),
        check_integer("n_validation", n_validation, 0),
        check_integer("n_test", n_test, 0),
    )
    streams = [int(np.random.SeedSequence([seed, k]).generate_state(1)[0]) for k in range(3)]
    return _image_set(
        name, [synthetic.balanced(name, n, stream) for n, stream in zip(counts, streams, strict=True)]
    )


def _image_set(
    name: str,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
) -> ImageSet:
    """Build an ImageSet from the (X, y) of train, validation and test; its classes are those of train."""
    train, validation, test = splits
    return ImageSet(name, tuple(np.unique(train[1]).tolist()), *train, *validation, *test)


def digits(n_train: int = 100, n_validation: int = 30, seed: int = 0) -> ImageSet:
    """Return scikit-learn's 1797 handwritten digits, enlarged from 8x8 to 32x32 RGB pixels.

    The test split is the rest, at least 40 images per class. A writer can appear in several splits.
    Source: Alpaydin & Kaynak 1998, UCI "Optical recognition of handwritten digits".

    Args:
        n_train: training images per class.
        n_validation: validation images per class.
        seed: random seed of the splits.

    Raises:
        ValueError: If fewer than 40 images per class would be left for the test split.

    Example:
        >>> digits(n_train=20).X_train.shape
        (200, 32, 32, 3)
    """
    from sklearn.datasets import load_digits

    counts = check_integer("n_train", n_train, 1), check_integer("n_validation", n_validation, 0)
    grey, y = load_digits(return_X_y=True)
    names, most = np.array([f"digit_{k}" for k in range(10)]), int(np.bincount(y).min()) - 40
    if sum(counts) > most:
        raise ValueError(
            f"n_train + n_validation must be at most {most}, so that 40 images per class are left for the "
            f"test split. Received: {counts[0]} + {counts[1]}."
        )
    small = np.round(grey.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    images = (Image.fromarray(image).resize((32, 32), Image.Resampling.BICUBIC) for image in small)
    X = np.stack([np.asarray(image) for image in images])
    X = np.repeat(X[..., None], 3, axis=-1)
    rng = np.random.default_rng(seed)
    parts: tuple[list, list, list] = ([], [], [])
    for k in range(10):
        members = rng.permutation(np.flatnonzero(y == k))
        for part, piece in zip(parts, np.split(members, np.cumsum(counts)), strict=True):
            part.append(piece)
    indices = [np.sort(np.concatenate(part)) for part in parts]
    return _image_set("digits", [(X[i], names[y[i]]) for i in indices])


def from_folder(
    path: str | os.PathLike,
    image_size: int = 64,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    max_skipped: float = MAX_SKIPPED,
    per_class: int | None = None,
    groups: str | re.Pattern | Mapping | None = None,
) -> ImageSet:
    r"""Read a folder of images, with one sub-folder per class, as an `ImageSet`.

    Sub-folders named train (training, training_set), val (valid, validation) and test (testing), in upper
    or lower case, are used as the splits. Then `fractions` is ignored; without a validation folder, a fifth
    of the training images becomes the validation split; without a test folder, the test split is empty,
    X_test.shape == (0, image_size, image_size, 3). The result says how the folder was read (`layout`), and
    what was ignored. Skipped files are listed in a UserWarning; another one suggests a pattern for `groups`
    where the names of the files show groups.

    Args:
        path: the folder.
        image_size: height and width of the images in pixels, 8 to 1024.
        fractions: shares of the training, validation and test split; they sum to 1.
        seed: random seed of the splits.
        max_skipped: largest fraction of the files that may be unreadable. Text files, masks beside their
            images, and videos or raw photos of the same name as an image do not count.
        per_class: read at most this many files per class and split folder, drawn at random, always the
            same ones. None reads all.
        groups: images that belong together, such as those of one patient: a regular expression that is
            searched in the names of the files and whose first group in parentheses names the group, such as
            `r"^(patient_\d+)"`; or a dict or pandas Series from files to groups. Splits that are drawn at
            random keep each group in one split; predefined splits stay as they are.

    Raises:
        FileNotFoundError: If the folder does not exist.
        NotADirectoryError: If the path is a file.
        TypeError: If groups is neither a pattern nor a table.
        ValueError: If a parameter is out of range; if the folder has no class folders, a single one or
            nested ones; if its layout is ambiguous; if a class has no readable image, or fewer images or
            groups than there are splits; if predefined splits differ in their classes; if more files than
            max_skipped cannot be read; or if the images do not fit into memory.

    Example:
        >>> for name, colour in {"rose": "red", "tulip": "yellow"}.items():
        ...     os.makedirs(f"flowers/{name}")
        ...     for k in range(10):  # flowers/rose/0.png, ..., flowers/tulip/9.png
        ...         Image.new("RGB", (40, 30), colour).save(f"flowers/{name}/{k}.png")
        >>> flowers = from_folder("flowers", image_size=32)
        >>> flowers.X_train.shape, flowers.classes
        ((12, 32, 32, 3), ('rose', 'tulip'))
    """
    size, fractions, folder = (
        check_integer("image_size", image_size, 8, 1024),
        check_fractions(fractions),
        folders.open_folder(path),
    )
    check_share("max_skipped", max_skipped)
    check_argument(groups)
    layout = layout_of(folder)
    files = folders.read_layout(folder, layout, size, per_class)
    said = [folders.skipped_in_words(files, max_skipped)] if files.skipped else []
    said += filter(None, (in_words(files.ranges), files.several))
    paths = [path for part in files.parts.values() for path in part.paths.tolist()]
    if groups is None:
        group_of: dict[str, str] | None = None
        said += [suggestion.in_words()] if (suggestion := suggest(paths)) else []
    else:
        group_of = dict(zip(paths, of_files(paths, groups), strict=True))
    parts = folders.three_splits(files.parts, fractions, seed, group_of)
    ordered = [parts[name] for name in SPLITS]
    paths = [path for part in ordered for path in part.paths.tolist()]
    data = ImageSet(
        set_name(folder),
        layout.classes,
        **{f"{array}_{name}": getattr(parts[name], array) for array in "Xy" for name in SPLITS},
        skipped=files.skipped,
        paths=tuple(paths),
        ranges=files.ranges,
        groups=tuple(group_of[path] for path in paths) if group_of else (),
        layout=layout.describe(fractions, group_of is not None),
        ignored=tuple(printable(path.relative_to(folder).as_posix()) for path in clutter(folder)),
        several=files.several,
    )
    if data.groups and (leaks := straddling(data.groups, data.parts.tolist())):
        said.append(
            f"{len(leaks)} groups are in several of the predefined splits ({leak_in_words(paths)}): "
            f"{listed(leaks)}."
        )
    said += ignored_images(folder)
    for sentence in said:
        warnings.warn(sentence, stacklevel=2)
    return data


def load_catalogued(name: str, image_size: int = 64, per_class: int | None = None) -> ImageSet:
    """Read a public data set by its name in datasets/catalogue.json; the first call downloads it.

    Args:
        name: a name in the catalogue, such as "flowers".
        image_size: height and width of the images in pixels, 8 to 1024.
        per_class: read at most this many files per class and split. None reads all.

    Raises:
        ValueError: If the catalogue has no data set of this name.
        DownloadError: If the data set cannot be downloaded.
        OSError: If the disk is full.

    Example:
        >>> flowers = load_catalogued("flowers", image_size=96, per_class=100)  # doctest: +SKIP
    """
    from helpers.data.catalogue import folder

    return from_folder(folder(name), image_size, per_class=per_class)
