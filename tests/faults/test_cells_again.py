"""A reader runs cells twice, and runs them again in any order."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def texts(cell):
    """Return the text outputs of a cell as one string, without widget ids and addresses."""
    shown = [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs]
    return re.sub(r"model_id='\w+'|0x\w+", "", "".join(map(str, shown)))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", ["01", "03"])
def test_cells_run_twice_and_backwards(number):
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    code = [k for k, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    client = NotebookClient(
        notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    with client.setup_kernel():
        for k in code:
            client.execute_cell(notebook.cells[k], k)
            first = texts(notebook.cells[k])
            client.execute_cell(notebook.cells[k], k)
            assert texts(notebook.cells[k]) == first, notebook.cells[k].source
        for k in reversed(code):
            client.execute_cell(notebook.cells[k], k)
