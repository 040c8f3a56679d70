"""The notebooks in which students write everything themselves: stored empty, and a solution fits in."""

import os
import re
from copy import deepcopy

import nbformat
import pytest
from nbclient import NotebookClient
from run_notebooks import FOLDER, SILENT_CPP, slide_type
from test_notebooks import MAX_WIDTH

from helpers.exercises import checks

PATH = FOLDER / "exercises" / "07_write_it_yourself.ipynb"
RECIPE = FOLDER.parent / "docs" / "recipe.md"
STEP = re.compile(r"(?m)^#+ (\d\. .+)\n")  # a heading, or a comment in the solution


def run(notebook) -> str:
    """Run a notebook in the folder of the exercises; return the reply of its last cell."""
    resources = {"metadata": {"path": str(PATH.parent)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources)
    client.execute(env=os.environ | SILENT_CPP)
    return notebook.cells[-1].outputs[-1].data["text/plain"]


@pytest.fixture
def notebook():
    return nbformat.read(PATH, as_version=4)


def test_the_notebook_is_stored_empty_and_well_formed(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        kind = cell.metadata.slideshow.slide_type
        assert (kind == "skip") == (slide_type(cell) == "skip")
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
            assert max(map(len, cell.source.splitlines()), default=0) <= MAX_WIDTH


def test_it_has_the_steps_of_the_recipe_and_of_the_solution_with_an_empty_cell_under_each(notebook):
    steps = STEP.findall(RECIPE.read_text(encoding="utf-8"))
    assert [step[0] for step in steps] == list("12345678")
    assert STEP.findall(checks.exercises("07")["07.6"].solution) == steps
    found = []
    for heading, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if step := STEP.findall(heading.source):
            found += step
            assert cell.cell_type == "code" and cell.source == ""
    assert found == steps


def test_the_empty_notebook_runs_twice(notebook):
    notebook.cells += deepcopy(notebook.cells)
    assert "No answer yet" in run(notebook)


@pytest.mark.slow
def test_the_solution_cut_into_the_cells_passes(notebook):
    solution = checks.exercises("07")["07.6"].solution
    parts = iter(STEP.split(solution)[2::2])
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source == "":
            cell.source = next(parts)
    notebook.cells[-1].source = 'check("07.6", model, history)'
    assert run(notebook).startswith("✓ Right. ")
