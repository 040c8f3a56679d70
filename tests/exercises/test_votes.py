"""Class votes: lines that are pasted, counted and refused, and the board that shows them."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import helpers
from helpers.exercises import class_votes, predict, vote_lines
from helpers.exercises.vote_lines import Poll

NUMBER = Poll("Test accuracy, in %?", (0, 100))
CHOICE = Poll("Which is better?", ["a probe; always", "fine-tuning, 50 %", 5])


@pytest.fixture
def student(monkeypatch):
    """A function that votes as one of many students, each with a notebook of their own."""

    def write(poll, who, answer, vote=1):
        monkeypatch.setattr(vote_lines, "voter", lambda: f"{who:06x}")
        return poll.line(answer, vote)

    return write


def answers(tally, vote=1):
    return tally.votes.loc[tally.votes["vote"] == vote, "answer"].tolist()


@given(st.integers(0, 100), st.sampled_from(CHOICE.options), st.sampled_from([1, 2]))
def test_a_line_is_short_and_comes_back(value, option, vote):
    for poll, answer in ((NUMBER, value), (CHOICE, option)):
        line = poll.line(answer, vote)
        assert len(line) < 60 and line.isascii() and " " not in line
        assert answers(poll.tally(f"  {line} "), vote) == [answer]


@pytest.mark.parametrize("value", [0.1, 1.0, 1 / 3])
def test_a_number_between_decimals_comes_back(value):
    poll = Poll("Which share?", (0.0, 1.0))
    assert answers(poll.tally(poll.line(value, vote=1))) == [value]


@given(st.integers(0, 60), st.sampled_from("0123456789abcdefv;#.,"))
def test_a_changed_character_is_noticed(place, character):
    line = NUMBER.line(80, vote=1)
    place %= len(line)
    damaged = line[:place] + character + line[place + 1 :]
    if damaged != line:
        tally = NUMBER.tally(damaged)
        assert len(tally.votes) == 0 and len(tally.refused) == 1


def test_students_and_votes_are_counted_once_each(student):
    first = [student(NUMBER, who, 70) for who in range(3)]
    second = [student(NUMBER, who, 80, vote=2) for who in range(2)]
    changed = student(NUMBER, 0, 10)
    tally = NUMBER.tally("\n".join([*first, "", *second, first[0], changed, second[1]]))
    assert answers(tally) == [70] * 3 and answers(tally, vote=2) == [80] * 2
    assert tally.repeated == 2 and tally.refused == ()
    (conflict,) = tally.conflicting
    assert conflict.startswith(changed) and "says 70" in conflict


def test_text_of_a_chat_beside_the_lines_does_no_harm(student):
    one, other = student(NUMBER, 1, 20), student(NUMBER, 2, 30)
    tally = NUMBER.tally(f"[10:31] An: {one} 👍\n> {other} {student(NUMBER, 3, 40)}\nwhat is a probe?")
    assert answers(tally) == [20, 30, 40]
    assert [line.partition(":")[0] for line in tally.refused] == ["what is a probe?"]


def test_a_vote_that_was_cut_off_is_named_and_does_not_cost_the_next_one(student):
    one, other = student(NUMBER, 1, 20), student(NUMBER, 2, 30)
    tally = NUMBER.tally(f"{one[:-9]} {other}")
    assert answers(tally) == [30]
    assert [line.partition(":")[0] for line in tally.refused] == [one[:-9]]


def test_votes_on_another_question_or_wording_are_not_mixed_in(student):
    others = [
        Poll("Test accuracy, in %?", (0, 50)),
        Poll("Test accuracy in %?", (0, 100)),
        Poll(CHOICE.question, CHOICE.options[::-1]),
    ]
    text = "\n".join(student(poll, 1, poll.options[1]) for poll in others)
    for poll in (NUMBER, CHOICE):
        tally = poll.tally(text)
        assert len(tally.votes) == 0 and tally.elsewhere == 3 and tally.refused == ()


def test_another_version_with_the_same_question_counts_and_is_named(student, monkeypatch):
    monkeypatch.setattr(helpers, "__version__", "0.1.0")
    old = student(NUMBER, 1, 60)
    monkeypatch.undo()
    tally = NUMBER.tally(old)
    assert answers(tally) == [60] and tally.other_versions == ("0.1.0",)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (["test", "1", NUMBER.key, "1", "a", "5"], "not a vote"),
        (["vote", "1", NUMBER.key, "3", "a", "5"], "1 or 2"),
        (["vote", "1", NUMBER.key, "1", "a", "101"], "no answer '101'"),
        (["vote", "1", NUMBER.key, "1", "a", "7.5"], "no answer"),
        (["vote", "1", NUMBER.key, "1", "a", "nan"], "no answer"),
        (["vote", "1", NUMBER.key, "1", "5"], "whole line"),
    ],
)
def test_what_cannot_be_is_refused(fields, reason):
    (refused,) = NUMBER.tally(vote_lines.lines.encode(fields)).refused
    assert reason in refused


@pytest.mark.parametrize("place", ["0", "4", "-1", "first"])
def test_an_option_that_is_not_there_is_refused(place):
    line = vote_lines.lines.encode(["vote", "1", CHOICE.key, "1", "a", place])
    assert "no answer" in CHOICE.tally(line).refused[0]


def test_bins_hold_every_answer_once(student):
    votes = NUMBER.tally("\n".join(student(NUMBER, n, n) for n in range(101))).votes
    counts = NUMBER.counts(votes)["first vote"]
    assert counts.tolist() == [10] * 9 + [11] and counts.index[0] == "0–10"
    few = Poll("How many of four?", (0, 4))
    votes = few.tally("\n".join(student(few, n, n) for n in range(5))).votes
    assert few.counts(votes)["first vote"].to_dict() == {str(n): 1 for n in range(5)}


def test_a_voter_is_the_same_in_one_notebook_and_leaves_the_seeds_alone():
    before = random.getstate()
    vote_lines.voter.cache_clear()
    assert vote_lines.voter() == vote_lines.voter()
    assert random.getstate() == before


def test_a_prediction_writes_a_line_for_each_of_two_votes():
    guess = predict("Which is better?", ["probe", "fine-tuning"])
    assert guess.lines.value == "" and guess.children[-1].layout.display == "none"
    guess.control.value = "probe"
    guess.button.click()
    assert guess.children[-1].layout.display is None
    guess.again.click()
    assert not guess.control.disabled and not guess.button.disabled and guess.value == "probe"
    guess.control.value = "fine-tuning"
    guess.button.click()
    assert guess.value == "fine-tuning" and guess.again.disabled and guess.control.disabled
    tally = guess.poll.tally(guess.lines.value)
    assert answers(tally) == ["probe"] and answers(tally, vote=2) == ["fine-tuning"]


@pytest.mark.parametrize("change", [lambda line: "", lambda line: f"{line}\n\n", lambda line: line[:-3]])
def test_a_second_vote_counts_whatever_a_student_does_in_the_field(change):
    guess = predict("How many?", (0, 10))
    guess.button.click()
    first = guess.lines.value
    guess.lines.value = change(first)
    guess.again.click()
    guess.control.value = 7
    guess.button.click()
    tally = guess.poll.tally(f"{first}\n{guess.lines.value}")
    assert answers(tally) == [5] and answers(tally, vote=2) == [7]
    assert tally.conflicting == tally.refused == () and guess.again.disabled


def test_nobody_votes_again_after_the_result():
    guess = predict("How many?", (0, 10))
    guess.button.click()
    assert not guess.again.disabled
    guess.beside(3)
    assert guess.again.disabled
    late = predict("How many?", (0, 10))
    late.beside(3)  # all cells ran before the first vote
    late.button.click()
    assert late.again.disabled and late.value == 5


def test_the_board_counts_fifty_lines_in_a_second(student):
    guess = predict(CHOICE.question, CHOICE.options)
    board = class_votes(guess)
    before = board.figure_image.value
    board.lines.value = "\n".join(
        student(guess.poll, n, guess.poll.options[n % 3], vote) for n in range(25) for vote in (1, 2)
    )
    start = time.process_time()
    board.button.click()
    assert time.process_time() - start < 1
    assert "first vote 25, after the discussion 25" in board.status.value
    assert board.figure_image.value != before and "first vote: a probe; always 9" in board.alt


def test_the_board_says_what_it_does_not_count(student, monkeypatch):
    guess = predict("How many?", (0, 100))
    board = class_votes(guess)
    good = student(guess.poll, 1, 10)
    other = student(NUMBER, 1, 10)
    monkeypatch.setattr(helpers, "__version__", "0.1.0")
    old = student(guess.poll, 2, 10)
    monkeypatch.undo()
    board.lines.value = "\n".join([good, good, other, old, "<script>alert(1)</script>"])
    board.button.click()
    said = board.status.value
    assert "first vote 2," in said and "Duplicate lines: 1" in said and "(0.1.0)" in said
    assert "other questions, not counted here: 1" in said
    assert "<script>" not in said and "not a vote" in said
    assert board.lines.value.count("\n") == 4, "the pasted text stays"
