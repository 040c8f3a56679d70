"""Two finished runs of the Strategy Lab, image by image: on which images do they disagree, and why?"""

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import ipywidgets as ui
import numpy as np

from helpers.data.image_sets import ImageSet
from helpers.findings.disagreement import disagreement
from helpers.plots.style import png
from helpers.widgets.figure_lab import WIDE, side_by_side
from helpers.widgets.static import FigureImage

if TYPE_CHECKING:
    from helpers.strategies import Strategy

KEPT = 30  # fitted models: the latest ones; beyond them, only the latest of each strategy and target
SHOWN = 4  # images
DEPTH = 16  # layers, from the last one on, that may give the maps
NO_MAPS = (
    "Run {} has no maps here: it combines several layers, or the late layers of its network have a single "
    "place at this image size."
)
DROPPED = "Some older runs were dropped to save memory. Run one again to compare it."
LONG = WIDE | {"style": {"description_width": "initial"}}  # leaves room for the names of the runs


@dataclass
class Fitted:
    """A fitted strategy, and the images at the size that it takes.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> Fitted(None, builtin("streets_day", 5, 5, 5)).data.name
        'streets_day'
    """

    strategy: "Strategy"
    data: ImageSet

    @property
    def kind(self) -> tuple[type, str]:
        """The strategy and the target: of each kind, the latest run can always be compared."""
        return type(self.strategy), self.data.name

    @cached_property
    def answers(self) -> np.ndarray:
        """The answer to each validation image, (n,)."""
        return np.asarray(self.strategy.predict(self.data.X_validation))

    @property
    def right(self) -> np.ndarray:
        """Whether the strategy is right about each validation image, bool (n,)."""
        return self.answers == self.data.y_validation


class TwoRuns(ui.VBox):
    """Choose two runs; a button shows validation images on which they disagree, with both class maps.

    Args:
        in_background: runs a function without blocking the page; it may refuse while the lab is busy.

    Example:
        >>> two = TwoRuns(in_background=lambda work: work())
        >>> two.button.disabled  # there is nothing to compare yet
        True
    """

    def __init__(self, in_background: Callable[[Callable[[], None]], None]) -> None:
        self._fitted: dict[str, Fitted] = {}
        self._dropped: dict[str, None] = {}  # the names of runs, in order
        self.dropped = ui.HTML()
        self.dropped.add_class("two-runs-dropped")
        self.one, self.other = (
            ui.Dropdown(description=f"run {name}", options=["no runs yet"], disabled=True, **LONG)
            for name in "AB"
        )
        self.button = ui.Button(
            description="Compare images",
            icon="search",
            disabled=True,
            tooltip="Show validation images on which the two runs disagree",
            layout=ui.Layout(width="180px"),
        )
        self.status = ui.HTML("Two finished runs of one target can be compared image by image.")
        self.status.add_class("two-runs-status")
        self.image = FigureImage(
            format="png",
            tooltip="No two runs of this lab have been compared yet.",
            layout=ui.Layout(max_width="960px", display="none"),
        )
        self.button.on_click(lambda button: in_background(self._compare_images))
        for menu in (self.one, self.other):
            menu.observe(self._on_choice, "value")
        super().__init__(
            [side_by_side(self.one, self.other, self.button), self.dropped, self.status, self.image]
        )
        self.add_class("two-runs")

    @property
    def several(self) -> bool:
        """Whether there are two runs to compare."""
        return len(self._fitted) > 1

    def add(self, name: str, fitted: Fitted) -> None:
        """Offer a finished run; the latest one becomes run B.

        Args:
            name: of the run, as the lists show it.
            fitted: its model and its images.
        """
        self._fitted.pop(name, None)
        self._fitted[name] = fitted
        self._dropped.pop(name, None)
        self._drop_one()
        names, first = [*self._fitted], self.one.value
        for menu in (self.one, self.other):
            menu.options, menu.disabled = names, False
        self.one.value = first if first in names and first != name else names[max(0, len(names) - 2)]
        self.other.value = name

    def _drop_one(self):
        """If there are too many models, drop the oldest with a later one of its kind; say what is gone."""
        latest = {fitted.kind: name for name, fitted in self._fitted.items()}
        old = [name for name, fitted in self._fitted.items() if latest[fitted.kind] != name]
        if len(self._fitted) > KEPT and old:
            del self._fitted[old[0]]
            self._dropped[old[0]] = None
        gone = "".join(f"<li>{html.escape(name)}</li>" for name in self._dropped)
        self.dropped.value = gone and f"<details><summary>{DROPPED}</summary><ul>{gone}</ul></details>"

    def _on_choice(self, change):
        """Leave nothing on the page that speaks of other runs than those in the menus."""
        if self.several:
            self.status.value, self.image.layout.display = "Press <i>Compare images</i>.", "none"

    def _compare_images(self):
        names = self.one.value, self.other.value
        one, other = (self._fitted[name] for name in names)
        if one.data.name != other.data.name:
            self.status.value = "The two runs have different targets. Choose two of one target."
            return
        self.status.value = "comparing …"
        answers = [one.answers, other.answers]
        found = disagreement(one.data.y_validation, *answers)
        drawn, without = None, ""
        if len(found.places):
            drawn, without = _drawn(found.places[:SHOWN], (one, other), answers)
        if names != (self.one.value, self.other.value):  # they have been changed meanwhile
            return
        said = [found.in_words("A", "B"), *([NO_MAPS.format(without)] if without else [])]
        self.status.value = html.escape(" ".join(said))
        self.image.layout.display = "none"
        if drawn is not None:
            self.image.value, self.image.tooltip = png(drawn), drawn.alt
            self.image.layout.display = None


def _drawn(places, fitted, answers):
    """The figure of images on which the answers differ, and the runs without any map."""
    from helpers.plots.evaluation import two_opinions

    maps = [_maps(f, places, names[places]) for f, names in zip(fitted, answers, strict=True)]
    images = [f.data.X_validation[places] for f in fitted]
    named = [names[places].tolist() for names in answers]
    figure = two_opinions(images, maps, named, fitted[0].data.y_validation[places].tolist())
    flat = (run for run, heat in zip("AB", maps, strict=True) if not np.any(np.ptp(heat, axis=(1, 2)) > 0))
    return figure, " and ".join(flat)


def _maps(fitted, places, answers):
    """The Grad-CAM map of each image for the answer that this model gives; NaN if it has none."""
    from helpers.networks.explain import grad_cam, map_layers
    from helpers.strategies.export import to_keras

    model, classes = to_keras(fitted.strategy), fitted.strategy.classes_.tolist()
    layers = [name for name in map_layers(model) if not name.endswith("pool")]  # pooling is too coarse
    if not layers:
        return np.full((len(places), *fitted.data.X_validation.shape[1:3]), np.nan)
    X, asked = fitted.data.X_validation[places], [classes.index(name) for name in answers]
    # Of small images, the last layers of a deep network have a single place: take the last one with several.
    late = layers[: -DEPTH - 1 : -1]
    layer = next((name for name in late if np.ptp(grad_cam(model, X[0], asked[0], name)) > 0), layers[-1])
    return np.stack([grad_cam(model, image, k, layer) for image, k in zip(X, asked, strict=True)])
