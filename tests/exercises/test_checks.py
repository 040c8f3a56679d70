import math

import numpy as np
import pandas as pd
import pytest

from helpers.exercises import checks
from helpers.exercises.checks import Exercise, choice, function, number, several
from helpers.networks.backend import keras


@pytest.mark.parametrize("answer", [0.25, "0.25", np.float64(0.2501), 0.249])
def test_number_accepts(answer):
    assert number(0.25, tolerance=0.005)(answer) is None


@pytest.mark.parametrize(
    "answer, word",
    [
        ("abc", "number"),
        ([1, 2], "number"),
        (math.nan, "finite"),
        (0.5, "σ"),
        (25, "percentage"),
        (0.3, "high"),
    ],
)
def test_number_says_what_is_wrong(answer, word):
    assert word in number(0.25, 0.005, mistakes={0.5: "That is σ(0)."})(answer)


def test_a_rounded_mistake_is_recognised():
    mistaken = number(0.25, mistakes={1 / 3: "That is the share of three classes."})
    assert "three classes" in mistaken(0.3333) and "high" in mistaken(0.34)


def test_number_may_be_computed_late():
    assert number(lambda: 3)(3) is None and "low" in number(lambda: 3)(2)


def test_choice():
    test = choice("Linear probe", {"Fine-tune": "Too many parameters for five images."})
    assert test(" linear  PROBE ") is None
    assert test("fine-tune") == "Too many parameters for five images."
    assert "Answer with one of" in test("what?") and "Answer with one of" in test(3)


def test_several():
    test = several({"a", "b"}, {"a", "b", "c"})
    assert test(["B", "a"]) is None
    assert test({"a", "c"}) == "Wrong options in your answer: 1. Missing options: 1."
    assert "Unknown: z" in test({"z"}) and "Give a set" in test("a")


def test_function():
    test = function([((1,), 1), ((-2.0,), 0)], name="relu")
    assert test(lambda x: max(x, 0)) is None
    assert "relu(-2.0) returns -2.0, but 0" in test(lambda x: x)
    assert "raises ZeroDivisionError" in test(lambda x: 1 / 0)
    assert "without calling it" in test(0.5)
    assert "expected" in test(lambda x: "text")


def test_a_function_gets_copies():
    """It may empty its argument and still be right; the argument and the expected value stay as they are."""
    numbers, total = [1, 2], np.array([3])
    test = function([((numbers,), total)], name="total")

    def emptying(given):
        result = [given.pop() + given.pop()]
        numbers.clear()
        total[:] = 0
        return result

    for _ in range(2):
        assert test(emptying) is None
        assert "total([1, 2]) returns [0], but array([3]) is expected" in test(lambda given: [0])


class Lying(np.ndarray):
    def __array_function__(self, function, types, arguments, options):
        return True


@pytest.mark.parametrize(
    ("result", "right"),
    [
        *[([1, 2], True), ((1.0, 2.0), True), (range(1, 3), True), (pd.Series([1, 2]), True)],
        *[(np.float16([1, 2]), True), (np.ma.array([1, 2]), True), (keras.ops.arange(1, 3), True)],
        *[(np.ma.array([1, 2], mask=[False, True]), False), (["1", "2"], False), ([1, [2]], False)],
        *[({1: 0, 2: 0}, False), (iter([1, 2]), False), (keras.Input((1, 2)), False), (range(10**12), False)],
        *[([1, float("nan")], False), (np.array([1, 2], object), False), (None, False), ([1, 2, 3], False)],
        *[(np.zeros(2).view(Lying), False), ([[1, 2]], False), (np.broadcast_to(1, (10**9,) * 2), False)],
    ],
)
def test_results_are_compared_by_value(result, right):
    reply = function([((), np.array([1, 2]))])(lambda: result)
    assert (reply is None) == right and (right or "but array([1, 2]) is expected" in reply)


@pytest.mark.parametrize(
    ("result", "right"),
    [(0.5, True), (np.array(0.5), True), (keras.ops.ones(()) / 2, True), ([0.5], False), ("0.5", False)],
)
def test_a_number_is_not_a_list_and_not_a_text(result, right):
    assert (function([((), 0.5)])(lambda: result) is None) == right


@pytest.fixture
def asked(monkeypatch):
    """A function that checks an answer to an exercise with a check of its own."""

    def ask(check, *answer):
        exercise = Exercise(check, hints=("", ""), solution="")
        monkeypatch.setattr(checks, "exercises", lambda notebook: {"00.1": exercise})
        return checks.check("00.1", *answer)

    return ask


@pytest.mark.parametrize("answer", [(), (...,), (None,), (1, ...), (None, 2)])
def test_a_missing_answer_is_not_a_wrong_one(asked, answer):
    reply = asked(lambda given: None, *answer)
    assert not reply.right and reply.text.startswith("No answer yet")


@pytest.mark.parametrize("answer, given", [((1,), 1), ((1, 2), (1, 2)), (((1, 2),), (1, 2)), ((0,), 0)])
def test_an_answer_of_two_parts_is_a_pair(asked, answer, given):
    assert asked(lambda received: None if received == given else "wrong", *answer).right


@pytest.mark.parametrize("error", [ValueError, SystemExit, GeneratorExit])
def test_a_check_that_fails_gives_a_reply(asked, error):
    def failing(answer):
        raise error

    reply = asked(failing, 1)
    assert not reply.right and reply.text.startswith("This answer (int) cannot be checked")


def test_unknown_names():
    with pytest.raises(ValueError, match="notebook '99'"):
        checks.check("99.1", 1)
    with pytest.raises(ValueError, match="right answer"):
        checks.Question("?", {"a": ""}, right="b")
