"""Checks of numbers, images, labels and paths, shared by all rooms."""

import math
import numbers
import os
from collections.abc import Sized
from pathlib import Path

import numpy as np


def existing(path: str | os.PathLike) -> Path | None:
    """Return the path with ~ expanded, or None if nothing exists there."""
    try:
        place = Path(path).expanduser()
        return place if place.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, an unknown ~user, a null character
        return None


def check_integer(name: str, value: object, low: int, high: float = math.inf) -> int:
    """Return the value as an int if it is an integer between low and high.

    Args:
        name: the parameter's name, for the error message.
        value: the value to check.
        low: the smallest value allowed.
        high: the largest value allowed.

    Raises:
        ValueError: If the value is not an integer, is below low or is above high.

    Example:
        >>> check_integer("epochs", 0, low=1)
        Traceback (most recent call last):
        ValueError: epochs must be an integer of at least 1. Received: 0
    """
    if (
        isinstance(value, (bool, np.bool_))
        or not isinstance(value, (int, np.integer))
        or not low <= value <= high
    ):
        limits = f"of at least {low}" if high == math.inf else f"between {low} and {high}"
        raise ValueError(f"{name} must be an integer {limits}. Received: {value!r}")
    return int(value)


def check_positive(name: str, value: object) -> None:
    """Check that a value is a finite number greater than 0; True and False are not numbers.

    Args:
        name: the parameter's name, for the error message.
        value: the value to check.

    Raises:
        ValueError: If it is not.

    Example:
        >>> check_positive("C", -1)
        Traceback (most recent call last):
        ValueError: C must be a finite number greater than 0. Received: -1
    """
    if isinstance(value, bool) or not (isinstance(value, numbers.Real) and 0 < float(value) < math.inf):
        raise ValueError(f"{name} must be a finite number greater than 0. Received: {value!r}")


def check_share(name: str, value: object) -> None:
    """Check that a value is a number from 0 to 1.

    Args:
        name: the parameter's name, for the error message.
        value: the value to check.

    Raises:
        ValueError: If it is not.

    Example:
        >>> check_share("max_skipped", 10)
        Traceback (most recent call last):
        ValueError: max_skipped must be a fraction between 0 and 1. Received: 10
    """
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be a fraction between 0 and 1. Received: {value!r}")


def check_images(X: np.ndarray) -> np.ndarray:
    """Return X as a uint8 array (n, height, width, 3) if it contains RGB images with values 0..255.

    Args:
        X: images, of any integer dtype.

    Raises:
        TypeError: If X is not an array of integers (floats, objects, Booleans).
        ValueError: If the shape is wrong, there are no images, or values are NaN, infinite or outside
            0..255.
    """
    try:
        X = np.asarray(X)
    except Exception as error:
        raise TypeError(
            f"X cannot be converted to an array: {error}. Pass images of one size, as np.stack(images)."
        ) from error
    if X.dtype.kind not in "uif":
        raise TypeError(
            f"X must be an array of numbers. Received: dtype {X.dtype}. Pass uint8 images of one size, "
            "e.g. np.stack(images)."
        )
    if X.ndim != 4 or X.shape[3] != 3:
        raise ValueError(
            f"X must have shape (n, height, width, 3). Received: {X.shape}. For one image, pass X[None]; "
            "for greyscale images, np.stack([X] * 3, -1); for channels first, X.transpose(0, 2, 3, 1)."
        )
    if X.size == 0:
        raise ValueError(f"X must contain at least one image. Received: shape {X.shape}.")
    if X.dtype.kind == "f":
        if bad := int(np.sum(~np.isfinite(X))):
            raise ValueError(
                f"X contains {bad} NaN or infinite values. Remove those images; images are uint8, 0..255."
            )
        raise TypeError(
            f"X must be uint8 images with values 0..255. Received: dtype {X.dtype}. If the values are "
            '0..1, multiply them by 255; then use .astype("uint8").'
        )
    if X.dtype != np.uint8 and (X.min() < 0 or X.max() > 255):
        raise ValueError(
            f"X must contain values in 0..255. Received: values from {X.min()} to {X.max()}. Rescale them."
        )
    return X.astype(np.uint8, copy=False)


def is_missing(label: object) -> bool:
    """Return whether a label is None, NaN, pandas.NA or masked.

    Example:
        >>> [is_missing(label) for label in (None, float("nan"), "", 0)]
        [True, True, False, False]
    """
    try:
        # NaN differs from itself; what a mask hides is missing, too.
        return label is None or label is np.ma.masked or bool(label != label)
    except (TypeError, ValueError):  # pandas.NA has no truth value
        return True


def check_features(name: str, values: np.ndarray) -> np.ndarray:
    """Return the values as a float array (n, features) if all of them are finite numbers.

    Args:
        name: the argument's name, for the error message.
        values: one row per image.

    Raises:
        ValueError: If the shape is wrong, there are no values, or some are NaN, infinite, masked, complex or
            not numbers.

    Example:
        >>> check_features("a", [[1.0, float("nan")]])
        Traceback (most recent call last):
        ValueError: a has 1 NaN or infinite values. Remove these images, or compute the features in 32 bits.
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked values. Remove these images, or fill the values in.")
    try:
        rows = np.asarray(values)
        if rows.dtype.kind == "c":
            raise TypeError("its values are complex")
        rows = rows.astype(float, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} cannot be converted to an array of numbers: {error}. Pass one row of numbers per image, "
            "shape (n, features)."
        ) from error
    if rows.ndim != 2 or rows.size == 0:
        raise ValueError(
            f"{name} must have one row per image, shape (n, features). Received: {rows.shape}. Average maps "
            "(n, height, width, channels) over height and width: maps.mean(axis=(1, 2))."
        )
    if bad := int(np.sum(~np.isfinite(rows))):
        raise ValueError(
            f"{name} has {bad} NaN or infinite values. Remove these images, or compute the features in 32 "
            "bits."
        )
    return rows


def check_rows(**arrays: Sized) -> None:
    """Check that arrays have the same length, and at least one row.

    Args:
        **arrays: the arrays by name, for the error message.

    Raises:
        ValueError: If their lengths differ, or are 0.

    Example:
        >>> check_rows(images=[1, 2], titles=["cat"])
        Traceback (most recent call last):
        ValueError: images and titles must have the same length. Received: 2 and 1.
    """
    lengths = [len(array) for array in arrays.values()]
    names = " and ".join(arrays) if len(arrays) < 3 else f"{', '.join([*arrays][:-1])} and {[*arrays][-1]}"
    if len(set(lengths)) > 1:
        received = " and ".join(map(str, lengths))
        raise ValueError(f"{names} must have the same length. Received: {received}.")
    if not lengths[0]:
        raise ValueError(f"{names} must not be empty.")


def check_labels(X: np.ndarray, y: np.ndarray, names: tuple[str, str] = ("X", "y")) -> np.ndarray:
    """Return y as an array (n,) if it contains one label per image of X.

    Args:
        X: images or features, n rows.
        y: n labels of any kind.
        names: of X and y, for the error messages.

    Raises:
        ValueError: If y is not one-dimensional, differs from X in length, has missing labels, or contains
            fewer than two classes.
    """
    raw = (
        y if isinstance(y, np.ndarray) else np.asarray(y, dtype=object)
    )  # a str array would hide None and NaN
    of_X, of_y = names
    if raw.ndim != 1:
        raise ValueError(
            f"{of_y} must have shape (n,). Received: {raw.shape}. Use {of_y}.ravel() for a column, "
            f"{of_y}.argmax(axis=1) for one-hot labels."
        )
    if len(raw) != len(X):
        raise ValueError(
            f"{of_X} and {of_y} must have the same length, with one label per image. "
            f"Received: len({of_X})={len(X)}, len({of_y})={len(raw)}."
        )
    if bad := sum(map(is_missing, raw)):
        raise ValueError(f"{of_y} has {bad} missing labels (None or NaN). Remove them and their images.")
    y = np.array(raw.tolist()) if raw.dtype == object else raw
    if len(classes := np.unique(y)) < 2:
        raise ValueError(f"{of_y} must contain at least two classes. Received: {classes.tolist()}.")
    return y


def too_small(shape: tuple[int, ...], network: str) -> ValueError:
    """Build the error for images that are too small for the pooling layers of a network.

    Args:
        shape: height, width, 3.
        network: the network's name, for the message.
    """
    return ValueError(
        f"Images of {shape[0]} x {shape[1]} pixels are too small for {network}: after its pooling layers "
        "no pixels are left. Use larger images (16 x 16 pixels are enough for the shipped models) or an "
        "earlier layer."
    )
