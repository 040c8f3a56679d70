"""Groups of images that are not independent: slices of a patient, shots of a burst, copies of one original.

All images of a group belong in one split: otherwise the model is tested on what it has learned.
`helpers.data.folder_contents.group_patterns` finds patterns of file names that show groups.
"""

import io
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from helpers.data.validation import existing, is_missing

if TYPE_CHECKING:
    import pandas as pd


def compiled(pattern: str | re.Pattern, name: str = "groups") -> re.Pattern:
    r"""Compile a pattern of file names, whose first group names the group of images.

    Args:
        pattern: the regular expression.
        name: the parameter's name, for the error message.

    Raises:
        ValueError: If it is not a regular expression, or has no group in parentheses.

    Example:
        >>> compiled(r"^(patient_\d+)").groups
        1
    """
    try:
        found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{name} must be a regular expression ({error}). Received: {pattern!r}") from error
    if not found.groups or not isinstance(found.pattern, str):
        raise ValueError(
            f"{name} must be a regular expression with the group's name in parentheses, such as "
            rf"'^(patient_\d+)'. Received: {found.pattern!r}"
        )
    return found


def check_argument(groups: object, name: str = "groups") -> None:
    """Check, before any image is read, that groups is a pattern or a table.

    Args:
        groups: the value to check.
        name: the parameter's name, for the error message.

    Raises:
        TypeError: If it is neither.
        ValueError: As `compiled`.
    """
    if isinstance(groups, (str, re.Pattern)):
        compiled(groups, name)
    elif groups is not None and not _is_table(groups):
        raise TypeError(
            f"{name} must be a regular expression, or a dict or pandas Series from file names to groups, "
            f"such as table.set_index('file')['patient']. Received: {type(groups).__name__}"
        )


def _is_table(groups):
    return hasattr(groups, "items") and getattr(groups, "ndim", 1) == 1  # a DataFrame has two dimensions


def of_files(paths: Sequence[str], groups: str | re.Pattern | Mapping) -> tuple[str, ...]:
    r"""Return the group of each file.

    Args:
        paths: of the files, with "/" between folders.
        groups: a regular expression that is searched in the file's name (without its folders); its first
            group in parentheses names the group, and a file without a match is a group of its own. Or a
            dict or pandas Series from files to groups; its keys are paths (also absolute ones, or those of
            Windows), names, or names without their endings.

    Raises:
        TypeError: As `check_argument`.
        ValueError: If the pattern is not usable or matches no file, or the table lacks a file, or two files
            have the name that the table lists.

    Example:
        >>> of_files(["cat/p1_a.png", "cat/p1_b.png", "cat/other.png"], r"^(p\d+)_")
        ('p1', 'p1', 'cat/other.png')
        >>> of_files(["cat/1.png", "dog/2.png"], {"1": "Smith", "2": "Jones"})
        ('Smith', 'Jones')
    """
    check_argument(groups)
    if not isinstance(groups, (str, re.Pattern)):
        return _from_table(paths, groups)
    pattern = compiled(groups)
    alike = re.compile(_nfc(pattern.pattern), pattern.flags)
    found = [alike.search(_nfc(PurePosixPath(path).name)) for path in paths]
    if paths and not any(match and match[1] for match in found):
        raise ValueError(
            f"groups matches no file name. Received: {pattern.pattern!r}; the first file is "
            f"{PurePosixPath(paths[0]).name!r}."
        )
    return tuple(match[1] if match and match[1] else path for match, path in zip(found, paths, strict=True))


def _nfc(text):
    """Return a text with é as one letter; macOS stores e plus an accent."""
    return unicodedata.normalize("NFC", text)


def read_table(path: str | os.PathLike, column: str | None = None) -> "pd.Series":
    r"""Read the groups of files from a CSV file, as `of_files` takes them.

    Args:
        path: of a CSV file with a row of headings, in UTF-8; a semicolon or a tab may separate its columns.
            Its first column names the images.
        column: heading of the groups; None if there are two columns.

    Returns:
        The group of each file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a table, has no such column, or has several columns to choose from.

    Example:
        >>> from pathlib import Path
        >>> _ = Path("patients.csv").write_text("image,age,patient\n1.png,61,Smith\n2.png,70,Jones\n")
        >>> read_table("patients.csv", "patient").to_dict()
        {'1.png': 'Smith', '2.png': 'Jones'}
    """
    import pandas as pd

    file = existing(path)
    if file is None or not file.is_file():
        raise FileNotFoundError(f"There is no table {str(path)!r}. Check the path.")
    try:
        text = file.read_text(encoding="utf-8-sig")  # Excel begins with a mark
        separator = max(",;\t", key=text.partition("\n")[0].count)
        # Text: 007 keeps its zeros, and a group may be named NA.
        options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "na_values": [""]}
        table = pd.read_csv(io.StringIO(text), sep=separator, index_col=False, **options)
    except ValueError as error:
        raise ValueError(
            f"{str(path)!r} cannot be read as a table ({error}). Save it as a CSV file in UTF-8."
        ) from error
    names, *others = table.columns
    if column is None and len(others) == 1:
        column = others[0]
    if column not in others:
        raise ValueError(
            f"{str(path)!r} must have the names of the images in its first column, {names!r}, and their "
            f"groups in another one. {f'Received: {column!r}; the' if column else 'The'} other columns are: "
            f"{', '.join(map(repr, others)) or 'none'}."
        )
    return table.set_index(names)[column]


def _from_table(paths, table):
    rows = [(_nfc(str(key)), group) for key, group in table.items()]
    of = dict(rows)
    if len(of) < len(rows):
        twice = Counter(key for key, _ in rows).most_common(1)[0][0]
        raise ValueError(f"groups lists {twice!r} several times. Keep one row per file.")
    names = [PurePosixPath(_nfc(path)) for path in paths]
    of |= _shortened(of, max((len(path.parts) for path in names), default=1))
    ways = ([str(path) for path in names], [path.name for path in names], [path.stem for path in names])
    keys = max(ways, key=lambda way: sum(key in of for key in way))
    counts = Counter(keys)
    for key, path in zip(keys, paths, strict=True):
        if is_missing(of.get(key)) or not str(of[key]).strip():
            received = f" Its first key is {rows[0][0]!r}." if rows else " It is empty."
            raise ValueError(
                f"groups has no group for the file {path!r}. Its keys must be paths such as {path!r}, or the "
                f"names of the files.{received} Add this file, or remove it from the folder."
            )
        if counts[key] > 1:
            raise ValueError(
                f"{counts[key]} files are named {key!r}. The keys of groups must be paths such as {path!r}."
            )
    return tuple(str(of[key]) for key in keys)


def _shortened(of, parts):
    """Return groups by the ends of paths: of cat/1.png for /images/cat/1.png, unless two paths end so."""
    ends = ["/".join(PureWindowsPath(key.strip()).parts[-parts:]) for key in of]
    counts = Counter(ends)
    return {end: of[key] for end, key in zip(ends, of, strict=True) if counts[end] == 1 and end not in of}


def originals(groups: Sequence[str], classes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Count the groups and the images of each class, in the order of the class names.

    Args:
        groups: of each image.
        classes: of each image.

    Returns:
        (number of groups, number of images) by class.

    Example:
        >>> originals(["p1", "p1", "p2", "p2"], ["cat", "cat", "cat", "dog"])
        {'cat': (2, 3), 'dog': (1, 1)}
    """
    images = Counter(classes)
    distinct = Counter(name for name, _ in set(zip(classes, groups, strict=True)))
    return {name: (distinct[name], images[name]) for name in sorted(images)}


def straddling(groups: Sequence[str], parts: Sequence[str]) -> list[str]:
    """List the groups that are in more than one split, sorted.

    Args:
        groups: of each image.
        parts: name of each image's split.

    Example:
        >>> straddling(["p1", "p1", "p2"], ["train", "test", "test"])
        ['p1']
    """
    places = Counter(group for group, _ in set(zip(groups, parts, strict=True)))
    return sorted(group for group, count in places.items() if count > 1)


def restarted(paths: Sequence[str]) -> bool:
    """Return whether two splits contain files of the same name, so that equal names show no leak.

    Args:
        paths: of the files, such as "train/cat/1.png".

    Example:
        >>> restarted(["train/cat/1.png", "test/cat/1.png"]), restarted(["cat/1.png", "dog/1.png"])
        (True, False)
    """
    return len({tuple(path.split("/")[-2:]) for path in paths}) < len(paths)


def leak_in_words(paths: Sequence[str]) -> str:
    """Say whether groups in several splits are a leak.

    Args:
        paths: of all files.

    Example:
        >>> leak_in_words(["train/cat/p1_1.png", "test/cat/p1_2.png"])
        'a leak!'
    """
    return "a leak, unless each split counts from the start" if restarted(paths) else "a leak!"
