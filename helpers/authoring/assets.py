"""JavaScript that pages need and that must not come from another host; packages on PyPI contain it."""

from importlib.util import find_spec
from pathlib import Path


def reveal() -> Path:
    """Return the folder of reveal.js (MIT licence), with `dist/reveal.js`.

    Raises:
        RuntimeError: If sphinx-revealjs is not installed.
    """
    return _package("sphinx_revealjs") / "_static" / "revealjs"


def mathjax() -> Path:
    """Return the folder of MathJax 3 (Apache licence 2.0), with `tex-svg-full.js`, which needs no other file.

    Raises:
        RuntimeError: If sphinx-mathjax-offline is not installed.
    """
    return _package("sphinx-mathjax-offline") / "static" / "mathjax"


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise RuntimeError(
            f"The package {name.replace('_', '-')} is not installed. Install what pages and slides need: "
            "python -m pip install -r requirements-site.txt"
        )
    return Path(found.origin).parent
