"""What a widget shows on pages that run no widgets: GitHub, a PDF, a notebook that was just opened."""

import base64

import ipywidgets as ui
from traitlets import Unicode

# As wide as the page allows; with margins at the sides, the lab would be wider and scroll.
FULL_WIDTH = {"width": "100%", "max_width": "960px", "margin": "2px 0"}


class FigureImage(ui.Image):
    """A PNG image whose `tooltip` screen readers read: the image of ipywidgets has no alternative text.

    Example:
        >>> FigureImage(format="png", tooltip="A rising curve").tooltip
        'A rising curve'
    """

    tooltip = Unicode("").tag(sync=True)
    description = Unicode("").tag(sync=True)  # without it, the front end sets no tooltip


class StaticFigure:
    """Mix-in for a widget with a figure: saves it as a PNG image, with the alternative text `alt`.

    Attributes:
        figure_image: the widget that shows the PNG; subclasses create it.

    Example:
        >>> class Lab(StaticFigure, ui.VBox):
        ...     alt = "A rising curve"
        >>> lab = Lab()
        >>> lab.figure_image = FigureImage()
        >>> lab.show(b"PNG bytes")
        >>> lab.figure_image.tooltip
        'A rising curve'
    """

    figure_image: FigureImage

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        raise NotImplementedError

    def show(self, png: bytes) -> None:
        """Show a new PNG, and set its alternative text."""
        self.figure_image.value = png
        self.figure_image.tooltip = self.alt

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        data, extra = bundle if isinstance(bundle, tuple) else (bundle, {})
        encoded = base64.b64encode(self.figure_image.value).decode()
        return {**data, "image/png": encoded}, {**extra, "image/png": {"alt": self.alt}}


class StaticText:
    """Mix-in for a widget of text: saves what its method `as_html` returns.

    Example:
        >>> class Note(StaticText, ui.VBox):
        ...     def as_html(self):
        ...         return "<p>A note</p>"
        >>> Note()._repr_mimebundle_()[0]["text/html"]
        '<p>A note</p>'
    """

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        data, extra = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self.as_html()}, extra
