"""Public data sets and weights by name: downloaded, verified, unpacked and split once, then read from disk.

datasets/catalogue.json lists for each its address, checksum, licence, citation, role and known problems. If
the environment variable TRANSFER_DATA_DIR names a folder that contains a folder of the same name, that one is
read instead.
"""

import functools
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from helpers.data.archives import unpack
from helpers.data.downloads import WAIT_SECONDS, DownloadError, Source, fetch, good
from helpers.environment import ROOT, cache_dir

PATH = ROOT / "datasets" / "catalogue.json"
# Weights that someone saved again with `save_weights` have other names, and another checksum.
ALSO_NAMED = {"vgg16_notop": "vgg16*notop*.h5", "mobilenet_notop": "mobilenet_0.75_224_no_top*.h5"}
# Name of a network -> the name of its ImageNet weights here, and the options that they belong to.
NETWORKS = {
    "MobileNet": ("mobilenet_notop", (("alpha", 0.75),)),
    "VGG16": ("vgg16_notop", ()),
}
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"}


@dataclass(frozen=True)
class Entry:
    """The catalogue's entry of one data set or one weights file.

    Args:
        name: the name in the catalogue.
        title: a short description.
        file: the name of the downloaded file.
        sources: its addresses with checksums.
        layout: "class folders" or "cifar binary" files in the folder `root`, or "weights".
        root: the folder within the archive.
        group: a regular expression on file names; images with equal matches, such as those of one
            patient, stay in one split. None if all images are independent.
        licence: the licence, and where to read it.
        citation: the paper to cite.
        role: its place on the board of size and similarity.
        known_problems: what may mislead an evaluation.

    Example:
        >>> entry("eurosat").layout
        'class folders'
    """

    name: str
    title: str
    file: str
    sources: tuple[Source, ...]
    layout: str
    root: str
    group: str | None
    licence: str
    citation: str
    role: str
    known_problems: str

    def __str__(self):
        size = self.sources[0].size
        shown = f"{size / 2**20:,.0f} MiB" if size else "size not published"
        return (
            f"{self.title}\n{self.sources[0].url} ({shown})\nRole: {self.role}\n"
            f"Licence: {self.licence}\nCite: {self.citation}\nKnown problems: {self.known_problems}"
        )


@functools.cache
def entries() -> dict[str, Entry]:
    """Return all entries of the catalogue by name."""
    read = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        name: Entry(name, **values | {"sources": tuple(Source(**s) for s in values["sources"])})
        for name, values in read.items()
    }


def entry(name: str) -> Entry:
    """Return one entry of the catalogue.

    Raises:
        ValueError: If the name is unknown.

    Example:
        >>> entry("flowers").file
        'flower_photos.tgz'
    """
    if name not in entries():
        raise ValueError(f"{name!r} is not in the catalogue. Choose one of: {', '.join(entries())}.")
    return entries()[name]


def data_folder() -> Path | None:
    """Return the folder that the environment variable TRANSFER_DATA_DIR names, or None."""
    named = os.environ.get("TRANSFER_DATA_DIR")
    return Path(named).expanduser() if named else None


def keras_cache() -> Path:
    """Return the folder into which Keras itself downloads weights."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models"


def weights(name: str) -> Path:
    """Return the path of a weights file: in TRANSFER_DATA_DIR, in Keras' cache, or downloaded once.

    Raises:
        ValueError: If the catalogue has no weights of this name.
        DownloadError: If the file cannot be downloaded.
    """
    wanted = entry(name)
    if found := weights_at_hand(name):
        return found
    return fetch(
        cache_dir() / "weights" / wanted.file,
        wanted.sources,
        f"Or put {wanted.file} into the sub-folder weights of a folder, and set the environment variable "
        "TRANSFER_DATA_DIR to that folder.",
    )


def weights_at_hand(name: str) -> Path | None:
    """Return the path of a weights file if it is on this computer, else None; nothing is downloaded.

    Raises:
        ValueError: If the catalogue has no weights of this name.
    """
    wanted = entry(name)
    if wanted.layout != "weights":
        raise ValueError(f"{name!r} is an image set, not a weights file. Use folder({name!r}).")
    if own := data_folder():
        for pattern in (wanted.file, ALSO_NAMED.get(name, wanted.file)):
            if found := sorted((own / "weights").glob(pattern)):
                return found[0]
    places = (keras_cache() / wanted.file, cache_dir() / "weights" / wanted.file)
    return next((path for path in places if good(path, wanted.sources)), None)


def networks_at_hand() -> dict[str, Path]:
    """Return the networks whose ImageNet weights are on this computer, each with the path of its weights.

    Example:
        >>> {*networks_at_hand()} <= {"MobileNet", "VGG16"}
        True
    """
    found = {name: weights_at_hand(weights) for name, (weights, _) in NETWORKS.items()}
    return {name: path for name, path in found.items() if path}


def folder(name: str) -> Path:
    """Return the folder of a data set: TRANSFER_DATA_DIR/NAME if it exists, else one in the cache.

    The first call downloads, unpacks and splits the archive, and deletes it. The folder in the cache has
    the sub-folders train, validation and test. The split (60, 20 and 20 % of each class; the official test
    split if there is one) is the same on every computer; ABOUT.txt in the folder describes it.

    Raises:
        ValueError: If the catalogue has no data set of this name, or the archive has an unexpected layout.
        DownloadError: If the archive cannot be downloaded.
        OSError: If the disk is full.
    """
    wanted = entry(name)
    if wanted.layout == "weights":
        raise ValueError(f"{name!r} is a weights file, not an image set. Use weights({name!r}).")
    if (own := data_folder()) and (own / name).is_dir():
        return own / name
    place = cache_dir() / "datasets" / name
    if place.is_dir():
        return place
    import filelock

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{place}.lock", timeout=WAIT_SECONDS):
            if not place.is_dir():  # else another process was faster
                _prepare(wanted, place)
    except filelock.Timeout as error:
        raise DownloadError(
            f"{name!r} could not be prepared: another process has been preparing it for an hour. Stop it or "
            "restart its kernel."
        ) from error
    except DownloadError:
        raise
    except OSError as error:
        raise OSError(
            error.errno,
            f"{name!r} could not be prepared in {place.parent} ({error.strerror or error}). Free some disk "
            "space, or set the environment variable TRANSFER_CACHE_DIR to a folder on another disk.",
        ) from error
    return place


def _prepare(wanted, place):
    """Unpack and split beside the target, then rename: the target is either complete or absent."""
    for left in place.parent.glob(f"{place.name}.*part"):  # left by killed processes
        shutil.rmtree(left, ignore_errors=True)
    archive = fetch(
        cache_dir() / "downloads" / wanted.file,
        wanted.sources,
        f"Or put its class folders into a folder named {wanted.name!r}, and set the environment variable "
        "TRANSFER_DATA_DIR to the folder that contains it.",
    )
    raw, sorted_out = (place.with_name(f"{place.name}.{kind}part") for kind in ("raw", "split"))
    try:
        root = unpack(archive, raw) / wanted.root
        if not root.is_dir():
            raise ValueError(
                f"{str(archive)!r} does not contain the folder {wanted.root!r} that the catalogue lists. "
                "Delete the file and try again."
            )
        note = LAYOUTS[wanted.layout](wanted, root, sorted_out)
        (sorted_out / "ABOUT.txt").write_text(f"{wanted}\nSplit: {note}\n", encoding="utf-8")
        sorted_out.rename(place)
    finally:
        for left in (raw, sorted_out):
            shutil.rmtree(left, ignore_errors=True)
    archive.unlink(missing_ok=True)


def _class_folders(wanted, root: Path, target: Path) -> str:
    """Move root/CLASS/FILE to target/SPLIT/CLASS/FILE, and text files beside the classes to target."""
    files = sorted(p for p in root.glob("*/*") if p.suffix.lower() in IMAGE_SUFFIXES)
    classes = np.array([p.parent.name for p in files])
    groups = np.array([_group(wanted.group, p.name) for p in files])
    parts, note = split_groups(classes, groups)
    for part, indices in parts.items():
        for name in np.unique(classes):
            (target / part / name).mkdir(parents=True, exist_ok=True)
        for k in indices:
            files[k].rename(target / part / classes[k] / files[k].name)
    for beside in root.glob("*.txt"):  # a licence
        beside.rename(target / beside.name)
    return note


def _group(pattern, name):
    found = re.search(pattern, name) if pattern else None
    return found[1] if found else name


def split_groups(classes: np.ndarray, groups: np.ndarray) -> tuple[dict[str, np.ndarray], str]:
    """Split into train, validation and test (3 : 1 : 1), stratified by class, with groups kept together.

    Args:
        classes: class names (n,).
        groups: group names (n,); all different if all images are independent.

    Returns:
        The indices of each split, and a sentence that describes the split.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    def parts(splitter, groups=None):
        folds = [held for _, held in splitter.split(classes, classes, groups)]
        return {"train": np.sort(np.concatenate(folds[:3])), "validation": folds[3], "test": folds[4]}

    def complete(split):
        return all(len(np.unique(classes[part])) == len(np.unique(classes)) for part in split.values())

    several = len(np.unique(groups))
    if 5 <= several < len(groups):
        for seed in range(20):
            split = parts(StratifiedGroupKFold(5, shuffle=True, random_state=seed), groups)
            if complete(split):
                return split, f"images of one group ({several} groups by file name) are in one split only."
    note = "at random, stratified by class" + (
        "; groups could not be kept together, because some split would lack a class. Results are optimistic."
        if several < len(groups)
        else "."
    )
    return parts(StratifiedKFold(5, shuffle=True, random_state=0)), note


def _cifar(wanted, root: Path, target: Path) -> str:
    """Convert the binary batches to PNG files; CIFAR's Python version needs pickle, which can run code."""
    names = (root / "batches.meta.txt").read_text().split()
    batches = [cifar_batch(root / f"data_batch_{k}.bin") for k in range(1, 6)]
    X, y = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
    folds, _ = split_groups(y, np.arange(len(y)))
    train = np.sort(np.concatenate([folds["train"], folds["test"]]))
    held = folds["validation"]
    official = cifar_batch(root / "test_batch.bin")
    splits = {"train": (X[train], y[train]), "validation": (X[held], y[held]), "test": official}
    for part, (images, labels) in splits.items():
        for name in names:
            (target / part / name).mkdir(parents=True, exist_ok=True)
        pairs = zip(images, labels, strict=True)
        for k, (image, label) in enumerate(tqdm(pairs, f"Writing {part}", total=len(labels), leave=False)):
            Image.fromarray(image).save(target / part / names[label] / f"{k:05d}.png", compress_level=1)
    return "the official test batch; a fifth of the training batches, stratified by class, for validation."


def cifar_batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of CIFAR-10's binary version.

    A record is one byte for the label, then 1024 bytes each for red, green and blue.

    Returns:
        Images, uint8 (n, 32, 32, 3), and labels, int64 (n,).

    Raises:
        ValueError: If the file has incomplete records or a label above 9.
    """
    content = np.fromfile(path, np.uint8)
    if not len(content) or len(content) % 3073 or content[::3073].max() > 9:
        raise ValueError(f"{path.name!r} is not a batch of CIFAR-10's binary version. Download it again.")
    records = content.reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0].astype(np.int64)


LAYOUTS: dict[str, Callable] = {"class folders": _class_folders, "cifar binary": _cifar}
