"""A site to read: `python -m helpers site` writes site/index.html and the pages that it links to.

Sphinx makes the pages from the saved notebooks, which are not run, the glossary, docs/ and the docstrings,
which are read without importing the package. Labs that train nothing are drawn anew, in all their states.
No page loads anything from another host.
"""

import io
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat

import helpers
from helpers.authoring import assets, inherited, moving_labs, site_files
from helpers.environment import ROOT

STYLE = Path(__file__).with_name("templates") / "site.css"
SCRIPT = STYLE.with_name("labs.js")
ICON = STYLE.with_name("icon.svg")
SCORES = STYLE.with_name("search.js")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)  # the marks of rendered numbers
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
IMAGE_ELSEWHERE = re.compile(r"!\[([^\]]*)\]\(https?://[^)]*\)")  # the badge of Colab
COPYRIGHT = re.compile(r"Copyright \(c\) (.+)")
FIGURE = re.compile(r'<img\b[^>]*\ssrc="([^"]*_images/[^"]+)"[^>]*>')
READ_HERE = (
    "This page is to read. To run it, and to answer, download {{download}}`the notebook </{copy}>` and open "
    "it in JupyterLab or Colab: see [Start]({up}index.md#start).\n"
)
ORIGINALS = "originals"  # the notebooks to download; the pages are made of changed copies
CONTENTS = {
    "Notebooks": ("notebooks/[0-9]*.ipynb", "notebooks/exercises/*.ipynb"),
    "Reference": (
        "notebooks/GLOSSARY.md",
        "notebooks/README.md",
        "docs/recipe.md",
        "docs/board.md",
        "docs/accuracy.md",
    ),
    "For teachers and authors": (
        "docs/instructor.md",
        "docs/measuring_the_gain.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ),
}
# What the theme leaves out: the level of headings, and a way to scroll wide parts with the keyboard.
ACCESSIBLE = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    "<pre>": '<pre tabindex="0">',
    '<div class="cell_output ': '<div tabindex="0" class="cell_output ',
    '<div class="table-wrapper ': '<div tabindex="0" class="table-wrapper ',
}
LINKED = ("LICENSE", "CITATION.cff", "datasets/catalogue.json", "docs/strategy_lab.png")
NOT_IN_THE_API = (  # what no reader calls
    "*/__main__.py",
    "*/_[a-z]*.py",
    "*/templates/*",
    "*/studies/*",
    "*/authoring/*",
    "*/exercises/quiz_*.py",
    "*/exercises/notebook_*.py",
)


def build(folder: Path) -> Path:
    """Write the site into a folder.

    Args:
        folder: created if it does not exist.

    Returns:
        The path of the first page.

    Raises:
        FileExistsError: If the path is a file, or a folder with a first page that no build wrote.
        OSError: If the folder cannot be made.
        RuntimeError: If Sphinx or another package is not installed, or if Sphinx warns, such as of a link
            that leads nowhere.
    """
    assets.make_folder(folder)
    site_files.check(folder)
    try:
        from sphinx.application import Sphinx
        from sphinx.errors import SphinxError
        from sphinx.util.docutils import docutils_namespace
    except ModuleNotFoundError as error:
        raise assets.missing(str(error.name)) from None

    settings = _settings()  # names a missing package before the labs are drawn
    warnings = io.StringIO()
    with TemporaryDirectory() as temporary, docutils_namespace():  # a second build would warn otherwise
        sources, pages, labs = (Path(temporary) / name for name in ("sources", "pages", "labs"))
        labs.mkdir()
        _collect(sources, labs)
        moving_labs.check_size(labs)
        try:
            Sphinx(
                sources,
                None,
                pages,
                Path(temporary) / "doctrees",
                "html",
                confoverrides=settings,
                status=None,
                warning=warnings,
            ).build()
        except SphinxError as error:
            raise RuntimeError(
                f"Sphinx could not build the site: {error} If a package is missing: "
                "python -m pip install -r requirements-site.txt"
            ) from error
        if faults := COLOUR.sub("", warnings.getvalue()).replace(f"{sources}/", ""):
            raise RuntimeError(f"The site has faults, nothing was written: {faults}")
        shutil.copytree(labs, pages / labs.name)
        for page in pages.rglob("*.html"):
            page.write_text(_finished(page.read_text("utf-8")), encoding="utf-8")
        site_files.replace(pages, folder)
    return folder / "index.html"


def _settings() -> dict[str, Any]:
    return {
        "project": "Deep Transfer Learning, Hands On",
        "version": helpers.__version__,
        "release": helpers.__version__,
        "copyright": _copyright(),
        "language": "en",  # Sphinx's catalogue en_GB has no texts, and it breaks the search
        "exclude_patterns": [f"{ORIGINALS}/**"],
        "extensions": [
            "myst_nb",
            "autoapi.extension",
            "sphinx.ext.napoleon",
            "sphinx.ext.mathjax",
            inherited.__name__,
        ],
        "html_theme": "furo",
        "html_title": "Deep Transfer Learning, Hands On",
        "html_static_path": [str(assets.mathjax() / assets.MATHJAX), str(STYLE), str(SCRIPT)],
        "html_css_files": [STYLE.name],
        "html_js_files": [(SCRIPT.name, {"defer": "defer"})],
        "html_favicon": str(ICON),  # without one, browsers ask for a file that is not there
        "html_copy_source": False,
        "html_search_scorer": str(SCORES),
        "mathjax_path": assets.MATHJAX,
        "nb_execution_mode": "off",
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 4,
        "default_role": "code",  # docstrings write `name`
        "autoapi_dirs": [str(ROOT / "helpers")],
        "autoapi_root": "api",
        "autoapi_ignore": list(NOT_IN_THE_API),
        "autoapi_options": ["members", "inherited-members", "show-inheritance", "show-module-summary"],
        "autoapi_add_toctree_entry": False,
        # Imports from modules left out; words in shapes, such as (n, image_size), that name several things.
        "suppress_warnings": ["autoapi.python_import_resolution", "ref.python"],
    }


def _collect(sources: Path, labs: Path) -> None:
    """Copy what the pages are made of, in the form that Sphinx reads; write the images of the labs."""
    for name in LINKED:
        _target(sources, name)
        shutil.copy(ROOT / name, sources / name)
    contents: list[str] = []
    for caption, patterns in CONTENTS.items():
        paths = [path for pattern in patterns for path in ROOT.glob(pattern)]
        if caption == "Notebooks":
            paths.sort(key=_place)
        for path in paths:
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".ipynb":
                shutil.copy(path, _target(sources, f"{ORIGINALS}/{name}"))
                text = _notebook(path, labs)
            else:
                text = _markdown(path.read_text("utf-8"))
            _target(sources, name).write_text(text, encoding="utf-8")
        contents += _toctree(caption, map(_entry, paths))
    contents += _toctree("Package", ["api/helpers/index"])
    first = _markdown((ROOT / "README.md").read_text("utf-8"))
    (sources / "index.md").write_text("\n".join([first, *contents]), encoding="utf-8")


def _finished(html: str) -> str:
    """Add what the theme leaves out; a figure links to its image, which a phone can enlarge."""
    for old, new in ACCESSIBLE.items():
        html = html.replace(old, new)
    return FIGURE.sub(r'<a class="figure" href="\1">\g<0></a>', html)


def _target(sources: Path, name: str) -> Path:
    path = sources / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _copyright() -> str:
    """Return year and holder as the licence names them."""
    return COPYRIGHT.findall((ROOT / "LICENSE").read_text("utf-8"))[0]


def _place(path: Path) -> tuple[str, bool]:
    """Return a key that sorts an exercise behind the notebook whose number it has."""
    return path.name[:2], path.parent.name == "exercises"


def _entry(path: Path) -> str:
    """Return the line of a page in the sidebar; the title of an exercise does not say that it is one."""
    name = path.relative_to(ROOT).with_suffix("").as_posix()
    if path.parent.name != "exercises":
        return name
    title = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].removeprefix("# ")
    return f"Exercise of {title} <{name}>"


def _toctree(caption: str, names: Iterable[str]) -> Iterator[str]:
    yield from ("```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```", "")


def _markdown(text: str) -> str:
    return IMAGE_ELSEWHERE.sub(r"\1", COMMENT.sub("", text))


def _notebook(path: Path, labs: Path) -> str:
    """Return a notebook with moving labs, and alternative texts of images where MyST-NB looks for them."""
    name = path.relative_to(ROOT).as_posix()
    up = "../" * name.count("/")
    notebook = nbformat.read(path, as_version=4)
    moving_labs.put_into(notebook, labs, f"{up}{labs.name}/")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _markdown(cell.source)
        for output in cell.get("outputs", []):
            if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
                cell.metadata["mystnb"] = {"image": {"alt": alt}}
    title, _, rest = notebook.cells[0].source.partition("\n")
    note = READ_HERE.format(copy=f"{ORIGINALS}/{name}", up=up)
    notebook.cells[0].source = f"{title}\n\n{note}{rest}"
    return nbformat.writes(notebook)
