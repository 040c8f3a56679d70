"""Image sets for every notebook: the built-in drawn ones, and yours from a folder of pictures.

Images are uint8 (n, height, width, 3) with values 0..255; labels are class names (n,).

Example:
    >>> flowers = from_folder("flowers", image_size=64)  # flowers/rose/1.jpg, flowers/tulip/2.png
    >>> X, y = n_per_class(flowers.X_train, flowers.y_train, 20)
"""

import math
import os
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from helpers.data import folders, synthetic
from helpers.data.archives import set_name
from helpers.data.validation import check_labels, whole_number

BUILTIN = ("shapes", "new_shapes", "micrographs", "streets_day", "streets_night")


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Three splits: X uint8 (n, h, w, 3), y str (n,).

    `skipped` holds "path: reason" of each picture that could not be read; `paths` where the others came
    from, training pictures first, then validation, then test, and nothing for drawn pictures.
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

    def __repr__(self) -> str:
        height, width = self.X_train.shape[1:3]
        lines = [
            f"ImageSet {self.name!r}: {len(self.classes)} classes, {height}x{width}, "
            f"{len(self.skipped)} skipped"
        ]
        for split_name in ("train", "validation", "test"):
            y = getattr(self, f"y_{split_name}")
            each = ", ".join(f"{name} {np.sum(y == name)}" for name in self.classes[:10])
            more = ", ..." if len(self.classes) > 10 else ""
            # JupyterLab would break longer lines in the middle of a word.
            lines += textwrap.wrap(
                f"{split_name}: {len(y)} ({each}{more})", 90, initial_indent="  ", subsequent_indent="    "
            )
        return "\n".join(lines)


def _draw(name: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw exactly n images of each class."""
    family = "streets" if name.startswith("streets") else name
    options = {"night": name == "streets_night"} if family == "streets" else {}
    classes = np.array(synthetic.CLASSES[family])
    total = len(classes) * (n + 5 * math.isqrt(n) + 10)  # classes are random: five deviations to spare
    while True:
        X, y = getattr(synthetic, family)(total, seed=seed, **options)
        if np.bincount(y, minlength=len(classes)).min() >= n:
            keep = np.sort(np.concatenate([np.flatnonzero(y == k)[:n] for k in range(len(classes))]))
            return X[keep], classes[y[keep]]
        total *= 2


def builtin(
    name: str, n_train: int = 500, n_validation: int = 100, n_test: int = 200, seed: int = 0
) -> ImageSet:
    """Draw a built-in set; counts are *per class*, and exact. The splits come from independent streams.

    Raises:
        ValueError: an unknown name, or a count that is not a whole number (n_train at least 1).

    Example:
        >>> builtin("streets_day", n_train=50).X_train.shape
        (100, 32, 32, 3)
    """
    if name not in BUILTIN:
        raise ValueError(f"There is no built-in set {name!r}. Choose one of: {', '.join(BUILTIN)}.")
    counts = (
        whole_number("n_train", n_train, 1),
        whole_number("n_validation", n_validation, 0),
        whole_number("n_test", n_test, 0),
    )
    streams = [int(np.random.SeedSequence([seed, k]).generate_state(1)[0]) for k in range(3)]
    return _image_set(name, [_draw(name, n, stream) for n, stream in zip(counts, streams, strict=True)])


def _image_set(
    name: str,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    skipped: tuple[str, ...] = (),
    paths: tuple[str, ...] = (),
) -> ImageSet:
    """Training, validation and test pictures with their labels; the training labels name the classes."""
    train, validation, test = splits
    return ImageSet(name, tuple(np.unique(train[1]).tolist()), *train, *validation, *test, skipped, paths)


def digits(n_train: int = 100, n_validation: int = 30, seed: int = 0) -> ImageSet:
    """Handwritten digits, real ones, in the built-in size: scikit-learn's 1797, 8x8, enlarged to 32x32.

    Counts are per class; the test split is the rest, at least 40 a class. A writer can be in several
    splits. Source: Alpaydin & Kaynak 1998, UCI "Optical recognition of handwritten digits".

    Raises:
        ValueError: more training and validation pictures than leave 40 for the test.
    """
    from sklearn.datasets import load_digits

    counts = whole_number("n_train", n_train, 1), whole_number("n_validation", n_validation, 0)
    grey, y = load_digits(return_X_y=True)
    names, most = np.array([f"digit_{k}" for k in range(10)]), int(np.bincount(y).min()) - 40
    if sum(counts) > most:
        raise ValueError(f"There are {most} digits a class besides the test split. Received: {counts}")
    pictures = np.round(grey.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    images = (Image.fromarray(p).resize((32, 32), Image.Resampling.BICUBIC) for p in pictures)
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
    max_skipped: float = 0.1,
    per_class: int | None = None,
) -> ImageSet:
    """Read a folder of pictures, one sub-folder per class, as an `ImageSet`.

    Sub-folders train (training), val (valid, validation) and test (testing), in capitals or not, are
    taken as the splits: then `fractions` is not used, a missing validation split is carved from train
    (a fifth), and a missing test split stays empty, X_test.shape == (0, image_size, image_size, 3).
    A UserWarning tells of skipped files. per_class is for each split folder, as in
    `helpers.data.folders.load_folder`.

    Raises: as `helpers.data.folders.load_folder` and `split`, and
        ValueError: more than the fraction max_skipped of files that are pictures by their name cannot be
            read; predefined splits with other classes.

    Example:
        >>> from_folder("flowers", image_size=32, fractions=(0.5, 0.25, 0.25))
    """
    size, fractions, folder = (
        whole_number("image_size", image_size, 8, 1024),
        _fractions(fractions),
        folders.open_folder(path),
    )
    if not 0 <= max_skipped <= 1:
        raise ValueError(f"max_skipped must be a fraction between 0 and 1. Received: {max_skipped!r}")
    splits = folders.predefined(folder)
    inside = splits or {"all": folder}
    folders.check_room(sum(len(folders.class_files(i, per_class)) for i in inside.values()), size)
    read = {name: folders.read_folder(inner, size, per_class) for name, inner in inside.items()}
    above = {name: f"{inner.name}/" if splits else "" for name, inner in inside.items()}
    skipped = tuple(above[name] + line for name in read for line in read[name][2])
    if skipped:
        total = len(skipped) + sum(len(y) for _, y, *_ in read.values())
        message = f"{len(skipped)} of {total} files were skipped: {'; '.join(skipped[:5])}"
        if sum(not line.endswith(folders.OTHER_FILE) for line in skipped) > max_skipped * total:
            raise ValueError(f"{message}. Repair or remove them, or raise max_skipped (now {max_skipped:g}).")
        warnings.warn(message, stacklevel=2)
    parts = {
        name: (X, y, np.array([above[name] + path for path in paths]))
        for name, (X, y, _, paths) in read.items()
    }
    if not splits or "validation" not in splits:
        together = parts["train" if splits else "all"]
        indices = split(*together[:2], (0.8, 0.2, 0) if splits else fractions, seed)
        pieces = [tuple(array[i] for array in together) for i in indices]
        parts = dict(zip(("train", "validation", "test"), pieces, strict=True)) | {
            name: parts[name] for name in parts if name == "test"
        }
    nothing = np.empty(0, str)
    parts.setdefault("test", (np.empty((0, size, size, 3), np.uint8), nothing, nothing))
    ordered = [parts[name] for name in ("train", "validation", "test")]
    paths = tuple(path for *_, names in ordered for path in names.tolist())
    return _image_set(set_name(folder), [(X, y) for X, y, _ in ordered], skipped, paths)


def load_catalogued(name: str, image_size: int = 64, per_class: int | None = None) -> ImageSet:
    """Read a public data set by its name in datasets/catalogue.json; downloads it the first time.

    Raises: as `helpers.data.catalogue.folder` and `from_folder`.

    Example:
        >>> load_catalogued("flowers", image_size=96, per_class=100)
    """
    from helpers.data.catalogue import folder

    return from_folder(folder(name), image_size, per_class=per_class)


def _fractions(fractions: Sequence[float]) -> Sequence[float]:
    if (
        len(fractions) != 3
        or not min(fractions) >= 0
        or not fractions[0] > 0
        or not math.isclose(sum(fractions), 1)
    ):
        raise ValueError(
            "fractions must be three numbers (train, validation, test), none negative, train above 0, "
            f"that sum to 1. Received: {fractions!r}"
        )
    return fractions


def split(
    X: np.ndarray, y: np.ndarray, fractions: Sequence[float] = (0.6, 0.2, 0.2), seed: int = 0
) -> tuple[np.ndarray, ...]:
    """Split class by class: three shuffled int64 index arrays, disjoint, together everything.

    Each class has at least one image in every split whose fraction is above 0.

    Raises:
        ValueError: bad fractions or labels, or a class with fewer than 3 images.

    Example:
        >>> train, validation, test = split(X, y, (0.8, 0.1, 0.1))
    """
    fractions, y = _fractions(fractions), check_labels(X, y)
    rng = np.random.default_rng(seed)
    parts: tuple[list, list, list] = ([], [], [])
    for name, n in zip(*np.unique(y, return_counts=True), strict=True):
        if n < 3:
            raise ValueError(
                f"Class {str(name)!r} has {n} image(s); splitting needs at least 3. Add some, or drop it."
            )
        held = [max(1, round(f * n)) if f > 0 else 0 for f in fractions[1:]]
        while sum(held) >= n:  # rounding must leave one for train
            held[int(np.argmax(held))] -= 1
        members = rng.permutation(np.flatnonzero(y == name))
        for part, piece in zip(parts, np.split(members, [n - sum(held), n - held[1]]), strict=True):
            part.append(piece)
    return tuple(rng.permutation(np.concatenate(part)) for part in parts)


def n_per_class(X: np.ndarray, y: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Choose n images of each class; for one seed the choices are nested: the 5 are among the 20.

    Raises:
        ValueError: n is not a whole number of at least 1, or a class has fewer than n images.

    Example:
        >>> few_X, few_y = n_per_class(X, y, 5)
    """
    n, X, y, chosen = whole_number("n", n, 1), np.asarray(X), check_labels(X, y), []
    for k, (name, count) in enumerate(zip(*np.unique(y, return_counts=True), strict=True)):
        if count < n:
            raise ValueError(
                f"Class {str(name)!r} has {count} images, fewer than the {n} asked for. "
                f"Ask for at most {count}, or add images to this class."
            )
        chosen.append(np.random.default_rng([seed, k]).permutation(np.flatnonzero(y == name))[:n])
    index = np.sort(np.concatenate(chosen))
    return X[index], y[index]


def training_sample(data: ImageSet, most: int, least: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Choose training pictures for a quick look, class by class: always the same ones, in random order.

    Each class keeps its share, but never has fewer than `least`, even where that makes more than `most`.

    Returns:
        X uint8 (n, h, w, 3), y str (n,); everything where there are no more than `most`.

    Raises:
        ValueError: a class with fewer than `least` training pictures.

    Example:
        >>> X, y = training_sample(flowers, 300)
    """
    order = np.random.default_rng(0).permutation(len(data.y_train))
    turns = np.empty(len(order))  # the pictures whose turn comes first are chosen
    for name in data.classes:
        members = order[data.y_train[order] == name]
        if len(members) < least:
            raise ValueError(
                f"Class {name!r} has {len(members)} training pictures; at least {least} are needed. "
                "Add some, or remove the class."
            )
        turns[members] = (np.arange(len(members)) + 0.5) / len(members)
        turns[members[:least]] = 0
    chosen = np.argsort(turns, kind="stable")[: max(most, least * len(data.classes))]
    kept = order[np.isin(order, chosen)]
    return data.X_train[kept], data.y_train[kept]
