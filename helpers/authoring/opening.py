"""The first cells of every notebook: how to open it, and the line that makes `helpers` importable.

`python -m helpers badges OWNER/REPO` writes a badge that opens the notebook in Colab into all of them.
"""

import json
import os
import re
from pathlib import Path

from helpers.environment import ROOT

NOTEBOOKS = ROOT / "notebooks"
FOLDER = "deep-transfer-learning"  # the folder of the series in Colab
ADDRESS = r"[\w-]+/[\w.-]+"  # OWNER/REPO on GitHub
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"


def notebook_files(folder: Path = NOTEBOOKS) -> list[Path]:
    """Return the notebooks of the series, then those in which students write everything themselves.

    Example:
        >>> [path.name for path in notebook_files()][0]
        '00_start_here.ipynb'
    """
    return [*sorted(folder.glob("*.ipynb")), *sorted((folder / "exercises").glob("*.ipynb"))]


def open_text(notebook: str, repository: str | None = None) -> str:
    """Return Markdown that opens a notebook in Colab, or explains how to open it.

    Args:
        notebook: path of the notebook in the folder of the notebooks, with "/".
        repository: "OWNER/REPO" on GitHub; None while the series has no public address.

    Example:
        >>> open_text("00_start_here.ipynb", "someone/course").startswith("[![Open in Colab]")
        True
    """
    if repository is None:
        return (
            "**In JupyterLab:** the section *Start* of the README shows how to install and start it. "
            "**In Google Colab:** open this notebook with *File → Upload notebook*. Upload the series as "
            f"`{FOLDER}.zip` to the *Files* panel, and unpack it: run `!unzip -q {FOLDER}.zip` in a new "
            f"cell. The folder must be called `{FOLDER}`. **Then run the next cell.**"
        )
    address = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{notebook}"
    return f"[![Open in Colab]({BADGE})]({address})"


def setup_line(notebook: str, repository: str | None = None) -> str:
    """Return the set-up cell: one line that makes `helpers` importable and installs nothing.

    With a repository, the line clones the series if its folder is missing, as in Colab.

    Args:
        notebook: path of the notebook in the folder of the notebooks, with "/".
        repository: "OWNER/REPO" on GitHub, or None.

    Example:
        >>> print(setup_line("00_start_here.ipynb"))
        import sys; sys.path[:0] = ["..", "deep-transfer-learning"]
    """
    above = "/".join([".."] * (1 + notebook.count("/")))
    line = f'sys.path[:0] = ["{above}", "{FOLDER}"]'
    if repository is None:
        return f"import sys; {line}"
    clone = f"git clone -q --depth 1 https://github.com/{repository} {FOLDER}"
    found = f'any(map(os.path.isdir, ["{above}/helpers", "{FOLDER}"]))'
    return f'import os, sys; {line}; {found} or os.system("{clone}")'


def repository(notebook: dict) -> str | None:
    """Return the "OWNER/REPO" that the badge of a notebook names; None if there is no badge yet."""
    for cell in notebook["cells"]:
        if "open" in cell["metadata"].get("tags", []):
            found = re.search(rf"/github/({ADDRESS})/blob", "".join(cell["source"]))
            return found[1] if found else None
    return None


def write_badges(repository: str, folder: Path = NOTEBOOKS) -> list[str]:
    """Write badge and set-up line for a public address into every notebook; outputs stay.

    Args:
        repository: "OWNER/REPO" on GitHub.
        folder: the folder of the notebooks.

    Returns:
        The paths of the notebooks in the folder.

    Raises:
        ValueError: `repository` is not OWNER/REPO, or a file is damaged. Then no file is changed.
    """
    if not re.fullmatch(ADDRESS, repository):
        raise ValueError(f"Give OWNER/REPO, as in a GitHub address. Received: {repository!r}.")
    notebooks = {path: _read(path) for path in notebook_files(folder)}
    for path, notebook in notebooks.items():
        write_opening(notebook, path.relative_to(folder).as_posix(), repository)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, path)  # a crash never leaves half a notebook
    return [path.relative_to(folder).as_posix() for path in notebooks]


def _read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{path.name} is not a complete notebook ({error}). Restore it and try again."
        ) from error


def write_opening(notebook: dict, name: str, repository: str | None) -> None:
    """Fill the cells of a notebook that are tagged "open" and "setup".

    Args:
        notebook: in nbformat 4, as a dict; changed in place.
        name: path of the notebook in the folder of the notebooks, with "/".
        repository: "OWNER/REPO" on GitHub, or None.
    """
    texts = {"open": open_text(name, repository), "setup": setup_line(name, repository)}
    for cell in notebook["cells"]:
        for tag in cell["metadata"].get("tags", []):
            if tag in texts:
                cell["source"] = texts[tag]
