"""One version: of the package, of the changelog's newest entry, of the citation, and of the report."""

import re
from pathlib import Path

import yaml

import helpers
from helpers import environment

ROOT = Path(__file__).parents[1]


def test_changelog_and_citation_have_the_version_of_the_package():
    headings = re.findall(r"^## \[(.+)\] - (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = (helpers.__version__, str(citation["date-released"]))
    assert headings[0] == newest and citation["version"] == helpers.__version__


def test_the_report_of_notebook_00_says_the_version():
    assert environment.report().startswith(f"Deep Transfer Learning, Hands On {helpers.__version__}\n")
