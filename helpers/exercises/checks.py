"""Exercises that check themselves, with hints and a solution. They work offline and in Colab.

The notebooks contain the questions. The correct answers, hints and solutions are in
`helpers/exercises/notebook_NN.py`, one module per notebook; its quiz is in `quiz_NN.py`.
"""

import html
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from helpers.exercises import progress
from helpers.exercises.attempts import short_output, shown
from helpers.exercises.kinds import Check
from helpers.exercises.replies import ReplyView

Level = Literal["do it", "vary it", "explain it"]
Kind = Literal["number", "choice", "function", "design", "diagnosis"]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        level: do what the notebook has shown, vary it, or explain a surprise.
        kind: what it asks for: a number, a choice (also of several options), a function, a design (a network
            that the student builds, changes or trains) or a diagnosis (what is the case, and why).
        minutes: how long a second-year student needs for it, with the reading and the waiting.
        check: returns None if the answer is correct, else a helpful reply; the functions of
            `helpers.exercises.kinds` make such checks.
        means: what the correct answer means, in one or two sentences. The reply says it after "Right." A
            function gets the answer, so that it can say what the student has found.
        hints: two hints; the second one says more, but it does not contain the solution.
        solution: Python code that sets `answer`. It can be unfolded after the first try.
        wrong: typical wrong answers; the tests pass each of them to `check`.

    Example:
        >>> from helpers.exercises.kinds import number
        >>> exercise = Exercise(
        ...     level="do it",
        ...     kind="number",
        ...     minutes=1,
        ...     check=number(6, mistakes={5: "Multiply, do not add."}),
        ...     means="Multiplication is repeated addition.",
        ...     hints=("How often is 3 added?", "Twice: once for each unit of the 2."),
        ...     solution="answer = 2 * 3",
        ... )
        >>> exercise.check(5)
        'Multiply, do not add.'
        >>> exercise.check(6) is None
        True
    """

    level: Level
    kind: Kind
    minutes: int
    check: Check
    means: str | Callable[[Any], str]
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


WIDGET = "application/vnd.jupyter.widget-view+json"


class Reply:
    """What `check` shows: whether the answer is correct, and why. Hints can be opened.

    The solution can be opened, too, but only after a try: whoever has not thought about a question learns
    little from its solution. A running notebook shows buttons (see `ReplyView`), a saved page folded texts.

    Attributes:
        right: whether the answer is correct.
        text: the reply.
        tried: whether there was an answer.

    Example:
        >>> reply = check("00.1", 0.5)
        >>> reply.right, reply.tried, "Solution</summary>" in reply._repr_html_()
        (False, True, True)
        >>> "Solution</summary>" in check("00.1", ...)._repr_html_()
        False
    """

    def __init__(self, name: str, right: bool, text: str, exercise: Exercise, tried: bool = True) -> None:
        self.right, self.text, self.tried = right, text, tried
        self._name, self._exercise = name, exercise

    def __repr__(self):
        return f"{'✓' if self.right else '✗'} {self.text}"

    def _repr_mimebundle_(self, **options):
        view = ReplyView(self._name, repr(self), self._exercise, self.tried)
        # By hand, because the widgets of ipywidgets 7 (Colab) have no method for this.
        shown = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
        return {WIDGET: shown, "text/plain": repr(self), "text/html": self._repr_html_()}

    def _repr_html_(self):
        first, second = (html.escape(hint) for hint in self._exercise.hints)
        code = html.escape(self._exercise.solution.strip())
        solution = f"<details><summary>Solution</summary><pre>{code}</pre></details>"
        return (
            f"<p role='status'><b>{html.escape(repr(self))}</b></p>"
            f"<details><summary>Hint 1</summary>{first}</details>"
            f"<details><summary>Hint 2</summary>{second}</details>"
            f"{solution if self.tried else '<p>The solution appears here after your first try.</p>'}"
        )


def check(name: str, *answer: Any) -> Reply:
    """Check the answer to an exercise.

    A wrong answer cannot do any harm: it gets copies, and its settings and random states are undone. If it
    does not return within some seconds, the check stops it. Only the beginning of what it prints is shown.

    Args:
        name: number of the exercise, such as "03.2".
        answer: the student's answer; None or `...`, or a dict, list or tuple of nothing else, mean that there
            is none yet. For an exercise that asks for two things, pass both.

    Returns:
        The reply. A notebook shows it with hints to open, and after a try with the solution.

    Raises:
        ValueError: there is no such exercise.

    Example:
        >>> check("01.1", {"weights": [4] * 10, "biases": [-2] * 10, "x": 0.5})
        ✓ Right. ...
        >>> check("01.1", {"weights": [5] * 10, "biases": [-2] * 10, "x": 0.5})
        ✗ A weight may be at most 4 and at least -4.
    """
    exercise = _exercise(name)
    if not answer or any(map(_is_missing, answer)):
        time = f"about {exercise.minutes} {'minute' if exercise.minutes == 1 else 'minutes'}"
        text = f"No answer yet ({exercise.level}, {time}): replace the ... and run this cell again."
        return Reply(name, False, text, exercise, tried=False)
    given = answer[0] if len(answer) == 1 else answer
    try:
        with short_output():
            problem = exercise.check(given)
    except (Exception, SystemExit, GeneratorExit) as error:  # any answer gets a reply, never a traceback
        problem = (
            f"This answer ({type(given).__name__}) cannot be checked: {shown(error)}. The hints say what "
            "kind of answer is needed."
        )
    progress.of(name).answer(problem is None)
    if problem is None:
        means = exercise.means(given) if callable(exercise.means) else exercise.means
        return Reply(name, True, f"Right. {means}", exercise)
    return Reply(name, False, problem, exercise)


def _is_missing(part, depth=3):
    """Return whether a part of an answer is as the notebook has it, for example a dict of pairs of ..."""
    if part is None or part is ...:
        return True
    if type(part) not in (dict, list, tuple) or not part or not depth:
        return False
    inner = part.values() if type(part) is dict else part
    return all(_is_missing(one, depth - 1) for one in inner)


def questions(notebook: str) -> tuple[Question, ...]:
    """Return the quiz of a notebook, given its number, such as "03".

    Example:
        >>> len(questions("01"))
        6
    """
    return _module("quiz", notebook).QUIZ


def exercises(notebook: str) -> dict[str, Exercise]:
    """Return the exercises of a notebook by name, given its number, such as "03"."""
    return dict(_module("notebook", notebook).EXERCISES)


def minutes(notebook: str) -> int:
    """Return how many minutes the exercises of a notebook take together.

    Example:
        >>> minutes("00") == sum(exercise.minutes for exercise in exercises("00").values())
        True
    """
    return sum(exercise.minutes for exercise in exercises(notebook).values())


def _exercise(name):
    found = exercises(str(name)[:2])
    if name not in found:
        raise ValueError(f"There is no exercise {name!r}. Use one of {', '.join(found)}.")
    return found[name]


def _module(kind, notebook):
    try:
        return importlib.import_module(f"helpers.exercises.{kind}_{notebook}")
    except ModuleNotFoundError as error:
        raise ValueError(f"There are no exercises for notebook {notebook!r}. Use '00' to '09'.") from error
