"""Notebook 08 can be run cell by cell, in any number of repetitions, and its demonstration has mistakes."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CODE = [
    cell
    for cell in nbformat.read(FOLDER / "08_your_own_images.ipynb", as_version=4).cells
    if cell.cell_type == "code"
]


def in_order(statements):
    """List statements in the order of a run; a loop is what it runs over, its variable, and its body."""
    for statement in statements:
        if isinstance(statement, ast.For):
            yield from (statement.iter, statement.target, *in_order(statement.body))
        else:
            yield statement


def changed_inputs(source):
    """Return the names that a cell reads and then assigns anew: its second run reads something else."""
    read, assigned = set(), set()
    for statement in in_order(ast.parse(source).body):
        nodes = [*ast.walk(statement)]
        inner = [ast.walk(node.target) for node in nodes if isinstance(node, ast.comprehension)]
        own = {node.id for target in inner for node in target if isinstance(node, ast.Name)}
        names = [node for node in nodes if isinstance(node, ast.Name) and node.id not in own]
        read |= {name.id for name in names if isinstance(name.ctx, ast.Load)} - assigned
        assigned |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return read & assigned


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("x = f(x)", {"x"}),
        ("y = 1\ny = f(y)", set()),
        ("z = [k for k in x]", set()),
        ("f(a)\na = 1", {"a"}),
        ("for k in x:\n    y = k\n    f(y)", set()),
    ],
)
def test_changed_inputs_are_found(source, changed):
    assert changed_inputs(source) == changed


@pytest.mark.parametrize("source", [cell.source for cell in CODE])
def test_a_second_run_of_a_cell_does_the_same(source):
    assert not changed_inputs(source)


@pytest.mark.parametrize(("side", "tried"), [(64, [32, 64]), (224, [32, 64, 128, 224])])
def test_no_image_size_is_tried_that_the_images_do_not_have(side, tried):
    (source,) = [cell.source for cell in CODE if "sizes = " in cell.source]
    (line,) = re.findall(r"(?m)^sizes = (.+)$", source)
    data = SimpleNamespace(X_train=np.zeros((1, side, side, 3), np.uint8))
    assert eval(line, {"data": data}) == tried


def test_the_stored_demonstration_has_mistakes():
    shown = [str(output.get("data", {}).get("text/plain", "")) for cell in CODE for output in cell.outputs]
    (correct,) = [re.match(r"(\d+) of (\d+) correct", text) for text in shown if " correct. " in text]
    assert int(correct[1]) < int(correct[2])
    assert not any(text.startswith("0 mistakes") for text in shown)
