"""Image sets for every notebook: the built-in drawn ones, and yours from a folder of pictures.

Images are uint8 (n, height, width, 3) with values 0..255; labels are class names (n,).

Example:
    >>> flowers = from_folder("flowers", image_size=64)  # flowers/rose/1.jpg, flowers/tulip/2.png
    >>> X, y = n_per_class(flowers.X_train, flowers.y_train, 20)
"""

import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm.auto import tqdm

from helpers import synthetic
from helpers.validation import check_labels, existing

BUILTIN = ("shapes", "new_shapes", "micrographs", "streets_day", "streets_night")
MOST_BYTES = 768 * 2**20  # of pictures read at once; splitting them takes as much again
MANY = 1000  # pictures that are worth a progress bar
_CLUTTER = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # left behind by operating systems
_SPLITS = {
    "train": "train",
    "test": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}


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
            lines.append(f"  {split_name}: {len(y)} ({each}{', ...' if len(self.classes) > 10 else ''})")
        return "\n".join(lines)


def _whole(name: str, value, low: int, high: float = math.inf) -> int:
    if (
        isinstance(value, (bool, np.bool_))
        or not isinstance(value, (int, np.integer))
        or not low <= value <= high
    ):
        limits = f"at least {low}" if high == math.inf else f"between {low} and {high}"
        raise ValueError(f"{name} must be a whole number {limits}. Received: {value!r}")
    return int(value)


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
        _whole("n_train", n_train, 1),
        _whole("n_validation", n_validation, 0),
        _whole("n_test", n_test, 0),
    )
    streams = [int(np.random.SeedSequence([seed, k]).generate_state(1)[0]) for k in range(3)]
    arrays = [array for n, stream in zip(counts, streams, strict=True) for array in _draw(name, n, stream)]
    return ImageSet(name, tuple(np.unique(arrays[1]).tolist()), *arrays)


def digits(n_train: int = 100, n_validation: int = 30, seed: int = 0) -> ImageSet:
    """Handwritten digits, real ones, in the built-in size: scikit-learn's 1797, 8x8, enlarged to 32x32.

    Counts are per class; the test split is the rest, at least 40 a class. A writer can be in several
    splits. Source: Alpaydin & Kaynak 1998, UCI "Optical recognition of handwritten digits".

    Raises:
        ValueError: more training and validation pictures than leave 40 for the test.
    """
    from sklearn.datasets import load_digits

    counts = _whole("n_train", n_train, 1), _whole("n_validation", n_validation, 0)
    grey, y = load_digits(return_X_y=True)
    names, most = np.array([f"digit_{k}" for k in range(10)]), int(np.bincount(y).min()) - 40
    if sum(counts) > most:
        raise ValueError(f"There are {most} digits a class besides the test split. Received: {counts}")
    pictures = np.round(grey.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    images = (Image.fromarray(p).resize((32, 32), Image.Resampling.BICUBIC) for p in pictures)
    X = np.stack([np.asarray(image) for image in images])
    X = np.repeat(X[..., None], 3, axis=-1)
    rng, parts = np.random.default_rng(seed), ([], [], [])
    for k in range(10):
        members = rng.permutation(np.flatnonzero(y == k))
        for part, piece in zip(parts, np.split(members, np.cumsum(counts)), strict=True):
            part.append(piece)
    indices = [np.sort(np.concatenate(part)) for part in parts]
    arrays = [array for i in indices for array in (X[i], names[y[i]])]
    return ImageSet("digits", tuple(names.tolist()), *arrays)


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


def _read_picture(path: Path, size: int) -> np.ndarray:
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
            return _read_picture(path, size)
    except UnidentifiedImageError:
        return "not a picture that Pillow can read"
    except Exception as error:  # broken files raise nearly anything; one must not end the reading
        return str(error) or type(error).__name__


def _visible(folder: Path) -> tuple[list[Path], list[Path]]:
    """Sub-folders and other entries, each sorted by name, without hidden ones."""
    entries = sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in _CLUTTER)
    return [p for p in entries if p.is_dir()], [p for p in entries if not p.is_dir()]


def _folder(path: str | os.PathLike) -> Path:
    folder = existing(path)
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
    folders, files = _visible(folder)
    remedy = "Make one sub-folder per class, named after the class, and put its pictures there."
    if not folders:
        problem = f"holds files ({files[0].name}, ...) but no class folders" if files else "is empty"
        raise ValueError(f"{str(folder)!r} {problem}. {remedy}")
    for inner in folders:
        if nested := _visible(inner)[0]:
            raise ValueError(
                f"The class folder {str(inner)!r} holds another folder, {nested[0].name!r}. Move its "
                f"pictures up into {inner.name!r}, or give {str(inner)!r} if its folders are the classes."
            )
    if len(folders) < 2:
        raise ValueError(
            f"{str(folder)!r} holds a single class, {folders[0].name!r}; two are needed. {remedy}"
        )
    return folders


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
    size, folder = _whole("image_size", image_size, 8, 1024), _folder(path)
    X, y, skipped, _ = _read_folder(folder, size, per_class)
    return X, y, skipped


def _files(folder, per_class):
    """The files in the class folders, at most per_class of each: drawn at random, the same every time."""
    files = [_visible(inner)[1] for inner in _class_folders(folder)]
    if per_class is None:
        return [file for members in files for file in members]
    most, orders = _whole("per_class", per_class, 1), np.random.default_rng(0)
    drawn = [(members, np.sort(orders.permutation(len(members))[:most])) for members in files]
    return [members[k] for members, chosen in drawn for k in chosen]


def _read_folder(folder, size, per_class):
    """X, y, "path: reason" of the skipped, and the paths of the pictures in X, below the folder."""
    files = _files(folder, per_class)
    _check_room(len(files), size)
    skipped = [
        f"{p.name}: lies outside the class folders"
        for p in _visible(folder)[1]
        if p.suffix.lower() in Image.registered_extensions()
    ]  # a README beside them is fine
    X, paths = np.empty((len(files), size, size, 3), np.uint8), []
    for file in tqdm(files, f"Reading {folder.name}", unit="file", leave=False, disable=len(files) < MANY):
        picture, path = _try_picture(file, size), f"{file.parent.name}/{file.name}"
        if isinstance(picture, str):
            skipped.append(f"{path}: {picture}")
        else:
            X[len(paths)] = picture
            paths.append(path)
    y = np.array([path.split("/")[0] for path in paths])
    for inner in _class_folders(folder):
        if inner.name not in y:
            reasons = [line for line in skipped if line.startswith(f"{inner.name}/")]
            raise ValueError(
                f"The class folder {str(inner)!r} holds no readable picture. Add some, or remove it. "
                + "; ".join(reasons[:5])
            )
    return X[: len(paths)], y, tuple(skipped), paths


def _check_room(files, size):
    """Refuse before reading what would not fit into memory, and say what would."""
    if (needed := files * size * size * 3) > MOST_BYTES:
        fits = math.isqrt(MOST_BYTES // (3 * files)) // 8 * 8
        smaller = f"Take image_size={fits} or less, or fewer pictures" if fits >= 8 else "Take fewer pictures"
        raise ValueError(
            f"{files} pictures of {size} x {size} need {needed / 2**30:.1f} GiB of memory; at most "
            f"{MOST_BYTES / 2**30:.2g} GiB are read. {smaller} (per_class=...)."
        )


def _predefined(folder: Path) -> dict[str, Path]:
    """{"train": folder, ...} where the sub-folders are splits, else {}."""
    folders = {p.name: p for p in _visible(folder)[0]}
    if "train" not in folders or not set(folders) <= set(_SPLITS):
        return {}
    if len({_SPLITS[name] for name in folders}) < len(folders):
        raise ValueError(f"{str(folder)!r} holds several validation folders: {', '.join(folders)}. Keep one.")
    classes = {name: {p.name for p in _class_folders(inner)} for name, inner in folders.items()}
    for name in classes:
        if different := sorted(classes[name] ^ classes["train"]):
            raise ValueError(
                f"'train' and {name!r} in {str(folder)!r} must hold the same classes, but differ in: "
                f"{', '.join(different)}. Add or remove these class folders."
            )
    return {_SPLITS[name]: inner for name, inner in folders.items()}


def from_folder(
    path: str | os.PathLike,
    image_size: int = 64,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    max_skipped: float = 0.1,
    per_class: int | None = None,
) -> ImageSet:
    """Read a folder of pictures, one sub-folder per class, as an `ImageSet`.

    Sub-folders train, val (valid, validation) and test are taken as the splits: then `fractions` is not
    used, a missing validation split is carved from train (a fifth), and a missing test split stays
    empty, X_test.shape == (0, image_size, image_size, 3). A UserWarning tells of skipped files.
    per_class is for each split folder, as in `load_folder`.

    Raises: as `load_folder` and `split`, and
        ValueError: more than the fraction max_skipped unreadable; predefined splits with other classes.

    Example:
        >>> from_folder("flowers", image_size=32, fractions=(0.5, 0.25, 0.25))
    """
    size, fractions, folder = (
        _whole("image_size", image_size, 8, 1024),
        _fractions(fractions),
        _folder(path),
    )
    if not 0 <= max_skipped <= 1:
        raise ValueError(f"max_skipped must be a fraction between 0 and 1. Received: {max_skipped!r}")
    splits = _predefined(folder)
    folders = splits or {"all": folder}
    _check_room(sum(len(_files(inner, per_class)) for inner in folders.values()), size)
    read = {name: _read_folder(inner, size, per_class) for name, inner in folders.items()}
    above = {name: f"{inner.name}/" if splits else "" for name, inner in folders.items()}
    skipped = tuple(above[name] + line for name in read for line in read[name][2])
    if skipped:
        total = len(skipped) + sum(len(y) for _, y, *_ in read.values())
        message = f"{len(skipped)} of {total} files were skipped: {'; '.join(skipped[:5])}"
        if len(skipped) > max_skipped * total:
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
    arrays = [array for X, y, _ in ordered for array in (X, y)]
    paths = tuple(path for *_, names in ordered for path in names.tolist())
    classes = tuple(np.unique(arrays[1]).tolist())
    return ImageSet(folder.resolve().name, classes, *arrays, skipped=skipped, paths=paths)


def load_catalogued(name: str, image_size: int = 64, per_class: int | None = None) -> ImageSet:
    """Read a public data set by its name in datasets/catalogue.json; downloads it the first time.

    Raises: as `helpers.catalogue.folder` and `from_folder`.

    Example:
        >>> load_catalogued("flowers", image_size=96, per_class=100)
    """
    from helpers.catalogue import folder

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


def split(X, y, fractions: Sequence[float] = (0.6, 0.2, 0.2), seed: int = 0) -> tuple[np.ndarray, ...]:
    """Split class by class: three shuffled int64 index arrays, disjoint, together everything.

    Each class has at least one image in every split whose fraction is above 0.

    Raises:
        ValueError: bad fractions or labels, or a class with fewer than 3 images.

    Example:
        >>> train, validation, test = split(X, y, (0.8, 0.1, 0.1))
    """
    fractions, y = _fractions(fractions), check_labels(X, y)
    rng, parts = np.random.default_rng(seed), ([], [], [])
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


def n_per_class(X, y, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Choose n images of each class; for one seed the choices are nested: the 5 are among the 20.

    Raises:
        ValueError: n is not a whole number of at least 1, or a class has fewer than n images.

    Example:
        >>> few_X, few_y = n_per_class(X, y, 5)
    """
    n, X, y, chosen = _whole("n", n, 1), np.asarray(X), check_labels(X, y), []
    for k, (name, count) in enumerate(zip(*np.unique(y, return_counts=True), strict=True)):
        if count < n:
            raise ValueError(
                f"Class {str(name)!r} has {count} images, fewer than the {n} asked for. "
                f"Ask for at most {count}, or add images to this class."
            )
        chosen.append(np.random.default_rng([seed, k]).permutation(np.flatnonzero(y == name))[:n])
    index = np.sort(np.concatenate(chosen))
    return X[index], y[index]
