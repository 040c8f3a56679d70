"""A button that receives files, in JupyterLab, Notebook and Colab."""

from collections.abc import Callable

import ipywidgets as ui

from helpers.environment import in_colab

# What Jupyter's server accepts in one message, unless it was started as the README says; it drops larger ones
# without a word, and does not tell the notebook how it was started.
MOST_MEGABYTES = 10


class FileButton(ui.VBox):
    """A button that asks for files and hands them on.

    Args:
        text: on the button.
        tooltip: what the files are for.
        accept: the kinds of files that the browser's dialog offers, such as `.zip` or `image/*`.
        receive: called with name and content of each file; with an empty list if nothing was chosen.
        multiple: whether several files can be chosen at once. Colab's dialog always offers that.

    Example:
        >>> button = FileButton("Upload a zip", "Upload your images", ".zip", receive=print)
        >>> button.button.description
        'Upload a zip'
    """

    def __init__(
        self,
        text: str,
        tooltip: str,
        accept: str,
        receive: Callable[[list[tuple[str, bytes]]], None],
        multiple: bool = False,
    ) -> None:
        self._receive = receive
        self._options = {"description": text, "tooltip": tooltip, "layout": {"width": "max-content"}}
        self._dialog = {"accept": accept, "multiple": multiple}
        self.output = ui.Output()  # Colab shows its dialog here
        super().__init__()
        self.renew()

    def renew(self) -> None:
        """Replace the button: after a message that the server has dropped, the old one no longer answers."""
        if in_colab():  # Colab's own dialog accepts larger files than the widget
            self.button = ui.Button(icon="upload", **self._options)
            self.button.on_click(lambda button: self._take(_ask_colab))
        else:
            self.button = ui.FileUpload(**self._dialog, **self._options)
            self.button.observe(lambda change: self._take(lambda: change["new"]), "value")
        self.children = [self.button, self.output]

    def _take(self, get):
        value = None
        with self.output:  # an error is shown there, and not raised
            value = get()
        self._receive(files_in(value))


def files_in(value: tuple[dict, ...] | dict | None) -> list[tuple[str, bytes]]:
    """Return name and content of each uploaded file.

    Args:
        value: the value of FileUpload, a tuple of dicts in ipywidgets 8 and a dict of dicts by name in
            ipywidgets 7; or the result of Colab's `files.upload`, bytes by name; or nothing.

    Example:
        >>> files_in({"images.zip": b"content"})
        [('images.zip', b'content')]
    """
    if isinstance(value, dict):
        contents = {name: item["content"] if isinstance(item, dict) else item for name, item in value.items()}
        return [(name, bytes(content)) for name, content in contents.items()]
    return [(item["name"], bytes(item["content"])) for item in value or ()]


def _ask_colab():
    from google.colab import files

    return files.upload()
