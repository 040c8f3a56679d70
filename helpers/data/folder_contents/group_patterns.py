"""Find out from file names alone whether images belong together; propose a pattern, and apply nothing.

Each rule is a way in which well-known tools, cameras and collections name files. A rule counts only if it
puts enough files into groups of several, and if its own signs are there: serial numbers, hashes, dates and
names of classes are not groups.
"""

import itertools
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from helpers.data.folder_contents.groups import of_files, originals

LEAST_FILES = 6  # in a class whose names may show groups
LEAST_GROUPS = 6  # where only a letter or a number distinguishes the images of a group
FEW = 3  # images per group, on average, from which on a class is said to have few originals
MOST_NAMED = 5  # classes in a sentence

_AUGMENTED = (
    "aug augmented flip flipped hflip vflip fliplr flipud mirror mirrored rot rotate rotated rotation crop "
    "cropped blur blurred noise noisy bright brighter brightness dark darker contrast shear sheared zoom "
    "zoomed shift shifted scale scaled jitter translate translated sharp sharpen sharpened gamma hue "
    "saturation grayscale greyscale deg degrees warp warped elastic cutout copy kopie copia cópia copie "
    "kopia kopya копия 副本 コピー 복사본"
).split()
_SUBJECTS = (
    "patient pat pt subject subj sub person participant donor case animal mouse specimen biopsy slide wsi "
    "video vid clip movie scene sequence seq series session burst stack volume vol plate well plant tree "
    "leaf object obj"
).split()
_ITEMS = (
    "frame fr slice tile patch view angle roi burst shot row layer section crop cell nucleus instance window"
).split()
_SIDES = (
    "left right l r od os front back rear top bottom side cc mlo ap pa lat lateral before after dorsal "
    "ventral"
).split()
_SECOND = r"(?:19|20)\d\d-?[01]\d-?[0-3]\d[ _T-]?(?:at )?[0-2]\d[.:-]?[0-5]\d[.:-]?[0-5]\d"
_DATE = r"(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d$|[0-3]\d[-_.][01]\d[-_.](?:19|20)\d\d$"
_MONTH = r"^(?:19|20)\d\d[-_.][01]\d$"
_NO_ORIGINAL = re.compile(
    rf"^n\d{{8}}$|{_DATE}|{_MONTH}|^WhatsApp|(?i:(?:^|[^a-z])(?:fold|batch|split|part|set|class|label|category|{'|'.join(_ITEMS)})"
    r"[ _-]?\d+$)"
)
COPIES = "augmented copies of one original"


class _Rule(NamedTuple):
    """A way of naming files.

    Attributes:
        kind: what the images of one group are.
        pattern: its first group names the group.
        least: share of the images of a class that have to be in groups of several.
        common: share of the classes in which the names have to show groups.
        signs: whether the ends of the names, by group, look like the numbers or letters of a group.
    """

    kind: str
    pattern: str
    least: float = 0.1
    common: float = 0.0
    signs: Callable[[dict[str, list[str]]], bool] = lambda endings: True


class Suggestion(NamedTuple):
    """A pattern for `groups`, and what speaks for it.

    Attributes:
        kind: what the images of one group are.
        pattern: a regular expression whose first group names the group.
        example: a path that belongs to a group of several images.
        groups: of each path.
        counts: (number of groups, number of images) by class.

    Example:
        >>> found = suggest([f"cat/{k:03d}_{view}.png" for k in range(9) for view in ("left", "right")])
        >>> found.kind, found.example, found.groups[:2], found.counts
        ('views of one object', 'cat/000_left.png', ('000', '000'), {'cat': (9, 18)})
    """

    kind: str
    pattern: str
    example: str
    groups: tuple[str, ...]
    counts: dict[str, tuple[int, int]]

    def in_words(self) -> str:
        """Say what the names suggest, and how to follow the suggestion."""
        name = PurePosixPath(self.example).name
        group = of_files([self.example], self.pattern)[0]
        shared = sum(count for count, _ in self.counts.values()) - len(set(self.groups))
        merged = (
            " Groups of the same name in several classes would be one group; if each class counts from the "
            "start, pass a dict from paths to groups."
        )
        return (
            f"The file names look like {self.kind}: {name!r} would belong to the group {group!r}. "
            f"{few_originals(self.counts)} Images of one group should be in one split. If this is right, "
            f"read the folder with groups=r'{self.pattern}'.{merged if shared else ''}"
        )


def few_originals(counts: dict[str, tuple[int, int]]) -> str:
    """Say how many independent originals the classes have, those with most images per original first.

    Args:
        counts: (number of groups, number of images) by class.

    Example:
        >>> few_originals({"cat": (16, 200), "dog": (90, 100)})
        'Independent originals: cat 16 (200 images), dog 90 (100 images).'
    """
    order = sorted(counts, key=lambda name: counts[name][0] / counts[name][1])
    each = [f"{name} {counts[name][0]} ({counts[name][1]} images)" for name in order]
    more = f" and those of {len(each) - MOST_NAMED} more" if len(each) > MOST_NAMED else ""
    return f"Independent originals: {', '.join(each[:MOST_NAMED])}{more}."


def suggest(paths: Sequence[str]) -> Suggestion | None:
    r"""Propose a pattern of file names that shows which images belong together, or None.

    Args:
        paths: of the files, such as "cat/img_12_0_345.jpg"; images of one folder are of one class.

    Example:
        >>> suggest([f"cat/patient_{k // 3}_slice_{k % 3}.png" for k in range(30)]).pattern
        '(?i)^(.*?(?<![a-z])patient[ _-]?\\d{1,6})(?!\\d)'
        >>> suggest([f"cat/{k:04d}.png" for k in range(30)]) is None
        True
    """
    folders = defaultdict(list)
    for path in paths:
        name = unicodedata.normalize("NFC", PurePosixPath(path).name)
        folders[str(PurePosixPath(path).parent)].append(name)
    words = {
        word
        for names in folders.values()
        for name in names
        for word in re.findall(r"[^\W\d_]+", name.lower())
    }
    for rule in _rules(words):
        showing = sum(_shows(rule, names) for names in folders.values())
        if showing and showing >= rule.common * len(folders):
            groups = of_files(paths, rule.pattern)
            several = Counter(groups)
            example = next(path for path, group in zip(paths, groups, strict=True) if several[group] > 1)
            counts = originals(groups, [PurePosixPath(path).parent.name for path in paths])
            return Suggestion(rule.kind, rule.pattern, example, groups, counts)
    return None


def _shows(rule, names):
    """Return whether the names of a class show groups."""
    endings = defaultdict(list)
    for name in names:
        match = re.search(rule.pattern, name)
        if match and match[1]:
            endings[match[1]].append(name[match.end(1) :].rpartition(".")[0])
    several = {group: ends for group, ends in endings.items() if len(ends) > 1}
    named = sum(any(c.isdigit() for c in group) for group in several)  # words alone are kinds, not originals
    return (
        len(names) >= LEAST_FILES
        and len(several) > 1
        and named >= 0.9 * len(several)
        and sum(map(len, several.values())) >= rule.least * len(names)
        and rule.signs(several)
    )


def _rules(words: set[str]) -> Iterator[_Rule]:
    """Yield the rules, the surest first; those of words only if a name contains the word."""
    yield _Rule(COPIES, r"^(.+)\.rf\.\w{20,}\.\w+$")  # Roboflow
    yield _Rule(
        COPIES, r"^(?:.*_original_)?(.+?\.\w+?)(?:_[\da-fA-F]{8}-[\da-fA-F-]{27}\.\w+)?$"
    )  # Augmentor
    if found := "|".join(word for word in _AUGMENTED if word in words):
        yield _Rule(COPIES, rf"(?i)^(.+?)(?:[ _.-]+\d*(?:{found})\d*(?:[ _.-].*)?)?\.\w+$")
    yield _Rule("images of one patient", r"^(TCGA-\w\w-\w{4})")
    items = "|".join(word for word in _ITEMS if word in words)
    for word in _SUBJECTS:
        if word in words:
            numbered = rf"(?<![a-z]){word}[ _-]?\d{{1,6}}"
            yield _Rule(f"images of one {word}", rf"(?i)^(.*?{numbered})(?!\d)")
            if items:  # slice_17_patient_03
                yield _Rule(f"images of one {word}", rf"(?i)(?:{items})[ _-]?\d+.*?({numbered})(?!\d)")
    place = r"(?:x|y|row|col|r|c)[ _=-]?\d+"
    yield _Rule("tiles of one image", rf"(?i)^(.+?)[ _([-]*(?<![a-z]){place}[ _,-]*{place}(?!\d)")
    yield _Rule("shots of one burst", r"BURST(\d{14,})")
    for word in _ITEMS:
        if word in words:
            yield _Rule(f"a series, numbered by {word}", rf"(?i)^(.+?)[ _.-]*(?<![a-z]){word}[ _-]?\d")
    yield _Rule("shots of one second", rf"^(?!WhatsApp)(.*?{_SECOND})", least=0.3)
    if len(sides := [word for word in _SIDES if word in words]) > 1:
        yield _Rule("views of one object", rf"(?i)^(.*?\d)(?:[ _-]?(?:{'|'.join(sides)}))*\.\w+$", 0.5, 0.5)
    yield _Rule("views of one object", r"^(.*?\d)(?:[ _-]?[a-hA-H])?\.\w+$", 0.5, 0.5, _letters)
    # Keras' save_to_dir writes PREFIX_INDEX_RANDOM.png. With one image at a time, the index is always 0.
    yield _Rule(COPIES, r"^(.*?\d)(?:_0_\d{1,7})?\.\w+$", 0.5, 0.0, _random_zero)
    yield _Rule(COPIES, r"^(.*_\d+)_\d{1,7}\.\w+$", 0.5, 0.0, _random)
    yield _Rule("tiles of one image", r"^(.+?)[ _-]\d+[ _-]\d+\.\w+$", 0.9, 0.3, _grid)
    yield _Rule("images of one original", r"^(.+?)[ _-]+\d+\.\w+$", 0.9, 0.3, _hashed)
    yield _Rule(
        "images of one original",
        r"^(.*?\d)(?:[ _-]+(?:[^\d\s_.()-]+[ _-]?)?\d+|[ _-]*\(\d+\))?\.\w+$",
        0.5,
        0.3,
        _counted,
    )


def _letters(endings):
    """Return whether the letters of nearly every group are a, b, ... and the groups are many."""

    def complete(ends):
        letters = sorted(end.strip(" _-").lower() for end in ends if end)
        return letters == [chr(ord("a") + k) for k in range(len(letters))]

    images = sum(map(len, endings.values()))
    many = len(endings) >= LEAST_GROUPS and len(endings) ** 2 > 2 * images
    return many and sum(map(complete, endings.values())) >= 0.9 * len(endings)


def _random_zero(endings):
    """Return whether the endings are 0 and a random number."""
    return _drawn([end.removeprefix("_0_") for ends in endings.values() for end in ends if end])


def _random(endings):
    """Return whether the names end with a random number, and the numbers before it count originals."""
    indices = {int(group.rpartition("_")[2]) for group in endings}
    counting = min(indices) <= 1 and len(indices) >= max(3, 0.7 * max(indices))
    named = not any(_NO_ORIGINAL.search(group) for group in endings)
    return counting and named and _drawn([end.removeprefix("_") for ends in endings.values() for end in ends])


def _drawn(numbers):
    """Return whether numbers look as if they were drawn at random: not filled up with zeros, not dense."""
    if not numbers or any(number != str(int(number)) for number in numbers):
        return False
    return len(set(map(len, numbers))) > 1 and max(map(int, numbers)) > 4 * len(numbers)


def _counted(endings):
    """Return whether the numbers begin anew in nearly every group, and the groups are many and small."""

    def from_the_start(ends):
        numbers = sorted(int(re.sub(r"\D", "", end)) for end in ends if end)
        steps = [after - before for before, after in itertools.pairwise(numbers)]
        step = math.gcd(*steps) or 1 if len(steps) > 1 else 1  # every 30th frame of a video
        last = (numbers[-1] - numbers[0]) // step + 1
        return numbers[0] in (0, 1, step) and 0 not in steps and last <= 1.5 * len(numbers)

    images = sum(map(len, endings.values()))
    return (
        len(endings) ** 2 > images
        and len(endings) >= LEAST_GROUPS
        and not any(_NO_ORIGINAL.search(group) for group in endings)
        and sum(map(from_the_start, endings.values())) >= 0.8 * len(endings)
    )


def _hashed(endings):
    """Return whether groups are counted, and their names are IDs that may end with a letter, as 3f2a9c."""
    return any(re.search(r"\d[^\W_]*[^\W\d_]$", group) for group in endings) and _counted(endings)


def _grid(endings):
    """Return whether the two numbers after nearly every group are rows and columns, and groups are many."""

    def rows_and_columns(ends):
        places = [tuple(map(int, re.findall(r"\d+", end))) for end in ends]
        return all(len(set(numbers)) <= len(places) / 2 for numbers in zip(*places, strict=True))

    return (
        len(endings) >= LEAST_GROUPS
        and not any(_NO_ORIGINAL.search(group) for group in endings)
        and sum(map(rows_and_columns, endings.values())) >= 0.8 * len(endings)
    )
