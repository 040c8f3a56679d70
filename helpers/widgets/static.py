"""What a widget shows where no widget can live: GitHub, a PDF, a notebook just opened."""

import base64

import ipywidgets as ui
from traitlets import Unicode


class Picture(ui.Image):
    """A PNG picture whose `tooltip` screen readers say: ipywidgets' own has no alternative text."""

    tooltip = Unicode("").tag(sync=True)
    description = Unicode("").tag(sync=True)  # the front end asks for it before it sets a tooltip


class StaticPicture:
    """Mix-in before an ipywidgets class: adds `self.picture`, a PNG image, with the text `self.alt`."""

    picture: Picture

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        raise NotImplementedError

    def show(self, picture: bytes) -> None:
        """Put a new PNG on the screen, and what it shows into words for those who cannot see it."""
        self.picture.value = picture
        self.picture.tooltip = self.alt

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        data, extra = bundle if isinstance(bundle, tuple) else (bundle, {})
        picture = base64.b64encode(self.picture.value).decode()
        return {**data, "image/png": picture}, {**extra, "image/png": {"alt": self.alt}}


class StaticText:
    """Mix-in before an ipywidgets class: adds `self.as_html()` to the saved output."""

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        data, extra = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self.as_html()}, extra
