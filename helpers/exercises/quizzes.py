"""The quiz at the end of a notebook; it works offline and replies at once."""

import html
from collections.abc import Iterable

import ipywidgets as ui

from helpers.exercises import progress
from helpers.exercises.checks import Question, questions
from helpers.widgets.static import StaticText


def quiz(notebook: str) -> "Quiz":
    """Show the quiz of a notebook.

    Args:
        notebook: number of the notebook, such as "05".

    Raises:
        ValueError: there is no such notebook.

    Example:
        >>> quiz("05").score
        0
    """
    return Quiz(questions(notebook), notebook)


class Quiz(StaticText, ui.VBox):
    """The widget that `quiz` returns.

    Args:
        asked: the questions.
        notebook: number of the notebook in which the answers are noted for `hand_in`; without it, they are
            not noted.

    Example:
        >>> asked = Quiz((Question("1 + 1?", {"2": "Yes, it is.", "3": "One too many."}, right="2"),))
        >>> asked.choices[0].value = "2"  # a student chooses an answer
        >>> asked.score
        1
    """

    def __init__(self, asked: tuple[Question, ...], notebook: str | None = None) -> None:
        self._asked, self._notebook = asked, notebook
        self._right = [False] * len(asked)
        self.result = ui.HTML()
        self.result.add_class("quiz-result")
        self.choices = []
        rows = []
        for number, question in enumerate(asked):
            text, options, reply = question_row(number + 1, question)
            options.observe(lambda change, n=number, r=reply: self._answer(n, change["new"], r), "value")
            self.choices.append(options)
            rows += [text, options, reply]
        super().__init__([*rows, self.result])
        self.add_class("quiz")

    @property
    def score(self) -> int:
        """Number of questions that are answered correctly."""
        return sum(self._right)

    def _answer(self, number, option, reply):
        question = self._asked[number]
        self._right[number] = option == question.right
        if self._notebook:
            progress.of(progress.quiz_name(self._notebook, number + 1)).answer(self._right[number])
        mark = "✓ Right." if self._right[number] else "✗ Not quite."
        reply.value = f"<span aria-live='polite'><b>{mark}</b> {html.escape(question.options[option])}</span>"
        self.result.value = f"<b>{self.score} of {len(self._asked)} right</b>"

    def as_html(self) -> str:
        """Return the questions as HTML text, for pages without widgets."""
        return questions_as_html(self._asked)


def question_row(number: int, question: Question, *more: str) -> tuple[ui.HTML, ui.RadioButtons, ui.HTML]:
    """Return the text of a question, its options (and more of them), and an empty reply."""
    options = ui.RadioButtons(options=[*question.options, *more], value=None, layout={"width": "max-content"})
    options.add_class("quiz-question")
    return ui.HTML(f"<b>{number}.</b> {html.escape(question.text)}"), options, ui.HTML()


def questions_as_html(asked: Iterable[Question]) -> str:
    """Return questions with their options as a numbered list."""
    rows = "".join(
        f"<li>{html.escape(question.text)}<ul>"
        + "".join(f"<li>{html.escape(option)}</li>" for option in question.options)
        + "</ul></li>"
        for question in asked
    )
    return f"<ol>{rows}</ol>"
