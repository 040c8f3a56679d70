"""Figures of a recording of training: codes, accuracy, and similarity with the source, step by step."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from PIL import Image

from helpers.plots.style import PALETTE, NotebookFigure, figure, styled
from helpers.studies.engine.recording import Recording

MARKS = "osD^v"
LINES = ("-", "--", "-.", ":")


def stills(recording: Recording, records: Sequence[int] = (0, 4, -1)) -> NotebookFigure:
    """Draw the codes after some steps, one row per way of training.

    Args:
        recording: of the training.
        records: places of the records to draw.
    """
    drawing, axes = figure(12, 10.5, columns=len(records), rows=len(recording.ways))
    texts = []
    with styled():
        for place, axis in enumerate(axes):
            way, record = place // len(records), records[place % len(records)]
            _frame(axis, recording)
            for points, kind in zip(_points(axis, recording), np.unique(recording.classes), strict=True):
                points.set_data(*recording.codes[way, record, recording.classes == kind].T)
            axis.set_title(f"{recording.ways[way]}\nstep {recording.steps[record]}")
            texts.append(sentence(recording, way, record))
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    drawing.alt = " ".join(texts)
    return drawing


def sentence(recording: Recording, way: int, record: int) -> str:
    """Return accuracy and similarity of a way in a record, in words."""
    last = recording.similarity.shape[2]
    return (
        f"{recording.ways[way]}, step {recording.steps[record]}: validation accuracy "
        f"{recording.accuracy[way, record]:.1%}, CKA of block {last} with the source "
        f"{recording.similarity[way, record, -1]:.2f}."
    )


class Film:
    """A recording on the axes of a figure. Only what moves is drawn for each record, so that it is fast.

    Args:
        drawing: the figure.
        axes: two for each way of training: first those of the codes, then those of the curves.
        recording: of the training.

    Example:
        >>> recording = Recording.load()
        >>> film = Film(*figure(columns=len(recording.ways), rows=2), recording)
        >>> film.png(0) == film.png(1)
        False
    """

    def __init__(self, drawing: NotebookFigure, axes: Sequence[Axes], recording: Recording) -> None:
        self.recording, self._canvas = recording, drawing.canvas
        ways, kinds = len(recording.ways), np.unique(recording.classes)
        drawing.legends.clear()
        with styled():
            for axis in axes:
                axis.clear()
            for way, (above, below) in enumerate(zip(axes[:ways], axes[ways:], strict=True)):
                _frame(above, recording)
                above.set_title(recording.ways[way])
                _curves(below, recording, way)
            self._points = [_points(axis, recording) for axis in axes[:ways]]
            self._now = [axis.axvline(0, color=PALETTE[6], linestyle=":") for axis in axes[ways:]]
            shown = [line for axis in (axes[0], axes[ways]) for line in axis.get_legend_handles_labels()[0]]
            drawing.legend(handles=shown, loc="outside lower center", ncols=5)
            moving = [*self._now, *(points for axis in self._points for points in axis)]
            for artist in moving:
                artist.set_animated(True)
            self._canvas.draw()
        self._kinds, self._moving = kinds, moving
        self._background = self._canvas.copy_from_bbox(drawing.bbox)

    def png(self, record: int) -> bytes:
        """Return the image of one record as PNG bytes."""
        self._canvas.restore_region(self._background)
        for way, axis in enumerate(self._points):
            for points, kind in zip(axis, self._kinds, strict=True):
                points.set_data(*self.recording.codes[way, record, self.recording.classes == kind].T)
        for line in self._now:
            line.set_xdata([self.recording.steps[record]] * 2)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        buffer = io.BytesIO()
        image = Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        image.save(buffer, format="png", compress_level=1)  # three times as fast, and a third larger
        return buffer.getvalue()


def _frame(axis, recording):
    """Limits that hold all codes of all ways and steps: the projection is fixed."""
    low, high = recording.codes.min((0, 1, 2)), recording.codes.max((0, 1, 2))
    gap = 0.05 * (high - low)
    axis.set(xlim=(low[0] - gap[0], high[0] + gap[0]), ylim=(low[1] - gap[1], high[1] + gap[1]))
    axis.set(xticks=[], yticks=[], xlabel="first component", ylabel="second component")


def _points(axis, recording):
    """Lines without data, one for each class."""
    kinds = np.unique(recording.classes)
    looks = zip(kinds, MARKS, PALETTE, strict=False)
    return [
        axis.plot([], [], mark, color=colour, markersize=5, label=kind.replace("_", " "))[0]
        for kind, mark, colour in looks
    ]


def _curves(axis, recording, way):
    """Accuracy and similarity of one way against the steps."""
    axis.plot(recording.steps, recording.accuracy[way], color="black", linewidth=3.5, label="accuracy")
    blocks = enumerate(recording.similarity[way].T)
    for (block, values), line, colour in zip(blocks, LINES, PALETTE, strict=False):
        axis.plot(recording.steps, values, line, color=colour, label=f"CKA, block {block + 1}")
    axis.set(ylim=(0, 1.05), xlabel="training step")
