"""Run notebooks from top to bottom, and save them in the state that readers should see.

`python tests/notebooks/run_notebooks.py` runs all, with `05` only notebook 05.
"""

import math
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
SECONDS_PER_CELL = 600
PHOTOGRAPHS = "photographs"  # tag of cells that show images which may not be stored here
WIDGET = "application/vnd.jupyter.widget-view+json"
WORDS_PER_MINUTE = 150  # for a text that needs thinking
# TensorFlow's C++ code writes messages about the processor to standard error. Real errors raise an exception,
# and Python's own warnings are stored in the notebook, where the tests find them.
SILENT_CPP = {"TF_CPP_MIN_LOG_LEVEL": "3"}


def run(path: Path) -> nbformat.NotebookNode:
    """Return the notebook after a run in a fresh kernel; nbclient raises an error if a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        coalesce_streams=True,  # one printed text is one output, however busy the machine was
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute(env=os.environ | SILENT_CPP)
    return notebook


def slide_type(cell) -> str:
    """Return the slide type of a cell: "slide" (new topic), "subslide" (below it), "-", or "skip"."""
    tags, source = cell.metadata.get("tags", []), cell.source
    if (
        {"open", "setup", "class", "exercise"} & set(tags)
        or "check(" in source
        or source.startswith("### Exercise")
    ):
        return "skip"
    if cell.cell_type == "markdown":
        return "slide" if re.match(r"##? ", source) else "subslide"
    return "subslide" if any("image/png" in o.get("data", {}) for o in cell.outputs) else "-"


def time_line(notebook, exercises: int, seconds: float) -> str:
    """Return the line with the minutes to read and to do the exercises, and the seconds to run all cells."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    reading = math.ceil(sum(len(text.split()) for text in texts) / WORDS_PER_MINUTE)
    return (
        f"**Time:** about {reading} minutes to read and {exercises} for the exercises; "
        f"all cells run in {seconds:.0f} s on two processor cores."
    )


def minutes_for_exercises(path: Path) -> int:
    """Return the sum of the minutes that `helpers.exercises` promises for the exercises of a notebook."""
    sys.path.insert(0, str(ROOT))
    from helpers.exercises.checks import minutes

    return minutes(path.name[:2])


def save(path: Path, notebook: nbformat.NotebookNode, seconds: float) -> None:
    """Save the notebook without the times of its cells, and with an image or text instead of each widget.

    GitHub calls a notebook with widget state invalid, and a widget without its state shows as an
    error in JupyterLab until its cell has run.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
        if PHOTOGRAPHS in cell.metadata.get("tags", []):
            describe_images(cell)
    title = notebook.cells[0]
    line = time_line(notebook, minutes_for_exercises(path), seconds)
    title.source = re.sub(r"(?m)^\*\*Time:\*\*.*$", line, title.source)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata["slideshow"] = {"slide_type": slide_type(cell)}
    nbformat.write(notebook, path)


def describe_images(cell) -> None:
    """Replace the images in a cell's outputs by their descriptions: their licences are not known."""
    for output in cell.outputs:
        if output.get("data", {}).pop("image/png", None):
            output.metadata.pop("image/png", None)
            output.data["text/plain"] = f"[Drawn when you run the cell: {output.data['text/plain']}]"


def fill_opening(path: Path) -> None:
    """Write the first cells, which are the same in all notebooks, and the numbers in the prose."""
    sys.path.insert(0, str(ROOT))
    from helpers.authoring.claims import render_notebook
    from helpers.authoring.opening import repository, write_opening

    notebook = nbformat.read(path, as_version=4)
    write_opening(notebook, path.name, repository(notebook))
    render_notebook(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook_path in sorted(FOLDER.glob("*.ipynb")):
        if sys.argv[1:] and not notebook_path.name.startswith(tuple(sys.argv[1:])):
            continue
        fill_opening(notebook_path)
        started = time.perf_counter()
        ran = run(notebook_path)
        save(notebook_path, ran, time.perf_counter() - started)
        print(f"saved {notebook_path.name} after {time.perf_counter() - started:.0f} s")
