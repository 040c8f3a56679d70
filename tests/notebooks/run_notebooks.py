"""Runs notebooks from top to bottom: `python tests/notebooks/run_notebooks.py` runs and saves all."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SECONDS_PER_CELL = 300


def run(path: Path) -> nbformat.NotebookNode:
    """Return the notebook as a fresh kernel leaves it; nbclient raises where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    return notebook


def save(path: Path, notebook: nbformat.NotebookNode) -> None:
    """Store it without widget state (GitHub calls that invalid) and without the times of its cells."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook_path in sorted(FOLDER.glob("*.ipynb")):
        save(notebook_path, run(notebook_path))
        print(f"saved {notebook_path.name}")
