"""Exercises that check themselves, with hints and a solution. They work offline and in Colab.

The notebooks contain the questions. The correct answers, hints and solutions are in
`helpers/exercises/notebook_NN.py`, one module per notebook; its quiz is in `quiz_NN.py`.
"""

import copy
import html
import importlib
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.exercises.attempts import Failed, attempt, short_output, shortened, shown

Check = Callable[[object], str | None]  # answer -> None if it is correct, else a reply
MOST_ITEMS = 1000  # of a set that a student gives; it can be endless


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        check: returns None if the answer is correct, else a helpful reply; `number`, `choice`,
            `several` and `function` make such checks.
        hints: two hints; the second one says more.
        solution: Python code that sets `answer`.
        wrong: typical wrong answers; the tests pass each of them to `check`.

    Example:
        >>> exercise = Exercise(
        ...     check=number(6, mistakes={5: "Multiply, do not add."}),
        ...     hints=("How often is 3 added?", "2 * 3 is 3 + 3."),
        ...     solution="answer = 2 * 3",
        ... )
        >>> exercise.check(5)
        'Multiply, do not add.'
        >>> exercise.check(6) is None
        True
    """

    check: Check
    hints: tuple[str, str]
    solution: str
    wrong: tuple = ()


@dataclass(frozen=True)
class Question:
    """One quiz question.

    Args:
        text: the question.
        options: maps each answer to the reply to it.
        right: the correct one of the options.

    Raises:
        ValueError: `right` is not one of the options.

    Example:
        >>> question = Question("1 + 1?", {"2": "Yes, it is.", "3": "One too many."}, right="2")
        >>> question.options["3"]
        'One too many.'
    """

    text: str
    options: Mapping[str, str]
    right: str

    def __post_init__(self):
        if self.right not in self.options:
            raise ValueError(f"The right answer {self.right!r} is not one of the options.")


class Reply:
    """What `check` shows: whether the answer is correct, why, and folded hints and solution.

    Attributes:
        right: whether the answer is correct.
        text: the reply.

    Example:
        >>> reply = check("00.3", 0.5)
        >>> reply.right, reply.text
        (False, 'That would be chance for two classes.')
    """

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


def check(name: str, *answer: Any) -> Reply:
    """Check the answer to an exercise.

    A wrong answer cannot do any harm: it gets copies, and its settings and random states are undone. If it
    does not return within some seconds, the check stops it. Only the beginning of what it prints is shown.

    Args:
        name: number of the exercise, such as "03.2".
        answer: the student's answer; None or `...` mean that there is none yet. For an exercise that asks
            for two things, pass both.

    Returns:
        The reply. A notebook shows it with hints and a solution to unfold.

    Raises:
        ValueError: there is no such exercise.

    Example:
        >>> check("00.1", 32 * 32 * 3)
        ✓ Right.
        >>> check("00.1", 32 * 32)
        ✗ Each pixel has three numbers: red, green and blue.
    """
    exercise = _exercise(name)
    if not answer or any(part is None or part is ... for part in answer):
        return Reply(False, "No answer yet: replace the ... and run this cell again.", exercise)
    given = answer[0] if len(answer) == 1 else answer
    try:
        with short_output():
            problem = exercise.check(given)
    except (Exception, SystemExit, GeneratorExit) as error:  # any answer gets a reply, never a traceback
        problem = (
            f"This answer ({type(given).__name__}) cannot be checked: {shown(error)}. The hints say what "
            "kind of answer is needed."
        )
    if problem is None:
        return Reply(True, "Right.", exercise)
    return Reply(False, problem, exercise)


def questions(notebook: str) -> tuple[Question, ...]:
    """Return the quiz of a notebook, given its number, such as "03".

    Example:
        >>> questions("01")[5].right
        'Not much: first give each of them a learning rate that suits it'
    """
    return _module("quiz", notebook).QUIZ


def exercises(notebook: str) -> dict[str, Exercise]:
    """Return the exercises of a notebook by name, given its number, such as "03"."""
    return dict(_module("notebook", notebook).EXERCISES)


def _exercise(name):
    found = exercises(str(name)[:2])
    if name not in found:
        raise ValueError(f"There is no exercise {name!r}. Use one of {', '.join(found)}.")
    return found[name]


def _module(kind, notebook):
    try:
        return importlib.import_module(f"helpers.exercises.{kind}_{notebook}")
    except ModuleNotFoundError as error:
        raise ValueError(f"There are no exercises for notebook {notebook!r}. Use '00' to '08'.") from error


def number(
    expected: float | Callable[[], float], tolerance: float = 0.0, mistakes: Mapping[float, str] | None = None
) -> Check:
    """Return a check for a number.

    Args:
        expected: the correct number, or a function without arguments that computes it when needed.
        tolerance: largest absolute difference that is still accepted.
        mistakes: maps typical wrong numbers to replies that explain them.

    Example:
        >>> number(0.25, mistakes={0.5: "That is σ(0), not the slope."})(0.5)
        'That is σ(0), not the slope.'
        >>> number(0.25)(25)
        'Almost: this looks like a percentage. Give a fraction between 0 and 1.'
    """

    def reply(answer):
        try:
            value = attempt(float, answer)
        except Failed:
            return f"Give one number, for example 0.5. Received: {shown(answer)}."
        if not math.isfinite(value):
            return f"Give a finite number. Received: {value}."
        target = expected() if callable(expected) else expected
        if math.isclose(value, target, rel_tol=1e-9, abs_tol=tolerance):
            return None
        for wrong, why in (mistakes or {}).items():
            if math.isclose(value, wrong, rel_tol=1e-3, abs_tol=1e-9):
                return why
        if math.isclose(value, 100 * target, rel_tol=1e-9, abs_tol=100 * tolerance):
            return "Almost: this looks like a percentage. Give a fraction between 0 and 1."
        return f"{value:g} is too {'high' if value > target else 'low'}."

    return reply


def choice(right: str, options: Mapping[str, str]) -> Check:
    """Return a check for one of several short texts; case and extra spaces do not matter.

    Args:
        right: the correct text.
        options: maps each of the other texts to the reason why it is wrong.

    Example:
        >>> choice("target", {"source": "The model learned from the source."})(" Source ")
        'The model learned from the source.'
    """
    everything = {_plain(option): why for option, why in options.items()}

    def reply(answer):
        given = _plain(answer) if isinstance(answer, str) else None
        if given == _plain(right):
            return None
        if given in everything:
            return everything[given] or "That is not correct."
        known = ", ".join(repr(option) for option in sorted({right, *options}))
        return f"Answer with one of {known}. Received: {shown(answer)}."

    return reply


def several(right: Iterable[str], options: Iterable[str]) -> Check:
    """Return a check for a set (or list) of some of the options.

    Args:
        right: the options that belong to the set.
        options: all options.

    Example:
        >>> several({"head"}, {"head", "block 1"})({"block 1"})
        'Wrong options in your answer: 1. Missing options: 1.'
    """
    wanted, known = {_plain(r) for r in right}, {_plain(o) for o in options}

    def reply(answer):
        if isinstance(answer, str) or not isinstance(answer, Iterable):
            return f"Give a set, such as {{{', '.join(repr(o) for o in sorted(known)[:2])}}}."
        try:
            given = attempt(lambda: {_plain(str(item)) for item in itertools.islice(answer, MOST_ITEMS)})
        except Failed as failure:
            return f"Give a set of texts; this answer {failure}."
        if unknown := given - known:
            listed = shortened(", ".join(sorted(unknown)), 200)
            return f"Unknown: {listed}. Choose from {', '.join(sorted(known))}."
        if given == wanted:
            return None
        extra, missing = len(given - wanted), len(wanted - given)
        return f"Wrong options in your answer: {extra}. Missing options: {missing}."

    return reply


def function(cases: Iterable[tuple[tuple, object]], name: str = "f") -> Check:
    """Return a check for a function.

    Args:
        cases: pairs of arguments and the expected result. The function gets copies of the arguments.
        name: what the replies call the function.

    Example:
        >>> function([((2,), 4)], name="square")(lambda x: x + 1)
        'square(2) returns 3, but 4 is expected.'
    """
    cases = copy.deepcopy([*cases])  # so that nobody can change them later

    def reply(answer):
        if not callable(answer):
            return f"Give the function itself, without calling it: answer = {name}."
        for arguments, expected in cases:
            call = f"{name}({', '.join(map(shown, arguments))})"
            try:
                result = attempt(answer, *copy.deepcopy(arguments))
                same = attempt(_same, result, expected)
            except Failed as failure:
                return f"{call} {failure}."
            if not same:
                return f"{call} returns {shown(result)}, but {shown(expected)} is expected."
        return None

    return reply


def _same(result, expected):
    """Compare without asking the result: a class of the student's own could call itself equal."""
    if isinstance(expected, str):
        return isinstance(result, str) and _plain(result) == _plain(expected)
    shape = np.shape(expected)
    try:
        if np.ma.is_masked(result) or not _has_shape(result, shape):
            return False
        values = np.asarray(result)
    except Exception:  # no array, for example a symbolic tensor
        return False
    with np.errstate(all="ignore"):
        return values.dtype.kind in "biufc" and values.shape == shape and np.allclose(values, expected)


def _has_shape(value, shape):
    """Return whether a value has this shape. As an array, `range(10**10)` would fill the memory."""
    if hasattr(value, "shape"):
        return tuple(value.shape) == shape
    if isinstance(value, Sized):
        inside = shape[1:]
        return bool(shape) and len(value) == shape[0] and all(_has_shape(item, inside) for item in value)
    return shape == ()


def _plain(text):
    return " ".join(str.lower(text).split())
