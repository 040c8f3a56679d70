"""The end of a notebook: a student looks at what was tried, and writes it into a file for the lecturer."""

import html
import itertools
from pathlib import Path

import ipywidgets as ui

from helpers.environment import in_colab
from helpers.exercises import hand_in_files, student_code
from helpers.findings.html_table import html_table
from helpers.widgets.static import StaticText

NOTE = (
    "This is feedback, not an exam. The file says which exercises and quiz questions you have answered "
    "correctly since the notebook was started, after how many tries and with how many hints. It contains "
    f"none of your answers. Choose a code of {student_code.RULE} that does not name you, always the same one."
)


def hand_in(notebook: str) -> "HandInForm":
    """Show what was tried in a notebook, and write it into a small file when the student wants that.

    No code is run again.

    Args:
        notebook: number of the notebook, such as "05".

    Raises:
        ValueError: there is no such notebook.

    Example:
        >>> form = hand_in("00")
        >>> form.button.click()
        >>> "four to twelve letters" in form.status.value
        True
    """
    return HandInForm(notebook)


class HandInForm(StaticText, ui.VBox):
    """The widget that `hand_in` returns.

    Attributes:
        paths: the files that were written, by code.

    Example:
        >>> form = HandInForm("00")
        >>> form.code.value = "an07"
        >>> form.button.click()
        >>> form.paths["AN07"].name
        'hand_in_00_AN07.json'
    """

    def __init__(self, notebook: str) -> None:
        self.notebook = notebook
        hand_in_files.names(notebook)  # raises an error if there is no such notebook
        self.paths: dict[str, Path] = {}
        self.code = ui.Text(description="your code")
        self.button = ui.Button(
            description="Write the file", button_style="primary", tooltip="Write what was tried into a file"
        )
        self.status = ui.HTML()
        self.code.add_class("hand-in-code")
        self.button.add_class("hand-in-write")
        self.button.on_click(self._write)
        super().__init__(
            [ui.HTML(f"<p>{html.escape(NOTE)}</p>"), ui.HBox([self.code, self.button]), self.status]
        )
        self.add_class("hand-in")

    def _write(self, button):
        try:
            handed = hand_in_files.now(self.notebook, self.code.value)
            path = self.paths.get(handed.code) or _new_path(handed)
            path.write_text(hand_in_files.to_text(handed), encoding="utf-8")
        except (ValueError, OSError) as error:
            self.status.value = f"<p role='status'>{html.escape(str(error))}</p>"
            return
        self.paths[handed.code] = path
        fetch = "Download it from the panel Files" if in_colab() else "It is in the folder of this notebook"
        missing = [name for name, tried in handed.tried.items() if not tried.tries]
        again = f" Not tried since the notebook was started: {', '.join(missing)}." if missing else ""
        said = f"Wrote {path}. {fetch}; send it to your lecturer.{again}"
        rows = [
            (name, tried.tries, "yes" if tried.right else "not yet", len(tried.hints))
            for name, tried in handed.tried.items()
            if tried.tries
        ]
        table = html_table("What the file says", rows, ["exercise", "tries", "correct", "hints"])
        self.status.value = f"<p role='status'>{html.escape(said)}</p>{table if rows else ''}"

    def as_html(self) -> str:
        """Return the text of the form, for pages without widgets."""
        return f"<p>{html.escape(NOTE)}</p>"


def _new_path(handed):
    """Return the path of a file that does not exist: what was tried in an earlier session stays."""
    stem = f"hand_in_{handed.notebook}_{handed.code}"
    names = itertools.chain([f"{stem}.json"], (f"{stem}_{number}.json" for number in itertools.count(2)))
    return next(path for path in map(Path, names) if not path.exists())
