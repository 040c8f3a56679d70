"""The concept test: eight questions before and after the series, so that a lecturer can measure the gain."""

import html

import ipywidgets as ui

from helpers.exercises import concept_lines, student_code
from helpers.exercises.concept_questions import QUESTIONS
from helpers.exercises.quizzes import question_row, questions_as_html
from helpers.widgets.static import FULL_WIDTH, StaticText

UNKNOWN = "I do not know"
NOTE = (
    "This is not an exam. Your answers stay in this notebook until you send the line that they make. Choose "
    f"a code of {student_code.RULE} that you will remember and that does not name you, such as the "
    "first two letters of your mother's name and the day of her birthday; use the same one in both tests."
)


def concept_test(when: str) -> "ConceptTest":
    """Ask the eight questions of the concept test.

    Args:
        when: "before" or "after" the series.

    Raises:
        ValueError: `when` is another word.

    Example:
        >>> test = concept_test("before")
        >>> test.button.click()
        >>> "1, 2, 3" in test.status.value
        True
    """
    if when not in concept_lines.WHEN:
        raise ValueError(f"when must be 'before' or 'after'. Received: {when!r}.")
    return ConceptTest(when)


class ConceptTest(StaticText, ui.VBox):
    """The widget that `concept_test` returns. Only after the series does it show the right answers.

    Attributes:
        line: a field with the answers as a line to paste.

    Example:
        >>> test = ConceptTest("before")
        >>> test.code.value = "an07"
        >>> for question in test.choices:
        ...     question.value = "I do not know"
        >>> test.button.click()
        >>> test.line.value.startswith("test;")
        True
    """

    def __init__(self, when: str) -> None:
        self.when = when
        self.choices: list[ui.RadioButtons] = []
        self._replies: list[ui.HTML] = []
        rows: list[ui.Widget] = []
        for number, question in enumerate(QUESTIONS, 1):
            row = question_row(number, question, UNKNOWN)
            self.choices.append(row[1])
            self._replies.append(row[2])
            rows += row
        self.code = ui.Text(description="your code")
        self.code.add_class("concept-code")
        self.button = ui.Button(
            description="Make my line", button_style="primary", tooltip="Write the answers as a line"
        )
        self.button.add_class("concept-make")
        self.button.on_click(self._make)
        self.status = ui.HTML()
        self.line = ui.Textarea(
            description="my line",
            rows=2,
            layout=ui.Layout(**FULL_WIDTH | {"max_width": "640px", "display": "none"}),
        )
        self.line.add_class("concept-line")
        note = ui.HTML(f"<p>{html.escape(NOTE)}</p>")
        super().__init__([*rows, note, self.code, self.button, self.status, self.line])
        self.add_class("concept-test")

    def _make(self, button):
        missing = [str(number) for number, choice in enumerate(self.choices, 1) if choice.value is None]
        if missing:
            self._say(f"Questions without an answer: {', '.join(missing)}. You can choose: {UNKNOWN}.")
            return
        places = [(choice.index + 1) % len(choice.options) for choice in self.choices]  # the last one is 0
        try:
            self.line.value = concept_lines.to_line(self.when, self.code.value, places)
        except ValueError as error:
            self._say(str(error))
            return
        self.line.layout.display = None
        for choice in self.choices:
            choice.disabled = True
        if self.when == "before":
            self._say("Send the line below to your lecturer. The right answers appear in the second test.")
        else:
            self._explain()

    def _explain(self):
        score = 0
        for question, choice, reply in zip(QUESTIONS, self.choices, self._replies, strict=True):
            score += (right := choice.value == question.right)
            mark = "✓ Right." if right else f"✗ Right answer: {question.right}."
            why = question.options.get(choice.value, question.options[question.right])
            reply.value = f"<b>{html.escape(mark)}</b> {html.escape(why)}"
        self._say(f"{score} of {len(QUESTIONS)} right. Send the line below to your lecturer.")

    def _say(self, text):
        self.status.value = f"<p role='status'>{html.escape(text)}</p>"

    def as_html(self) -> str:
        """Return the questions as HTML text, for pages without widgets."""
        return questions_as_html(QUESTIONS)
