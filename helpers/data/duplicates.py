"""Find duplicate images, exact and near, and duplicates that leak from the training set into the test set."""

import dataclasses
import hashlib

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from helpers.data.folders import MANY
from helpers.data.image_sets import SPLITS, ImageSet

SIDE = 12  # of the thumbnails, in pixels
ALIKE = 0.9  # correlation of a duplicate; tests/data/test_duplicates.py measures both kinds of errors
ZOOMS = (1.0, 0.95, 0.9)  # a duplicate may be cropped
BLOCK = 512  # images compared with all others at once
# Of the images to learn from, the share that near copies may take. Barz & Denzler 2020, "Do we train on test
# data?", find copies of 3 % and 10 % of the test images of CIFAR-10 and CIFAR-100 in training sets that are
# five times as large, so at most 2 % of the training images. Where more look alike, a common layout is why.
MOST_LOST = 0.05


@dataclasses.dataclass(frozen=True, eq=False)
class Copies:
    """The images in groups of duplicates.

    Args:
        groups: the number of each image's group (n,), in the order train, validation, test. Images of
            one group are copies of each other.
        parts: the name of each image's split (n,).
        labels: the class of each image (n,).

    Example:
        >>> copies = Copies(
        ...     groups=np.array([0, 1, 0]),
        ...     parts=np.array(["train", "train", "test"]),
        ...     labels=np.array(["cat", "dog", "cat"]),
        ... )
        >>> copies.extra, copies.leaks.tolist()  # the test image is a copy of the first training image
        (1, [2])
    """

    groups: np.ndarray
    parts: np.ndarray
    labels: np.ndarray

    @property
    def extra(self) -> int:
        """Number of superfluous images: all but one of each group."""
        return len(self.groups) - len(np.unique(self.groups))

    @property
    def leaks(self) -> np.ndarray:
        """Indices of the validation and test images that have a copy in an earlier split."""
        return np.flatnonzero(self._when > self._of_group(np.minimum))

    @property
    def clean(self) -> np.ndarray:
        """Whether each image has no copy in a later split, bool (n,)."""
        return self._when == self._of_group(np.maximum)

    @property
    def conflicts(self) -> list[np.ndarray]:
        """Indices of the images of each group that has more than one label."""
        return [places for places in self.sets if len(set(self.labels[places])) > 1]

    @property
    def sets(self) -> list[np.ndarray]:
        """Indices of the images of each group of at least two."""
        order = np.argsort(self.groups, kind="stable")
        starts = np.flatnonzero(np.diff(self.groups[order])) + 1
        return [places for places in np.split(order, starts) if len(places) > 1]

    @property
    def _when(self):
        return np.array([SPLITS.index(part) for part in self.parts])

    def _of_group(self, which):
        """Return the first or last split in each image's group."""
        found = np.full(self.groups.max() + 1, len(SPLITS) if which is np.minimum else -1)
        which.at(found, self.groups, self._when)
        return found[self.groups]


def exact(data: ImageSet) -> Copies:
    """Group images that are equal in every pixel, as they were read.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> exact(builtin("streets_day", n_train=5, n_validation=2, n_test=2)).extra
        0
    """
    names = [_digest(image) for image in _all_images(data)]
    return _copies(data, np.unique(names, return_inverse=True)[1])


def near(data: ImageSet) -> Copies:
    """Group images that look the same: re-encoded, resized, brightened, mirrored or slightly cropped copies.

    Two images are copies if the gradients of their thumbnails correlate, and those of their centres, too
    (so that a black frame shared by many images does not make them copies). This is a perceptual hash like
    Krawetz's dHash (2013) that keeps the sizes of the differences, not only their signs. Rotated copies and
    copies cropped on one side only are missed; exact copies are included.

    Args:
        data: the images; the search needs about 15 kB of memory per image.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    X = _all_images(data)
    plain, within = itself = _codes(X)
    # Images of a single colour have no gradients that could correlate, so equal ones are linked.
    flat = np.flatnonzero(~plain.any(axis=1)).tolist()
    earliest: dict[str, int] = {}
    n, links = len(X), [np.array([[earliest.setdefault(_digest(X[k]), k) for k in flat], flat], int)]
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


def removable(data: ImageSet, copies: Copies, least: int = 3) -> Copies:
    """Return the near copies, or only the exact ones where the near ones are too many to be copies.

    Images of one layout, such as spectrograms, resemble each other as copies do. So the near copies are not
    believed if more than 5 % of the training and validation images would be left out as near copies of a
    later split, or if a class would keep fewer than `least` training images.

    Args:
        data: the image set.
        copies: its duplicates, from `near`.
        least: number of training images that each class needs.

    Raises:
        ValueError: the copies are those of another image set.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=5, n_validation=2, n_test=2)
        >>> removable(data, near(data)).extra
        0
    """
    _check_same(data, copies)
    same = exact(data)
    learned = copies.parts != "test"
    lost = np.count_nonzero(learned & same.clean & ~copies.clean)
    kept = data.y_train[copies.clean[: len(data.y_train)]]
    few = any(np.count_nonzero(kept == name) < least for name in data.classes)
    return same if lost and (few or lost > MOST_LOST * np.count_nonzero(learned)) else copies


def without_leaks(data: ImageSet, copies: Copies) -> ImageSet:
    """Return the set without those training and validation images that have a copy in a later split.

    Args:
        data: the image set.
        copies: its duplicates, from `exact`, `near` or `removable`.

    Raises:
        ValueError: the copies are those of another image set.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=5, n_validation=2, n_test=2)
        >>> leaky = dataclasses.replace(data, X_test=data.X_train, y_test=data.y_train)
        >>> len(without_leaks(leaky, exact(leaky)).X_train)
        0
    """
    _check_same(data, copies)
    return data.keep(copies.clean)


def _copies(data, groups):
    return Copies(groups.ravel(), *_places(data))


def _places(data):
    """Return the split and the label of each image."""
    sizes = [len(data.split(part).y) for part in SPLITS]
    return np.repeat(SPLITS, sizes), np.concatenate([data.split(part).y for part in SPLITS])


def _check_same(data, copies):
    parts, labels = _places(data)
    if not (np.array_equal(parts, copies.parts) and np.array_equal(labels, copies.labels)):
        raise ValueError(
            f"The copies are those of another image set. Received: {len(copies.parts)} images there, "
            f"{len(parts)} in the set. Search this set for copies: duplicates.near(data)."
        )


def _all_images(data):
    """List all images as views, without copying them."""
    return [image for part in SPLITS for image in data.split(part).X]


def _digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def _codes(images, zoom=1.0, mirrored=False):
    """Compute the differences of neighbouring pixels of thumbnails, and of their centres, as unit vectors."""
    small = np.empty((len(images), SIDE, SIDE, 3), np.float32)
    for place, image in zip(small, images, strict=True):
        height, width = image.shape[:2]
        dy, dx = height * (1 - zoom) / 2, width * (1 - zoom) / 2
        box = (dx, dy, width - dx, height - dy)
        thumbnail = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX, box)
        place[:] = np.asarray(thumbnail, np.float32)[:, :: -1 if mirrored else 1]
    quarter = SIDE // 4
    within = _gradients(small[:, quarter:-quarter, quarter:-quarter])
    # A centre of a single colour has no gradients: it matches all other centres of a single colour.
    return _gradients(small), np.hstack([within, ~within.any(axis=1, keepdims=True)])


def _gradients(small):
    rows = np.concatenate([np.diff(small, axis=k).reshape(len(small), -1) for k in (1, 2)], axis=1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
