"""What decks and the site share: their folder, and JavaScript from packages, not from another host."""

from importlib.util import find_spec
from pathlib import Path

MATHJAX = "tex-svg-full.js"  # draws with paths: it needs no fonts and no other file


def make_folder(folder: Path) -> None:
    """Create the folder of the pages if it does not exist.

    Raises:
        FileExistsError: If the path is a file.
        OSError: If the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileExistsError(f"--folder must be a folder. Received the file {str(folder)!r}.") from None
    except OSError as error:
        raise OSError(f"--folder {str(folder)!r} cannot be made: {error.strerror}.") from error


def reveal() -> Path:
    """Return the folder of reveal.js (MIT licence), with `dist/reveal.js`.

    Raises:
        RuntimeError: If sphinx-revealjs is not installed.
    """
    return _package("sphinx_revealjs") / "_static" / "revealjs"


def mathjax() -> Path:
    """Return the folder of MathJax 3 (Apache licence 2.0), with `MATHJAX`.

    Raises:
        RuntimeError: If sphinx-mathjax-offline is not installed.
    """
    return _package("sphinx-mathjax-offline") / "static" / "mathjax"


def missing(name: str) -> RuntimeError:
    """Return the error that says how to install a package that only authors need."""
    return RuntimeError(
        f"The package {name.replace('_', '-')} is not installed. Install what pages and slides need: "
        "python -m pip install -r requirements-site.txt"
    )


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise missing(name)
    return Path(found.origin).parent
