"""Your pictures come in: a zip by upload, in JupyterLab, Notebook and Colab. Used in notebook 08."""

import atexit
import html
import shutil
import tempfile
from pathlib import Path

import ipywidgets as ui
import numpy as np

from helpers.data.archives import unzip
from helpers.data.folders import predefined
from helpers.data.validation import visible
from helpers.environment import in_colab


class Upload(ui.VBox):
    """Takes a zip file with one folder a class; `folder` is where the pictures lie, None before."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        if in_colab():  # its own dialog takes larger files than the widget
            self.button = ui.Button(description="Upload a zip", icon="upload")
            self.button.on_click(lambda button: self._receive(_ask_colab))
        else:
            self.button = ui.FileUpload(accept=".zip", multiple=False, description="Upload a zip")
            self.button.observe(lambda change: self._receive(lambda: change["new"]), "value")
        self.button.tooltip = "Upload a zip file with one folder a class"
        self.button.layout.width = "max-content"
        self.output = ui.Output()  # where Colab puts its dialog
        self.status = ui.HTML("<p>No upload yet: the demonstration pictures are used.</p>")
        super().__init__([self.button, self.output, self.status])
        self.add_class("upload")

    def _receive(self, get):
        try:
            value = None
            with self.output:  # which swallows errors, and shows them
                value = get()
            name, content = first_file(value)
            with tempfile.TemporaryDirectory() as place:
                path = Path(place, Path(name).name)
                path.write_bytes(content)
                folder = unzip(path)
            classes = [p.name for p in visible(predefined(folder).get("train", folder))[0]]
            if not classes:
                raise ValueError(f"{name} holds no folders. Zip a folder that has one sub-folder a class.")
            self.folder = folder
            self.status.value = (
                f"<p role='status'><b>{html.escape(name)}</b> is unpacked: {len(classes)} classes "
                f"({html.escape(', '.join(classes[:8]))}). Run the cells below.</p>"
            )
        except (ValueError, OSError) as error:
            self.status.value = f"<p role='alert'><b>{html.escape(str(error))}</b></p>"


def first_file(value: tuple[dict, ...] | dict) -> tuple[str, bytes]:
    """Name and content of an upload.

    Args:
        value: of ipywidgets 8's FileUpload, a tuple of dicts; of 7's, a dict of dicts by name; or of
            Colab's `files.upload`, bytes by name.

    Raises:
        ValueError: it is empty.
    """
    if not value:
        raise ValueError("Nothing was uploaded. Choose a zip file.")
    if isinstance(value, dict):
        name, item = next(iter(value.items()))
        return name, bytes(item["content"] if isinstance(item, dict) else item)
    return value[0]["name"], bytes(value[0]["content"])


def _ask_colab():
    from google.colab import files

    return files.upload()


def demonstration_folder(per_class: int = 40) -> Path:
    """A folder of drawn pictures, a class a folder, so that the notebook runs without your own.

    Three things are wrong with it, as with many a real folder: a file that is no picture, five pictures
    that are there twice (mirrored, or saved anew in another size), and one in two classes.
    """
    from PIL import Image, ImageOps

    from helpers.data.image_sets import builtin

    folder = Path(tempfile.mkdtemp()) / "demonstration"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    data = builtin("micrographs", per_class, 0, 0, seed=3)
    for number, (picture, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name / f"{number:04d}.png")
    for k, number in enumerate(np.linspace(0, len(data.X_train) - 1, 5).astype(int)):
        image = Image.fromarray(data.X_train[number])
        copy = ImageOps.mirror(image) if k % 2 else image.resize((48, 48))
        copy.save(folder / data.y_train[number] / f"copy_{k}.jpg", quality=90)
    first, second = data.classes[:2]
    twice = Image.fromarray(data.X_train[data.y_train == first][1])
    twice.save(folder / second / "scan.png")
    (folder / first / "notes.jpg").write_text("not a picture")
    return folder
