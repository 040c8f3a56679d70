"""What an image set contains: classes, sizes, copies, leaks, and trivial baselines."""

import dataclasses
import itertools
import re
import shlex
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from helpers.data import duplicates
from helpers.data.archives import unzip
from helpers.data.class_names import known_to_imagenet
from helpers.data.corrections import corrected, read_corrections
from helpers.data.folder_contents.clutter import visible
from helpers.data.folder_contents.group_patterns import FEW, few_originals, suggest
from helpers.data.folder_contents.groups import leak_in_words, originals, restarted, straddling
from helpers.data.folder_contents.skipped import by_reason
from helpers.data.folders import open_folder
from helpers.data.image_files.reading import printable, upright_size
from helpers.data.image_files.value_range import in_words
from helpers.data.image_sets import MAX_SKIPPED, SPLITS, ImageSet, from_folder
from helpers.findings.html_table import html_table

if TYPE_CHECKING:
    from helpers.strategies import Strategy


@dataclass(frozen=True, eq=False)
class Report:
    """Facts about an image set, displayed as a table.

    Args:
        rows: (name, value) of each fact.
        copies: the near duplicates.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> report(builtin("streets_day", 10, 5, 0)).rows[0]
        ('images', '30 in 2 classes (15 in the largest, 15 in the smallest)')
    """

    rows: tuple[tuple[str, str], ...]
    copies: duplicates.Copies

    def __repr__(self):
        return "\n".join(f"{name}: {value}" for name, value in self.rows)

    def _repr_html_(self):
        return html_table("Summary of the images", self.rows)


def opened(path: Path | str) -> Path:
    """Return a folder of images; a zip file of one is unpacked into a temporary folder.

    Args:
        path: of the folder or the zip file.

    Raises:
        ValueError: as `helpers.data.archives.unzip`.
        OSError: likewise.
    """
    try:
        return unzip(path) if str(path).lower().endswith(".zip") else open_folder(path)
    except NotADirectoryError:
        raise NotADirectoryError(f"{str(path)!r} is a file. Pass a folder or a zip file of one.") from None


def read(
    path: Path | str,
    image_size: int = 64,
    groups: str | re.Pattern | Mapping | None = None,
    max_skipped: float = MAX_SKIPPED,
    corrections: Path | str | None = None,
) -> tuple[ImageSet, Path]:
    """Read a folder of images, or a zip file of one, without warnings: the report lists skipped files.

    Args:
        path: of the folder or the zip file.
        image_size: side of the images, in pixels.
        groups: as for `helpers.data.image_sets.from_folder`.
        max_skipped: likewise.
        corrections: path of a list for `helpers.data.corrections.read_corrections`; None for no list.

    Returns:
        The images, and the folder that contains them. For a zip file it is a temporary folder, which is
        removed when Python ends.

    Raises:
        ValueError: as `from_folder`, `helpers.data.archives.unzip`, `read_corrections` and `corrected`.
        OSError: likewise.
    """
    listed = read_corrections(corrections) if corrections else {}
    folder = opened(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of skipped files
        data = from_folder(folder, image_size, max_skipped=max_skipped, groups=groups)
    return corrected(data, listed), folder


def report(data: ImageSet, folder: Path | None = None) -> Report:
    """Summarise an image set.

    Args:
        data: the set, as `helpers.data.image_sets.from_folder` reads it.
        folder: the folder of the files; adds their original sizes.
    """
    parts = {part: data.split(part).y for part in SPLITS}
    counts = Counter(np.concatenate(list(parts.values())).tolist())
    total, most, fewest = sum(counts.values()), max(counts.values()), min(counts.values())
    same, alike = duplicates.exact(data), duplicates.near(data)
    sizes = original_sizes(folder) if folder is not None else Counter()
    rows = [
        ("images", f"{total} in {len(counts)} classes ({most} in the largest, {fewest} in the smallest)"),
        ("read as", _read_as(data, sizes)),
        *([("layout", data.layout)] if data.layout else []),
        ("splits", ", ".join(f"{part} {len(y)}" for part, y in parts.items())),
        ("classes", _some([f"{name} {count}" for name, count in sorted(counts.items())], 30, ", ")),
        ("files that cannot be read", _skipped(data.skipped)),
        *([("ignored", f"{len(data.ignored)}: {_some(data.ignored, 5, ', ')}")] if data.ignored else []),
        *([("groups", _groups(data))] if data.paths or data.groups else []),
        ("exact duplicates", _copies(same, data, "a wrong label!")),
        ("near duplicates, exact ones included", _copies(alike, data, "a wrong label, or images alike")),
        ("classes that ImageNet has", overlap(data.classes)),
    ]
    if len(data.y_validation):
        baselines = {"always the largest class": majority_baseline, "nearest colours": colour_baseline}
        rows += [(name, f"validation accuracy {rule(data):.0%}") for name, rule in baselines.items()]
    if sizes:
        common = ", ".join(f"{w} x {h}: {n}" for (w, h), n in sizes.most_common(4))
        kinds = "one size" if len(sizes) == 1 else f"{len(sizes)} sizes"
        rows.insert(1, ("original sizes", f"{common} ({kinds} in {sum(sizes.values())} files)"))
    if data.ranges:
        rows.insert(2, ("more than 8 bits", in_words(data.ranges)))
    if data.several:
        rows.insert(2, ("several images per file", data.several))
    return Report(tuple(rows), alike)


def to_learn_from(
    data: ImageSet, copies: duplicates.Copies, least: int = 3
) -> tuple[ImageSet, tuple[str, ...]]:
    """Leave out the copies of a later split that `helpers.data.duplicates.removable` allows.

    Args:
        data: the image set.
        copies: its near duplicates, such as `Report.copies`.
        least: number of training images that each class needs.

    Returns:
        The set without the copies; sentences on what was left out, and on what was kept.

    Raises:
        ValueError: a class has too few training images left, or the copies are those of another set.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", 10, 5, 0)
        >>> to_learn_from(data, report(data).copies)[1]
        ()
    """
    removed = duplicates.removable(data, copies, least)
    clean = duplicates.without_leaks(data, removed)
    for name in data.classes:
        before, left = (int(np.sum(part.y_train == name)) for part in (data, clean))
        if left < min(before, least):
            raise ValueError(
                f"Class {name!r} has {left} of its {before} training images left without copies of "
                f"validation or test images; it needs {least}. Delete the copies among the validation and "
                "test images, or add training images."
            )
    said = []
    equal = ~dataclasses.replace(removed, alike=np.empty((0, 2), int)).clean
    for gone, what in ((equal, "an equal one"), (~removed.clean & ~equal, "one that looks the same")):
        if gone.any():
            said.append(
                f"training and validation images left out, because a later split has {what}: "
                f"{_counted(gone, data)}"
            )
    if len(data.X_validation) > len(clean.X_validation) == 0:
        said.append("No validation images are left: each of them has a copy in the test split.")
    kept, reason = removed.clean & ~copies.clean, duplicates.reason_to_look(data, copies, least)
    doubted = kept & copies.contested if reason else kept
    if doubted.any():
        said.append(
            "training and validation images kept, although a later split has a copy, because a copy is in "
            f"another class: {_counted(doubted, data)}. Correct the label that is wrong, or delete the "
            "copies."
        )
    if (similar := kept & ~doubted).any():
        said.append(
            "training and validation images kept, although a later split has a similar one: "
            f"{_counted(similar, data)}. {reason} Look at them: if they are copies, the test accuracy is too "
            "high. Then delete the files of one split; in Python, "
            "duplicates.without_leaks(data, duplicates.near(data)) leaves out those of the earlier one."
        )
    return clean, tuple(said)


def _counted(chosen, data):
    """Count images, and name some of their files."""
    names = [printable(data.paths[k]) for k in np.flatnonzero(chosen)] if data.paths else []
    return f"{np.count_nonzero(chosen)}" + (f" ({_some(names, 10, ', ')})" if names else "")


def _read_as(data, sizes):
    """Say at which size the images were read, and how many were enlarged for that."""
    height, width = data.X_train.shape[1:3]
    text = f"{width} x {height} pixels"
    factors = [max(width / w, height / h) for (w, h), n in sizes.items() for _ in range(n)]
    enlarged = [factor for factor in factors if factor > 1]
    if enlarged:
        text += (
            f"; {len(enlarged)} of {len(factors)} files are smaller and were enlarged, "
            f"{np.median(enlarged):.1f} times in the median"
        )
    return text


def original_sizes(folder: Path, most: int = 500) -> Counter[tuple[int, int]]:
    """Count the original sizes of images, spread evenly over a folder.

    Args:
        folder: with the images, in sub-folders or not.
        most: number of files to open.

    Returns:
        Number of images by (width, height), after rotation to upright.
    """
    known = Image.registered_extensions()
    files = sorted(path for path in _files(Path(folder)) if path.suffix.lower() in known)
    sizes: Counter[tuple[int, int]] = Counter()
    for path in files[:: -(-len(files) // most) or 1]:
        try:
            size = upright_size(path)
            if min(size) > 0:  # Pillow opens some damaged files, such as HDF5, without any pixel
                sizes[size] += 1
        except Exception:  # a broken file: `from_folder` names it
            continue
    return sizes


def _files(folder):
    """Every file below a folder, except hidden and temporary ones."""
    inside, files = visible(folder)
    return itertools.chain(files, *map(_files, inside))


def overlap(classes: Sequence[str]) -> str:
    """Say which classes a source model trained on ImageNet knows by name, and what that means."""
    found = known_to_imagenet(classes)
    if not found:
        return "none found (English names only; the images may still be similar)"
    pairs = [
        f"{mine} ~ {names[0]}" + (f" and {len(names) - 1} more" if names[1:] else "")
        for mine, names in found.items()
    ]
    return (
        f"{len(found)} of {len(classes)} by name: {_some(pairs, 10, ', ')}. A source model that was trained "
        "on ImageNet already knows these classes: expect a lower accuracy on classes that are new to it."
    )


def accuracy_in_words(truth: np.ndarray, predicted: np.ndarray, split: str = "test") -> str:
    """Return the accuracy with its 95 % confidence interval (Wilson 1927), in words.

    Args:
        truth: labels (n,).
        predicted: labels (n,).
        split: the images that are scored, such as "test" or "validation".

    Raises:
        ValueError: there are no images, or the labels differ in number.

    Example:
        >>> accuracy_in_words(np.array(["cat", "dog"] * 20), np.array(["cat"] * 40))
        'test accuracy 50.0% on 40 images (95 % confidence interval 35.2% to 64.8%)'
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or truth.ndim != 1 or not len(truth):
        raise ValueError(
            "truth and predicted must have one label for each of the same images, at least one. Received: "
            f"shapes {truth.shape} and {predicted.shape}."
        )
    hits, n = int(np.sum(truth == predicted)), len(truth)
    low, high = accuracy_interval(hits, n)
    return f"{split} accuracy {hits / n:.1%} on {n} images (95 % confidence interval {low:.1%} to {high:.1%})"


def accuracy_interval(correct: int, images: int) -> tuple[float, float]:
    """Return the ends of the 95 % confidence interval of an accuracy, 0..1 (Wilson 1927).

    Args:
        correct: number of correct answers.
        images: number of all answers, at least 1.

    Example:
        >>> [round(end, 3) for end in accuracy_interval(20, 40)]
        [0.352, 0.648]
    """
    from scipy.stats import binomtest

    low, high = binomtest(correct, images).proportion_ci(method="wilson")
    return float(low), float(high)


def confidence(strategy: "Strategy", X: np.ndarray) -> np.ndarray:
    """Return how far the score of the predicted class is ahead of the next one, float (n,), at least 0.

    It ranks the images by how sure one model is. It is not a probability, and not comparable between models.

    Args:
        strategy: fitted, for two classes or more.
        X: uint8 (n, height, width, 3).

    Example:
        >>> from helpers.strategies import NearestColours
        >>> X = np.zeros((4, 8, 8, 3), "uint8")
        >>> X[2:, ..., 0] = 200
        >>> confidence(NearestColours(neighbours=2).fit(X, ["black", "black", "red", "red"]), X[:1])
        array([1.])
    """
    scores = strategy.decision_function(X)
    if scores.ndim == 1:  # two classes: how far the score is from 0, where the other class begins
        return np.abs(scores)
    second, first = np.sort(scores, axis=1)[:, -2:].T
    return first - second


def majority_baseline(data: ImageSet, part: str = "validation") -> float:
    """Return the accuracy of always predicting the class with most training images.

    Raises:
        ValueError: the split has no images.
    """
    if not len(data.split(part).y):
        raise ValueError(f"There are no {part} images to score. Choose another split.")
    names, counts = np.unique(data.y_train, return_counts=True)
    return float(np.mean(data.split(part).y == names[counts.argmax()]))


def colour_baseline(data: ImageSet, part: str = "validation") -> float:
    """Return the accuracy of nearest neighbours on colour histograms: what colour alone can do."""
    from helpers.strategies import NearestColours

    model = NearestColours().fit(data.X_train, data.y_train)
    return float(model.score(*data.split(part)))


def _copies(copies, data, conflict):
    """Describe copies in words, with some of their files."""
    if not copies.extra:
        return "none"
    text = f"{copies.extra} extra {'copy' if copies.extra == 1 else 'copies'}"
    if len(copies.leaks):
        text += f"; in two splits: {len(copies.leaks)} (a leak!)"
    if copies.conflicts:
        text += f"; in two classes: {len(copies.conflicts)} ({conflict})"
    if data.paths:
        shown = sorted(copies.sets, key=lambda places: len(set(copies.parts[places])) == 1)
        text += ": " + _some(
            [" = ".join(printable(data.paths[k]) for k in places[:3]) for places in shown], 4, "; "
        )
    return text


def _groups(data):
    """Say which images belong together, or what the names of the files suggest."""
    if data.groups:
        counts = originals(data.groups, data.labels.tolist())
        few = any(images >= FEW * groups for groups, images in counts.values())
        warning = " The number of originals counts, not the number of images." if few else ""
        return f"{len(set(data.groups))}.{_in_two_splits(data.groups, data)} {few_originals(counts)}{warning}"
    if suggestion := suggest(data.paths):
        leak = "" if restarted(data.paths) else _in_two_splits(suggestion.groups, data)
        terminal = f" In the terminal: --groups {shlex.quote(suggestion.pattern)}."
        return f"none given. {suggestion.in_words()}{terminal}{leak}"
    return "none given, and none found in the names of the files"


def _in_two_splits(groups, data):
    """Name groups that are in several splits."""
    if found := straddling(groups, data.parts.tolist()):
        return f" In two splits: {len(found)} groups ({leak_in_words(data.paths)}): {_some(found, 4, ', ')}."
    return " Each is in one split."


def _skipped(lines):
    return f"{len(lines)}" + (f". {by_reason(lines)}" if lines else "")


def _some(texts, most, between):
    return between.join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
