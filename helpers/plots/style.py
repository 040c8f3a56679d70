"""One style for every figure: colour-blind safe (Okabe & Ito 2008), drawn without pyplot.

Widgets redraw one kept `Figure` and send it as PNG, which never flickers.
"""

import base64
import contextlib
import io
import threading
from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#555555", "#F0E442")
STYLE: dict[Any, Any] = {
    "font.size": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "lines.linewidth": 2.5,
}


# `rc_context` changes settings of the whole process: a lab's thread and the kernel's take turns.
_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """The course's style for a `with` block."""
    with _ONE_AT_A_TIME, matplotlib.rc_context(STYLE):
        yield


class CourseFigure(Figure):
    """A Figure that shows itself in a notebook as a PNG with alternative text."""

    alt = ""
    canvas: FigureCanvasAgg

    def _repr_mimebundle_(self, **options):
        picture = base64.b64encode(_smaller(png(self))).decode()
        return {"image/png": picture, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def figure(
    width: float = 12, height: float = 4.8, columns: int = 1, rows: int = 1
) -> tuple[CourseFigure, list[Axes]]:
    """Return a Figure in the course's style and its axes, as a flat list."""
    with styled():
        drawing = CourseFigure(figsize=(width, height), dpi=80, layout="constrained")
        FigureCanvasAgg(drawing)
        axes = drawing.subplots(rows, columns, squeeze=False).ravel().tolist()
    return drawing, axes


def png(drawing: CourseFigure) -> bytes:
    """The figure as PNG bytes, at its own dots an inch.

    Drawn once: `savefig` draws a figure that has a layout twice, and a reader waits for both.
    """
    with styled():
        drawing.canvas.draw()
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(drawing.canvas.buffer_rgba())).convert("RGB").save(buffer, format="png")
    return buffer.getvalue()


def _smaller(picture: bytes) -> bytes:
    """The PNG with 256 colours: saved notebooks stay small, and the eye sees no difference."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(256).save(buffer, format="png", optimize=True)
    return min(picture, buffer.getvalue(), key=len)
