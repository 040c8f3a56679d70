"""The reply of `check` in a running notebook: buttons show hints and solution, and it is noted which ones."""

import html
from typing import TYPE_CHECKING

import ipywidgets as ui

from helpers.exercises import progress

if TYPE_CHECKING:
    from helpers.exercises.checks import Exercise


class ReplyView(ui.VBox):
    """A reply with a button for each hint, and after a try with one for the solution.

    Args:
        name: number of the exercise, such as "03.2".
        reply: the reply in words.
        exercise: the exercise.
        tried: whether there was an answer.

    Example:
        >>> from helpers.exercises.checks import exercises
        >>> view = ReplyView("00.1", "No answer yet.", exercises("00")["00.1"], tried=False)
        >>> [button.description for button in view.buttons]
        ['Hint 1', 'Hint 2']
        >>> view.buttons[0].click()
        >>> view.shown.value
        "<div role='status'><b>Hint 1:</b> ...</div>"
    """

    def __init__(self, name: str, reply: str, exercise: "Exercise", tried: bool) -> None:
        self.shown = ui.HTML()
        texts = {
            f"Hint {number}": f"<b>Hint {number}:</b> {html.escape(hint)}"
            for number, hint in enumerate(exercise.hints, 1)
        }
        if tried:
            texts["Solution"] = f"<pre>{html.escape(exercise.solution.strip())}</pre>"
        self.buttons = [ui.Button(description=title) for title in texts]
        for button, text in zip(self.buttons, texts.values(), strict=True):
            button.tooltip = f"{button.description} of exercise {name}"
            button.on_click(lambda button, text=text: self._show(name, button, text))
        later = "" if tried else " The solution appears here after your first try."
        said = ui.HTML(f"<p role='status'><b>{html.escape(reply)}</b>{later}</p>")
        super().__init__([said, ui.HBox(self.buttons), self.shown])
        self.add_class("reply")

    def _show(self, name, button, text):
        button.disabled = True
        if button.description == "Solution":
            progress.of(name).open_solution()
        else:
            progress.of(name).open_hint(int(button.description[-1]))
        self.shown.value += f"<div role='status'>{text}</div>"
