"""Upload your own images as a zip file, in JupyterLab, Notebook and Colab."""

import atexit
import html
import shutil
import tempfile
from pathlib import Path

import ipywidgets as ui
import numpy as np

from helpers.data.archives import unzip
from helpers.data.folder_contents.layouts import layout_of, listed
from helpers.environment import in_colab
from helpers.widgets.file_button import MOST_MEGABYTES, FileButton
from helpers.widgets.static import StaticText

NOISE = 20  # standard deviation of the demonstration's noise, in grey levels (0..255)


class Upload(StaticText, ui.VBox):
    """A button that receives a zip file with one folder per class, and unpacks it.

    Attributes:
        folder: where the images are; None before an upload.

    Example:
        >>> upload = Upload()
        >>> upload.folder is None
        True
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        tooltip = "Upload a zip file with one folder per class"
        self.files = FileButton("Upload a zip", tooltip, ".zip", self._receive)
        limit = (
            f"If JupyterLab was not started as the README says, the button takes up to {MOST_MEGABYTES} MB; "
            "after a larger file, run this cell again."
        )
        self.status = ui.HTML(
            f"<p>No upload yet: the demonstration images are used. {limit * (not in_colab())}</p>"
        )
        super().__init__([self.files, self.status])
        self.add_class("upload")

    def as_html(self) -> str:
        """Return what the widget offers, for pages that run no widgets."""
        return "<p>Run this cell to upload images of your own: a zip file with one folder per class.</p>"

    def _receive(self, files):
        try:
            if not files:
                raise ValueError("Nothing was uploaded. Choose a zip file.")
            name, content = files[0]
            with tempfile.TemporaryDirectory() as place:
                path = Path(place, Path(name).name)
                path.write_bytes(content)
                folder = unzip(path)
            classes = layout_of(folder).classes
            self.folder = folder
            self.status.value = (
                f"<p role='status'><b>{html.escape(name)}</b> is unpacked: {len(classes)} classes "
                f"({html.escape(listed(classes))}). Run the cells below.</p>"
            )
        except (ValueError, OSError) as error:
            self.status.value = f"<p role='alert'><b>{html.escape(str(error))}</b></p>"


def demonstration_folder(per_class: int = 40) -> Path:
    """Write generated, noisy images into a temporary folder, one sub-folder per class.

    The notebook uses it if there are no images of your own. Without noise, a source model would make no
    mistake that one could look at. The folder has three faults, as many real folders do:
    a file that is not an image, five images that occur twice (mirrored, or saved again in another size),
    and one image in two classes.

    Args:
        per_class: number of images per class, without the copies.

    Returns:
        The folder, which is removed when Python exits.

    Example:
        >>> sorted(path.name for path in demonstration_folder(per_class=2).iterdir())[:2]
        ['crescent_cell', 'dividing_cell']
    """
    from PIL import Image, ImageOps

    from helpers.data.image_sets import builtin

    folder = Path(tempfile.mkdtemp()) / "demonstration"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    data = builtin("micrographs", per_class, 0, 0, seed=3)
    noise = np.random.default_rng(3).normal(0, NOISE, data.X_train.shape)
    noisy = np.clip(data.X_train + noise, 0, 255).astype(np.uint8)
    for number, (image, name) in enumerate(zip(noisy, data.y_train, strict=True)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name / f"{number:04d}.png")
    for k, number in enumerate(np.linspace(0, len(noisy) - 1, 5).astype(int)):
        original = Image.fromarray(noisy[number])
        copy = ImageOps.mirror(original) if k % 2 else original.resize((48, 48))
        copy.save(folder / data.y_train[number] / f"copy_{k}.jpg", quality=90)
    first, second = data.classes[:2]
    twice = Image.fromarray(noisy[data.y_train == first][1])
    twice.save(folder / second / "scan.png")
    (folder / first / "notes.jpg").write_text("not an image")
    return folder
