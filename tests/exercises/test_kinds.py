import math
import time

import numpy as np
import pandas as pd
import pytest

from helpers.exercises import attempts
from helpers.exercises.kinds import cases, choice, function, network, number, several
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
    for unknown in ("what?", 3):
        reply = test(unknown)
        assert "one of the texts that the question lists" in reply and "probe" not in reply.lower()


def test_all_answers_that_tie_are_right():
    test = choice(("Block 2", "block 3"), {"block 1": "Clearly worse."})
    assert [test(answer) for answer in ("block 2", "block 3", "block 1")] == [None, None, "Clearly worse."]


@pytest.mark.parametrize("right", [{"a", "b"}, lambda: ["b", "a"]], ids=["set", "computed"])
def test_several(right):
    test = several(right, {"a": "A belongs to it.", "b": "B does, too.", "c": "C does not."})
    assert test(["B", "a"]) is None
    assert test({"a", "c"}) == "Too many: 1. Missing: 1. Think again about b: B does, too."
    assert test({"a", "b", "c"}) == "Too many: 1. Missing: 0. Think again about c: C does not."
    assert test(set()) == "Too many: 0. Missing: 2. Think again about a: A belongs to it."
    assert "Unknown: z" in test({"z"}) and "Give a set" in test("a")


def test_cases():
    test = cases({"two": number(2), "three": number(3), "colour": choice("red", {"blue": "Not blue."})})
    assert test({"three": 3, "two": 2, "colour": "red", "more": 1}) is None
    assert (
        test({"two": 2, "three": 3, "colour": "blue"})
        == "2 of 3 right. Think again about 'colour'. Not blue."
    )
    assert "1 of 3 right. Think again about 'three'. 2 is too low." == test(
        {"two": 2, "three": 2, "colour": 1}
    )
    assert "without an answer: 'three', 'colour'" in test({"two": 2})
    assert "still with ...: 'three'" in test({"two": 2, "three": ..., "colour": "red"})
    assert "Give a dict" in test([2, 3])


def test_function():
    test = function([((1,), 1), ((-2.0,), 0)], name="relu")
    assert test(lambda x: max(x, 0)) is None
    assert "relu(-2.0) returns -2.0, but 0" in test(lambda x: x)
    assert "raises ZeroDivisionError" in test(lambda x: 1 / 0)
    assert "without calling it" in test(0.5)
    assert "expected" in test(lambda x: "text")
    assert "end with return" in test(lambda x: None)


def test_a_typical_wrong_function_gets_its_reply():
    """Only if it agrees everywhere: one agreement may be chance."""
    mistakes = {lambda a, b: a + b: "That is the sum.", lambda a, b: a / 0: "Never."}
    test = function([((2, 2), 4), ((2, 3), 6), ((0, 5), 0)], "product", mistakes)
    assert test(lambda a, b: a * b) is None
    assert test(lambda a, b: b + a) == "product(2, 3) returns 5, but 6 is expected. That is the sum."
    assert test(lambda a, b: a) == "product(2, 2) returns 2, but 4 is expected."
    assert test(lambda a, b: a + b if a else 1 / 0).endswith("but 6 is expected.")


def test_a_slow_function_gets_more_time(monkeypatch):
    monkeypatch.setattr(attempts, "SECONDS", 0.1)
    replies = [function([((), None)], slow=slow)(lambda: time.sleep(0.2)) for slow in (False, True)]
    assert "does not return within 0.1 s" in replies[0] and "returns None" in replies[1]


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


def test_network():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    test = network(lambda model: None, lambda model: "Too small." if model.count_params() < 10 else None)
    assert "Give the Keras model itself" in test(model.layers[0])
    assert test(model) == "Too small." and network(lambda model: None)(model) is None
