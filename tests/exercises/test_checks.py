import math

import numpy as np
import pytest

from helpers.exercises import checks
from helpers.exercises.checks import choice, function, number, several


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


def test_unknown_names():
    with pytest.raises(ValueError, match="notebook '99'"):
        checks.check("99.1", 1)
    with pytest.raises(ValueError, match="right answer"):
        checks.Question("?", {"a": ""}, right="b")
