"""The first cells of every notebook, and the command that writes the badges."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from run_notebooks import FOLDER, ROOT

from helpers.authoring import opening

# All that the command needs.
LIGHT = ("__init__.py", "__main__.py", "environment.py", "authoring/__init__.py", "authoring/opening.py")


@pytest.fixture
def series(tmp_path):
    """A copy of the notebooks, with the part of the helpers that writes badges."""
    (tmp_path / "helpers" / "authoring").mkdir(parents=True)
    (tmp_path / "notebooks" / "exercises").mkdir(parents=True)
    for name in LIGHT:
        shutil.copy(ROOT / "helpers" / name, tmp_path / "helpers" / name)
    for path in opening.notebook_files(FOLDER):
        shutil.copy(path, tmp_path / "notebooks" / path.relative_to(FOLDER))
    return tmp_path


def badges(series, *words):
    command = [sys.executable, "-m", "helpers", "badges", *words]
    return subprocess.run(command, cwd=series, capture_output=True, text=True)


def opened(series) -> list[str]:
    """The text above the set-up cell of each notebook."""
    found = []
    for path in opening.notebook_files(series / "notebooks"):
        cells = nbformat.read(path, as_version=4).cells
        found += [cell.source for cell in cells if "open" in cell.metadata.get("tags", [])]
    return found


def test_one_command_writes_all_badges_and_rewrites_them(series):
    for address in ("someone/course", "someone-else/other.course"):
        done = badges(series, address)
        assert done.returncode == 0 and done.stdout == "Wrote badges into 11 notebooks.\n", done.stderr
        texts = opened(series)
        assert len(texts) == 11
        assert all(f"colab.research.google.com/github/{address}/blob/main" in text for text in texts)


def test_the_command_refuses_what_is_not_an_address(series):
    before = opened(series)
    done = badges(series, "https://github.com/someone/course")
    assert done.returncode == 2 and "OWNER/REPO" in done.stderr and "Traceback" not in done.stderr
    assert opened(series) == before


@pytest.mark.parametrize("notebook", ["00_start_here.ipynb", "exercises/07_write_it_yourself.ipynb"])
@pytest.mark.parametrize("repository", [None, "someone/course"])
def test_the_setup_cell_changes_nothing_if_the_series_is_there(series, repository, notebook):
    before = sorted(series.rglob("*"))
    script = (
        "import os\n"
        "def refuse(command): raise SystemExit(f'ran {command}')\n"
        "os.system = refuse\n"
        f"{opening.setup_line(notebook, repository)}\n"
        "import helpers; print(os.path.realpath(helpers.__file__))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=(series / "notebooks" / notebook).parent,
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == os.path.realpath(series / "helpers" / "__init__.py"), done.stderr
    assert sorted(series.rglob("*")) == before


@pytest.mark.parametrize("repository", [None, "someone/course"])
def test_the_setup_cell_installs_nothing(repository):
    line = opening.setup_line("00_start_here.ipynb", repository)
    assert len(line.splitlines()) == 1 and "pip" not in line and "install" not in line
