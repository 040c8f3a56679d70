"""Checks of numbers, pictures, labels and paths, shared by everything that takes them."""

import math
import os
from pathlib import Path

import numpy as np

CLUTTER = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # left behind by operating systems


def existing(path: str | os.PathLike) -> Path | None:
    """The path with ~ written out; None where there is nothing, or can be nothing of this name."""
    try:
        place = Path(path).expanduser()
        return place if place.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, an unknown ~user, a null character
        return None


def visible(folder: Path) -> tuple[list[Path], list[Path]]:
    """Sub-folders and other entries, each sorted by name, without hidden ones and clutter."""
    entries = sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in CLUTTER)
    return [p for p in entries if p.is_dir()], [p for p in entries if not p.is_dir()]


def whole_number(name: str, value: object, low: int, high: float = math.inf) -> int:
    """The value as an int.

    Raises:
        ValueError: it is not a whole number, or below low or above high.
    """
    if (
        isinstance(value, (bool, np.bool_))
        or not isinstance(value, (int, np.integer))
        or not low <= value <= high
    ):
        limits = f"at least {low}" if high == math.inf else f"between {low} and {high}"
        raise ValueError(f"{name} must be a whole number {limits}. Received: {value!r}")
    return int(value)


def check_images(X: np.ndarray) -> np.ndarray:
    """Return X as uint8 (n, h, w, 3); anything else than integers 0..255 is an error with its remedy.

    Raises:
        TypeError: not an array of integers (floats, objects, bools).
        ValueError: wrong shape, no images, NaN or infinite values, values outside 0..255.
    """
    try:
        X = np.asarray(X)
    except Exception as error:
        raise TypeError(
            f"X cannot become an array: {error}. Give images of one size, np.stack(images)."
        ) from error
    if X.dtype.kind not in "uif":
        raise TypeError(
            f"X has dtype {X.dtype}, not numbers. Give uint8 images of one size, e.g. np.stack(images)."
        )
    if X.ndim != 4 or X.shape[3] != 3:
        raise ValueError(
            f"X must have shape (n, height, width, 3). Received: {X.shape}. For one picture give X[None]; "
            "for grey ones np.stack([X] * 3, -1); for channels first X.transpose(0, 2, 3, 1)."
        )
    if X.size == 0:
        raise ValueError(f"X is empty, shape {X.shape}. Give at least one image.")
    if X.dtype.kind == "f":
        if bad := int(np.sum(~np.isfinite(X))):
            raise ValueError(
                f"X holds {bad} NaN or infinite values. Remove those images; images are uint8 0..255."
            )
        raise TypeError(
            f"X has dtype {X.dtype}, but images are uint8 0..255: multiply by 255 if yours are 0..1, "
            'then .astype("uint8").'
        )
    if X.dtype != np.uint8 and (X.min() < 0 or X.max() > 255):
        raise ValueError(
            f"X holds values from {X.min()} to {X.max()}, but images are uint8 0..255. Rescale them."
        )
    return X.astype(np.uint8, copy=False)


def _missing(label) -> bool:
    try:
        return label is None or bool(label != label)  # NaN differs from itself
    except (TypeError, ValueError):  # pandas.NA refuses to be true or false
        return True


def check_labels(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return y as an array (n,) of labels, one per image.

    Raises:
        ValueError: not one-dimensional, another length than X, missing labels, fewer than two classes.
    """
    raw = (
        y if isinstance(y, np.ndarray) else np.asarray(y, dtype=object)
    )  # a str array would hide None and NaN
    if raw.ndim != 1:
        raise ValueError(
            f"y must have shape (n,). Received: {raw.shape}. Use y.ravel() for a column, "
            "y.argmax(axis=1) for one-hot labels."
        )
    if len(raw) != len(X):
        raise ValueError(f"X has {len(X)} images but y has {len(raw)} labels. Give one label per image.")
    if bad := sum(map(_missing, raw)):
        raise ValueError(f"y holds {bad} missing labels (None or NaN). Remove them and their images.")
    y = np.array(raw.tolist()) if raw.dtype == object else raw
    if len(classes := np.unique(y)) < 2:
        raise ValueError(f"y must hold at least two classes. Received: {classes.tolist()}.")
    return y


def too_small(shape: tuple[int, ...], network: str) -> ValueError:
    """The error for pictures of which a network's poolings leave nothing.

    Args:
        shape: height, width, 3.
        network: what they are too small for.
    """
    return ValueError(
        f"Pictures of {shape[0]} x {shape[1]} pixels are too small for {network}: its poolings leave nothing "
        "of them. Make them larger (16 x 16 are enough for the shipped models), or take an earlier layer."
    )
