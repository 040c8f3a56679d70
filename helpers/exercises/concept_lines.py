"""The answers to the concept test as lines to paste, and what a class has gained between its two tests.

No server is needed. A line looks like

    test;0.9.0;f1a2b3c4;before;AN07;20132313#5a2ad0bc

version of the series; questions; before or after the series; a code that the student chooses; answers;
checksum. The questions are a checksum of their texts and options. An answer is the place of an option,
beginning with 1; 0 stands for "I do not know". The code connects the two lines of a student without a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import helpers
from helpers.exercises.checks import Question
from helpers.exercises.concept_questions import QUESTIONS
from helpers.exercises.student_code import clean
from helpers.findings import lines
from helpers.studies.engine import statistics

FIELDS = ("kind", "version", "questions", "when", "code", "answers")
WHEN = ("before", "after")


def key(questions: Sequence[Question] = QUESTIONS) -> str:
    """Return eight digits that identify the questions and their options."""
    return lines.checksum(repr([(question.text, *question.options) for question in questions]))


def to_line(when: str, code: str, places: Sequence[int]) -> str:
    """Write the answers of a student as a line.

    Args:
        when: "before" or "after" the series.
        code: chosen by the student; capital and small letters are the same.
        places: of the chosen options, beginning with 1; 0 stands for "I do not know".

    Raises:
        ValueError: the code has another form.

    Example:
        >>> print(to_line("before", "an07", [1, 0, 2, 2, 1, 3, 0, 1]).split(";", 3)[3].split("#")[0])
        before;AN07;10221301
    """
    answers = "".join(map(str, places))
    return lines.encode(["test", helpers.__version__, key(), when, clean(code), answers])


def from_line(line: str) -> dict:
    """Read one line.

    Raises:
        ValueError: the line is damaged, or its questions are not those of this version of the series.
    """
    values = dict(zip(FIELDS, lines.decode(line, len(FIELDS), "a line of the concept test"), strict=True))
    if values["kind"] != "test":
        raise ValueError("this is not a line of the concept test")
    if values["questions"] != key():
        raise ValueError(
            f"version {values['version']} of the series has other questions than this one, "
            f"{helpers.__version__}: evaluate the line with that version"
        )
    places = [int(place) for place in values["answers"] if place in "0123"]
    if values["when"] not in WHEN or len(values["answers"]) != len(places) or len(places) != len(QUESTIONS):
        raise ValueError("these answers cannot be: make the line again")
    return values | {"places": places}


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers in pasted text.

    Args:
        right: one row per student who answered twice, indexed by (code, when), one column per question:
            whether the answer is right.
        unpaired: "code: before" or "code: after" of each student who has answered only once.
        repeated: number of duplicate lines.
        conflicting: "code: before" or "code: after" of each test that was answered twice in different ways.
            Nothing from such a code counts.
        refused: "line: reason" for each line that cannot be read.

    Example:
        >>> answers = read(to_line("before", "an07", [0] * 8))
        >>> answers.unpaired
        ('AN07: before',)
    """

    right: pd.DataFrame
    unpaired: tuple[str, ...]
    repeated: int
    conflicting: tuple[str, ...]
    refused: tuple[str, ...]


def read(text: str) -> Answers:
    """Read the lines of a class, of both tests and in any order."""
    found, refused = lines.read(lines.pieces(text, "test"), from_line)
    given: dict[tuple, set] = {}
    for _, values in found:
        given.setdefault((values["code"], values["when"]), set()).add(tuple(values["places"]))
    conflicting = [student for student, answers in given.items() if len(answers) > 1]
    doubtful = {code for code, _ in conflicting}
    counted = {student: places for student, (places, *_) in given.items() if student[0] not in doubtful}
    correct = [[*question.options].index(question.right) + 1 for question in QUESTIONS]
    right = pd.DataFrame(
        [np.equal(places, correct) for places in counted.values()],
        index=pd.MultiIndex.from_tuples([*counted], names=["code", "when"]),
        columns=range(1, len(QUESTIONS) + 1),
    )
    other = dict(zip(WHEN, WHEN[::-1], strict=True))
    alone = [student for student in counted if (student[0], other[student[1]]) not in counted]
    return Answers(
        right.drop(index=alone),
        _named(alone),
        len(found) - sum(map(len, given.values())),
        _named(conflicting),
        tuple(refused),
    )


def read_files(paths: Sequence[Path]) -> Answers:
    """Read the lines of a class from text files.

    Raises:
        IsADirectoryError: a path is a folder.
        OSError: a file cannot be read.
        ValueError: the files contain no line of the concept test.
    """
    for path in paths:
        if path.is_dir():
            raise IsADirectoryError(
                f"{str(path)!r} is a folder. Pass the text files with the lines, such as "
                f"{str(path / 'after.txt')!r}."
            )
    answers = read("\n".join(lines.decoded(path.read_bytes()) for path in paths))
    if answers.right.empty and not (answers.unpaired or answers.conflicting):
        names = ", ".join(repr(str(path)) for path in paths)
        found = f" {lines.left_out_in_words(answers.refused)}" if answers.refused else ""
        raise ValueError(
            f"No line of the concept test that counts was found in {names}. Paste the lines that students "
            f"have copied from concept_test into a text file.{found}"
        )
    return answers


def _named(students):
    return tuple(f"{code}: {when}" for code, when in sorted(students))


def report(answers: Answers) -> str:
    """Say in words what the class has gained, and what was not counted.

    The gain is the mean difference of a student's two shares of right answers, with its 95 % interval
    (Student's t over students, cut off at -100 and 100 points). The normalised gain divides it by what was
    left to gain (Hake 1998, "Interactive-engagement versus traditional methods").

    Args:
        answers: of `read`.

    Example:
        >>> print(report(read("good morning")))
        Students with both tests: 0. A gain with an interval needs two.
        Duplicate lines: 0.
        Not counted:
          good morning: this is not a line of the concept test: copy the whole line, with its checksum
    """
    right = answers.right.astype(float)
    students = len(right) // 2
    texts = [f"Students with both tests: {students}."]
    if students < 2:
        texts[0] += " A gain with an interval needs two."
    else:
        before, after = (right.xs(when, level="when").sort_index() for when in WHEN)
        gain, half = statistics.interval((after - before).mean(axis=1))
        low, high = max(gain - half, -1), min(gain + half, 1)
        start, end = before.to_numpy().mean(), after.to_numpy().mean()
        texts += [
            f"Right answers before: {start:.0%}, after: {end:.0%}.",
            f"Gain: {100 * gain:.0f} points, 95 % interval {100 * low:.0f} to {100 * high:.0f} points.",
            f"Normalised gain: {gain / (1 - start):.2f}." if start < 1 else "Nothing was left to gain.",
            "There is no comparison group: part of a gain can come from taking the same test twice.",
            "",
            "question  before  after",
            *(f"{n:>8}{before[n].mean():>8.0%}{after[n].mean():>7.0%}" for n in before),
            "",
        ]
    texts.append(f"Duplicate lines: {answers.repeated}.")
    for title, found in (
        ("Only one test, so not counted", answers.unpaired),
        (
            "Different answers with one code, so not counted; delete the lines that are wrong",
            answers.conflicting,
        ),
        ("Not counted", answers.refused),
    ):
        texts += [f"{title}:", *(f"  {line}" for line in found)] if found else []
    return "\n".join(texts)
