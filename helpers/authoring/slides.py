"""Lecture decks: `python -m helpers slides` writes slides/NOTEBOOK.slides.html for each notebook.

nbconvert makes the slides. This module adds what its template leaves out: the alternative texts of the
images, and reveal.js and MathJax, so that a deck is one file that needs no internet.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from helpers.authoring import assets
from helpers.authoring.opening import NOTEBOOKS

TEMPLATES = Path(__file__).with_name("templates")
IMPORT = re.compile(r"@import [^;]+;")


def deck(path: Path) -> str:
    """Return the slides of a notebook as one HTML page that loads nothing.

    Raises:
        RuntimeError: If the packages with reveal.js and MathJax are not installed.
    """
    from bs4 import BeautifulSoup
    from nbconvert import SlidesExporter

    notebook = nbformat.read(path, as_version=4)
    texts = {
        output.data["image/png"].strip(): output.metadata.get("image/png", {}).get("alt", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    }
    exporter = SlidesExporter(
        template_file="deck.html.j2",
        extra_template_paths=[str(folder) for folder in (TEMPLATES, assets.reveal(), assets.mathjax())],
    )
    title = f"{notebook.cells[0].source.splitlines()[0].lstrip('# ')}: slides"
    page = BeautifulSoup(exporter.from_notebook_node(notebook, {"deck_title": title})[0], "html.parser")
    for image in page.select("img[src^='data:image/png;base64,']"):
        encoded = str(image["src"]).removeprefix("data:image/png;base64,").strip()
        image["alt"] = texts.get(encoded) or str(image.get("alt", ""))
    for style in page.select("style"):  # the theme imports its fonts from another host
        style.string = IMPORT.sub("", style.text)
    return str(page)


def write(folder: Path) -> Iterator[Path]:
    """Write the decks of all notebooks into a folder.

    Args:
        folder: created if it does not exist.

    Yields:
        The path of each deck.

    Raises:
        FileExistsError: If the path is a file.
        RuntimeError: If the packages with reveal.js and MathJax are not installed.
        OSError: If the folder cannot be made.
    """
    assets.make_folder(folder)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        target = folder / f"{path.stem}.slides.html"
        target.write_text(deck(path), encoding="utf-8")
        yield target
