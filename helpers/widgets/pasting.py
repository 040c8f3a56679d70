"""A field for the pasted lines of a class, and a figure of what they say: the base of the class boards."""

import html
import threading
from collections.abc import Iterable, Sequence

import ipywidgets as ui

from helpers.plots.style import figure
from helpers.widgets.figure_lab import side_by_side
from helpers.widgets.static import FULL_WIDTH, FigureImage, StaticFigure

LISTED = 20  # lines that a board names one by one


class PasteBoard(StaticFigure, ui.VBox):
    """A field for lines, a button, a status and a figure; subclasses define `read` and `draw`.

    Args:
        name: CSS class of the board, such as "class-board".
        placeholder: what to paste into the empty field.
        action: the text of the button.
        tooltip: of the button.
        beside: controls beside the button.
        below: parts below the figure.
        height: of the figure in inches.

    Example:
        >>> class Counter(PasteBoard):
        ...     alt = "A number"
        ...     def read(self, text):
        ...         self.status.value = f"{len(text.split())} words"
        ...     def draw(self):
        ...         pass
        >>> counter = Counter("word-counter", "Paste a text", "Count", "Count the words")
        >>> counter.lines.value = "two words"
        >>> counter.button.click()
        >>> counter.status.value
        '2 words'
    """

    def __init__(
        self,
        name: str,
        placeholder: str,
        action: str,
        tooltip: str,
        beside: Iterable[ui.Widget] = (),
        below: Iterable[ui.Widget] = (),
        height: float = 5.4,
    ) -> None:
        self.drawing = threading.Lock()
        self.figure, self.axes = figure(12, height)
        self.lines = ui.Textarea(
            description="lines", placeholder=placeholder, layout=ui.Layout(height="140px", **FULL_WIDTH)
        )
        self.button = ui.Button(description=action, button_style="primary", tooltip=tooltip)
        self.status = ui.HTML()
        self.figure_image = FigureImage(format="png", layout=ui.Layout(**FULL_WIDTH))
        self.lines.add_class("class-lines")
        self.status.add_class("class-status")
        self.button.add_class("class-combine")
        self.button.on_click(lambda _: self._press())
        self.draw()
        super().__init__(
            [self.lines, side_by_side(self.button, *beside), self.status, self.figure_image, *below]
        )
        self.add_class(name)

    def _press(self):
        self.read(self.lines.value)
        self.draw()

    def read(self, text: str) -> None:
        """Read the pasted text, and say in `status` what was counted."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what was counted, and show it."""
        raise NotImplementedError


def said(text: str) -> str:
    """Return a sentence for the status, as HTML that screen readers read at once."""
    return f"<p role='status'>{html.escape(text)}</p>"


def listed(title: str, lines: Sequence[str]) -> str:
    """Return lines that somebody has to check, as HTML: the first ones, and how many more there are.

    Example:
        >>> listed("Not counted", ["<b>: not a vote"])
        "<p role='alert'><b>Not counted:</b></p><ul><li>&lt;b&gt;: not a vote</li></ul>"
        >>> listed("Not counted", [])
        ''
    """
    more = [f"… and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    items = "".join(f"<li>{html.escape(line)}</li>" for line in [*lines[:LISTED], *more])
    return f"<p role='alert'><b>{title}:</b></p><ul>{items}</ul>" if items else ""
