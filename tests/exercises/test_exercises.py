"""Every exercise of every notebook, with correct, wrong, missing and malformed answers."""

import re
import warnings

import nbformat
import pytest

from helpers.authoring.opening import NOTEBOOKS
from helpers.exercises import checks

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
every_exercise = pytest.mark.parametrize("name, exercise", EXERCISES, ids=[name for name, _ in EXERCISES])


@every_exercise
def test_the_solution_is_right(name, exercise):
    space = {}
    exec(exercise.solution, space)
    reply = checks.check(name, space["answer"])
    assert reply.right, reply.text


@every_exercise
def test_wrong_answers_get_a_helpful_reply(name, exercise):
    assert exercise.wrong, "give typical wrong answers"
    for answer in exercise.wrong:
        reply = checks.check(name, answer)
        assert not reply.right and len(reply.text.split()) >= 3, (answer, reply.text)


@every_exercise
@pytest.mark.parametrize("answer", MALFORMED, ids=lambda answer: type(answer).__name__)
def test_malformed_answers_get_a_reply(name, exercise, answer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reply = checks.check(name, answer)
    assert not reply.right and len(reply.text.split()) >= 3


@every_exercise
def test_hints_and_solution_are_folded(name, exercise):
    page = checks.check(name)._repr_html_()
    assert page.count("<details>") == 3 and "No answer yet" in page
    assert len(set(exercise.hints)) == 2 and all(len(hint.split()) >= 4 for hint in exercise.hints)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_notebook_asks_all_its_exercises(path):
    number = path.name[:2]
    source = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code")
    asked = re.findall(r'check\("([\d.]+)"', source)
    assert asked == list(checks.exercises(number)) and len(asked) >= 4
    assert f'quiz("{number}")' in source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_answers_that_a_question_names_are_known(path):
    """A question lists its options as `"text"`; the check must know the same texts."""
    for cell in nbformat.read(path, 4).cells:
        if title := re.match(r"### Exercise ([\d.]+)\n", cell.source):
            for option in re.findall(r'`"([^"`]+)"`', cell.source):
                assert "Answer with one of" not in checks.check(title[1], option).text, option


def test_the_diagnosis_of_exercise_06_4_is_in_the_gallery():
    from helpers.strategies.silent_bugs import CASES

    assert checks.check("06.4", CASES["leakage"].diagnosis).right


@pytest.mark.parametrize("number", NUMBERS)
def test_a_quiz_is_worth_answering(number):
    asked = checks.questions(number)
    assert len(asked) >= 5 and len({question.text for question in asked}) == len(asked)
    for question in asked:
        assert len(question.options) >= 3
        assert all(len(reply.split()) >= 3 for reply in question.options.values()), question.text
    places = [list(question.options).index(question.right) for question in asked]
    assert len(set(places)) >= 2, "the right answer is always at the same place"
