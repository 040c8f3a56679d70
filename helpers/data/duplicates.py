"""Find duplicate images, exact and near, and duplicates that leak from the training set into the test set."""

import dataclasses
import functools
import hashlib

import numpy as np

from helpers.data.copy_search import alike_pairs
from helpers.data.image_sets import SPLITS, ImageSet

# Of the images to learn from, the share that near copies may take. Barz & Denzler 2020, "Do we train on test
# data?", find copies of 3 % and 10 % of the test images of CIFAR-10 and CIFAR-100 in training sets that are
# five times as large, so at most 2 % of the training images. Where more look alike, a layout is likely.
MOST_LOST = 0.05
ALWAYS_LOST = 3  # near copies that may be left out of a set of any size: of 12 images, one is more than 5 %


@dataclasses.dataclass(frozen=True, eq=False)
class Copies:
    """The images that are equal, and the pairs that look alike.

    Looking alike is not passed on: if a is like b, and b is like c, then a and c may be different images.

    Args:
        groups: the number of each image's group (n,), in the order train, validation, test. Images of
            one group are equal.
        parts: the name of each image's split (n,).
        labels: the class of each image (n,).
        alike: pairs of groups that look alike, int (m, 2).

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
    alike: np.ndarray = dataclasses.field(default_factory=lambda: np.empty((0, 2), int))

    @property
    def extra(self) -> int:
        """Number of superfluous images: all but one of each of `sets`."""
        return sum(len(places) - 1 for places in self.sets)

    @property
    def leaks(self) -> np.ndarray:
        """Indices of the validation and test images that have a copy in an earlier split."""
        return np.flatnonzero(self._when > self._among_copies(np.minimum, self._when))

    @property
    def clean(self) -> np.ndarray:
        """Whether each image has no copy in a later split, bool (n,)."""
        return self._when == self._among_copies(np.maximum, self._when)

    @property
    def contested(self) -> np.ndarray:
        """Whether each image has a copy in another class, bool (n,)."""
        code = np.unique(self.labels, return_inverse=True)[1].ravel()
        return self._among_copies(np.minimum, code) != self._among_copies(np.maximum, code)

    @property
    def conflicts(self) -> list[np.ndarray]:
        """Indices of the images of each of `sets` that has more than one label."""
        return [places for places in self.sets if len(set(self.labels[places])) > 1]

    @functools.cached_property
    def sets(self) -> list[np.ndarray]:
        """Indices of images that are all copies of each other, for each set of at least two.

        Each image is in one set at most, so a pair that looks alike may be divided between two sets.
        """
        joined = _joined(self.alike)
        number = np.array([joined.get(group, group) for group in self.groups.tolist()], int)
        order = np.argsort(number, kind="stable")
        starts = np.flatnonzero(np.diff(number[order])) + 1
        return [places for places in np.split(order, starts) if len(places) > 1]

    @property
    def _when(self):
        return np.array([SPLITS.index(part) for part in self.parts], int)

    def _among_copies(self, which, values):
        """Return the smallest or largest value among each image and all its copies."""
        own = np.zeros(self.groups.max(initial=-1) + 1, int)
        own[self.groups] = values
        which.at(own, self.groups, values)
        found = own.copy()
        for one, other in (self.alike.T, self.alike.T[::-1]):
            which.at(found, one, own[other])
        return found[self.groups]


def _joined(alike):
    """Join groups in which every pair looks alike (complete linkage); return the new number of each."""
    pairs = {frozenset(pair) for pair in alike.tolist()}
    members = {group: {group} for group in alike.ravel().tolist()}
    for one, other in alike.tolist():
        first, second = members[one], members[other]
        if first is not second and all(frozenset((a, b)) in pairs for a in first for b in second):
            first |= second
            members |= dict.fromkeys(second, first)
    return {group: min(inside) for group, inside in members.items()}


def exact(data: ImageSet) -> Copies:
    """Group images that are equal in every pixel, as they were read.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> exact(builtin("streets_day", n_train=5, n_validation=2, n_test=2)).extra
        0
    """
    names = [_digest(image) for image in _all_images(data)]
    return Copies(np.unique(names, return_inverse=True)[1].ravel(), data.parts, data.labels)


def near(data: ImageSet) -> Copies:
    """Find images that look the same: saved again, resized, recoloured, mirrored, cropped or turned copies.

    Images are aligned and compared pixel by pixel (`helpers.data.copy_search`); exact copies are included.
    The study `near_copies` measures which share of the copies is found and how many different images are
    taken for copies.

    Known limits: a dozen near copies of one image hide each other, and so do those that make up more than a
    quarter of a small set. Often missed are corners that show four fifths of the sides, copies with a part
    covered or erased, sheared ones, negatives, other strong changes of light, and photographs that are
    rotated by 30 to 60 degrees on a larger canvas and then cut to a square. Of images that are almost alike,
    such as those of a fixed camera, most copies are missed. Images of very low contrast, or of a few spots of
    light, are not compared. Colour is not compared either: flags that differ in colour only are copies here.
    Drawn images that differ in small details only (clocks, dials) are taken for copies, and so are a few
    images in a hundred of solar cells, and of small sets of plankton or spectrograms.

    Args:
        data: the images. The search compares all pairs of them; docs/accuracy.md names times.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=5, n_validation=0, n_test=0)
        >>> mirrored = dataclasses.replace(data, X_test=data.X_train[:1, :, ::-1], y_test=data.y_train[:1])
        >>> near(mirrored).leaks.tolist()
        [10]
    """
    same = exact(data)
    groups, first = np.unique(same.groups, return_index=True)
    images = _all_images(data)
    return dataclasses.replace(same, alike=groups[alike_pairs([images[k] for k in first])])


def removable(data: ImageSet, copies: Copies, least: int = 3) -> Copies:
    """Return the copies that can be left out without a look at them.

    Copies of two classes stay: only you can say which label is right. Near copies stay, too, if there is a
    `reason_to_look` at them first. To leave out all of them after a look, pass `copies` itself to
    `without_leaks`.

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
    return _agreed(copies)[0 if reason_to_look(data, copies, least) else 1]


def reason_to_look(data: ImageSet, copies: Copies, least: int = 3) -> str:
    """Say why near copies of a later split stay until somebody has looked at them.

    They stay if they are more than three, and more than 5 % of the training and validation images, or of
    those of one split or of one class: images of one layout resemble each other as copies do. They stay, too,
    if without them a class would have fewer than `least` training images.

    Args:
        data: the image set.
        copies: its duplicates, from `near`.
        least: number of training images that each class needs.

    Returns:
        One or two sentences; an empty text if the near copies can be left out.

    Raises:
        ValueError: the copies are those of another image set.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=5, n_validation=2, n_test=2)
        >>> reason_to_look(data, near(data))
        ''
    """
    _check_same(data, copies)
    same, alike = _agreed(copies)
    lost, learned = same.clean & ~alike.clean, copies.parts != "test"
    among = [
        ("They are", "images", learned),
        ("Among them are", "training images", copies.parts == "train"),
        ("Among them are", "validation images", copies.parts == "validation"),
        *(("Among them are", f"images of class {name!r}", copies.labels == name) for name in data.classes),
    ]
    for start, which, chosen in among:
        gone, total = (int(np.count_nonzero(rows & chosen)) for rows in (lost, learned))
        if gone > max(ALWAYS_LOST, MOST_LOST * total):
            return (
                f"{start} {gone} of {total} {which}. So many look alike if a folder was copied, but also if "
                "all images have one layout."
            )
    for name in data.classes:
        before, after = (
            int(np.count_nonzero(data.y_train[found.clean[: len(data.y_train)]] == name))
            for found in (same, alike)
        )
        if after < min(before, least):
            return f"Without them, class {name!r} would have {after} training images; it needs {least}."
    return ""


def _agreed(copies):
    """Return the copies of one class only: the equal ones, and these with those that look alike."""
    contested = copies.contested
    alone = copies.groups.max(initial=-1) + 1 + np.arange(len(contested))
    same = dataclasses.replace(
        copies, groups=np.where(contested, alone, copies.groups), alike=np.empty((0, 2), int)
    )
    agreed = ~np.isin(copies.alike, copies.groups[contested]).any(axis=1)
    return same, dataclasses.replace(same, alike=copies.alike[agreed])


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


def _check_same(data, copies):
    parts = data.parts
    if not (np.array_equal(parts, copies.parts) and np.array_equal(data.labels, copies.labels)):
        raise ValueError(
            f"The copies are those of another image set. Received: {len(copies.parts)} images there, "
            f"{len(parts)} in the set. Search this set for copies: duplicates.near(data)."
        )


def _all_images(data):
    """List all images as views, without copying them."""
    return [image for part in SPLITS for image in data.split(part).X]


def _digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()
