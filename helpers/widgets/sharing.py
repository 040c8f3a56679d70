"""Labs on many runs: the measured board, and the combined runs of a class."""

import html
import threading

import ipywidgets as ui

from helpers import plots
from helpers.findings import board, sharing
from helpers.plots.style import png, styled
from helpers.strategies import registry
from helpers.studies.engine import statistics
from helpers.widgets.figure_lab import FigureLab, choice, side_by_side
from helpers.widgets.static import FigureImage, StaticFigure
from helpers.widgets.strategies import results_table


def board_lab() -> FigureLab:
    """Show the accuracy of all strategies by images per class, as measured over seeds."""
    tables = (board.rows(), registry.FULL_FINE_TUNE), (board.vgg16_rows(), registry.FINE_TUNE)
    columns = {
        f"{target}, source {source}": (table, target, source, tuned)
        for table, tuned in tables
        for target, source in board.columns(table)
    }

    def show(axes, column):
        table, target, source, tuned = columns[column]
        part = board.column(table, target, source)
        measured = statistics.summary(board.runs(table, target, source))
        plots.board_column(axes[0], measured[measured["images"].isin(board.sizes(part))], column)
        first = board.crossing(part, tuned.name)
        strategy = tuned.name.lower().replace("fine-tune", "fine-tuning")
        if first:
            seen = f"{strategy} beats the linear probe from {first} images per class on"
        else:
            seen = f"there is no measured size from which {strategy} always beats the linear probe"
        return f"{column} ({board.LIKENESS[target, source]}): {seen}."

    return FigureLab(show, {"column": choice("target", list(columns))}, "board-lab", columns=1, height=5.8)


def class_board() -> "ClassBoard":
    """Combine pasted lines of many Strategy Labs into one measurement with error bars."""
    return ClassBoard()


class ClassBoard(StaticFigure, ui.VBox):
    """The widget that `class_board` returns.

    Attributes:
        results: a table with one row per counted run.

    Example:
        >>> board = ClassBoard()
        >>> board.lines.value = "good morning"  # a student pastes some text
        >>> board.button.click()
        >>> len(board.results)
        0
    """

    def __init__(self) -> None:
        self.results = sharing.merge("").results
        self._drawing = threading.Lock()
        self._figure, self._axes = plots.figure(12, 5.4)
        self.lines = ui.Textarea(
            description="lines",
            placeholder="Paste lines from the Strategy Lab here, as many as you like",
            layout=ui.Layout(width="100%", max_width="960px", height="140px"),
        )
        self.button = ui.Button(
            description="Combine", button_style="primary", tooltip="Check the lines and combine the runs"
        )
        self.target = ui.Dropdown(description="target", options=["no runs yet"])
        self.status = ui.HTML()
        self.figure_image = FigureImage(format="png", layout=ui.Layout(width="100%", max_width="960px"))
        self.table = ui.HTML()
        for name in ("lines", "target", "status"):
            getattr(self, name).add_class(f"class-{name}")
        self.button.add_class("class-combine")
        self.button.on_click(self._combine)
        self.target.observe(lambda change: self._draw(), "value")
        self._draw()
        super().__init__(
            [self.lines, side_by_side(self.button, self.target), self.status, self.figure_image, self.table]
        )
        self.add_class("class-board")

    def _combine(self, button):
        merged = sharing.merge(self.lines.value)
        self.results = merged.results
        self.target.options = self.results["target"].unique().tolist() or ["no runs yet"]
        self.status.value = (
            f"<p role='status'>Counted runs: {len(self.results)}. Duplicate lines: {merged.repeated}.</p>"
            + _alert("Not counted, because the same run has another accuracy above", merged.conflicting)
            + _alert("Not counted", merged.refused)
        )
        self._draw()

    def _of_target(self):
        return self.results[self.results["target"] == self.target.value]

    def _drawn(self):
        return sharing.most_measured(self._of_target())

    def _title(self):
        """Return the title, which also says how many runs the figure leaves out."""
        left = len(self._of_target()) - len(self._drawn())
        note = f": most frequent settings, without {left} other runs (see the table)"
        return "What the class measured" + (note if left else "")

    def _draw(self):
        with self._drawing, styled():
            plots.accuracy_by_images(self._axes[0], statistics.summary(self._drawn()), self._title())
            self.show(png(self._figure))
        self.table.value = results_table(statistics.summary(self._of_target()))

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        rows = "; ".join(
            f"{r['strategy']} ({r['source']}, {r['setting']}), {r['images']} per class, {r['runs']} runs: "
            f"{r['mean']:.1%}" + (f" ± {r['interval']:.1%}" if r["runs"] > 1 else "")
            for r in statistics.summary(self._drawn()).to_dict("records")
        )
        return f"{self._title()}. Accuracy by images per class. {rows or 'No runs yet.'}"


def _alert(title, lines):
    """Return a list of lines that a student has to check, as HTML; no lines give an empty text."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<p role='alert'><b>{title}:</b></p><ul>{items}</ul>" if items else ""
