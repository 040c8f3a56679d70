"""The quizzes: whoever does not know the subject cannot find the right answers by their form."""

import ast
import re
from pathlib import Path

import pytest

import helpers
from helpers.authoring.opening import NOTEBOOKS
from helpers.exercises import checks

NUMBERS = [path.name[:2] for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
ASKED = {number: checks.questions(number) for number in NUMBERS}
OPTIONS = 3
LONGEST_LINE = 84  # characters of an option, so that it fits into one line of JupyterLab
ABOVE_CHANCE = 0.10

MUCH_LONGER = 1.2  # times the longest wrong option

CAUTIOUS = {"depends", "hardly", "may", "might", "neither", "perhaps", "probably"}
CAUTIOUS_PARTS = (
    *("nobody can say", "not much", "too little", "nothing for", "no difference;", "a tie"),
    *("compare both", "repeat this test", "be measured", "measure it"),
)


def is_cautious(option):
    """Whether an option says that one cannot know, or has to measure first."""
    said = option.lower()
    return bool(CAUTIOUS & {*re.findall(r"\w+", said)}) or any(part in said for part in CAUTIOUS_PARTS)


# What somebody can choose by without reading the question: a value for each option, given its text and place.
BLIND = {
    "the longest": lambda option, place: len(option),
    "the shortest": lambda option, place: -len(option),
    "the one with most words": lambda option, place: len(option.split()),
    "one with a reason": lambda option, place: "because" in option,
    "one without a reason": lambda option, place: "because" not in option,
    "one without a comma": lambda option, place: "," not in option,
    "a cautious one": lambda option, place: is_cautious(option),
    "one without strong words": lambda option, place: not {"all", "always", "never"} & {*option.split()},
    **{f"place {k}": lambda option, place, k=k: place == k for k in range(OPTIONS)},
}


def expected_score(question, value):
    """The share of points if one of the options with the highest value is chosen at random."""
    values = {option: value(option, place) for place, option in enumerate(question.options)}
    chosen = [option for option in values if values[option] == max(values.values())]
    return (question.right in chosen) / len(chosen)


def test_the_score_of_a_choice_by_form():
    question = checks.Question("?", {"no": "", "yes": "", "perhaps": ""}, right="yes")
    assert expected_score(question, BLIND["the longest"]) == 0
    assert expected_score(question, BLIND["place 1"]) == 1
    assert expected_score(question, BLIND["the shortest"]) == 0
    assert expected_score(question, BLIND["one without a comma"]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("form", BLIND)
def test_form_does_not_reveal_the_answers(form):
    scores = [expected_score(question, BLIND[form]) for asked in ASKED.values() for question in asked]
    assert sum(scores) / len(scores) <= 1 / OPTIONS + ABOVE_CHANCE


def test_an_answer_of_middle_length_is_no_better():
    ranks = [
        sorted(question.options, key=len).index(question.right)
        for asked in ASKED.values()
        for question in asked
    ]
    assert max(ranks.count(rank) for rank in range(OPTIONS)) / len(ranks) <= 1 / OPTIONS + ABOVE_CHANCE


@pytest.mark.parametrize("number", NUMBERS)
def test_right_answers_are_at_every_place(number):
    places = [list(question.options).index(question.right) for question in ASKED[number]]
    assert set(places) == {0, 1, 2} and max(map(places.count, places)) <= 3


@pytest.mark.parametrize("number", NUMBERS)
def test_every_option_has_a_reply_of_its_own(number):
    asked = ASKED[number]
    assert len(asked) == len({question.text for question in asked}) == 6
    for question in asked:
        replies = set(question.options.values())
        assert len(question.options) == len(replies) == OPTIONS, question.text
        assert min(len(reply.split()) for reply in replies) >= 5, question.text
        assert max(map(len, question.options)) <= LONGEST_LINE, question.text


@pytest.mark.parametrize("number", NUMBERS)
def test_a_right_answer_is_not_much_longer_than_both_others(number):
    for question in ASKED[number]:
        others = max(len(option) for option in question.options if option != question.right)
        assert len(question.right) <= MUCH_LONGER * others, question.right


def test_the_cautious_option_is_wrong_in_half_of_the_notebooks():
    wrong = {
        number
        for number, asked in ASKED.items()
        for question in asked
        for option in question.options
        if is_cautious(option) and option != question.right
    }
    assert len(wrong) >= len(NUMBERS) / 2, wrong


def test_no_text_of_the_helpers_has_a_space_inside_a_word():
    """A string that ends in "fine- " and goes on in the next line reads "fine- tuning"."""
    texts = [
        (path.name, node.value)
        for path in Path(helpers.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    cut = re.compile(r"[^\W\d_]+- (?!and |or )[^\W\d_]+")
    found = [(name, word) for name, text in texts for word in cut.findall(text)]
    assert len(texts) > 10_000 and found == []
