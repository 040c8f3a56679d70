"""What the site is made of, on a series of one page; tests/browser/test_site_pages.py builds all of it."""

import sys

import pytest

from helpers.authoring import site

README = """# A series

[![Open in Colab](https://example.org/badge.svg)](https://example.org/open) It gets <!--= x -->1 %<!--/-->.

See [the glossary](notebooks/GLOSSARY.md){more}.
"""


@pytest.fixture
def series(tmp_path, monkeypatch):
    """A function from the end of the README to the folder of a series of two pages and one module."""

    def make(more=""):
        root = tmp_path / "series"
        for name in (*site.LINKED, "README.md", "notebooks/GLOSSARY.md", "helpers/__init__.py"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("# Words\n", encoding="utf-8")
        (root / "README.md").write_text(README.format(more=more), encoding="utf-8")
        (root / "helpers" / "__init__.py").write_text(
            '"""A package."""\n\nimport no_such_module\n\n\ndef double(x):\n    """Double `x`."""\n',
            encoding="utf-8",
        )
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
    assert (tmp_path / "site" / "mine.html").read_text() == "<pre>", "another file was changed"


def test_docstrings_are_read_without_an_import(series, tmp_path):
    series()
    page = site.build(tmp_path / "site").parent / "api" / "helpers" / "index.html"
    assert "double" in page.read_text("utf-8") and "no_such_module" not in sys.modules


@pytest.mark.parametrize("link", ["notebooks/NONE.md", "#no-heading", "notebooks/GLOSSARY.md#none"])
def test_a_link_that_leads_nowhere_is_named_and_nothing_is_written(series, tmp_path, link):
    series(f", [lost]({link})")
    with pytest.raises(RuntimeError, match=r"index\.md:5: WARNING: .*(NONE|no-heading|none)"):
        site.build(tmp_path / "site")
    assert list((tmp_path / "site").iterdir()) == []
