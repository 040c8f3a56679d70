"""The first result: what a probe says about photographs that it has not seen, and what it gets wrong."""

import html
from collections.abc import Callable

import ipywidgets as ui
import numpy as np

from helpers.findings.held_out import held_out
from helpers.plots.evaluation import held_out as draw
from helpers.plots.style import png
from helpers.widgets.few_photographs import FewPhotographs
from helpers.widgets.static import FULL_WIDTH, FigureImage, StaticFigure


class FirstResult(StaticFigure, ui.VBox):
    """Show the answers for a few photographs; it follows when other photographs are chosen.

    Args:
        few: the widget in which the photographs are chosen. Only the newest result follows it.
        classify: from images, uint8 (n, 224, 224, 3), and class names, str (n,), to the probabilities of the
            classes in sorted order, float (n, classes), by models that have not seen the image.

    Raises:
        ValueError: If classify returns anything else.

    Example:
        >>> result = FirstResult(FewPhotographs(), lambda X, y: np.full((len(X), 2), 0.5))
        >>> result.found.predicted[:2].tolist()
        ['flower', 'flower']
    """

    def __init__(self, few: FewPhotographs, classify: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
        self._few, self._classify = few, classify
        self.figure_image = FigureImage(format="png", layout=ui.Layout(**FULL_WIDTH))
        self.caption = ui.HTML()
        super().__init__([self.figure_image, self.caption])
        self.add_class("first-result")
        self._show()
        few.followed_by = self._follow

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        return " ".join([self._alt, *self._few.photographs.notes])

    def _show(self):
        photographs = self._few.photographs
        X, y = photographs.X, photographs.y
        self.found = held_out(y, self._classify(X, y), photographs.names)
        drawing = draw(X, self.found)
        self._alt = f"{drawing.alt}."
        self.show(png(drawing))
        paragraphs = (self.found.in_words(), " ".join(photographs.notes))
        texts = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs if text)
        self.caption.value = f"<div aria-live='polite'>{texts}</div>"

    def _follow(self):
        """Show the result for other photographs; an error of the student's function is shown, too."""
        self.caption.value = "<p role='status'>classifying …</p>"
        try:
            self._show()
        except Exception as error:  # raised in a callback, it would be lost
            text = html.escape(f"classify has failed: {type(error).__name__}: {error}")
            self.caption.value = (
                f"<p role='alert'><b>{text}</b> The figure above still shows other photographs.</p>"
            )
