"""Commit a guess before a result is shown, and compare both afterwards.

Students who predict a result remember it better (Crouch et al. 2004, "Classroom demonstrations:
learning tools or entertainment?"). A class can vote with its guesses, discuss, and vote again (Crouch and
Mazur 2001, "Peer instruction: ten years of experience and results"): see `helpers.exercises.class_votes`.
"""

import html
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as ui
from IPython.display import HTML

from helpers.exercises.vote_lines import VOTES, Poll
from helpers.widgets.static import FULL_WIDTH, StaticText


def predict(question: str, options: Sequence) -> "Prediction":
    """Ask for a guess.

    Args:
        question: what the student predicts.
        options: a list of answers to choose from, or a tuple (lowest, highest) of numbers.

    Returns:
        The widget. Call its method `beside` when the result is known.

    Example:
        >>> guess = predict("Test accuracy at night, in %?", (0, 100))
        >>> guess.control.value = 80  # a student moves the slider
        >>> guess.button.click()
        >>> guess.value
        80
    """
    return Prediction(question, options)


class Prediction(StaticText, ui.VBox):
    """The widget that `predict` returns.

    Attributes:
        value: the guess; None until it is committed. A second vote replaces it.
        poll: the question with its options.
        lines: a field with one line per committed guess, to paste into `class_votes`.

    Example:
        >>> guess = Prediction("Which is better?", ["probe", "fine-tuning"])
        >>> guess.control.value = "probe"
        >>> guess.button.click()
        >>> print(guess.beside("probe").data)
        <p>Which is better?<br>You said probe. Result: <b>probe</b>. Your prediction is correct.</p>
        >>> print(guess.beside("fine-tuning", tied=["probe"]).data.partition("<br>")[2])
        You said probe. Result: <b>fine-tuning</b>, in a tie with probe. Your prediction is as good: ...
        >>> guess.lines.value.split(";")[0]
        'vote'
    """

    def __init__(self, question: str, options: Sequence) -> None:
        self.question = question
        self.poll = Poll(question, options)
        self.value = None
        self._written: list[str] = []  # a student can cut lines out of their field
        self._revealed = False
        if isinstance(options, tuple):
            low, high = options
            kind = ui.IntSlider if isinstance(low, int) and isinstance(high, int) else ui.FloatSlider
            self.control = kind(
                value=(low + high) // 2 if kind is ui.IntSlider else (low + high) / 2, min=low, max=high
            )
            self._choices = f"a number from {low} to {high}"
        else:
            self.control = ui.RadioButtons(options=list(options), value=None, layout={"width": "max-content"})
            self._choices = _joined(map(str, options), "or ")
        self.control.add_class("prediction-choice")
        self.button = ui.Button(
            description="Commit", tooltip=f"Commit your guess: {question}", button_style="primary"
        )
        self.button.add_class("prediction-commit")
        self.button.on_click(self._commit)
        self.status = ui.HTML()
        self.lines = ui.Textarea(
            description="class vote", rows=2, layout=ui.Layout(**FULL_WIDTH | {"max_width": "640px"})
        )
        self.again = ui.Button(
            description="Vote again", tooltip=f"Vote again, after a discussion in class: {question}"
        )
        self.lines.add_class("prediction-lines")
        self.again.add_class("prediction-again")
        self.again.on_click(self._reopen)
        self._vote = ui.VBox([self.lines, self.again], layout=ui.Layout(display="none"))
        super().__init__(
            [
                ui.HTML(f"<b>Your prediction:</b> {html.escape(question)}"),
                self.control,
                ui.HBox([self.button, self.status]),
                self._vote,
            ]
        )
        self.add_class("prediction")

    def _commit(self, button):
        if self.control.value is None:
            self.status.value = "Choose an answer first."
            return
        self.value = self.control.value
        self.control.disabled = self.button.disabled = True
        self.status.value = (
            f"<span role='status'>You said <b>{html.escape(str(self.value))}</b>. Now look at the result. If "
            "your class votes, copy the last line below into its chat first.</span>"
        )
        self._written.append(self.poll.line(self.value, vote=len(self._written) + 1))
        self.lines.value = "\n".join(self._written)
        self._vote.layout.display = None
        self.again.disabled = self._revealed or len(self._written) >= len(VOTES)

    def _reopen(self, button):
        self.again.disabled = True
        self.control.disabled = self.button.disabled = False
        self.status.value = "<span role='status'>Choose again, and press Commit.</span>"

    def beside(self, result: float | str, unit: str = "", tied: Iterable = ()) -> HTML:
        """Show the guess beside the result.

        Args:
            result: a number, or one of the answers.
            unit: unit of the number, such as "%".
            tied: answers that the runs do not distinguish from the result, as
                `helpers.studies.leaders` finds them. They count as correct, too.
        """
        result, tied = _plain(result), [_plain(answer) for answer in tied]
        self.again.disabled = self._revealed = True  # whoever votes now knows the result
        found = f"Result: <b>{html.escape(_in_words(result, unit))}</b>"
        if tied:
            found += f", in a tie with {html.escape(_joined(map(_in_words, tied)))}"
        if self.value is None:
            text = "You have not committed a guess. Choose one above, press Commit, and run this cell again."
            return self._paragraph(f"{found}. {text}")
        numbers = isinstance(result, (int, float)) and isinstance(self.value, (int, float))
        if self.value in tied:
            text = "Your prediction is as good: the runs do not show a difference."
        elif numbers:
            text = f"The difference is {abs(result - self.value):.3g}."
        elif self.value == result:
            text = "Your prediction is correct."
        else:
            text = "A surprise: what did you not consider?"
        said = f"{self.value:g} {unit}".strip() if numbers else html.escape(str(self.value))
        return self._paragraph(f"You said {said}. {found}. {text}")

    def _paragraph(self, text):
        return HTML(f"<p>{html.escape(self.question)}<br>{text}</p>")

    def as_html(self) -> str:
        """Return the question as HTML text, for pages without widgets."""
        return f"<p><b>Your prediction:</b> {html.escape(self.question)} ({html.escape(self._choices)})</p>"


def _plain(answer: Any) -> Any:
    """The number or text itself instead of a scalar of NumPy."""
    return answer.item() if hasattr(answer, "item") else answer


def _in_words(answer, unit=""):
    return f"{answer:.3g} {unit}".strip() if isinstance(answer, (int, float)) else str(answer)


def _joined(names, conjunction=""):
    """Join names with commas, or with semicolons if a name contains a comma itself."""
    names = list(names)
    mark = ";" if any("," in name for name in names) else ","
    return f"{mark} {conjunction}".join(names)
