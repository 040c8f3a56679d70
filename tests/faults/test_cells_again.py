"""A reader runs cells twice, and runs them again in any order: nothing fails, and they show the same."""

import os
import re
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = [*sorted(NOTEBOOKS.glob("*.ipynb")), *sorted(NOTEBOOKS.glob("exercises/*.ipynb"))]
LONG = 3  # seconds; a cell that takes longer runs twice, not three times, to keep the tests short
# What may differ between two runs: durations, what is computed from them, widget ids and addresses.
VARIES = re.compile(r"\d[\d,.]* (s|min|h)\b|model_id='\w+'|0x\w+")


@pytest.fixture
def offline(tmp_path):
    """Environment variables with which no downloaded weights are found: notebook 07 uses a small network."""
    known = {name: value for name, value in os.environ.items() if name != "TRANSFER_DATA_DIR"}
    nowhere = "http://127.0.0.1:9"
    return known | {"KERAS_HOME": str(tmp_path), "http_proxy": nowhere, "https_proxy": nowhere}


def shown(cell):
    """Return the text and the images that a cell shows. One printed text may arrive in several parts."""
    data = [output.get("data", {}) | {"text": output.get("text", "")} for output in cell.outputs]
    text = "".join(each["text"] or each.get("text/plain", "") for each in data)
    return VARIES.sub("…", text), [each["image/png"] for each in data if "image/png" in each]


def again(client, cell, number):
    """Run a cell again and return what it shows, or its error."""
    try:
        client.execute_cell(cell, number)
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}", []
    return shown(cell)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_cells_show_the_same_again(path, offline):
    """Run all cells, all a second time in order, and each short one once more, from the last to the first."""
    notebook = nbformat.read(path, as_version=4)
    cells = [
        (number, cell)
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    place = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place)
    with client.setup_kernel(env=offline):
        first, seconds = {}, {}
        for number, cell in cells:
            started = time.monotonic()
            client.execute_cell(cell, number)
            first[number], seconds[number] = shown(cell), time.monotonic() - started
        second = {number: again(client, cell, number) for number, cell in cells}
        last = second | {
            number: again(client, cell, number) for number, cell in reversed(cells) if seconds[number] <= LONG
        }
    for number, cell in cells:
        for name, found in (("second run", second), ("after the whole run", last)):
            text, images = found[number]
            assert text == first[number][0], f"{name}:\n{cell.source}"
            assert images == first[number][1], f"{name}, another figure:\n{cell.source}"
