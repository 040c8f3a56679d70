"""What a class has handed in: a table and a figure that show which exercises were hard.

`python -m helpers class FOLDER` reads the files of `hand_in` in a folder, and writes class.csv and class.png
into it. Files of these names that it has not written stay as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from helpers.data.folder_contents.clutter import is_system_clutter
from helpers.data.image_files.file_kinds import ARCHIVES
from helpers.exercises import hand_in_files
from helpers.exercises.hand_in_files import HandIn
from helpers.findings import lines
from helpers.plots.classroom import difficulty

LONGEST = 200_000  # bytes; a file of hand_in has a few thousand
TABLE, FIGURE = "class.csv", "class.png"
ENDINGS = ["first try", "later", "not correct", "not tried"]
MEANS = ["tries", "hints", "solutions"]
HEADER = ",".join(["exercise", *ENDINGS, *MEANS])  # by this line a table is known again
SHARED = (
    "Several sittings with one code count as one student. If they are of two students, one of them has to "
    "choose another code and hand in again:"
)
SOURCE = "python -m helpers class"  # by this note in its metadata a figure is known again


@dataclass(frozen=True, eq=False)
class Collected:
    """The files of a folder.

    Args:
        counted: what each student has handed in for a notebook.
        left_out: "file: reason" of each file that is not counted.
        shared: "code in notebook: files" of each code with several sittings. Two students who chose the
            same code look like one with two sittings; only the lecturer can know.

    Example:
        >>> Collected((), ("notes.txt: this is not a file that hand_in has written",)).counted
        ()
    """

    counted: tuple[HandIn, ...]
    left_out: tuple[str, ...]
    shared: tuple[str, ...] = ()


def collect(folder: Path) -> Collected:
    """Read all files in a folder and in the folders below it, except those that only systems write.

    Of several files with the same code and notebook, the one that was written last counts. What a student
    tried in an earlier sitting only, before the notebook was started again, is taken from the earlier file.

    Args:
        folder: with files of `hand_in`.

    Raises:
        NotADirectoryError: it is not a folder.
    """
    if not folder.is_dir():
        wrong = f"{str(folder)!r} is a file" if folder.exists() else f"There is no folder {str(folder)!r}"
        raise NotADirectoryError(f"{wrong}. Pass the folder with the files of hand_in.")
    found, left_out = [], []
    for name in _names(folder):
        try:
            found.append((_handed_in(folder / name), name))
        except (ValueError, OSError) as error:
            left_out.append(f"{name}: {error}")
    newest: dict[tuple, tuple[HandIn, str]] = {}
    sittings: dict[tuple, dict[str, str]] = {}
    found.sort(key=lambda one: len(one[1]))  # of equal files, the original before "name (1)"
    for handed, name in sorted(found, key=lambda one: one[0].written, reverse=True):
        place = handed.notebook, handed.code
        first, kept = newest.setdefault(place, (handed, name))
        sittings.setdefault(place, {}).setdefault(handed.written, name)
        whole, added = _completed(first, handed)
        if added:
            newest[place] = whole, kept
            left_out.append(f"{name}: older than {kept}, so that it counts only for {', '.join(added)}")
        elif first is not handed:
            same = "the same as" if first == handed else "older, of the same student and notebook, than"
            left_out.append(f"{name}: {same} {kept}")
    shared = tuple(
        f"{code} in {notebook}: {', '.join(files.values())}"
        for (notebook, code), files in sittings.items()
        if len(files) > 1
    )
    return Collected(tuple(handed for handed, _ in newest.values()), tuple(left_out), shared)


def _names(folder):
    """Return the files that may come from students."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    names = [path.as_posix() for path in paths if not any(map(is_system_clutter, path.parts))]
    return sorted({*names} - {TABLE, FIGURE})


def _completed(newer, older):
    """Add what was tried in the older file only; return the sum and the names of what was added."""
    already = {name for name, one in newer.tried.items() if one.tries}
    added = {name: one for name, one in older.tried.items() if one.tries and name not in already}
    return replace(newer, tried=newer.tried | added), [*added]


def _handed_in(path):
    if path.suffix.lower() in ARCHIVES:
        raise ValueError("an archive: unpack it into the folder, and run the command again")
    with path.open("rb") as file:
        start = file.read(LONGEST)  # a video may be among the files
    return hand_in_files.from_text(lines.decoded(start))


def table(counted: Iterable[HandIn]) -> pd.DataFrame:
    """Return how hard the exercises and quiz questions were.

    Returns:
        One row per exercise or quiz question, in the order of the series: the number of students with the
        first try correct, with a later one, with none, and without a try; among those who tried, the mean
        number of tries and of opened hints, and the share who opened the solution before they were correct.
    """
    rows = pd.DataFrame(
        [
            {
                "notebook": handed.notebook,
                "exercise": name,
                "ending": ENDINGS[3 if not one.tries else 2 if not one.right else min(one.tries, 2) - 1],
                "tries": one.tries or None,
                "hints": len(one.hints) if one.tries else None,
                "solutions": one.solution if one.tries else None,
            }
            for handed in counted
            for name, one in handed.tried.items()
        ],
        columns=["notebook", "exercise", "ending", *MEANS],
    )
    order = rows.sort_values("notebook", kind="stable")["exercise"].unique()
    counts = pd.crosstab(rows["exercise"], rows["ending"]).reindex(index=order, columns=ENDINGS, fill_value=0)
    means = rows.groupby("exercise")[MEANS].agg(lambda column: column.astype(float).mean())
    return counts.join(means.round(2)).rename_axis(index="exercise", columns=None)


def write(folder: Path) -> str:
    """Write the table and the figure of a folder into it, and return what was counted, in words.

    Raises:
        NotADirectoryError: it is not a folder.
        ValueError: it contains no file that counts.
        FileExistsError: its class.csv or class.png was not written by this function.
    """
    _keep_others(folder)
    collected = collect(folder)
    if not collected.counted:
        raise ValueError(f"No file in {str(folder)!r} counts. {_why(collected.left_out)}")
    left_out = [f"Not counted: {len(collected.left_out)}", *(f"  {line}" for line in collected.left_out)]
    if collected.shared:
        left_out += [SHARED, *(f"  {line}" for line in collected.shared)]
    results = table(collected.counted)
    students = len({handed.code for handed in collected.counted})
    results.to_csv(folder / TABLE)
    drawing = difficulty(results[ENDINGS], f"What {students} students handed in")
    drawing.savefig(folder / FIGURE, metadata={"Source": SOURCE})
    hard = (results["first try"] / results[ENDINGS[:3]].sum(axis=1)).dropna().nsmallest(3)
    hardest = ", ".join(f"{name} ({share:.0%} of those who tried)" for name, share in hard.items())
    return "\n".join(
        [
            f"Counted: {len(collected.counted)} files of {students} students.",
            *left_out,
            "This is feedback, not an exam: it shows what to explain again.",
            f"Fewest correct at the first try: {hardest}" if hardest else "Nobody tried an exercise.",
            "",
            results.to_string(),
            "",
            f"Wrote {folder / TABLE} and {folder / FIGURE}",
        ]
    )


def _why(left_out):
    """Say why no file counts."""
    if left_out:
        return lines.left_out_in_words(left_out)
    return "It contains no file of a student. Put the files that hand_in has written into it."


def _keep_others(folder):
    """Refuse to replace a file that `write` has not written."""
    for path in (folder / TABLE, folder / FIGURE):
        if path.exists() and not _written_here(path):
            raise FileExistsError(
                f"{str(path)!r} would be replaced, but this command has not written it. Rename it, or move "
                "it to another folder."
            )


def _written_here(path):
    with path.open("rb") as file:
        start = file.read(LONGEST)
    return start.splitlines()[:1] == [HEADER.encode()] if path.name == TABLE else SOURCE.encode() in start
