"""Every exercise of every notebook, with correct, wrong, missing and malformed answers."""

import ast
import contextlib
import html
import itertools
import random
import re
import sys
import time
import warnings
from typing import get_args

import nbformat
import numpy as np
import pytest
from of_today import share

from helpers.authoring.opening import NOTEBOOKS
from helpers.exercises import attempts, checks
from helpers.networks.backend import keras

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
NUMBERS = [path.name[:2] for path in PATHS]
EXERCISES = [(name, exercise) for number in NUMBERS for name, exercise in checks.exercises(number).items()]
MALFORMED = [
    ...,
    None,
    "nonsense",
    "",
    [],
    {},
    float("nan"),
    object(),
    lambda *args: 1 / 0,
    b"\x00",
    {"a": 1},
]


class Broken:
    """Raises an error, whatever is asked of it."""

    def __getattribute__(self, name):
        raise SystemExit

    def refuse(self, *_):
        raise KeyboardInterrupt

    __call__ = __repr__ = __eq__ = __len__ = __iter__ = __float__ = __array__ = refuse
    __hash__ = object.__hash__


class Agreeing(str):
    """Calls itself equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__
    lower = strip = split = __str__ = lambda self: self


class Equal(float):
    shape = property(lambda self: (2,))

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__
    __sub__ = __rsub__ = lambda self, other: 0.0


class Arrays:
    """Answers every function of NumPy with True, and changes what it was compared with."""

    def __array_function__(self, function, types, arguments, options):
        change(*arguments)
        return True


def change(*arguments):
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[...] = 0
        elif isinstance(argument, list):
            argument.clear()


def spoil(*arguments):
    change(*arguments)
    random.seed(0)
    np.random.seed(0)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    np.allclose = np.asarray = lambda *_: True
    checks.attempt.__globals__["builtins"].isinstance = lambda *_: True


def fails_in_a_way_of_its_own(*_):
    class Odd(BaseException):
        def __str__(self):
            raise self

    raise Odd


def endless(*_):
    while True:
        pass


def recursive(*arguments):
    return recursive(*arguments)


def raising(error):
    def try_it(*_):
        raise error

    return try_it


MASKED = np.ma.masked_array([0.0, 9.0, 1.0, 1.0], mask=[False, True, False, False])
VALUES = [
    *[Broken(), Agreeing("x"), Equal("nan"), Arrays(), itertools.count(), itertools.repeat("x"), 10**5000],
    *[range(10**10), np.ma.masked, MASKED, np.array(["0.5"]), np.array([None]), np.full((2, 2), np.nan)],
    *[
        keras.Input((2,)),
        keras.ops.ones((2,)),
        np.float64("inf"),
        1 + 2j,
        (),
        {"x"},
        "x" * 10**6,
        Exception(),
    ],
]
TRIES = [
    *[change, spoil, endless, recursive, fails_in_a_way_of_its_own, print, sys.exit, lambda: None],
    *[raising(error) for error in (KeyboardInterrupt(), GeneratorExit(), MemoryError(), StopIteration())],
    *[lambda *_, value=value: value for value in VALUES],
    lambda *_: print("x" * 10**7),
    lambda *_: (number for number in (1, 2)),
    raising(ValueError("x" * 10**6)),
]
# Seconds. A check that takes longer meets one typical wrong answer and the tries every third day or so.
LONG = 3
WRONG = [(name, number) for name, exercise in EXERCISES for number in range(len(exercise.wrong))]
WRONG_TODAY = share(WRONG, 9)
SHORTEST_LINE = 12  # characters of code that give a solution away
every_exercise = pytest.mark.parametrize("name, exercise", EXERCISES, ids=[name for name, _ in EXERCISES])


@every_exercise
@pytest.mark.filterwarnings("ignore")
def test_no_try_changes_what_a_check_says(name, exercise, monkeypatch, capsys):
    """The solution is right, then come wrong and hostile tries, and the solution is still right."""
    assert exercise.wrong, "give typical wrong answers"
    space = {}
    exec(exercise.solution, space)
    started = time.monotonic()
    success = checks.check(name, space["answer"])
    takes = time.monotonic() - started
    assert success.right, success.text
    assert success.text.endswith((".", "?")) and 5 <= len(success.text.split()) - 1 <= 60, (
        "what does it mean?"
    )
    wrong = exercise.wrong
    if takes > LONG:
        wrong = [answer for number, answer in enumerate(wrong) if (name, number) in WRONG_TODAY]
        if not wrong:
            return
    capsys.readouterr()
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()
    with monkeypatch.context() as patched:
        patched.setattr(attempts, "SECONDS", 0.1)
        for answer in (*wrong, *VALUES, *TRIES):
            reply = checks.check(name, answer)
            assert not reply.right, answer
            assert 3 <= len(reply.text.split()) and len(reply.text) < 1000, reply.text
            assert len(capsys.readouterr().out) < 2200
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    assert checks.check(name, space["answer"]).text == success.text


@every_exercise
@pytest.mark.parametrize("answer", MALFORMED, ids=lambda answer: type(answer).__name__)
def test_malformed_answers_get_a_reply(name, exercise, answer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reply = checks.check(name, answer)
    assert not reply.right and len(reply.text.split()) >= 3


@every_exercise
def test_hints_are_folded_and_so_is_the_solution_after_a_try(name, exercise):
    before = checks.check(name, ...)._repr_html_()
    assert (
        before.count("<details>") == 2
        and f"No answer yet ({exercise.level}, about {exercise.minutes} minute" in before
    )
    assert len(set(exercise.hints)) == 2 and all(len(hint.split()) >= 4 for hint in exercise.hints)
    after = checks.check(name, exercise.wrong[0])._repr_html_()
    assert after.count("<details>") == 3
    last = html.escape(exercise.solution.strip().splitlines()[-1])
    assert last in after and last not in before


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_notebook_asks_all_its_exercises(path):
    number = path.name[:2]
    source = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code")
    asked = re.findall(r'check\("([\d.]+)"', source)
    assert asked == list(checks.exercises(number)) and len(asked) >= 4
    assert f'quiz("{number}")' in source


def literals(cell):
    """The literal values that a cell gives to names, such as (..., ...) in `answer = (..., ...)`."""
    found = {}
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.Assign):
            with contextlib.suppress(ValueError):  # not literal
                value, names = ast.literal_eval(node.value), ast.unparse(node.targets[0]).strip("()")
                found |= zip(names.split(", "), value, strict=True) if ", " in names else {names: value}
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_cell_that_nobody_has_changed_has_no_answer_yet_and_no_solution(path):
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code" and (asked := re.search(r'check\("([\d.]+)", (.+)\)', cell.source)):
            known = literals(cell.source) | {"...": ...}
            answer = [known.get(name, "made by the cell") for name in asked[2].split(", ")]
            reply = checks.check(asked[1], *answer)
            assert not reply.tried and "No answer yet" in reply.text, (asked[0], reply.text)
            assert "Solution</summary>" not in reply._repr_html_()
            (saved,) = (
                o.data["text/html"] for o in cell.outputs if "✗" in o.get("data", {}).get("text/html", "")
            )
            assert "No answer yet" in saved and "Solution</summary>" not in saved, asked[0]


@pytest.mark.parametrize("name", ["07.4", "08.1"])
def test_the_first_part_counts_as_begun_while_the_list_is_as_the_notebook_has_it(name):
    space, (path,) = {}, (path for path in PATHS if path.name.startswith(name[:2]))
    exec(checks.exercises(name[:2])[name].solution, space)
    (cell,) = (c.source for c in nbformat.read(path, 4).cells if f'check("{name}"' in c.source)
    empty = literals(cell)[re.search(r"answer, (\w+)\)", cell)[1]]
    reply = checks.check(name, space["answer"][0], empty)
    assert reply.tried and "The first part is right" in reply.text, reply.text


def essence(line):
    """The part of a line of code that somebody has to find, without spaces."""
    return "".join(re.sub(r"^(return|answer =|for .* in|if|elif) ", "", line.strip()).rstrip(":").split())


@every_exercise
def test_no_hint_contains_the_solution(name, exercise):
    lines = [line for line in exercise.solution.splitlines() if not re.match(r"\s*(import|from|def) ", line)]
    found = [part for part in map(essence, lines) if len(part) >= SHORTEST_LINE]
    for hint in exercise.hints:
        packed = "".join(hint.replace("·", "*").split())
        assert not [part for part in found if part in packed], hint


@pytest.mark.parametrize("number", NUMBERS)
def test_a_notebook_has_exercises_of_all_levels(number):
    assert {exercise.level for exercise in checks.exercises(number).values()} == {*get_args(checks.Level)}


def test_most_exercises_ask_for_a_function_a_design_or_a_diagnosis():
    kinds = [exercise.kind for _, exercise in EXERCISES]
    assert sum(kind in ("function", "design", "diagnosis") for kind in kinds) >= len(kinds) / 2


def test_many_exercises_train_or_change_a_network_in_plain_keras():
    changing = re.compile(r"\.(?:fit\(\w+\.?\w*, y|fit\(X|fit\(\*|set_weights\(|trainable\b)")
    assert len([name for name, exercise in EXERCISES if changing.search(exercise.solution)]) >= 8


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_notebook_promises_the_minutes_of_its_exercises(path):
    promised = f" and {checks.minutes(path.name[:2])} for the exercises; "
    assert promised in nbformat.read(path, 4).cells[0].source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_prediction_is_judged_by_means_alone(path):
    """The best mean may be chance: `helpers.studies.leaders` finds the answers that tie with it."""
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code" and ".beside(" in cell.source:
            assert not re.search(r"\bidx(max|min)\(", cell.source), cell.source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_answers_that_a_question_names_are_known(path):
    """A question lists its options as `"text"`; the check must know the same texts, for each of its cases."""
    for cell in nbformat.read(path, 4).cells:
        if title := re.match(r"### Exercise ([\d.]+)\n", cell.source):
            example = checks.exercises(path.name[:2])[title[1]].wrong[0]
            for option in re.findall(r'`"([^"`]+)"`', cell.source):
                answers = (
                    [{**example, case: option} for case in example] if isinstance(example, dict) else [option]
                )
                for answer in answers:
                    assert "that the question lists" not in checks.check(title[1], answer).text, option


def test_exercise_06_5_knows_every_diagnosis_of_the_gallery():
    from helpers.strategies.silent_bugs import CASES

    right = checks.exercises("06")["06.5"].wrong[1] | {"A": ("training images in validation", "")}
    for case in CASES.values():
        text = checks.check("06.5", right | {"A": (case.diagnosis, right["A"][1])}).text
        assert ("looks different" in text) == (case.diagnosis != right["A"][0]), text
