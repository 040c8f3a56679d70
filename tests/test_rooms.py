"""The rooms of helpers/: few, each with its place in the order, and small modules in them."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]


@pytest.fixture
def copy(tmp_path):
    """A copy of the package with the settings of its contract."""
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder):
    return subprocess.run([*LINT, "--no-cache"], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        (
            "data/splits.py",
            "from helpers.networks import heads",
            "helpers.data.splits -> helpers.networks.heads",
        ),
        (
            "studies/astrology.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from helpers.findings import board",
            "helpers.studies.astrology -> helpers.findings.board",
        ),
        ("attic/__init__.py", "", "attic"),
    ],
    ids=["a room above", "only for types", "a room without a place"],
)
def test_a_planted_wrong_import_is_named(copy, module, line, named):
    (copy / "helpers" / module).parent.mkdir(exist_ok=True)
    (copy / "helpers" / module).write_text(line + "\n")
    done = lint(copy)
    assert done.returncode == 1 and named in " ".join(done.stdout.split()), done.stdout + done.stderr


def test_the_copy_passes_as_it_is(copy):
    assert lint(copy).returncode == 0


def test_ten_rooms_at_most():
    entries = {path.name for path in (ROOT / "helpers").iterdir()} - {"__pycache__"}
    assert len(entries - {"__init__.py", "__main__.py"}) <= 10, sorted(entries)


def test_the_documents_list_the_rooms_in_the_order_of_the_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    rooms = contract["layers"]
    drawn = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## The rooms")[1].split("\n\n")[2]
    assert re.findall(r"^ {4}(\w+)  ", drawn, re.MULTILINE) == rooms
    listed = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^  - `(\w+)(?:/|\.py)`:", listed, re.MULTILINE) == rooms[::-1]


def test_no_module_is_long():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "helpers").rglob("*.py")
    }
    assert len(lines) > 100
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_no_module_is_imported_by_everything():
    """At most half of all modules import any one of them."""
    graph = grimp.build_graph("helpers", cache_dir=None)
    counts = Counter(m for name in graph.modules for m in graph.find_modules_directly_imported_by(name))
    most, count = counts.most_common(1)[0]
    assert 0 < count <= len(graph.modules) / 2, most
