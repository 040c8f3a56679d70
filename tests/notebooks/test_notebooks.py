"""Every notebook runs from top to bottom, and is stored in the state a reader should meet."""

import json
import re

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from run_notebooks import FOLDER, WIDGET, run, slide_type

MAX_LINES = 20
MAX_WIDTH = 94  # characters; JupyterLab cuts longer lines in a window of 1024 pixels
MAX_OUTPUT_BYTES = 1_500_000

every_notebook = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def output_bytes(notebook) -> int:
    return sum(len(json.dumps(cell.outputs).encode()) for cell in code_cells(notebook))


def assert_clean_outputs(notebook):
    """No error, no warning of our own, and nothing too large to look at on the web."""
    for number, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            assert output.output_type != "error", f"code cell {number}: {output.ename}: {output.evalue}"
            if output.output_type == "stream" and output.name == "stderr":
                text = output.text.replace("\\", "/")
                assert "Traceback" not in text, f"code cell {number} wrote:\n{text}"
                assert "helpers/" not in text, f"code cell {number} warns from helpers:\n{text}"
    size = output_bytes(notebook)
    assert size <= MAX_OUTPUT_BYTES, f"outputs take {size} bytes, allowed are {MAX_OUTPUT_BYTES}"


@every_notebook
def test_stored_notebook(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata, "strip metadata.widgets: GitHub rejects it"
    assert notebook.metadata.get("kernelspec", {}).get("name") == "python3"
    cells = code_cells(notebook)
    long = [
        (number, lines)
        for number, cell in enumerate(cells, 1)
        if (lines := len(cell.source.splitlines())) > MAX_LINES
    ]
    assert not long, f"code cells over {MAX_LINES} lines, as (number, lines): {long}"
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1)), "restart the kernel, run all cells, and save"
    assert_clean_outputs(notebook)


@pytest.mark.timeout(1800)
@every_notebook
def test_notebook_runs(path):
    try:
        notebook = run(path)
    except CellExecutionError as error:
        pytest.fail(f"{path.name} stopped with an error:\n{error}", pytrace=False)
    assert_clean_outputs(notebook)


@every_notebook
def test_every_cell_knows_its_place_in_a_lecture(path):
    cells = nbformat.read(path, as_version=4).cells
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells]
    assert None not in kinds and kinds[0] == "slide"
    for cell, kind in zip(cells, kinds, strict=True):
        assert (kind == "skip") == (slide_type(cell) == "skip")


@every_notebook
def test_pictures_have_alternative_text(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"]["alt"].split()) >= 3, cell.source


@every_notebook
def test_a_deck_can_be_built(path):
    from helpers.slides import deck

    page = deck(path)
    assert page.count("<section>") >= 8
    assert "No description has been provided for this image" not in page


@every_notebook
def test_anatomy(path):
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "**After this notebook you can**" in text and "## Quiz" in text and "## Summary" in text
    assert re.search(r"\*\*Time:\*\* about \d+ minutes to read", text)
    assert "predict(" in text
    lines = sorted(len(cell.source.splitlines()) for cell in code_cells(notebook))
    assert lines[len(lines) // 2] <= 5


@every_notebook
def test_code_is_not_cut_at_the_right(path):
    cells = [
        c for c in code_cells(nbformat.read(path, as_version=4)) if "setup" not in c.metadata.get("tags", [])
    ]
    wide = [line for cell in cells for line in cell.source.splitlines() if len(line) > MAX_WIDTH]
    assert not wide, f"code lines over {MAX_WIDTH} characters: {wide}"


@every_notebook
def test_a_page_without_a_kernel_shows_a_picture_or_text_for_each_widget(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        for output in cell.outputs:
            data = output.get("data", {})
            assert WIDGET not in data, cell.source
            assert "widget" not in data.get("text/plain", "").lower() or {"image/png", "text/html"} & set(
                data
            )


def test_all_together_are_quick_enough():
    seconds = {}
    for path in sorted(FOLDER.glob("*.ipynb")):
        title = nbformat.read(path, as_version=4).cells[0].source
        seconds[path.name[:2]] = int(re.search(r"all cells run in (\d+) s", title)[1])
    assert sorted(seconds) == [f"{k:02d}" for k in range(9)]
    assert max(seconds.values()) <= 90
    assert sum(s for name, s in seconds.items() if name != "07") <= 360
