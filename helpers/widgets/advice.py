"""Labs of the practical advice: the ratio of learning rates, and a gallery of silent bugs."""

import html

import ipywidgets as ui
import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.plots import advice as draw
from helpers.plots.style import PALETTE, figure, png, styled
from helpers.studies.engine import tables
from helpers.widgets.figure_lab import FigureLab, State, choice, side_by_side, slider
from helpers.widgets.static import FULL_WIDTH, FigureImage, StaticFigure

NO_DIAGNOSIS = "choose …"


def rate_ratio_lab() -> FigureLab:
    """Show how accuracy depends on the learning rates of backbone and head, as measured over seeds."""
    rows = tables.read_results("rate_ratio")
    ratios, rates = (rows[column].unique().tolist() for column in ("ratio", "head_rate"))
    controls = {
        "ratio": slider("ratio backbone / head", ratios, 0.1),
        "head_rate": choice("learning rate of the head", rates, rates[-1]),
    }

    def show(axes, ratio, head_rate):
        left, right = axes
        here = rows.query("head_rate == @head_rate")
        for text in here.query("ratio == @ratio")["curve"]:
            curve = [float(accuracy) for accuracy in text.split()]
            left.plot(range(1, len(curve) + 1), curve, color=PALETTE[0], alpha=0.7)
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.set(title="one line per seed", xlabel="epoch", ylabel="validation accuracy", ylim=(0, 1.03))
        mean, half = draw.by_ratio(right, here, ratio)
        right.set_title(f"learning rate of the head: {head_rate}")
        return (
            f"The learning rate of the backbone is {ratio} times that of the head ({head_rate}): "
            f"validation accuracy {mean:.1%} ± {half:.1%}."
        )

    return FigureLab(show, controls, "rate-ratio-lab")


class BugGallery(StaticFigure, ui.VBox):
    """The widget that `bug_gallery` returns.

    Attributes:
        controls: the two lists by name, "case" and "diagnosis".
        solved: numbers of the cases with a correct diagnosis.

    Example:
        >>> gallery = BugGallery()
        >>> gallery.case.value = 2  # a student looks at another case
        >>> gallery.alt
        'Learning curves of the healthy run and of case 2.'
    """

    def __init__(self) -> None:
        from helpers.strategies.silent_bugs import CASES

        self._cases = CASES
        self._rows = tables.read_results("silent_bugs")
        names = [name for name in CASES if name != "healthy"]
        self._order = [names[k] for k in np.random.default_rng(1).permutation(len(names))]
        self.solved: set[int] = set()
        self._figure, self._axes = figure(12, 5, 2)
        self._seen: dict[int, tuple[bytes, str]] = {}  # figure and caption by case
        self.case = ui.Dropdown(description="case", options=list(range(1, len(names) + 1)))
        self.diagnosis = ui.Dropdown(
            description="diagnosis",
            options=[NO_DIAGNOSIS, *sorted(case.diagnosis for case in CASES.values())],
            layout={"width": "460px"},
        )
        self.controls = {"case": self.case, "diagnosis": self.diagnosis}
        self.button = ui.Button(
            description="Check", button_style="primary", tooltip="Check the chosen diagnosis"
        )
        self.figure_image = FigureImage(format="png", layout=ui.Layout(**FULL_WIDTH))
        self.reply = ui.HTML()
        for name, widget in (("case", self.case), ("diagnosis", self.diagnosis), ("check", self.button)):
            widget.add_class(f"lab-{name}")
        self.case.observe(self._show, "value")
        self.button.on_click(self._check)
        self._show()
        super().__init__(
            [side_by_side(self.case, self.diagnosis, self.button), self.figure_image, self.reply]
        )
        self.add_class("bug-gallery")

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        return self.state(self.case.value, NO_DIAGNOSIS).alt

    def state(self, case: int, diagnosis: str) -> State:
        """Return what the gallery shows for a case: its curves, and the reply to a diagnosis.

        Args:
            case: its number, from 1.
            diagnosis: one of the list; the first of the list asks for no reply.
        """
        if case not in self._seen:
            self._seen[case] = self._drawn(case)
        image, caption = self._seen[case]
        if diagnosis != NO_DIAGNOSIS:
            caption = self._reply(case, diagnosis)
        return State(image, f"Learning curves of the healthy run and of case {case}.", caption)

    def _name(self, case):
        return self._order[case - 1]

    def _drawn(self, case):
        name = self._name(case)
        with styled():
            for axis, drawn, title in zip(
                self._axes, ("healthy", name), ("healthy run", f"case {case}"), strict=True
            ):
                axis.clear()
                ends = draw.case_curves(axis, self._rows[self._rows["case"] == drawn], title)
            self._axes[0].legend(loc="lower right")
        return png(self._figure), (
            f"Case {case} ends with a training accuracy of {ends[0]:.0%}, "
            f"a validation accuracy of {ends[1]:.0%} and a test accuracy of {ends[2]:.0%}."
        )

    def _reply(self, number, diagnosis):
        case = self._cases[self._name(number)]
        if diagnosis != case.diagnosis:
            seen = next(c.symptom for c in self._cases.values() if c.diagnosis == diagnosis)
            return f"<b>✗ Not this one.</b> It would look like this: {html.escape(seen)}"
        return (
            f"<b>✓ Right.</b> {html.escape(case.symptom)}<br><code>{html.escape(case.code)}</code><br>"
            f"<b>Remedy:</b> {html.escape(case.remedy)}"
        )

    def _show(self, change=None):
        state = self.state(self.case.value, NO_DIAGNOSIS)
        self.show(state.png)
        self.diagnosis.value = NO_DIAGNOSIS
        self.reply.value = f"<p aria-live='polite'>{state.caption}</p>"

    def _check(self, button):
        case, given = self.case.value, self.diagnosis.value
        if given == NO_DIAGNOSIS:
            reply = "Choose a diagnosis first."
        else:
            reply = self._reply(case, given)
        if given == self._cases[self._name(case)].diagnosis:
            self.solved.add(case)
            reply += f"<br>Found: {len(self.solved)} of {len(self._order)}."
        self.reply.value = f"<p role='status'>{reply}</p>"


def bug_gallery() -> BugGallery:
    """Show learning curves of runs with a silent bug beside a healthy run; the student diagnoses the bug."""
    return BugGallery()
