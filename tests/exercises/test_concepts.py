"""The concept test before and after the series: its questions, its lines, and the gain of a class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_quizzes import ABOVE_CHANCE, BLIND, LONGEST_LINE, OPTIONS, expected_score

import helpers
from helpers.__main__ import main
from helpers.exercises import checks, concept_lines, concept_test
from helpers.exercises.concept_questions import QUESTIONS
from helpers.exercises.concepts import UNKNOWN

RIGHT = [[*question.options].index(question.right) + 1 for question in QUESTIONS]


def line(when, code, score):
    """The line of a student with so many right answers, and "I do not know" for the others."""
    return concept_lines.to_line(when, code, RIGHT[:score] + [0] * (8 - score))


def test_the_questions_are_eight_and_asked_nowhere_else():
    assert len(QUESTIONS) == len({question.text for question in QUESTIONS}) == 8
    quizzes = [question for n in range(10) for question in checks.questions(f"{n:02d}")]
    assert not {question.text for question in QUESTIONS} & {question.text for question in quizzes}
    for question in QUESTIONS:
        assert len(question.options) == len({*question.options.values()}) == OPTIONS
        assert max(map(len, question.options)) <= LONGEST_LINE, question.text


@pytest.mark.parametrize("form", BLIND)
def test_form_does_not_reveal_the_answers(form):
    """With eight questions, two right answers more than by chance are still too many."""
    score = sum(expected_score(question, BLIND[form]) for question in QUESTIONS) / len(QUESTIONS)
    assert score <= 1 / OPTIONS + 1.5 * ABOVE_CHANCE


@given(st.sampled_from(concept_lines.WHEN), st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_a_line_comes_back_whatever_stands_beside_it(when, places):
    text = concept_lines.to_line(when, " ân07", places)
    assert len(text) < 70
    values = concept_lines.from_line(text)
    assert (values["when"], values["code"], values["places"]) == (when, "ÂN07", places)
    assert len(concept_lines.read(f"10:31 An: {text} thanks").unpaired) == 1


def test_a_class_gets_a_gain_with_an_interval():
    before, after = [2, 3, 4, 3], [5, 6, 6, 8]
    lines = [line("before", f"st{n:02d}", score) for n, score in enumerate(before)]
    lines += [line("after", f"ST{n:02d}", score) for n, score in enumerate(after)][::-1]
    text = concept_lines.report(concept_lines.read("\n".join(lines)))
    # Differences 3, 3, 2, 5 of 8: mean 3.25, standard deviation 1.258, t(3) = 3.182.
    assert "Students with both tests: 4." in text
    assert "before: 38 %, after: 78 %".replace(" %", "%") in text
    assert "Gain: 41 points, 95 % interval 16 to 66 points." in text
    assert "Normalised gain: 0.65." in text
    assert "       1    100%   100%\n" in text and "       8      0%    25%\n" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_command_reads_what_spreadsheets_save(tmp_path, capsys, encoding):
    lines = [line(when, code, 4) for when in concept_lines.WHEN for code in ("anna", "bao1")]
    (tmp_path / "all.txt").write_text("\n".join(lines), encoding=encoding)
    main(["gain", str(tmp_path / "all.txt")])
    said = capsys.readouterr().out
    assert "Students with both tests: 2." in said and "Not counted" not in said


def test_lines_that_do_not_count_are_named():
    lines = [line("before", "anna", 2), line("after", "anna", 5), line("before", "bao1", 1)]
    answers = concept_lines.read("\n".join([*lines, lines[0], "hello", lines[1][:-1]]))
    assert answers.repeated == 1 and answers.unpaired == ("BAO1: before",) and answers.conflicting == ()
    assert len(answers.refused) == 2 and "checksum does not fit" in answers.refused[1]
    text = concept_lines.report(answers)
    assert "needs two" in text and "BAO1: before" in text and "hello: this is not a line" in text


@pytest.mark.parametrize("twice", concept_lines.WHEN)
@pytest.mark.parametrize("once", concept_lines.WHEN)
def test_a_code_that_answered_in_two_ways_does_not_count_and_is_named(twice, once):
    both = [line(when, code, 3) for code in ("bao1", "cem1") for when in concept_lines.WHEN]
    doubtful = [line(twice, "an07", 1), line(once, "an07", 2), line(twice, "AN07", 3), line(once, "an07", 2)]
    answers = concept_lines.read("\n".join(both + doubtful))
    assert answers.conflicting == (f"AN07: {twice}",) and answers.unpaired == () and answers.repeated == 1
    assert {*answers.right.index.get_level_values("code")} == {"BAO1", "CEM1"}
    text = concept_lines.report(answers)
    assert "Students with both tests: 2." in text and "Different answers with one code, so not" in text


@pytest.mark.parametrize("first", concept_lines.WHEN)
def test_an_interval_contains_no_impossible_gain(first):
    scores = {first: (0, 1), next(when for when in concept_lines.WHEN if when != first): (2, 8)}
    lines = [line(when, f"st{n:02d}", score) for when, both in scores.items() for n, score in enumerate(both)]
    text = concept_lines.report(concept_lines.read("\n".join(lines)))
    # Differences 2 and 7 of 8: mean 56 points, half width 12.706 * 31 = 397.
    sign = "" if first == "before" else "-"
    assert f"Gain: {sign}56 points, 95 % interval -100 to 100 points." in text


def test_other_questions_of_another_version_are_not_evaluated(monkeypatch):
    monkeypatch.setattr(helpers, "__version__", "0.1.0")
    monkeypatch.setattr(concept_lines, "key", lambda: "00000000")
    old = line("before", "anna", 2)
    monkeypatch.undo()
    (refused,) = concept_lines.read(old).refused
    assert "version 0.1.0" in refused and f"this one, {helpers.__version__}" in refused


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (["vote", "1", concept_lines.key(), "before", "ANNA", "00000000"], "not a line of the concept test"),
        (["test", "1", concept_lines.key(), "during", "ANNA", "00000000"], "cannot be"),
        (["test", "1", concept_lines.key(), "after", "ANNA", "00000004"], "cannot be"),
        (["test", "1", concept_lines.key(), "after", "ANNA", "0000000"], "cannot be"),
    ],
)
def test_what_cannot_be_is_refused(fields, reason):
    (refused,) = concept_lines.read(concept_lines.lines.encode(fields)).refused
    assert reason in refused


@pytest.mark.parametrize("code", ["", "abc", "a" * 13, "an 07", "an;07", "an-07", "____", "an_07"])
def test_a_code_of_another_form_is_refused_with_the_rule(code):
    with pytest.raises(ValueError, match="four to twelve letters and digits"):
        line("before", code, 0)


def answered(when, score):
    test = concept_test(when)
    test.code.value = "anna"
    for number, (question, choice) in enumerate(zip(QUESTIONS, test.choices, strict=True)):
        choice.value = question.right if number < score else UNKNOWN
    test.button.click()
    return test


def test_before_the_series_no_answer_is_revealed():
    test = answered("before", 3)
    assert test.line.value == line("before", "anna", 3) and test.line.layout.display is None
    assert all(choice.disabled for choice in test.choices)
    shown = test.status.value + "".join(reply.value for reply in test._replies)
    assert "✓" not in shown and "✗" not in shown and "of 8" not in shown


def test_after_the_series_each_answer_is_explained():
    test = answered("after", 3)
    assert test.line.value == line("after", "anna", 3) and "3 of 8 right" in test.status.value
    marks = [reply.value[3] for reply in test._replies]
    assert marks == ["✓"] * 3 + ["✗"] * 5


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_mistyped_code_can_be_corrected_but_no_answer(when):
    test = answered(when, 3)
    test.code.value = "nina"
    test.button.click()
    assert test.line.value == line(when, "nina", 3) and test.choices[0].disabled


def test_what_is_missing_is_named_and_nothing_is_locked():
    test = concept_test("before")
    for choice in test.choices[:6]:
        choice.value = UNKNOWN
    test.button.click()
    assert "Questions without an answer: 7, 8." in test.status.value
    for choice in test.choices:
        choice.value = UNKNOWN
    test.code.value = "no!"
    test.button.click()
    assert "four to twelve" in test.status.value and not test.code.disabled and test.line.value == ""
    with pytest.raises(ValueError, match="'before' or 'after'"):
        concept_test("during")


def test_the_command_reads_files_of_both_tests(tmp_path, capsys):
    for when, scores in (("before", (1, 2, 3)), ("after", (4, 6, 5))):
        text = "\n".join(line(when, f"st{n:02d}", score) for n, score in enumerate(scores))
        (tmp_path / f"{when}.txt").write_text("\ufeff" + text, encoding="utf-8")
    main(["gain", str(tmp_path / "after.txt"), str(tmp_path / "before.txt")])
    said = capsys.readouterr().out
    assert "Students with both tests: 3." in said and "Not counted" not in said


@pytest.mark.parametrize("content", ["", "hello\n", "\n".join(f"line {n}" for n in range(8))])
def test_a_file_without_a_line_is_an_error_that_names_it(tmp_path, capsys, content):
    (tmp_path / "junk.txt").write_text(content)
    with pytest.raises(SystemExit) as stopped:
        main(["gain", str(tmp_path / "junk.txt")])
    printed, said = capsys.readouterr()
    assert stopped.value.code == 2 and not printed and said.count("\n") == 1
    assert "No line of the concept test that counts was found in" in said and "junk.txt" in said
    assert ("hello: this is not a line of the concept test" in said) == (content == "hello\n")
    assert ("(8): line 0: this is" in said and "; and 3 more." in said) == content.endswith("line 7")


def test_one_answer_alone_is_a_line_that_was_found(tmp_path, capsys):
    (tmp_path / "one.txt").write_text(line("before", "anna", 2))
    main(["gain", str(tmp_path / "one.txt")])
    assert "ANNA: before" in capsys.readouterr().out
