"""The kinds of checks: for a number, a text, a set, several cases, a function and a Keras model.

Each function here returns a check: a function from an answer to None if it is correct, else to a reply.
"""

import copy
import functools
import itertools
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sized
from types import FunctionType
from typing import TYPE_CHECKING

import numpy as np

from helpers.environment import load_keras
from helpers.exercises.attempts import Failed, attempt, shortened, shown

if TYPE_CHECKING:
    import keras

Check = Callable[[object], str | None]  # answer -> None if it is correct, else a reply
NO_RETURN = "Does every path through the function end with return? print only shows a value."
MOST_NUMBERS = 12  # of an array that a reply shows
MOST_ITEMS = 1000  # of a set that a student gives; it can be endless


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


def choice(right: str | Collection[str], options: Mapping[str, str]) -> Check:
    """Return a check for one of several short texts; case and extra spaces do not matter.

    The question must list the texts: the reply to an unknown one does not.

    Args:
        right: the correct text. Give several if they tie, or if they are names for the same thing.
        options: maps each wrong text to the reason why it is wrong.

    Example:
        >>> choice("target", {"source": "The model learned from the source."})(" Source ")
        'The model learned from the source.'
        >>> choice({"block 2", "block 3"}, {"block 1": "It is clearly worse."})("block 3") is None
        True
    """
    wanted = {_plain(text) for text in ([right] if isinstance(right, str) else right)}
    reasons = {_plain(option): why for option, why in options.items()}

    def reply(answer):
        given = _plain(answer) if isinstance(answer, str) else None
        if given in wanted:
            return None
        if given in reasons:
            return reasons[given]
        return f"Answer with one of the texts that the question lists, in quotes. Received: {shown(answer)}."

    return reply


def several(right: Iterable[str] | Callable[[], Iterable[str]], options: Mapping[str, str]) -> Check:
    """Return a check for a set (or list) of texts, such as all layers that tie with the best one.

    Args:
        right: the options that belong to the set, or a function without arguments that computes them when
            needed.
        options: maps each option to what to say if the answer is wrong about it: if it is in the set and
            should not be, or the other way round.

    Example:
        >>> parts = several({"head"}, {"head": "Its classes are old.", "block 1": "Edges are useful."})
        >>> parts({"block 1", "head"})
        'Too many: 1. Missing: 0. Think again about block 1: Edges are useful.'
    """
    reasons = {_plain(option): f"{option}: {why}" for option, why in options.items()}

    def reply(answer):
        if isinstance(answer, str) or not isinstance(answer, Iterable):
            return f"Give a set of texts, such as {{'a', 'b'}}. Received: {shown(answer)}."
        try:
            given = attempt(lambda: {_plain(str(item)) for item in itertools.islice(answer, MOST_ITEMS)})
        except Failed as failure:
            return f"Give a set of texts; this answer {failure}."
        if unknown := sorted(given - reasons.keys()):
            listed = shortened(", ".join(unknown), 200)
            return f"Unknown: {listed}. Use the names that the question lists."
        wanted = {_plain(option) for option in (right() if callable(right) else right)}
        if given == wanted:
            return None
        wrong = next(option for option in reasons if (option in given) != (option in wanted))
        count = f"Too many: {len(given - wanted)}. Missing: {len(wanted - given)}."
        return f"{count} Think again about {reasons[wrong]}"

    return reply


def cases(checks: Mapping[str, Check] | Mapping[int, Check]) -> Check:
    """Return a check for a dict with one answer per case, such as a diagnosis for each of five patients.

    Args:
        checks: the check of each case.

    Example:
        >>> colour = choice("red", {"green": "Grass is green."})
        >>> cases({"blood": colour, "fire": colour})({"blood": "red", "fire": "green"})
        "1 of 2 right. Think again about 'fire'. Grass is green."
    """

    def reply(answer):
        if not isinstance(answer, dict):
            return f"Give a dict from each case to your answer. Received: {shown(answer)}."
        if missing := [name for name in checks if name not in answer]:
            return f"Cases without an answer: {', '.join(map(repr, missing))}. Copy their names exactly."
        if pending := [name for name in checks if answer[name] is ...]:
            return f"Cases still with ...: {', '.join(map(repr, pending))}. Replace each ... by an answer."
        replies = {name: check(answer[name]) for name, check in checks.items()}
        wrong = {name: problem for name, problem in replies.items() if problem is not None}
        if not wrong:
            return None
        name = next(iter(wrong))
        return f"{len(checks) - len(wrong)} of {len(checks)} right. Think again about {name!r}. {wrong[name]}"

    return reply


def function(
    tries: Iterable[tuple[tuple, object]],
    name: str = "f",
    mistakes: Mapping[Callable, str] | None = None,
    slow: bool = False,
) -> Check:
    """Return a check for a function.

    Args:
        tries: pairs of arguments and the expected result. The function gets copies of the arguments.
        name: what the replies call the function.
        mistakes: maps typical wrong functions to replies. A reply is given if the answer returns the same
            as the wrong function for all arguments.
        slow: whether a call may take some seconds, because it builds or uses a network.

    Example:
        >>> square = function([((2,), 4), ((3,), 9)], "square", {lambda x: 2 * x: "That is the double."})
        >>> square(lambda x: x + 1)
        'square(2) returns 3, but 4 is expected.'
        >>> square(lambda x: x + x)
        'square(3) returns 6, but 9 is expected. That is the double.'
    """
    tries = copy.deepcopy([*tries])  # so that nobody can change them later

    def reply(answer):
        if not callable(answer):
            return f"Give the function itself, without calling it: answer = {name}."
        for arguments, expected in tries:
            call = f"{name}({', '.join(map(_described, arguments))})"
            try:
                result = attempt(answer, *copy.deepcopy(arguments), slow=slow)
                same = attempt(_same, result, expected)
            except Failed as failure:
                return f"{call} {failure}."
            if not same:
                problem = f"{call} returns {shown(result)}, but {shown(expected)} is expected."
                return " ".join([problem, *(_known_mistakes(answer) if result is not None else [NO_RETURN])])
        return None

    def _known_mistakes(answer):
        return [why for wrong, why in (mistakes or {}).items() if _agree(answer, wrong, tries, slow)][:1]

    return reply


def one_after_the_other(first: Check, second: Check, both: str) -> Check:
    """Return a check for two answers. The second is looked at once the first is correct.

    Args:
        first: the check of the first answer.
        second: the check of the second answer.
        both: what the two answers are; the reply to something else names them.

    Example:
        >>> sums = one_after_the_other(number(3), number(5), "two sums")
        >>> sums((3, 4))
        'The first part is right. 4 is too low.'
        >>> sums((3, 5)) is None
        True
    """

    def reply(answer):
        if not (isinstance(answer, tuple) and len(answer) == 2):
            return f"Give two answers, separated by a comma: {both}."
        if problem := first(answer[0]):
            return problem
        problem = second(answer[1])
        return problem if problem is None else f"The first part is right. {problem}"

    return reply


def network(*requirements: Callable[["keras.Model"], str | None]) -> Check:
    """Return a check for a Keras model, which the student has built, changed or trained.

    Args:
        *requirements: functions from the model to None, or to a reply if the model does not meet them. The
            first reply counts. `helpers.exercises.designs` has some.
    """

    def reply(answer):
        if not isinstance(answer, load_keras().Model):
            return f"Give the Keras model itself, such as answer = model. Received: {shown(answer)}."
        return next(filter(None, (requirement(answer) for requirement in requirements)), None)

    return reply


def _described(argument):
    """Return an argument as a short text: of a large array its shape, of a function its name."""
    if isinstance(argument, np.ndarray) and argument.size > MOST_NUMBERS:
        return f"an array of shape {argument.shape}"
    if isinstance(argument, FunctionType):
        return argument.__name__.lstrip("_")
    if hasattr(argument, "iloc"):  # a DataFrame
        return f"a table of {len(argument)} rows"
    return shown(argument)


def _agree(answer, wrong, tries, slow):
    """Return whether two functions return the same for all arguments."""
    try:
        return all(
            attempt(
                functools.partial(_same, equal_nan=True),
                *(attempt(f, *copy.deepcopy(given), slow=slow) for f in (answer, wrong)),
            )
            for given, _ in tries
        )
    except Failed:
        return False


def _same(result, expected, equal_nan=False):
    """Compare without asking the result: a class of the student's own could call itself equal."""
    if isinstance(expected, str):
        return isinstance(result, str) and _plain(result) == _plain(expected)
    if isinstance(expected, tuple) and any(map(np.ndim, expected)):  # parts of different shapes
        parts = type(result) in (tuple, list) and len(result) == len(expected)
        return parts and all(
            _same(part, wanted, equal_nan) for part, wanted in zip(result, expected, strict=True)
        )
    shape = np.shape(expected)
    try:
        if np.ma.is_masked(result) or not _has_shape(result, shape):
            return False
        values = np.asarray(result)
    except Exception:  # no array, for example a symbolic tensor
        return False
    with np.errstate(all="ignore"):
        return (
            values.dtype.kind in "biufc"
            and values.shape == shape
            and np.allclose(values, expected, equal_nan=equal_nan)
        )


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
