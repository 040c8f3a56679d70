"""What the site is made of, on a small series; tests/browser/test_site_pages.py builds all of it."""

import re
import sys

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from helpers.authoring import site

README = """# A series

[![Open in Colab](https://example.org/badge.svg)](https://example.org/open) It gets <!--= x -->1 %<!--/-->.

See [the glossary](notebooks/GLOSSARY.md){more}.

## Start
"""
NOTEBOOKS = ("notebooks/01_first.ipynb", "notebooks/02_second.ipynb", "notebooks/exercises/01_alone.ipynb")
MODULE = '''"""A package."""

import no_such_module


class _Below:
    def fit(self):
        """Learn."""


class Above(_Below, dict):
    """Built on another."""


def double(x):
    """Double `x`."""
'''


@pytest.fixture
def series(tmp_path, monkeypatch):
    """A function from the end of the README to the folder of a small series."""

    def make(more=""):
        root = tmp_path / "series"
        for name in (*site.LINKED, "README.md", "notebooks/GLOSSARY.md", "helpers/__init__.py"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("# Words\n", encoding="utf-8")
        (root / "README.md").write_text(README.format(more=more), encoding="utf-8")
        (root / "LICENSE").write_text("Copyright (c) 2026 the authors\n", encoding="utf-8")
        (root / "helpers" / "__init__.py").write_text(MODULE, encoding="utf-8")
        for name in NOTEBOOKS:
            (root / name).parent.mkdir(exist_ok=True)
            number, title = (root / name).stem.split("_")
            cell = new_markdown_cell(f"# {number} · {title.title()}\n\nA text.")
            nbformat.write(new_notebook(cells=[cell]), root / name)
        monkeypatch.setattr(site, "ROOT", root)
        return root

    return make


def test_the_first_page_names_no_other_host_and_shows_no_marks(series, tmp_path):
    series()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.html").write_text("<pre>")
    first = site.build(tmp_path / "site")
    page = first.read_text("utf-8")
    assert "badge.svg" not in page and ">Open in Colab</a>" in page
    assert "It gets 1 %." in page and "<!--=" not in page
    assert 'href="notebooks/GLOSSARY.html"' in page
    assert "© 2026 the authors" in page.replace("&#169;", "©")
    assert (tmp_path / "site" / "mine.html").read_text() == "<pre>", "another file was changed"


def test_docstrings_are_read_without_an_import(series, tmp_path):
    series()
    page = site.build(tmp_path / "site").parent / "api" / "helpers" / "index.html"
    assert "double" in page.read_text("utf-8") and "no_such_module" not in sys.modules


def test_a_class_shows_what_it_inherits_from_this_package_only(series, tmp_path):
    series()
    page = (site.build(tmp_path / "site").parent / "api" / "helpers" / "index.html").read_text("utf-8")
    assert 'id="helpers.Above.fit"' in page and "Bases:" in page
    assert "helpers.Above.setdefault" not in page and "helpers.Above.keys" not in page


def test_the_page_of_a_notebook_says_how_to_run_it(series, tmp_path):
    root, folder = series(), site.build(tmp_path / "site").parent
    for name in NOTEBOOKS:
        page = (folder / name).with_suffix(".html")
        text = page.read_text("utf-8")
        assert text.index("<h1>") < text.index("This page is to read.") < text.index("A text.")
        notebook, start = re.findall(r'href="([^"]*(?:\.ipynb|#start))"', text[text.index("This page") :])
        assert (page.parent / notebook).read_bytes() == (root / name).read_bytes()
        assert (page.parent / start.partition("#")[0]).resolve() == folder / "index.html"


def test_an_exercise_stands_behind_its_notebook_and_is_called_one(series, tmp_path):
    series()
    page = site.build(tmp_path / "site").read_text("utf-8")
    entries = re.findall(r'toctree-l1"><a class="reference internal" href="(notebooks/[^"]*)">([^<]*)', page)
    assert entries[:3] == [
        ("notebooks/01_first.html", "01 · First"),
        ("notebooks/exercises/01_alone.html", "Exercise of 01 · Alone"),
        ("notebooks/02_second.html", "02 · Second"),
    ]


@pytest.mark.parametrize("link", ["notebooks/NONE.md", "#no-heading", "notebooks/GLOSSARY.md#none"])
def test_a_link_that_leads_nowhere_is_named_and_nothing_is_written(series, tmp_path, link):
    series(f", [lost]({link})")
    with pytest.raises(RuntimeError, match=r"index\.md:5: WARNING: .*(NONE|no-heading|none)"):
        site.build(tmp_path / "site")
    assert list((tmp_path / "site").iterdir()) == []
