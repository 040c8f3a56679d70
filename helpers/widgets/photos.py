"""An upload button for a zip of pictures, in JupyterLab, Notebook and Colab. Used in notebook 08."""

import html
import tempfile
from pathlib import Path

import ipywidgets as ui

from helpers.archives import unzip


class Upload(ui.VBox):
    """Takes a zip file with one folder a class; `folder` is where the pictures lie, None before."""

    def __init__(self):
        self.folder = None
        self.button = ui.FileUpload(accept=".zip", multiple=False, description="Upload a zip")
        self.status = ui.HTML("<p>No upload yet: the demonstration pictures are used.</p>")
        self.button.observe(self._receive, "value")
        super().__init__([self.button, self.status])
        self.add_class("upload")

    def _receive(self, change):
        try:
            name, content = first_file(change["new"])
            path = Path(tempfile.mkdtemp()) / Path(name).name
            path.write_bytes(content)
            self.folder = unzip(path)
            self.status.value = f"<p role='status'>{html.escape(name)} is unpacked. Run the next cells.</p>"
        except (ValueError, OSError) as error:
            self.status.value = f"<p role='alert'><b>{html.escape(str(error))}</b></p>"


def first_file(value) -> tuple[str, bytes]:
    """Name and content of an upload: ipywidgets 8 gives a tuple of dicts, 7 a dict by name."""
    if not value:
        raise ValueError("Nothing was uploaded.")
    if isinstance(value, dict):
        name, item = next(iter(value.items()))
        return name, bytes(item["content"])
    return value[0]["name"], bytes(value[0]["content"])


def demonstration_folder(per_class: int = 40) -> Path:
    """A folder of drawn pictures, a class a folder, so that the notebook runs without your own."""
    from PIL import Image

    from helpers.datasets import builtin

    folder = Path(tempfile.mkdtemp()) / "demonstration"
    data = builtin("micrographs", per_class, 0, 0, seed=3)
    for number, (picture, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name / f"{number:04d}.png")
    return folder
