"""Exercises that check themselves, with hints and a solution; works offline and in Colab.

The questions stand in the notebooks; what is right, the hints and the solutions stand in
`helpers/exercises/`, one module a notebook. Used in every notebook.
"""

import html
import importlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Check = Callable[[object], str | None]  # answer -> None if right, else what to think about


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        check: tells None for a right answer, else a helpful reply; see `number`, `choice`,
            `several`, `function` and `custom`.
        hints: two, the second one says more.
        solution: Python code that sets `answer`.
        wrong: typical wrong answers; the tests give each of them to `check`.
    """

    check: Check
    hints: tuple[str, str]
    solution: str
    wrong: tuple = ()


@dataclass(frozen=True)
class Question:
    """One quiz question: `options` maps each answer to what is said about it."""

    text: str
    options: Mapping[str, str]
    right: str

    def __post_init__(self):
        if self.right not in self.options:
            raise ValueError(f"The right answer {self.right!r} is not among the options.")


class Reply:
    """What `check` shows: right or not, why, and folded hints and solution."""

    def __init__(self, right: bool, text: str, exercise: Exercise) -> None:
        self.right, self.text, self._exercise = right, text, exercise

    def __repr__(self):
        return f"{'✓' if self.right else '✗'} {self.text}"

    def _repr_html_(self):
        first, second = (html.escape(hint) for hint in self._exercise.hints)
        code = html.escape(self._exercise.solution.strip())
        return (
            f"<p role='status'><b>{html.escape(repr(self))}</b></p>"
            f"<details><summary>Hint 1</summary>{first}</details>"
            f"<details><summary>Hint 2</summary>{second}</details>"
            f"<details><summary>Solution</summary><pre>{code}</pre></details>"
        )


def check(name: str, answer: Any = ...) -> Reply:
    """Check an answer.

    Args:
        name: of the exercise, such as "03.2".
        answer: the student's; `...` means that there is none yet.

    Raises:
        ValueError: no such exercise.
    """
    exercise = _exercise(name)
    if answer is None or answer is ...:
        return Reply(False, "No answer yet: replace the ... and run this cell again.", exercise)
    try:
        problem = exercise.check(answer)
    except Exception as error:  # whatever a student hands in gets a reply, not a traceback
        problem = (
            f"This answer ({type(answer).__name__}) cannot be checked: {error}. Look at the hints "
            "for what is asked."
        )
    if problem is None:
        return Reply(True, "Right.", exercise)
    return Reply(False, problem, exercise)


def questions(notebook: str) -> tuple[Question, ...]:
    """The quiz of a notebook, by its number, such as "03"."""
    return _module(notebook).QUIZ


def exercises(notebook: str) -> dict[str, Exercise]:
    """The exercises of a notebook by name."""
    return _module(notebook).EXERCISES


def _exercise(name):
    found = exercises(str(name)[:2])
    if name not in found:
        raise ValueError(f"There is no exercise {name!r}: use one of {', '.join(found)}.")
    return found[name]


def _module(notebook):
    try:
        return importlib.import_module(f"helpers.exercises.notebook_{notebook}")
    except ModuleNotFoundError as error:
        raise ValueError(f"There are no exercises for notebook {notebook!r}: use '00' to '08'.") from error


def number(
    expected: float | Callable[[], float], tolerance: float = 0.0, mistakes: Mapping[float, str] | None = None
) -> Check:
    """The answer is a number within `tolerance`; `mistakes` maps wrong values to what they come from.

    `expected` may be a function without arguments, evaluated when it is needed.
    """

    def reply(answer):
        try:
            value = float(answer)
        except (TypeError, ValueError):
            return f"Give one number, for example 0.5. Received: {_shown(answer)}."
        if not math.isfinite(value):
            return f"Give a finite number. Received: {value}."
        target = expected() if callable(expected) else expected
        if math.isclose(value, target, rel_tol=1e-9, abs_tol=tolerance):
            return None
        for wrong, why in (mistakes or {}).items():
            if math.isclose(value, wrong, rel_tol=1e-3, abs_tol=1e-9):
                return why
        if math.isclose(value, 100 * target, rel_tol=1e-9, abs_tol=100 * tolerance):
            return "Nearly: this looks like per cent; give a fraction between 0 and 1."
        return f"{value:g} is too {'high' if value > target else 'low'}."

    return reply


def choice(right: str, options: Mapping[str, str]) -> Check:
    """The answer is one of some short texts.

    Args:
        right: the right one.
        options: all the others, each with why it is wrong.
    """
    everything = {_plain(option): why for option, why in options.items()}

    def reply(answer):
        given = _plain(answer) if isinstance(answer, str) else None
        if given == _plain(right):
            return None
        if given in everything:
            return everything[given] or "That is not it."
        known = ", ".join(repr(option) for option in sorted({right, *options}))
        return f"Answer with one of {known}. Received: {_shown(answer)}."

    return reply


def several(right: Iterable[str], options: Iterable[str]) -> Check:
    """The answer is a set (or list) of some of the options."""
    wanted, known = {_plain(r) for r in right}, {_plain(o) for o in options}

    def reply(answer):
        if isinstance(answer, str) or not isinstance(answer, Iterable):
            return f"Give a set, such as {{{', '.join(repr(o) for o in sorted(known)[:2])}}}."
        given = {_plain(str(item)) for item in answer}
        if unknown := given - known:
            return f"Unknown: {', '.join(sorted(unknown))}. Choose from {', '.join(sorted(known))}."
        if given == wanted:
            return None
        extra, missing = len(given - wanted), len(wanted - given)
        return f"{extra} of yours should not be there, and {missing} are missing."

    return reply


def function(cases: Iterable[tuple[tuple, object]], name: str = "f") -> Check:
    """The answer is a function; each case holds its arguments and the expected result."""

    def reply(answer):
        if not callable(answer):
            return f"Give the function itself, without calling it: answer = {name}."
        for arguments, expected in cases:
            call = f"{name}({', '.join(map(_shown, arguments))})"
            try:
                result = answer(*arguments)
            except Exception as error:
                return f"{call} fails with {type(error).__name__}: {error}."
            if not _same(result, expected):
                return f"{call} gives {_shown(result)}, but {_shown(expected)} is expected."
        return None

    return reply


def custom(test: Check) -> Check:
    """Any other test: None for a right answer, else the reply."""
    return test


def _same(result, expected):
    if isinstance(expected, str):
        return isinstance(result, str) and _plain(result) == _plain(expected)
    try:
        return np.shape(result) == np.shape(expected) and np.allclose(result, expected)
    except (TypeError, ValueError):
        return False


def _plain(text):
    return " ".join(text.lower().split())


def _shown(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
