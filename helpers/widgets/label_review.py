"""Look at the images whose label a model doubts; correct a label or leave an image out, in a list."""

import html
import io
import os
from pathlib import Path

import ipywidgets as ui
import numpy as np
from PIL import Image

from helpers.data.corrections import Correction, read_corrections, write_corrections
from helpers.data.image_files.reading import printable
from helpers.data.image_sets import ImageSet
from helpers.findings.held_out import held_out
from helpers.plots.evaluation import most_wrong
from helpers.plots.style import png, smaller
from helpers.widgets.static import FigureImage, StaticFigure

DROP, GONE = "(leave out)", ""  # text and value; a menu with the value None would look empty
SIDE = 200  # pixels of an image on the page


class LabelReview(StaticFigure, ui.VBox):
    """Show suspicious images; a menu below each one corrects its label or leaves the image out.

    Each choice goes at once into a list, a CSV file, which `helpers.findings.reports.read` takes as
    `corrections`. The image files stay as they are. An earlier list is continued.

    Args:
        data: images that were read from files.
        probabilities: of each class in the order of `data.classes`, float (n, classes): of the first n images
            in the order of `data.paths`, from cross-validation.
        path: of the list.
        most: number of images to show.

    Raises:
        ValueError: the images have no files, the shapes do not fit, or the earlier list cannot be read.

    Example:
        >>> from dataclasses import replace
        >>> from helpers.data.image_sets import builtin
        >>> paths = "empty/1.png", "pedestrian/1.png"
        >>> streets = replace(builtin("streets_day", 1, 0, 0), paths=paths)
        >>> review = LabelReview(streets, np.array([[0.9, 0.1], [0.2, 0.8]]))
        >>> review.menus["empty/1.png"].value = "empty"
        >>> print(Path("corrections.csv").read_text(encoding="utf-8").splitlines()[1])
        empty/1.png,pedestrian,relabel,empty
    """

    def __init__(
        self,
        data: ImageSet,
        probabilities: np.ndarray,
        path: str | os.PathLike = "corrections.csv",
        most: int = 8,
    ) -> None:
        if not data.paths:
            raise ValueError(
                f"The images of {data.name!r} have no files that a list could name. Pass a set that "
                "reports.read has read from a folder."
            )
        self.path = Path(path).expanduser().absolute()
        self._data, self._name = data, html.escape(printable(path))
        count = len(probabilities)
        self.found = held_out(data.labels[:count], probabilities, data.paths[:count])
        self.places = [int(place) for place in self.found.order if self.found.wrong[place]][:most]
        self.menus: dict[str, ui.Dropdown] = {}
        self._unsaved: dict[str, Correction] = {}
        self._texts: list[str] = []
        earlier = self._list()
        cards = [self._card(number, place, earlier) for number, place in enumerate(self.places, 1)]
        self.status = ui.HTML(self._said(earlier))
        self.figure_image = FigureImage(format="png")  # for pages without a kernel
        self.show(smaller(png(self._sheet())))
        grid = ui.Box(cards, layout=ui.Layout(display="flex", flex_flow="row wrap"))
        super().__init__([grid, self.status])
        self.add_class("label-review")

    @property
    def alt(self) -> str:
        """The doubted images, in words."""
        return f"Images whose label the model doubts. {'; '.join(self._texts) or 'None'}."

    def _image(self, place):
        name = self._data.parts[place]
        return self._data.split(name).X[place - int(np.argmax(self._data.parts == name))]

    def _sheet(self):
        """The same images as one figure; without any, it says that there are no mistakes."""
        shown = self.places or [0]
        images = np.stack([self._image(place) for place in shown])
        truth, predicted, probability = (values[shown] for values in self.found[:3])
        return most_wrong(images, truth, predicted, probability, len(shown))

    def _card(self, number, place, earlier):
        path, label, classes = self._data.paths[place], str(self.found.truth[place]), self._data.classes
        text = (
            f"{number}. {printable(path)}: labelled {printable(label)}, looks like "
            f"{printable(self.found.predicted[place])} ({self.found.probability[place]:.0%})"
        )
        self._texts.append(text)
        image = FigureImage(format="png", value=_encoded(self._image(place)), tooltip=text, width=SIDE)
        original, before = earlier.get(path, Correction(label, label))
        menu = ui.Dropdown(
            description=f"image {number}",
            options=[*((printable(name), name) for name in classes), (DROP, GONE)],
            value=(before or GONE) if before in (*classes, None) else label,
            layout=ui.Layout(width="230px"),
            style={"description_width": "70px"},
        )
        menu.observe(lambda change: self._choose(path, original, change["new"] or None), "value")
        self.menus[path] = menu
        caption = ui.HTML(f"<div style='width:230px; line-height:1.3'>{html.escape(text)}</div>")
        return ui.VBox([image, caption, menu], layout=ui.Layout(width="240px", margin="4px"))

    def _list(self):
        return read_corrections(self.path) if self.path.exists() else {}

    def _choose(self, path, original, new_label):
        """Put a choice into the list, with those that could not be saved before.

        The label of the folder needs no line there.
        """
        self._unsaved[path] = Correction(original, new_label)
        try:
            corrections = self._list()
            for name, one in self._unsaved.items():
                corrections.pop(name, None)
                if one.new_label != one.label:
                    corrections[name] = one
            write_corrections(self.path, corrections)
            self._unsaved.clear()
            self.status.value = self._said(corrections)
        except (ValueError, OSError) as error:
            text = html.escape(f"Not saved. {error} Then choose again; any choice saves this one, too.")
            self.status.value = f"<p role='alert'><b>{text}</b></p>"

    def _said(self, corrections):
        dropped = sum(one.new_label is None for one in corrections.values())
        text = f"{self._name}: labels to change {len(corrections) - dropped}, images to leave out {dropped}."
        if not corrections:
            text = f"Nothing is changed yet. Your choices go into {self._name}."
        elsewhere = {*corrections} - {*self._data.paths}
        if left_out := sum(corrections[name].new_label is None for name in elsewhere):
            text += f" {left_out} images to leave out are not among these: left out already, or of others."
        if strange := len(elsewhere) - left_out:
            text += (
                f" {strange} of them are for files that are not among these images. If the list belongs to "
                "other images, give it another name before you choose."
            )
        if not self.places:
            text = f"The model agrees with every label. {text}"
        return f"<p role='status'>{text}</p>"


def _encoded(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png")
    return buffer.getvalue()
