"""Public data and weights by name: fetched, checked, unpacked and split once, then read from disk.

datasets/catalogue.json says for each where it is, what it must be, its licence, citation, role and known
problems. A folder of the same name in TRANSFER_DATA_DIR is read instead. Used in notebook 07.

Example:
    >>> print(entry("malaria").licence)  # doctest: +SKIP
    >>> folder("malaria")  # doctest: +SKIP
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
from helpers.data.downloads import WAIT_SECONDS, DownloadError, Source, fetch
from helpers.environment import ROOT, cache_dir

PATH = ROOT / "datasets" / "catalogue.json"
PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"}


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of one data set, or of one file of weights.

    layout: "class folders" below `root`, "cifar binary" files there, or "weights".
    group: what in a file's name tells pictures that belong together, such as a patient's; a regular
        expression. They never fall into different splits.
    role: on the board of size and similarity.
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
        size = self.sources[0].size / 2**20
        return (
            f"{self.title}\n{self.sources[0].url} ({size:,.0f} MiB)\nRole: {self.role}\n"
            f"Licence: {self.licence}\nCite: {self.citation}\nKnown problems: {self.known_problems}"
        )


@functools.cache
def entries() -> dict[str, Entry]:
    """The whole catalogue, by name."""
    read = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        name: Entry(name, **values | {"sources": tuple(Source(**s) for s in values["sources"])})
        for name, values in read.items()
    }


def entry(name: str) -> Entry:
    """One entry of the catalogue.

    Raises:
        ValueError: an unknown name.
    """
    if name not in entries():
        raise ValueError(f"{name!r} is not in the catalogue. Choose one of: {', '.join(entries())}.")
    return entries()[name]


def data_folder() -> Path | None:
    """The folder that TRANSFER_DATA_DIR names, if it does."""
    named = os.environ.get("TRANSFER_DATA_DIR")
    return Path(named).expanduser() if named else None


def weights(name: str) -> Path:
    """The path of a weights file; downloads it the first time.

    Raises:
        ValueError: no weights of this name.
        DownloadError: they cannot be had.
    """
    wanted = entry(name)
    if wanted.layout != "weights":
        raise ValueError(f"{name!r} are pictures, not weights: use folder({name!r}).")
    if (own := data_folder()) and (own / "weights" / wanted.file).is_file():
        return own / "weights" / wanted.file
    return fetch(
        cache_dir() / "weights" / wanted.file,
        wanted.sources,
        f"Or put {wanted.file} into weights/ of a folder, and name that folder in the environment variable "
        "TRANSFER_DATA_DIR.",
    )


def folder(name: str) -> Path:
    """The folder of a data set: TRANSFER_DATA_DIR/name if that is there, else train/, validation/, test/.

    The first time, the archive is downloaded, unpacked, split and removed. The split (60, 20 and 20 %
    of each class, the official test split where there is one) is the same everywhere; ABOUT.txt in the
    folder says how it was made.

    Raises:
        ValueError: no pictures of this name, or an archive of another layout than expected.
        DownloadError: they cannot be had.
        OSError: the disk is full.
    """
    wanted = entry(name)
    if wanted.layout == "weights":
        raise ValueError(f"{name!r} are weights, not pictures: use weights({name!r}).")
    if (own := data_folder()) and (own / name).is_dir():
        return own / name
    place = cache_dir() / "datasets" / name
    if place.is_dir():
        return place
    import filelock

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{place}.lock", timeout=WAIT_SECONDS):
            if not place.is_dir():  # else another process was quicker
                _prepare(wanted, place)
    except filelock.Timeout as error:
        raise DownloadError(
            f"{name!r} could not be had: another process has been preparing it for an hour. Stop it, or "
            "restart its kernel."
        ) from error
    except DownloadError:
        raise
    except OSError as error:
        raise OSError(
            error.errno,
            f"{name!r} could not be prepared in {place.parent} ({error.strerror or error}). Free some disk "
            "space, or name a folder on another disk in the environment variable TRANSFER_CACHE_DIR.",
        ) from error
    return place


def _prepare(wanted, place):
    """Unpack and split beside the final place, then rename: the folder is whole, or not there."""
    for left in place.parent.glob(f"{place.name}.*part"):  # of processes that were killed
        shutil.rmtree(left, ignore_errors=True)
    archive = fetch(
        cache_dir() / "downloads" / wanted.file,
        wanted.sources,
        f"Or put its class folders into a folder {wanted.name!r}, and name the folder around it in the "
        "environment variable TRANSFER_DATA_DIR.",
    )
    raw, sorted_out = (place.with_name(f"{place.name}.{kind}part") for kind in ("raw", "split"))
    try:
        root = unpack(archive, raw) / wanted.root
        if not root.is_dir():
            raise ValueError(
                f"{str(archive)!r} holds no folder {wanted.root!r}: it is another file than the catalogue "
                "describes. Delete it, and try again."
            )
        note = LAYOUTS[wanted.layout](wanted, root, sorted_out)
        (sorted_out / "ABOUT.txt").write_text(f"{wanted}\nSplit: {note}\n", encoding="utf-8")
        sorted_out.rename(place)
    finally:
        for left in (raw, sorted_out):
            shutil.rmtree(left, ignore_errors=True)
    archive.unlink(missing_ok=True)


def _class_folders(wanted, root: Path, target: Path) -> str:
    """root/CLASS/picture becomes target/SPLIT/CLASS/picture; other files beside the classes go along."""
    files = sorted(p for p in root.glob("*/*") if p.suffix.lower() in PICTURES)
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
    """Split into train, validation and test (3 : 1 : 1), class by class, groups kept together.

    Args:
        classes: (n,) names of classes.
        groups: (n,) names of groups; all different where each picture is on its own.

    Returns:
        Indices by split, and a sentence that says how it was done.
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
                return split, f"pictures of one group ({several} groups by file name) are in one split only."
    note = "at random, class by class" + (
        "; groups of pictures could not be kept together without losing a class in a split: optimistic."
        if several < len(groups)
        else "."
    )
    return parts(StratifiedKFold(5, shuffle=True, random_state=0)), note


def _cifar(wanted, root: Path, target: Path) -> str:
    """Binary batches become PNG files: the format without pickle, which could run foreign code."""
    names = (root / "batches.meta.txt").read_text().split()
    batches = [cifar_batch(root / f"data_batch_{k}.bin") for k in range(1, 6)]
    X, y = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
    folds, _ = split_groups(y, np.arange(len(y)))
    train = np.sort(np.concatenate([folds["train"], folds["test"]]))
    held = folds["validation"]
    official = cifar_batch(root / "test_batch.bin")
    splits = {"train": (X[train], y[train]), "validation": (X[held], y[held]), "test": official}
    for part, (pictures, labels) in splits.items():
        for name in names:
            (target / part / name).mkdir(parents=True, exist_ok=True)
        pairs = zip(pictures, labels, strict=True)
        for k, (picture, label) in enumerate(tqdm(pairs, f"Writing {part}", total=len(labels), leave=False)):
            Image.fromarray(picture).save(target / part / names[label] / f"{k:05d}.png", compress_level=1)
    return "the official test batch; a fifth of the training batches, class by class, is for validation."


def cifar_batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of CIFAR-10's binary version: uint8 (n, 32, 32, 3) and labels, int64 (n,).

    A record is a byte with the label, then 1024 red, 1024 green and 1024 blue ones.

    Raises:
        ValueError: not whole records, or a label beyond 9.
    """
    content = np.fromfile(path, np.uint8)
    if not len(content) or len(content) % 3073 or content[::3073].max() > 9:
        raise ValueError(f"{path.name!r} is not a batch of CIFAR-10's binary version. Download it anew.")
    records = content.reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0].astype(np.int64)


LAYOUTS: dict[str, Callable] = {"class folders": _class_folders, "cifar binary": _cifar}
