import pytest

from helpers.exercises import checks
from helpers.exercises.checks import Exercise


@pytest.fixture
def asked(monkeypatch):
    """A function that checks an answer to an exercise with a check of its own."""

    def ask(check, *answer, means="It is so."):
        exercise = Exercise("do it", "number", 1, check, means=means, hints=("", ""), solution="answer = 1")
        monkeypatch.setattr(checks, "exercises", lambda notebook: {"00.1": exercise})
        return checks.check("00.1", *answer)

    return ask


@pytest.mark.parametrize(
    "answer",
    [
        *[(), (...,), (None,), (1, ...), (None, 2)],
        *[({"a": ..., "b": ...},), ({"a": (..., ...), "b": [...]},), ([..., ...],), ((..., ...),)],
    ],
)
def test_a_missing_answer_is_not_a_wrong_one(asked, answer):
    reply = asked(lambda given: None, *answer)
    assert (
        not reply.right and not reply.tried and reply.text.startswith("No answer yet (do it, about 1 minute)")
    )


@pytest.mark.parametrize(
    "answer, given",
    [
        ((1,), 1),
        ((1, 2), (1, 2)),
        (((1, 2),), (1, 2)),
        ((0,), 0),
        (({},), {}),
        (({"a": 1, "b": ...},), {"a": 1, "b": ...}),
        (({"a": (1, ...), "b": (..., ...)},), {"a": (1, ...), "b": (..., ...)}),
        (([],), []),
    ],
)
def test_an_answer_of_two_parts_is_a_pair(asked, answer, given):
    assert asked(lambda received: None if received == given else "wrong", *answer).right


def test_a_list_that_contains_itself_gets_a_reply(asked):
    endless = []
    endless.append(endless)
    assert asked(lambda given: "wrong", endless).text == "wrong"


def test_the_solution_can_be_unfolded_after_a_try_only(asked):
    pages = [asked(lambda given: None if given == 1 else "wrong", n)._repr_html_() for n in (..., 0, 1)]
    assert ["answer = 1" in page for page in pages] == [False, True, True]
    assert ["Right. It is so." in page for page in pages] == [False, False, True]


def test_what_success_means_can_depend_on_the_answer(asked):
    assert asked(lambda given: None, 7, means=lambda given: f"You have {given}.").text == "Right. You have 7."


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
