"""Random choices of images, class by class: splits, and a number of images per class."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.data.validation import check_integer, check_labels, is_missing

if TYPE_CHECKING:
    from helpers.data.image_sets import ImageSet

TRIES = 20  # random orders, if groups contain several classes


def check_fractions(fractions: Sequence[float]) -> Sequence[float]:
    """Return the shares of training, validation and test as three floats.

    Raises:
        ValueError: If they are not three numbers that sum to 1, the first above 0 and none negative.
    """
    try:
        numbers = tuple(map(float, fractions))
    except (TypeError, ValueError):  # a single number, or text
        numbers = ()
    if len(numbers) != 3 or not min(numbers) >= 0 or not numbers[0] > 0 or not math.isclose(sum(numbers), 1):
        raise ValueError(
            "fractions must be three numbers (train, validation, test) that sum to 1, with train above 0 "
            f"and none negative. Received: {fractions!r}"
        )
    return numbers


def split(
    X: np.ndarray,
    y: np.ndarray,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    groups: Sequence | None = None,
) -> tuple[np.ndarray, ...]:
    """Split images at random, class by class, into training, validation and test.

    Each class has at least one image in every split whose fraction is above 0.

    Args:
        X: images or features, n rows.
        y: labels (n,).
        fractions: shares of the three splits; they sum to 1.
        seed: random seed.
        groups: the group of each image (n,), such as the patient; all images of a group are in one split.
            None if each image stands for itself.

    Returns:
        Three shuffled index arrays, int64. They are disjoint and together cover all rows.

    Raises:
        ValueError: If fractions, labels or groups are invalid, or a class has fewer than 3 images, or fewer
            groups than there are splits.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=10)
        >>> train, validation, test = split(data.X_train, data.y_train, (0.8, 0.1, 0.1))
        >>> len(train), len(validation), len(test)
        (16, 2, 2)
    """
    fractions, y = check_fractions(fractions), check_labels(X, y)
    rng = np.random.default_rng(seed)
    if groups is not None:
        places = whole_groups(y, groups, fractions, seed)
        return tuple(rng.permutation(np.flatnonzero(places == k)) for k in range(3))
    parts: tuple[list, list, list] = ([], [], [])
    for name, n in zip(*np.unique(y, return_counts=True), strict=True):
        if n < 3:
            raise ValueError(
                f"Class {str(name)!r} must have at least 3 images to be split. Received: {n}. Add images "
                "or remove the class."
            )
        held = [max(1, round(f * n)) if f > 0 else 0 for f in fractions[1:]]
        while sum(held) >= n:  # rounding must leave one for train
            held[int(np.argmax(held))] -= 1
        members = rng.permutation(np.flatnonzero(y == name))
        for part, piece in zip(parts, np.split(members, [n - sum(held), n - held[1]]), strict=True):
            part.append(piece)
    return tuple(rng.permutation(np.concatenate(part)) for part in parts)


def whole_groups(y: np.ndarray, groups: Sequence, shares: Sequence[float], seed: int = 0) -> np.ndarray:
    """Choose a part for each group of images at random, so that each class has its share in each part.

    Scikit-learn's `StratifiedGroupKFold` makes folds of one size, and may leave a class out. Here, each part
    first receives a small group of each class; then the other groups, the largest first, go where the share
    of their classes is least filled.

    Args:
        y: labels (n,).
        groups: the group of each image (n,).
        shares: of the parts; they sum to 1. A part with the share 0 stays empty.
        seed: random seed.

    Returns:
        The part of each image, int64 (n,), from 0.

    Raises:
        ValueError: If a group is missing, a class has fewer groups than there are parts, or groups with
            several classes cannot be distributed.

    Example:
        >>> y, groups = ["cat"] * 4 + ["dog"] * 4, [1, 1, 2, 2, 3, 3, 4, 4]
        >>> part = whole_groups(y, groups, (0.5, 0.5))
        >>> bool(part[0] == part[1] != part[2] == part[3])
        True
    """
    names, classes = np.unique(y, return_inverse=True)
    group = _numbered(groups, len(classes))
    counts = np.zeros((group.max() + 1, len(names)))
    np.add.at(counts, (group, classes), 1)
    sizes = np.asarray(shares, float)
    wanted = np.flatnonzero(sizes > 0)
    for name, column in zip(names, counts.T, strict=True):
        if (several := np.count_nonzero(column)) < len(wanted):
            raise ValueError(
                f"Class {str(name)!r} has images of {several} groups, but each of the {len(wanted)} splits "
                "(or folds) needs a group of its own: all images of a group are in one of them. Add images "
                "of other groups, or remove the class."
            )
    targets = np.outer(sizes[wanted], counts.sum(axis=0))
    for attempt in range(TRIES):
        rng = np.random.default_rng([seed, attempt])
        chosen = _one_of_each(counts, targets, rng)
        if chosen is not None:
            return wanted[_filled(chosen, counts, targets, rng)][group]
    raise ValueError(
        f"The {len(counts)} groups cannot be distributed over {len(wanted)} splits so that each split has "
        "every class, because groups contain several classes. Add images of other groups."
    )


def _numbered(groups, n):
    values = list(groups)
    if len(values) != n:
        raise ValueError(
            f"groups must have one entry per image. Received: {len(values)} groups for {n} images."
        )
    if bad := sum(map(is_missing, values)):
        raise ValueError(f"groups has {bad} missing entries (None or NaN). Name the groups of these images.")
    numbers: dict = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values])


def _one_of_each(counts, targets, rng):
    """Choose a small group of each class for each part; return the part of each group, -1 if left over."""
    chosen = np.full(len(counts), -1)
    have = np.zeros_like(targets)
    order = rng.permutation(counts.shape[1])
    for k in order[np.argsort(np.count_nonzero(counts, axis=0)[order], kind="stable")]:
        for part in np.argsort(targets[:, k], kind="stable"):
            if have[part, k]:
                continue
            free = rng.permutation(np.flatnonzero((chosen < 0) & (counts[:, k] > 0)))
            if not len(free):
                return None
            smallest = free[np.argmin(counts[free].sum(axis=1))]
            chosen[smallest] = part
            have[part] += counts[smallest]
    return chosen


def _filled(chosen, counts, targets, rng):
    """Choose the part of the other groups: where the shares of their classes are least filled."""
    have = np.zeros_like(targets)
    for part in range(len(targets)):
        have[part] = counts[chosen == part].sum(axis=0)
    free = rng.permutation(np.flatnonzero(chosen < 0))
    for k in free[np.argsort(-counts[free].sum(axis=1), kind="stable")]:
        inside = counts[k] > 0
        added = counts[k, inside]
        # How much the sum of (have - target)² / target would grow.
        growth = (added * (2 * (have[:, inside] - targets[:, inside]) + added) / targets[:, inside]).sum(
            axis=1
        )
        chosen[k] = growth.argmin()
        have[chosen[k]] += counts[k]
    return chosen


def n_per_class(X: np.ndarray, y: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Choose n images per class at random.

    For one seed, the choices are nested: the 5 images of n=5 are among the 20 of n=20.

    Args:
        X: images, n rows.
        y: labels (n,).
        n: images per class.
        seed: random seed.

    Returns:
        The chosen images and their labels, in the order of X.

    Raises:
        ValueError: If n is not an integer of at least 1, or a class has fewer than n images.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", n_train=50)
        >>> X, y = n_per_class(data.X_train, data.y_train, 5)
        >>> X.shape
        (10, 32, 32, 3)
    """
    n, X, y, chosen = check_integer("n", n, 1), np.asarray(X), check_labels(X, y), []
    for k, (name, count) in enumerate(zip(*np.unique(y, return_counts=True), strict=True)):
        if count < n:
            raise ValueError(
                f"n must be at most the number of images per class. Received: n={n}, but class "
                f"{str(name)!r} has {count} images. Choose a smaller n or add images to this class."
            )
        chosen.append(np.random.default_rng([seed, k]).permutation(np.flatnonzero(y == name))[:n])
    index = np.sort(np.concatenate(chosen))
    return X[index], y[index]


def training_sample(
    data: "ImageSet", most: int, least: int = 3
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Choose a stratified sample of the training images: always the same ones.

    Args:
        data: the image set.
        most: size of the sample; it is larger where `least` requires it.
        least: smallest number of images per class.

    Returns:
        X uint8 (n, height, width, 3), y str (n,), in the order of the set, and their groups, str (n,), or
        None if the set has no groups. All training images if there are no more than `most`; else images of
        as many groups as possible.

    Raises:
        ValueError: If a class has fewer than `least` training images.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> X, y, groups = training_sample(builtin("new_shapes", n_train=50), 100)
        >>> X.shape
        (100, 32, 32, 3)
    """
    order = np.random.default_rng(0).permutation(len(data.y_train))
    groups = data.groups_of("train")
    if groups is not None:  # the first image of each group, then the second one, and so on
        order = order[np.argsort(_repetitions(groups[order]), kind="stable")]
    turns = np.empty(len(order))  # the images with the lowest values are chosen
    for name in data.classes:
        members = order[data.y_train[order] == name]
        if len(members) < least:
            raise ValueError(
                f"Class {name!r} must have at least {least} training images. Received: {len(members)}. "
                "Add images or remove the class."
            )
        turns[members] = (np.arange(len(members)) + 0.5) / len(members)
        turns[members[:least]] = 0
    chosen = np.argsort(turns, kind="stable")[: max(most, least * len(data.classes))]
    kept = np.sort(chosen)
    return data.X_train[kept], data.y_train[kept], None if groups is None else groups[kept]


def _repetitions(groups):
    """Return for each image how many earlier ones are of its group."""
    seen: Counter[str] = Counter()
    found = []
    for group in groups.tolist():
        found.append(seen[group])
        seen[group] += 1
    return found
