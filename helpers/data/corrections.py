"""A list of labels to correct and images to leave out; the files themselves stay as they are."""

import csv
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from helpers.data.folder_contents.layouts import listed
from helpers.data.image_files.reading import printable
from helpers.data.image_sets import SPLITS, ImageSet

COLUMNS = ["file", "label", "action", "new_label"]
RELABEL, DROP = "relabel", "drop"


class Correction(NamedTuple):
    """What to do with one image.

    Attributes:
        label: the class that the folder says.
        new_label: the right class; None leaves the image out.

    Example:
        >>> Correction("cat", None).action
        'drop'
    """

    label: str
    new_label: str | None

    @property
    def action(self) -> str:
        """The word for it in the file: "relabel" or "drop"."""
        return DROP if self.new_label is None else RELABEL


def read_corrections(path: str | os.PathLike) -> dict[str, Correction]:
    """Read a list of corrections.

    Args:
        path: of a CSV file with the columns file, label, action and new_label, as `write_corrections` writes.

    Returns:
        The corrections by file, in the order of the list.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not such a list; the message names the line.

    Example:
        >>> write_corrections("list.csv", {"cat/1.jpg": Correction("cat", None)})
        >>> read_corrections("list.csv")["cat/1.jpg"].action
        'drop'
    """
    place = Path(path).expanduser()
    if not place.is_file():
        raise FileNotFoundError(
            f"There is no list of corrections {str(path)!r}. The section on wrong labels writes one; without "
            "a list, pass corrections=None."
        )
    found: dict[str, Correction] = {}
    with open(place, newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        lines = csv.reader(file)
        try:
            header, *rows = [(lines.line_num, row) for row in lines if row] or [(1, [])]
        except csv.Error as error:
            raise ValueError(f"{str(path)!r} is not a CSV file: {error}.") from None
    if header[1] != COLUMNS:
        raise ValueError(
            f"{str(path)!r} must begin with the line {','.join(COLUMNS)}. Received: "
            f"{printable(','.join(header[1]))[:80]!r}. Save it with commas between the columns."
        )
    for number, row in rows:
        if problem := _problem(row, found):
            raise ValueError(f"{str(path)!r}, line {number}: {problem}")
        name, label, action, new_label = row
        found[name] = Correction(label, None if action == DROP else new_label)
    return found


def _problem(row, earlier):
    """Say what is wrong with a line of the list; None if nothing is."""
    if len(row) != len(COLUMNS):
        return f"there are {len(COLUMNS)} columns, but this line has {len(row)}. Correct or delete it."
    name, _, action, new_label = row
    if name in earlier:
        return f"{printable(name)!r} occurs twice. Delete one of the lines."
    if action not in (RELABEL, DROP):
        return f"the action must be {RELABEL} or {DROP}. Received: {printable(action)!r}."
    if (action == DROP) == bool(new_label):
        return f"new_label must {'be empty' if new_label else 'name a class'} for the action {action}."
    return None


def write_corrections(path: str | os.PathLike, corrections: Mapping[str, Correction]) -> None:
    """Write a list of corrections, whole or not at all.

    Args:
        path: of the CSV file; an existing one is replaced.
        corrections: by file, relative to the folder of the images.

    Raises:
        OSError: the file cannot be written.

    Example:
        >>> write_corrections("corrections.csv", {"cat/1.jpg": Correction("cat", "dog")})
        >>> print(Path("corrections.csv").read_text(encoding="utf-8"), end="")
        file,label,action,new_label
        cat/1.jpg,cat,relabel,dog
    """
    place = Path(path).expanduser()
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as folder:
        part = Path(folder) / place.name
        with open(part, "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(COLUMNS)
            for name, one in corrections.items():
                lines.writerow([name, one.label, one.action, one.new_label or ""])
        part.replace(place)


def corrected(data: ImageSet, corrections: Mapping[str, Correction]) -> ImageSet:
    """Return the set with corrected labels and without the dropped images; each image keeps its split.

    Args:
        data: images that were read from files.
        corrections: by file, as in `ImageSet.paths`.

    Returns:
        The corrected set. Its `layout` says how many labels and images changed.

    Raises:
        ValueError: a file is not in the set or has another label there than in the list, a class is unknown,
            or a class keeps no training image.

    Example:
        >>> from dataclasses import replace
        >>> from helpers.data.image_sets import builtin
        >>> streets = builtin("streets_day", 2, 1, 1)
        >>> streets = replace(streets, paths=tuple(f"{k}.png" for k in range(8)))
        >>> len(corrected(streets, {"7.png": Correction("empty", None)}).y_test)
        1
    """
    place_of = {path: place for place, path in enumerate(data.paths)}
    if unknown := [printable(path) for path in corrections if path not in place_of]:
        raise ValueError(
            f"The list of corrections has {len(unknown)} files that are not among the images: "
            f"{listed(unknown)}. Delete their lines, or use the list of this folder."
        )
    named = {one.new_label for one in corrections.values() if one.new_label is not None}
    if odd := sorted(named - {*data.classes}):
        raise ValueError(
            f"The list of corrections has new labels that are not classes of the set: "
            f"{listed([*map(printable, odd)])}. The classes are {listed([*map(printable, data.classes)])}."
        )
    others = [
        f"{printable(path)} is {printable(str(data.labels[place_of[path]]))}, not {printable(one.label)}"
        for path, one in corrections.items()
        if one.label != str(data.labels[place_of[path]])
    ]
    if others:
        raise ValueError(
            f"The list of corrections is of other images, or of an earlier state of this folder: "
            f"{listed(others)}. Write the list anew for these images, or correct its column label."
        )
    labels, kept = data.labels.tolist(), np.ones(len(data.labels), bool)
    for path, one in corrections.items():
        if one.new_label is None:
            kept[place_of[path]] = False
        else:
            labels[place_of[path]] = one.new_label
    changed: dict[str, Any] = {f"y_{name}": np.array(labels)[data.parts == name] for name in SPLITS}
    result = replace(data, **changed).keep(kept)
    if empty := sorted({*data.classes} - {*result.y_train.tolist()}):
        raise ValueError(
            f"With these corrections, class {printable(empty[0])!r} has no training image left. Correct the "
            "list, or remove the folder of this class."
        )
    relabelled = len(corrections) - int(np.sum(~kept))
    said = f"corrected by a list: labels changed {relabelled}, images left out {int(np.sum(~kept))}"
    return replace(
        result, layout="; ".join(filter(None, (data.layout, said))) if corrections else data.layout
    )
