"""The first cells of every notebook: how to open it, and the line that finds the helpers.

`python -m helpers badges OWNER/REPO` rewrites them in all notebooks.
"""

import json
import os
import re
from pathlib import Path

from helpers.environment import ROOT

NOTEBOOKS = ROOT / "notebooks"
FOLDER = "deep-transfer-learning"  # what the series is called where Colab clones it
SETUP = f'import sys; sys.path[:0] = ["..", "{FOLDER}"]'
ADDRESS = r"[\w-]+/[\w.-]+"  # OWNER/REPO on GitHub
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"


def open_text(notebook: str, repository: str | None = None) -> str:
    """Markdown that opens a notebook in Colab, or says how while the series has no public address.

    Args:
        notebook: file name.
        repository: "OWNER/REPO" on GitHub, or None.
    """
    if repository is None:
        return (
            "**Open in JupyterLab:** the README's first command. **Open in Colab:** *File → Upload "
            f"notebook*; then upload the series as a zip file and unpack it as `{FOLDER}` "
            f"(`!unzip -q {FOLDER}.zip`). Then run the next cell."
        )
    address = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{notebook}"
    return f"[![Open in Colab]({BADGE})]({address})"


def setup_line(repository: str | None = None) -> str:
    """The set-up cell: one line that installs nothing, and clones the series where it is not at hand."""
    if repository is None:
        return SETUP
    clone = f"git clone -q --depth 1 https://github.com/{repository} {FOLDER}"
    line = SETUP.replace("import sys", "import os, sys")
    return f'{line}; any(map(os.path.isdir, ["../helpers", "{FOLDER}"])) or os.system("{clone}")'


def repository(notebook: dict) -> str | None:
    """The "OWNER/REPO" that a notebook's badge names, None where there is no badge yet."""
    for cell in notebook["cells"]:
        if "open" in cell["metadata"].get("tags", []):
            found = re.search(rf"/github/({ADDRESS})/blob", "".join(cell["source"]))
            return found[1] if found else None
    return None


def write_badges(repository: str, folder: Path = NOTEBOOKS) -> list[str]:
    """Write badge and set-up line for a public address into every notebook; outputs stay.

    Returns:
        The names of the notebooks.

    Raises:
        ValueError: `repository` is not OWNER/REPO, or a file is damaged; no file is touched then.
    """
    if not re.fullmatch(ADDRESS, repository):
        raise ValueError(f"Give OWNER/REPO, as in a GitHub address. Received: {repository!r}")
    notebooks = {path: _read(path) for path in sorted(folder.glob("*.ipynb"))}
    for path, notebook in notebooks.items():
        write_opening(notebook, path.name, repository)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, path)  # at no moment is there half a notebook
    return [path.name for path in notebooks]


def _read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is no whole notebook ({error}). Restore it, and try again.") from error


def write_opening(notebook: dict, name: str, repository: str | None) -> None:
    """Fill the cells tagged "open" and "setup" of a notebook (nbformat 4, as a dict)."""
    texts = {"open": open_text(name, repository), "setup": setup_line(repository)}
    for cell in notebook["cells"]:
        for tag in cell["metadata"].get("tags", []):
            if tag in texts:
                cell["source"] = texts[tag]
