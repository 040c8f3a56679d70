"""Copies among pictures, exact and near, and copies that leak from training into a test.

Used in notebook 08.
"""

import dataclasses
import hashlib
from typing import Any

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from helpers.data.folders import MANY
from helpers.data.image_sets import ImageSet

PARTS = ("train", "validation", "test")
SIDE = 12  # of the thumbnails
ALIKE = 0.9  # correlation of a copy; tests/test_duplicates.py measures both kinds of mistakes
ZOOMS = (1.0, 0.95, 0.9)  # a copy may be cropped
BLOCK = 512  # pictures compared at once with all others


@dataclasses.dataclass(frozen=True, eq=False)
class Copies:
    """Pictures by group: those of one group are copies of each other.

    Args:
        groups: number of the group of each picture (n,), in the order train, validation, test.
        parts: name of the split of each picture (n,).
        labels: (n,).
    """

    groups: np.ndarray
    parts: np.ndarray
    labels: np.ndarray

    @property
    def extra(self) -> int:
        """Pictures too many: all but one of each group."""
        return len(self.groups) - len(np.unique(self.groups))

    @property
    def leaks(self) -> np.ndarray:
        """Places of validation and test pictures that have a copy in a split before theirs."""
        return np.flatnonzero(self._when > self._of_group(np.minimum))

    @property
    def clean(self) -> np.ndarray:
        """For each picture whether it has no copy in a split after its own (n,)."""
        return self._when == self._of_group(np.maximum)

    @property
    def conflicts(self) -> list[np.ndarray]:
        """Places of the pictures of each group that bears more than one label."""
        return [places for places in self.sets if len(set(self.labels[places])) > 1]

    @property
    def sets(self) -> list[np.ndarray]:
        """Places of the pictures of each group of two and more."""
        order = np.argsort(self.groups, kind="stable")
        starts = np.flatnonzero(np.diff(self.groups[order])) + 1
        return [places for places in np.split(order, starts) if len(places) > 1]

    @property
    def _when(self):
        return np.array([PARTS.index(part) for part in self.parts])

    def _of_group(self, which):
        """The first or last split that occurs in the group of each picture."""
        found = np.full(self.groups.max() + 1, len(PARTS) if which is np.minimum else -1)
        which.at(found, self.groups, self._when)
        return found[self.groups]


def exact(data: ImageSet) -> Copies:
    """Pictures that agree in every pixel, as they were read."""
    names = [_name(picture) for picture in _pictures(data)]
    return _copies(data, np.unique(names, return_inverse=True)[1])


def near(data: ImageSet) -> Copies:
    """Pictures that look the same: re-encoded, resized, brightened, mirrored or slightly cropped copies.

    Two pictures are copies where the gradients of their thumbnails correlate, and those of the middle, too
    (a black frame that many share makes no copies of them): a perceptual hash, like Krawetz's dHash (2013),
    that keeps the sizes of the differences, not only their signs. Turned copies and those cropped at one
    side only are missed; exact copies are among the near ones.

    Args:
        data: the pictures; memory beyond them grows by about 15 kB a picture.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    X = _pictures(data)
    plain, within = itself = _codes(X)
    # Pictures of one colour have no gradients that could correlate: those that are equal are linked.
    flat = np.flatnonzero(~plain.any(axis=1)).tolist()
    earliest: dict[str, int] = {}
    n, links = len(X), [np.array([[earliest.setdefault(_name(X[k]), k) for k in flat], flat], int)]
    for mirrored in (False, True):
        for zoom in ZOOMS:
            other, other_within = itself if (zoom, mirrored) == (1.0, False) else _codes(X, zoom, mirrored)
            for start in tqdm(range(0, n, BLOCK), "Comparing", leave=False, disable=n < MANY):
                block = slice(start, start + BLOCK)
                alike = (plain[block] @ other.T >= ALIKE) & (within[block] @ other_within.T >= ALIKE)
                first, second = np.nonzero(alike)
                links.append(np.stack([first + start, second]))
    first, second = np.hstack(links)
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(n, n))
    return _copies(data, connected_components(graph, directed=False)[1])


def without_leaks(data: ImageSet, copies: Copies) -> ImageSet:
    """The set without training and validation pictures that have a copy in a later split."""
    changed: dict[str, Any] = {}
    start = 0
    for part in PARTS:
        X, y = getattr(data, f"X_{part}"), getattr(data, f"y_{part}")
        keep = copies.clean[start : start + len(y)]
        changed |= {f"X_{part}": X[keep], f"y_{part}": y[keep]}
        start += len(y)
    paths = tuple(path for path, keep in zip(data.paths, copies.clean, strict=False) if keep)
    return dataclasses.replace(data, **changed, paths=paths)


def _copies(data, groups):
    sizes = [len(getattr(data, f"y_{part}")) for part in PARTS]
    labels = np.concatenate([getattr(data, f"y_{part}") for part in PARTS])
    return Copies(groups.ravel(), np.repeat(PARTS, sizes), labels)


def _pictures(data):
    """All pictures as one list of views: nothing is copied."""
    return [picture for part in PARTS for picture in getattr(data, f"X_{part}")]


def _name(picture):
    return hashlib.sha256(picture.tobytes()).hexdigest()


def _codes(pictures, zoom=1.0, mirrored=False):
    """Differences of neighbouring pixels of thumbnails, and of their middles, as vectors of length 1."""
    small = np.empty((len(pictures), SIDE, SIDE, 3), np.float32)
    for place, picture in zip(small, pictures, strict=True):
        height, width = picture.shape[:2]
        dy, dx = height * (1 - zoom) / 2, width * (1 - zoom) / 2
        box = (dx, dy, width - dx, height - dy)
        thumbnail = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX, box)
        place[:] = np.asarray(thumbnail, np.float32)[:, :: -1 if mirrored else 1]
    quarter = SIDE // 4
    within = _gradients(small[:, quarter:-quarter, quarter:-quarter])
    # A middle of one colour has no gradients: it counts as like all others of one colour.
    return _gradients(small), np.hstack([within, ~within.any(axis=1, keepdims=True)])


def _gradients(small):
    rows = np.concatenate([np.diff(small, axis=k).reshape(len(small), -1) for k in (1, 2)], axis=1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
