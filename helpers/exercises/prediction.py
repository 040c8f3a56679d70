"""Commit a guess before a result is shown, and compare both afterwards.

Students who predict a result remember it better (Crouch et al. 2004, "Classroom demonstrations:
learning tools or entertainment?").
"""

import html
from collections.abc import Sequence

import ipywidgets as ui
from IPython.display import HTML

from helpers.widgets.static import StaticText


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
        value: the guess; None until it is committed.

    Example:
        >>> guess = Prediction("Which is better?", ["probe", "fine-tuning"])
        >>> guess.control.value = "probe"
        >>> guess.button.click()
        >>> print(guess.beside("probe").data)
        <p>Which is better?<br>You said probe. Measured: <b>probe</b>. Your prediction is correct.</p>
    """

    def __init__(self, question: str, options: Sequence) -> None:
        self.question = question
        self.value = None
        if isinstance(options, tuple):
            low, high = options
            kind = ui.IntSlider if isinstance(low, int) and isinstance(high, int) else ui.FloatSlider
            self.control = kind(
                value=(low + high) // 2 if kind is ui.IntSlider else (low + high) / 2, min=low, max=high
            )
            self._choices = f"a number from {low} to {high}"
        else:
            self.control = ui.RadioButtons(options=list(options), value=None, layout={"width": "max-content"})
            self._choices = ", or ".join(map(str, options))
        self.control.add_class("prediction-choice")
        self.button = ui.Button(
            description="Commit", tooltip=f"Commit your guess: {question}", button_style="primary"
        )
        self.button.add_class("prediction-commit")
        self.button.on_click(self._commit)
        self.status = ui.HTML()
        super().__init__(
            [
                ui.HTML(f"<b>Your prediction:</b> {html.escape(question)}"),
                self.control,
                ui.HBox([self.button, self.status]),
            ]
        )
        self.add_class("prediction")

    def _commit(self, button):
        if self.control.value is None:
            self.status.value = "Choose an answer first."
            return
        self.value = self.control.value
        self.control.disabled = self.button.disabled = True
        self.status.value = f"You said <b>{html.escape(str(self.value))}</b>. Now look at the result."

    def beside(self, measured: float | str, unit: str = "") -> HTML:
        """Show the guess beside what was measured.

        Args:
            measured: a number, or one of the answers.
            unit: unit of the number, such as "%".
        """
        measured = measured.item() if hasattr(measured, "item") else measured  # a NumPy scalar
        number = isinstance(measured, (int, float))
        result = f"{measured:.3g} {unit}".strip() if number else str(measured)
        if self.value is None:
            lead = f"Measured: <b>{html.escape(result)}</b>."
            text = "You have not committed a guess. Choose one above, press Commit, and run this cell again."
        elif number and isinstance(self.value, (int, float)):
            lead = f"You said {self.value:g} {unit}".strip() + f". Measured: <b>{html.escape(result)}</b>."
            text = f"The difference is {abs(measured - self.value):.3g}."
        else:
            lead = f"You said {html.escape(str(self.value))}. Measured: <b>{html.escape(result)}</b>."
            text = (
                "Your prediction is correct."
                if self.value == measured
                else "A surprise: what did you not consider?"
            )
        return HTML(f"<p>{html.escape(self.question)}<br>{lead} {text}</p>")

    def as_html(self) -> str:
        """Return the question as HTML text, for pages without widgets."""
        return f"<p><b>Your prediction:</b> {html.escape(self.question)} ({html.escape(self._choices)})</p>"
