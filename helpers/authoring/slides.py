"""Lecture decks: `python -m helpers slides` writes slides/NOTEBOOK.slides.html for each notebook.

nbconvert makes the slides. This module adds the alternative texts of the images, which the slide
template of nbconvert leaves out.
"""

from collections.abc import Iterator
from pathlib import Path

import nbformat

from helpers.authoring.opening import NOTEBOOKS


def deck(path: Path) -> str:
    """Return the slides of a notebook as one HTML page."""
    from bs4 import BeautifulSoup
    from nbconvert import SlidesExporter

    notebook = nbformat.read(path, as_version=4)
    texts = {
        output.data["image/png"].strip(): output.metadata.get("image/png", {}).get("alt", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    }
    page = BeautifulSoup(SlidesExporter().from_notebook_node(notebook)[0], "html.parser")
    for image in page.select("img[src^='data:image/png;base64,']"):
        encoded = str(image["src"]).removeprefix("data:image/png;base64,").strip()
        image["alt"] = texts.get(encoded) or str(image.get("alt", ""))
    return str(page)


def write(folder: Path) -> Iterator[Path]:
    """Write the decks of all notebooks into a folder.

    Args:
        folder: created if it does not exist.

    Yields:
        The path of each deck.

    Raises:
        FileExistsError: If the path is a file.
        OSError: If the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileExistsError(f"--folder must be a folder. Received the file {str(folder)!r}.") from None
    except OSError as error:
        raise OSError(f"--folder {str(folder)!r} cannot be made: {error.strerror}.") from error
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        target = folder / f"{path.stem}.slides.html"
        target.write_text(deck(path), encoding="utf-8")
        yield target
