"""A figure that follows its controls: the base of every lab that needs no training."""

import asyncio
import contextlib
import html
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import ipywidgets as ui

from helpers.plots.style import figure, png, styled
from helpers.widgets.static import FULL_WIDTH, FigureImage, StaticFigure

AFTER = 0.05  # seconds to wait before the next steps are drawn: enough to send the current figure
WIDE = {"style": {"description_width": "200px"}, "layout": {"width": "450px"}}  # fits the longest label


def slider(label: str, options: Sequence, value: Any) -> ui.SelectionSlider:
    """Return a slider over a list of values; it reports its value on release."""
    return ui.SelectionSlider(
        description=label, options=options, value=value, continuous_update=False, **WIDE
    )


def whole(label: str, value: int, low: int, high: int) -> ui.IntSlider:
    """Return a slider over whole numbers; it reports its value on release."""
    return ui.IntSlider(description=label, value=value, min=low, max=high, continuous_update=False, **WIDE)


def choice(label: str, options: Sequence, value: Any = None) -> ui.Dropdown:
    """Return a drop-down list; without `value`, the first option is selected."""
    return ui.Dropdown(
        description=label, options=options, value=options[0] if value is None else value, **WIDE
    )


def options(control: ui.Widget) -> list[tuple[str, Any]]:
    """Return the label and the value of every step of a slider or entry of a list.

    Example:
        >>> options(whole("epochs", 2, 1, 3))
        [('1', 1), ('2', 2), ('3', 3)]
    """
    if isinstance(control, ui.IntSlider):
        return [(str(value), value) for value in range(control.min, control.max + 1)]
    return [option if isinstance(option, tuple) else (str(option), option) for option in control.options]


def steps(control: ui.Widget) -> list:
    """Return the values one step up and one step down on a slider; none for other controls.

    Example:
        >>> steps(whole("epochs", 5, 1, 9))
        [6, 4]
    """
    if not isinstance(control, ui.IntSlider | ui.SelectionSlider):
        return []
    values = [value for _, value in options(control)]
    place = values.index(control.value)
    return [values[k] for k in (place + 1, place - 1) if 0 <= k < len(values)]


def side_by_side(*parts: ui.Widget) -> ui.HBox:
    """Place widgets side by side; on a narrow screen they wrap."""
    return ui.HBox(parts, layout=ui.Layout(flex_flow="row wrap"))


class State(NamedTuple):
    """What a lab shows for some values of its controls.

    Attributes:
        png: the figure.
        alt: its alternative text.
        caption: the text below it, as HTML.

    Example:
        >>> State(b"PNG bytes", "A rising curve", "A <b>rising</b> curve").alt
        'A rising curve'
    """

    png: bytes
    alt: str
    caption: str


class FigureLab(StaticFigure, ui.VBox):
    """Controls above a figure that is redrawn when one of them changes.

    The lab keeps what it has drawn. After a reader moves a slider, the neighbouring steps are drawn while
    the kernel is idle, so that the next move shows its figure at once.

    Args:
        draw: called as `draw(axes, **values)` with cleared axes and the value of every control;
            returns one or two sentences that describe what the figure shows. They are shown below the
            figure and are its alternative text. A ValueError is shown instead of a new figure.
        controls: the controls by name; a control gets the CSS class "lab-<name>".
        name: CSS class of the lab, such as "gradient-lab".
        columns: number of axes, side by side.
        width: width of the figure in inches.
        height: height of the figure in inches.
        rows: number of rows of axes.

    Example:
        >>> def draw(axes, power):
        ...     axes[0].plot([x**power for x in range(5)])
        ...     return f"x to the power of {power}."
        >>> lab = FigureLab(draw, {"power": whole("power", 2, 1, 3)}, "power-lab", columns=1)
        >>> lab.controls["power"].value = 3
        >>> lab.alt
        'x to the power of 3.'
    """

    def __init__(
        self,
        draw: Callable[..., str],
        controls: Mapping[str, ui.Widget],
        name: str,
        columns: int = 2,
        width: float = 12,
        height: float = 4.8,
        rows: int = 1,
    ) -> None:
        self.controls = dict(controls)
        self._draw_axes = draw
        self._drawing = threading.Lock()
        self._seen: dict[tuple, State] = {}  # by the values of the controls
        self._figure, self._axes = figure(width, height, columns, rows)
        layout = ui.Layout(**FULL_WIDTH | {"max_width": f"{80 * width:.0f}px"})
        self.figure_image = FigureImage(format="png", layout=layout)
        self.caption = ui.HTML()
        self.figure_image.add_class("lab-figure")
        self.caption.add_class("lab-caption")
        for key, control in self.controls.items():
            control.add_class(f"lab-{key}")
            control.observe(self._redraw, "value")
        self._redraw()
        super().__init__([side_by_side(*self.controls.values()), self.figure_image, self.caption])
        self.add_class("figure-lab")
        self.add_class(name)

    def _redraw(self, change: Any = None) -> None:
        values = self._values()
        with self._drawing:
            try:
                state = self._drawn(values)
            except ValueError as error:  # a combination that cannot be drawn: say so, keep the last figure
                self.caption.value = f"<p role='alert'><b>{html.escape(str(error))}</b></p>"
                return
            self.caption.value = f"<p aria-live='polite'>{state.caption}</p>"
            self.show(state.png)
        if change:
            self._prepare_steps(change["owner"], values)

    def _values(self) -> dict[str, Any]:
        return {key: control.value for key, control in self.controls.items()}

    def _prepare_steps(self, control, values):
        (name,) = (key for key, one in self.controls.items() if one is control)

        def prepare(step):
            if self._values() == values:  # else the reader has already moved on
                with self._drawing, contextlib.suppress(ValueError):
                    self._drawn(step)

        with contextlib.suppress(RuntimeError):  # no event loop: a program moved it, and nobody waits
            for value in steps(control):
                asyncio.get_running_loop().call_later(AFTER, prepare, {**values, name: value})

    def state(self, **values: Any) -> State:
        """Return what the lab shows for some values of its controls, without moving them.

        Args:
            **values: the value of every control.

        Raises:
            ValueError: If this combination cannot be drawn.
        """
        with self._drawing:
            return self._drawn(values)

    def _drawn(self, values: dict) -> State:
        """Return the state for some values of the controls, drawn when first needed."""
        key = tuple(values.values())
        if key not in self._seen:
            image, sentence = self._new_image(values)
            self._seen[key] = State(image, sentence, html.escape(sentence).replace("\n", "<br>"))
        return self._seen[key]

    def _new_image(self, values: dict) -> tuple[bytes, str]:
        """Draw some values of the controls; return the PNG and the sentences that describe it."""
        with styled():
            for axes in self._axes:
                axes.clear()
                axes.set_axis_on()
            sentence = self._draw_axes(self._axes, **values)
            return png(self._figure), sentence

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        text = self.caption.value.replace("<br>", "\n")
        return html.unescape(text[text.index(">") + 1 : text.rindex("</p>")])
