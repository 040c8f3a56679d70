"""One style for every figure: colour-blind safe (Okabe & Ito 2008), drawn without pyplot.

Widgets redraw one `Figure` and send it as PNG, which does not flicker.
"""

import base64
import contextlib
import io
import re
import textwrap
import threading
from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation
from PIL import Image

from helpers.data.image_files.reading import printable

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#555555", "#F0E442")
STYLE: dict[Any, Any] = {
    "font.size": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "lines.linewidth": 2.5,
    "text.parse_math": False,  # a name such as "$5_a" is not a formula
    "text.usetex": False,
}


WIDEST, TALLEST = 12, 20  # inches, of every figure


# `rc_context` changes settings of the whole process, so the threads of labs and kernel take turns.
_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Use the style of the series in a `with` block."""
    with _ONE_AT_A_TIME, matplotlib.rc_context(STYLE):
        yield


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Restore matplotlib's settings at the end of a `with` block, and never those of a figure being drawn.

    Example:
        >>> before = matplotlib.rcParams["lines.linewidth"]
        >>> with own_settings():
        ...     matplotlib.rcParams["lines.linewidth"] = 9
        >>> matplotlib.rcParams["lines.linewidth"] == before
        True
    """
    with contextlib.ExitStack() as kept:
        with _ONE_AT_A_TIME:
            kept.enter_context(matplotlib.rc_context())
        try:
            yield
        finally:
            with _ONE_AT_A_TIME:
                kept.close()


class NotebookFigure(Figure):
    """A Figure that shows itself in a notebook as a PNG with alternative text.

    Attributes:
        alt: the alternative text, for readers who cannot see the figure.

    Example:
        >>> drawing, (axis,) = figure(4, 3)
        >>> drawing.alt = "A rising line"
        >>> data, metadata = drawing._repr_mimebundle_()
        >>> metadata["image/png"]["alt"]
        'A rising line'
    """

    alt = ""
    canvas: FigureCanvasAgg

    def _repr_mimebundle_(self, **options):
        encoded = base64.b64encode(smaller(png(self))).decode()
        alt = self.alt.encode("utf-8", "backslashreplace").decode()  # notebooks are stored as UTF-8
        return {"image/png": encoded, "text/plain": alt}, {"image/png": {"alt": alt}}

    def draw(self, renderer: RendererBase) -> None:
        """Draw in the style of the series, whoever asks for it: ticks are created only now."""
        with styled():
            super().draw(renderer)


def figure(
    width: float = 12, height: float = 4.8, columns: int = 1, rows: int = 1
) -> tuple[NotebookFigure, list[Axes]]:
    """Return a figure in the style of the series, and its axes as a flat list.

    Args:
        width: in inches, at most WIDEST.
        height: in inches, at most TALLEST.
        columns: number of axes side by side.
        rows: number of axes below each other.

    Example:
        >>> drawing, axes = figure(columns=2, rows=2)
        >>> len(axes)
        4
    """
    with styled():
        size = min(width, WIDEST), min(height, TALLEST)
        drawing = NotebookFigure(figsize=size, dpi=80, layout="constrained")
        FigureCanvasAgg(drawing)
        axes = drawing.subplots(rows, columns, squeeze=False).ravel().tolist()
    return drawing, axes


class _Powers(LogFormatterSciNotation):
    """Write powers of ten in plain text, such as 10⁻³, where matplotlib writes a formula."""

    SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

    def __call__(self, value, position=None):
        formula = super().__call__(value, position)
        plain = formula.removeprefix("$\\mathdefault{").removesuffix("}$").replace("\\times", "×")
        return re.sub(r"\^\{(.*?)\}", lambda power: power[1].translate(self.SUPERSCRIPTS), plain)


def powers(axis: Axis) -> None:
    """Label a logarithmic axis with powers of ten; matplotlib's own labels are formulas.

    Example:
        >>> drawing, (axes,) = figure()
        >>> _ = axes.semilogy([0.001, 1000])
        >>> powers(axes.yaxis)
        >>> axes.yaxis.get_major_formatter()(0.001)
        '10⁻³'
    """
    axis.set_major_formatter(_Powers())
    axis.set_minor_formatter(_Powers(labelOnlyBase=False))


def say_left_out(drawing: NotebookFigure, count: int, what: str) -> None:
    """Write below a figure, and at the end of its alternative text, how much it does not show.

    Args:
        drawing: the figure.
        count: number of things left out; nothing is written if there are none.
        what: their name in the plural.

    Example:
        >>> drawing, _ = figure()
        >>> drawing.alt = "Two classes."
        >>> say_left_out(drawing, 1250, "classes")
        >>> drawing.alt
        'Two classes. Classes not shown: 1,250.'
    """
    if count > 0:
        with styled():
            drawing.supxlabel(f"{what} not shown: {count:,}", fontsize=14)
        drawing.alt = f"{drawing.alt.removesuffix('.')}. {what.capitalize()} not shown: {count:,}."


def png(drawing: NotebookFigure) -> bytes:
    """Return the figure as PNG bytes, at its own resolution.

    `savefig` would draw a figure with a layout engine twice, and readers would wait longer.
    """
    drawing.canvas.draw()
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(drawing.canvas.buffer_rgba())).convert("RGB").save(buffer, format="png")
    return buffer.getvalue()


def smaller(image: bytes) -> bytes:
    """Return the PNG with 256 colours: notebooks and pages stay small, and the difference is not visible."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(image)) as opened:
        opened.convert("RGB").quantize(256).save(buffer, format="png", optimize=True)
    return min(image, buffer.getvalue(), key=len)


def wrapped(*lines: str) -> str:
    """Return lines of text, broken where they are longer than a small image is wide.

    Example:
        >>> print(wrapped("test", "a class name that is much too long"))
        test
        a class name that is
        much too long
    """
    return "\n".join(textwrap.fill(legible(line, 72), 24) for line in lines)


def legible(name: object, most: int = 40) -> str:
    r"""Return a name as it can be drawn: long ones are shortened, line breaks and the like are escaped.

    Args:
        name: of a class, a file or anything else that users name.
        most: number of characters; the middle of longer names is left out.

    Example:
        >>> legible("two\nlines"), legible("abcdefghij", most=7)
        ('two\\nlines', 'abc…hij')
    """
    text = printable(str(name))
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"
