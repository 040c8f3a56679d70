"""Runs a notebook in its own folder with the packages of Colab's environment, and saves it there.

`python execute.py NOTEBOOK`; started by the tests with that environment's Python.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
try:
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
finally:
    nbformat.write(notebook, path)
