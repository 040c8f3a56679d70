"""The parts of all labs: figure lab, prediction, quiz."""

import asyncio

import numpy as np
import pytest

from helpers.exercises import checks, predict
from helpers.exercises.checks import Question
from helpers.exercises.quizzes import Quiz
from helpers.widgets.figure_lab import AFTER, FigureLab, choice, slider, steps, whole


@pytest.fixture
def lab():
    def draw(axes, power, kind, start):
        if kind == "impossible":
            raise ValueError("No such line <here>.")
        axes[0].plot([start, power])
        return f"A line up to {power} & more."

    controls = {
        "power": whole("power", 2, 1, 5),
        "kind": choice("kind", ["line", "impossible"]),
        "start": slider("start", [0, 10, 100], 0),
    }
    return FigureLab(draw, controls, name="test-lab", columns=1)


def test_the_figure_follows_every_control_and_is_never_empty(lab):
    seen = [lab.figure_image.value]
    for name, value in (("power", 5), ("start", 100)):
        lab.controls[name].value = value
        assert bytes(lab.figure_image.value)[:4] == b"\x89PNG" and lab.figure_image.value not in seen
        seen.append(lab.figure_image.value)
    assert lab.alt == "A line up to 5 & more."


def test_going_back_gives_the_same_image_on_the_same_widget(lab):
    before, widget = lab.figure_image.value, lab.figure_image
    lab.controls["power"].value = 4
    lab.controls["power"].value = 2
    assert lab.figure_image.value == before and lab.figure_image is widget


def test_the_next_steps_of_a_slider_are_drawn_in_advance():
    drawn = []

    def draw(axes, power, start):
        drawn.append((power, start))
        return f"{power}, {start}."

    lab = FigureLab(
        draw, {"power": whole("power", 2, 1, 5), "start": slider("start", "abc", "a")}, "test-lab"
    )
    assert drawn == [(2, "a")], "nothing is drawn in advance before the reader moves a slider"

    async def move(name, value, seconds):
        lab.controls[name].value = value
        await asyncio.sleep(seconds)

    async def reader():
        await move("power", 3, 20 * AFTER)
        assert drawn[1:] == [(3, "a"), (4, "a")]
        await move("power", 4, 0)
        assert drawn[3:] == [] and lab.alt == "4, a."
        await move("start", "b", 20 * AFTER)  # moved on at once: step 5 is not needed any more
        assert drawn[3:] == [(4, "b"), (4, "c")] and lab.alt == "4, b."

    asyncio.run(reader())


def test_steps_stay_on_the_slider():
    assert steps(whole("power", 1, 1, 5)) == [2] and steps(whole("power", 3, 1, 5)) == [4, 2]
    assert steps(slider("layer", [("first", 1), ("last", 9)], 9)) == [1]
    assert steps(choice("kind", ["line", "curve"])) == []


def test_an_impossible_figure_is_reported_and_the_last_one_stays(lab):
    before = lab.figure_image.value
    lab.controls["kind"].value = "impossible"
    assert "No such line &lt;here&gt;." in lab.caption.value and lab.figure_image.value == before
    lab.controls["kind"].value = "line"
    assert "A line" in lab.caption.value


def test_a_saved_notebook_shows_the_figure_with_its_text(lab):
    data, extra = lab._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR") and "A line up to 2" in extra["image/png"]["alt"]


def test_every_control_has_a_label_and_can_be_found(lab):
    assert all(control.description for control in lab.controls.values())
    assert "lab-power" in lab.controls["power"]._dom_classes and "test-lab" in lab._dom_classes


def test_a_text_can_be_compared_with_a_number_and_numpy_with_both():
    guess = predict("From which size on?", [5, 10, "never"])
    guess.control.value = "never"
    guess.button.click()
    assert "You said never. Result: <b>10</b>" in guess.beside(10).data
    assert (
        "Result: <b>never</b>" in guess.beside(np.str_("never")).data
        and "is correct" in guess.beside("never").data
    )
    number = predict("How many?", (0, 100))
    number.button.click()
    assert "The difference is 20." in number.beside(np.float32(30)).data


def test_a_choice_is_committed_once_and_compared_with_the_result():
    guess = predict("Which wins?", ["probe", "fine-tune"])
    assert "have not committed a guess" in guess.beside("probe").data
    guess.button.click()
    assert guess.value is None and "Choose" in guess.status.value
    guess.control.value = "probe"
    guess.button.click()
    assert guess.value == "probe" and guess.control.disabled and guess.button.disabled
    assert "is correct" in guess.beside("probe").data and "surprise" in guess.beside("fine-tune").data


def test_a_number_is_compared_with_the_result():
    guess = predict("Accuracy, in %?", (0, 100))
    guess.control.value = 80
    guess.button.click()
    page = guess.beside(61.5, "%").data
    assert "You said 80 %" in page and "61.5 %" in page and "The difference is 18.5." in page


def committed(options, value):
    guess = predict("Which is best?", options)
    guess.control.value = value
    guess.button.click()
    return guess


@pytest.mark.parametrize("value", ["B", "C"])
def test_an_answer_that_ties_is_no_surprise(value):
    page = committed(["A", "B", "C"], value).beside("A", tied=["B", "C"]).data
    assert "<b>A</b>, in a tie with B, C." in page and "as good" in page and "surprise" not in page


def test_a_tie_does_not_excuse_a_wrong_answer():
    assert "surprise" in committed(["A", "B", "C"], "C").beside("A", tied=["B"]).data
    assert "is correct" in committed(["A", "B", "C"], "A").beside("A", tied=["B"]).data


def test_a_number_that_ties_is_no_surprise():
    page = committed((0, 4), 2).beside(np.int64(3), "blocks", tied=np.array([1, 2])).data
    assert "You said 2 blocks. Result: <b>3 blocks</b>, in a tie with 1, 2." in page and "as good" in page
    assert "The difference is 3." in committed((0, 4), 0).beside(3, "blocks", tied=[1, 2]).data


def test_names_with_commas_are_joined_by_semicolons():
    guess = predict("Which is best?", ["A", "first B, then C", "D"])
    assert "(A; or first B, then C; or D)" in guess.as_html()
    assert "in a tie with first B, then C; D." in guess.beside("A", tied=["first B, then C", "D"]).data
    assert "(A, or B)" in predict("Which is better?", ["A", "B"]).as_html()


def test_a_tie_is_shown_before_a_guess_and_cannot_inject_html():
    page = predict("Which is best?", ["A", "<b>"]).beside("A", tied=["<b>"]).data
    assert "in a tie with &lt;b&gt;. You have not committed a guess" in page


def test_a_prediction_is_readable_without_widgets():
    data, _ = predict("Up < or down?", (0.0, 1.0))._repr_mimebundle_()
    assert "Up &lt; or down?" in data["text/html"] and "from 0.0 to 1.0" in data["text/html"]


def test_quiz_replies_and_counts():
    quiz = Quiz(
        (
            Question("One?", {"yes": "Since it is.", "no": "It is."}, right="yes"),
            Question("Two?", {"a": "A.", "b": "B."}, right="b"),
        )
    )
    assert quiz.choices[0].value is None and quiz.score == 0
    quiz.choices[0].value = "no"
    assert "✗ Not quite" in quiz.children[2].value and quiz.score == 0
    quiz.choices[0].value = "yes"
    quiz.choices[1].value = "b"
    assert "✓ Right" in quiz.children[2].value and quiz.score == 2 and "2 of 2" in quiz.result.value
    assert "One?" in quiz._repr_mimebundle_()[0]["text/html"]


def test_no_quiz_for_an_unknown_notebook():
    with pytest.raises(ValueError, match="'00' to '09'"):
        checks.questions("42")
