"""The file that a student hands in for one notebook: what was tried, without any answers or code.

It is feedback, not an exam: whoever can edit a file can change it. The checksum notices damage, not cheating.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import helpers
from helpers.exercises import checks, progress
from helpers.exercises.progress import Tried
from helpers.exercises.student_code import clean
from helpers.findings import lines

WHAT = "Deep Transfer Learning, Hands On: what was tried in a notebook. Feedback, not an exam."


@dataclass(frozen=True)
class HandIn:
    """What one file says.

    Args:
        notebook: number of the notebook, such as "03".
        code: of the student.
        written: date and time in UTC (ISO 8601).
        version: of the series.
        tried: what was tried, by the names of `names`.

    Example:
        >>> handed = HandIn("00", "AN07", "2026-01-01T10:00:00", "0.9.0", {"00.1": Tried(2, True)})
        >>> from_text(to_text(handed)) == handed
        True
    """

    notebook: str
    code: str
    written: str
    version: str
    tried: dict[str, Tried]


def names(notebook: str) -> list[str]:
    """Return the names of the exercises and quiz questions of a notebook, given its number.

    Example:
        >>> names("00")[0], names("00")[-1]
        ('00.1', '00 quiz 6')
    """
    quiz = range(1, len(checks.questions(notebook)) + 1)
    return [*checks.exercises(notebook), *(progress.quiz_name(notebook, number) for number in quiz)]


def now(notebook: str, code: str) -> HandIn:
    """Return what was tried since the notebook was started.

    Args:
        notebook: its number, such as "03".
        code: chosen by the student.

    Raises:
        ValueError: the code has another form, or there is no such notebook.
    """
    tried = {name: progress.of(name) for name in names(notebook)}
    return HandIn(notebook, clean(code), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", helpers.__version__, tried)


def to_text(handed: HandIn) -> str:
    """Write a file as JSON."""
    values = {"what": WHAT, **asdict(handed)}
    return json.dumps(values | {"checksum": _checksum(values)}, indent=1, ensure_ascii=False) + "\n"


def from_text(text: str) -> HandIn:
    """Read a file.

    Raises:
        ValueError: it is damaged, of another kind, or from another version of the series; the message names
            the remedy.
    """
    if WHAT not in text:
        raise ValueError("this is not a file that hand_in has written")
    damaged = "the file is damaged: ask the student for it again"
    try:
        values: dict[str, Any] = json.loads(text)
        checksum, version = values.pop("checksum"), values["version"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError(damaged) from None
    if checksum != _checksum(values):
        raise ValueError("the checksum does not fit, the file was changed: ask the student for it again")
    if version != helpers.__version__:
        raise ValueError(
            f"it comes from version {version} of the series, and this is {helpers.__version__}: "
            "evaluate it with that version"
        )
    try:
        del values["what"]
        handed = HandIn(**values | {"tried": {name: _tried(one) for name, one in values["tried"].items()}})
        if not all(isinstance(text, str) for text in (handed.notebook, handed.code, handed.written)):
            raise TypeError("a value cannot be")
        return handed
    except (LookupError, TypeError, AttributeError):  # somebody has computed a checksum
        raise ValueError(damaged) from None


def _tried(values):
    tried = Tried(**values)
    if [type(value) for value in asdict(tried).values()] != [
        int,
        bool,
        list,
        bool,
    ] or tried.tries < tried.right:
        raise TypeError("a value cannot be")
    return tried


def _checksum(values):
    return lines.checksum(json.dumps(values, sort_keys=True))
