"""Every notebook is stored in the state that readers should see: after one run from top to bottom.

They are run again in `tests/browser/` and in `tests/colab/`.
"""

import re

import nbformat
import pytest
from clean_outputs import assert_clean_outputs, code_cells
from run_notebooks import FOLDER, PHOTOGRAPHS, WIDGET, run, slide_type

MAX_LINES = 20
MAX_WIDTH = 94  # characters; JupyterLab cuts longer lines in a window of 1024 pixels

NOISY = """
import os, sys, warnings
print(os.environ["TF_CPP_MIN_LOG_LEVEL"])
if {}: warnings.warn("a sign of trouble")
"""

LOADED = re.compile(
    r"""<(?:script|link|img|iframe)\b[^>]*\s(?:src|href)="(?!data:)[^"]+|@import|url\(["']?(?!["']?data:)[^)]{9}"""
)
INLINE_SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)

every_notebook = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)


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
    assert_clean_outputs(notebook)


@every_notebook
def test_every_cell_has_a_slide_type(path):
    cells = nbformat.read(path, as_version=4).cells
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells]
    assert None not in kinds and kinds[0] == "slide"
    for cell, kind in zip(cells, kinds, strict=True):
        assert (kind == "skip") == (slide_type(cell) == "skip")


@every_notebook
def test_images_have_alternative_text(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"]["alt"].split()) >= 3, cell.source


@every_notebook
def test_photographs_are_stored_as_descriptions(path):
    """Their licences are not known; a figure appears when its cell runs."""
    for cell in nbformat.read(path, as_version=4).cells:
        if PHOTOGRAPHS in cell.metadata.get("tags", []):
            (shown,) = [output.data for output in cell.outputs]
            assert "image/png" not in shown
            assert shown["text/plain"].startswith("[Drawn when you run the cell: ")


def test_notebook_07_is_stored_with_results_of_vgg16():
    (path,) = FOLDER.glob("07_*.ipynb")
    stored = path.read_text(encoding="utf-8")
    assert "Backbone VGG16, images flowers" in stored and "Reduced version" not in stored
    assert stored.count(f'"{PHOTOGRAPHS}"') == 3


@every_notebook
def test_a_deck_can_be_built(path):
    from helpers.authoring.slides import deck

    page = deck(path)
    assert page.count("<section>") >= 8
    assert "No description has been provided for this image" not in page
    assert LOADED.findall(INLINE_SCRIPT.sub("", page)) == [], "a deck must not need another file"


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
def test_a_page_without_a_kernel_shows_an_image_or_text_for_each_widget(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        for output in cell.outputs:
            data = output.get("data", {})
            assert WIDGET not in data, cell.source
            if re.search(r"widget|\(children=", data.get("text/plain", ""), re.IGNORECASE):
                assert {"image/png", "text/html"} & set(data), cell.source


def test_all_together_are_quick_enough():
    seconds = {}
    for path in sorted(FOLDER.glob("*.ipynb")):
        title = nbformat.read(path, as_version=4).cells[0].source
        seconds[path.name[:2]] = int(re.search(r"all cells run in (\d+) s", title)[1])
    assert sorted(seconds) == [f"{k:02d}" for k in range(10)]
    with_vgg16 = seconds.pop("07")
    assert with_vgg16 <= 600
    assert max(seconds.values()) <= 90
    assert sum(seconds.values()) <= 360


@pytest.mark.parametrize("noisy", [False, True])
def test_a_run_stores_warnings_of_python_but_no_messages_of_tensorflow(tmp_path, noisy):
    cell = nbformat.v4.new_code_cell(NOISY.format(noisy))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "noisy.ipynb")
    ran = run(tmp_path / "noisy.ipynb")
    assert ran.cells[0].outputs[0].text == "3\n"
    if not noisy:
        assert_clean_outputs(ran)
    else:
        with pytest.raises(AssertionError, match="(?s)code cell 1 warns:.*a sign of trouble"):
            assert_clean_outputs(ran)


def named_sections():
    """Yield (number of a notebook, section) for each section in the table of notebooks/README.md."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for place in re.findall(r"(?m)^\|[^|]+\|(.*\d\d.*)\|$", text):
        for part in place.split(";"):
            for section in re.findall(r"\*(.+?)\*", part):
                yield re.search(r"\d\d", part)[0], section


def headings(number):
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    return re.findall(r"(?m)^#+ (.+)$", "\n\n".join(c.source for c in cells if c.cell_type == "markdown"))


def test_every_section_that_the_overview_names_is_a_heading_there():
    """The name may omit what follows a colon or a question mark, or the last words of the heading."""
    named = [*named_sections()]
    assert len(named) > 30 and {number for number, _ in named} >= {f"{k:02d}" for k in range(7)}
    missing = [
        (number, section)
        for number, section in named
        if not any(re.match(re.escape(section) + r"(?!\w)", heading) for heading in headings(number))
    ]
    assert missing == []
