"""Labs on many runs: the measured board, and the combined runs of a class."""

import ipywidgets as ui

from helpers import plots
from helpers.findings import board, sharing
from helpers.plots.style import png, styled
from helpers.studies.engine import statistics, tables
from helpers.widgets.figure_lab import FigureLab, choice
from helpers.widgets.leaderboard import results_table
from helpers.widgets.pasting import PasteBoard, listed, said


def board_lab() -> FigureLab:
    """Show the accuracy of all strategies by images per class, as measured over seeds."""
    runs, trivial = board.rows(), tables.read_results("trivial_baselines").query("images > 0")
    columns = {f"{target}, source {source}": (target, source) for target, source in board.columns(runs)}

    def show(axes, column):
        target, source = columns[column]
        measured = statistics.summary(board.of(runs, target, source))
        plots.board_column(axes[0], measured, trivial[trivial["target"] == target], column)
        part = board.column(runs, target, source)
        first = board.crossing(part)
        if board.LP_FT not in part:
            seen = "only frozen features were measured"
        elif first:
            seen = f"LP-FT beats the linear probe from {first} images per class on"
        else:
            seen = "there is no measured size from which LP-FT always beats the linear probe"
        return f"{column} ({board.LIKENESS[target]}): {seen}."

    return FigureLab(show, {"column": choice("target", list(columns))}, "board-lab", columns=1, height=5.8)


def class_board() -> "ClassBoard":
    """Combine pasted lines of many Strategy Labs into one measurement with error bars."""
    return ClassBoard()


class ClassBoard(PasteBoard):
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
        self.target = ui.Dropdown(description="target", options=["no runs yet"])
        self.table = ui.HTML()
        self.target.add_class("class-target")
        self.target.observe(lambda change: self.draw(), "value")
        super().__init__(
            "class-board",
            "Paste lines from the Strategy Lab here, as many as you like",
            "Combine",
            "Check the lines and combine the runs",
            beside=[self.target],
            below=[self.table],
        )

    def read(self, text: str) -> None:
        """Combine the runs in pasted text."""
        merged = sharing.merge(text)
        self.results = merged.results
        self.target.options = self.results["target"].unique().tolist() or ["no runs yet"]
        notes = [f"Counted runs: {len(self.results)}. Duplicate lines: {merged.repeated}."]
        if merged.other_versions:
            notes.append(
                f"Some lines come from another version of the series ({', '.join(merged.other_versions)}); "
                "they count, but a strategy may have changed since."
            )
        self.status.value = (
            said(" ".join(notes))
            + listed("Not counted, because the same run has another accuracy above", merged.conflicting)
            + listed("Not counted", merged.refused)
        )

    def _of_target(self):
        return self.results[self.results["target"] == self.target.value]

    def _drawn(self):
        return sharing.most_measured(self._of_target())

    def _title(self):
        """Return the title, which also says how many runs the figure leaves out."""
        left = len(self._of_target()) - len(self._drawn())
        note = f": most frequent settings, without {left} other runs (see the table)"
        return "What the class measured" + (note if left else "")

    def draw(self) -> None:
        """Draw the runs of the chosen target, and list them in the table."""
        with self.drawing, styled():
            plots.accuracy_by_images(self.axes[0], statistics.summary(self._drawn()), self._title())
            self.show(png(self.figure))
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
