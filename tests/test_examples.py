"""Examples in docstrings: they run, and all public classes and often used functions have one."""

import ast
import collections
import doctest
import importlib
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

import matplotlib.pyplot  # noqa: F401
import nbformat
import pandas  # noqa: F401
import pytest
import sklearn.pipeline  # noqa: F401
from global_state import unchanged

import helpers.networks.backend  # noqa: F401 - what changes settings is imported before the examples

ROOT = Path(__file__).resolve().parents[1]
OFTEN = 2  # calls in all notebooks together
# Their examples make layers of Keras themselves, and Keras draws the seeds of layers from `random`.
MAKE_LAYERS = (
    "helpers.exercises.altering",
    "helpers.exercises.workflow",
    "helpers.networks.augmentation",
    "helpers.networks.heads",
    "helpers.networks.surgery",
    "helpers.networks.weights_files",
)


def modules() -> Iterator[tuple[str, str]]:
    """Yield the name and source of every module of helpers that can be imported."""
    for path in sorted((ROOT / "helpers").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "templates" not in parts and parts[-1] != "__main__":
            yield ".".join(parts).removesuffix(".__init__"), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, source in modules() if ">>>" in source])
def test_examples_run(name, tmp_path, monkeypatch, capsys):
    module = importlib.import_module(name)
    monkeypatch.chdir(tmp_path)
    with unchanged(*(("random", "Keras' seed") if name in MAKE_LAYERS else ())):
        results = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert results.attempted and not results.failed, capsys.readouterr().out


def test_every_public_class_has_an_example():
    classes = [
        member
        for name, _ in modules()
        for member in vars(importlib.import_module(name)).values()
        if inspect.isclass(member) and member.__module__ == name and not issubclass(member, Exception)
    ]
    assert len(classes) > 30
    assert not (lacking := without_example([c for c in classes if c.__name__[0] != "_"])), "\n".join(lacking)


def test_every_function_that_notebooks_call_often_has_an_example():
    notebooks = (ROOT / "notebooks").glob("*.ipynb")
    calls = collections.Counter(call for path in notebooks for call in called(path))
    often = [found(name) for name, count in calls.items() if count >= OFTEN]
    functions = {f for f in often if inspect.isfunction(f) and f.__module__.startswith("helpers.")}
    assert len(functions) >= 20
    assert not (lacking := without_example(functions)), "\n".join(lacking)


def without_example(members: Iterable[object]) -> list[str]:
    return sorted(f"{m.__module__}.{m.__qualname__}" for m in members if ">>>" not in (m.__doc__ or ""))


def called(path: Path) -> Iterator[str]:
    """Yield the dotted name of every call of a member of helpers in a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("helpers")
        for alias in node.names
    }
    for node in nodes:
        if isinstance(node, ast.Call):
            first, *rest = ast.unparse(node.func).split(".")
            if first in imported:
                yield ".".join([imported[first], *rest])


def found(name: str) -> object:
    """Return the member of a dotted name, such as helpers.data.image_sets.builtin."""
    member = importlib.import_module("helpers")
    for position, part in enumerate(name.split(".")[1:], 2):
        if not hasattr(member, part):
            importlib.import_module(".".join(name.split(".")[:position]))
        member = getattr(member, part)
    return member
