"""The cells of a notebook can run twice and in any order: none changes what another one reads."""

import ast
import dis
import re
from collections import defaultdict

import nbformat
import pytest
from run_notebooks import FOLDER

CHANGING = {"append", "add", "clear", "extend", "insert", "pop", "remove", "reverse", "sort", "update"}
# (notebook, name): why cells may change it.
ALLOWED = {
    ("04", "base"): "each of the two cells that train sets `trainable` first",
    ("06", "trial"): "the range test restores the weights and compiles at its beginning",
    ("07", "vgg"): "each cell that trains sets `trainable` first",
}
PATHS = [*sorted(FOLDER.glob("*.ipynb")), *sorted(FOLDER.glob("exercises/*.ipynb"))]


def names(code):
    """Return the names that a cell reads before it has assigned them, and those that it assigns.

    Args:
        code: the compiled cell, whose instructions are in the order of the text. Reads inside functions and
            comprehensions count where these are made.
    """
    read, assigned = set(), set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            read |= {instruction.argval} - assigned
        elif instruction.opname in ("STORE_NAME", "STORE_GLOBAL"):
            assigned.add(instruction.argval)
        elif hasattr(instruction.argval, "co_code"):
            read |= names(instruction.argval)[0] - assigned
    return read, assigned


def changed_objects(tree):
    """Yield the names of the objects of which a cell sets attributes or items, or calls methods that do."""
    for node in ast.walk(tree):
        sets = isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
        calls = isinstance(node, ast.Attribute) and node.attr in CHANGING
        if sets or calls:
            while isinstance(node, ast.Attribute | ast.Subscript):
                node = node.value
            if isinstance(node, ast.Name):
                yield node.id


def problems(sources, allowed=()):
    """List what makes cells depend on the order in which they run.

    Args:
        sources: the code cells.
        allowed: names of objects that several cells may change.
    """
    assigned_in, reads, found = defaultdict(set), [], []
    for number, source in enumerate(sources):
        tree = ast.parse(source)
        read, assigned = names(compile(tree, "cell", "exec"))
        reads.append(read)
        for name in assigned:
            assigned_in[name].add(number)
        found += [f"cell {number} reads {name}, then assigns it" for name in sorted(read & assigned)]
        others = {*changed_objects(tree)} & read - {*allowed}
        found += [f"cell {number} changes {name} of another cell" for name in sorted(others)]
    for number, read in enumerate(reads):
        for name in sorted(read):
            if len(assigned_in[name]) > 1:
                found.append(f"cell {number} reads {name}, which cells {sorted(assigned_in[name])} assign")
    return found


@pytest.mark.parametrize(
    ("sources", "number"),
    [
        (["x = f(x)"], 1),
        (["x += 1"], 1),
        (["y = 1\ny = f(y)"], 0),
        (["x = 1", "z = [k for k in x]", "k = 2"], 0),
        (["f(a)\na = 1"], 1),
        (["for k in (1, 2):\n    y = k\n    f(y)", "for k in (3, 4):\n    print(k)"], 0),
        (["size = 1", "print(size)", "size = 2"], 1),
        (["size = 1", "def f():\n    return size", "for size in (1, 2): pass"], 1),
        (["with f() as cost: pass\nprint(cost)", "with f() as cost: pass\nprint(cost)"], 0),
        (["def f(x):\n    y = x\n    return y", "x = y = 1", "y = x = 2"], 0),
        (["import numpy as np", "import numpy as np\nprint(np)", "print(np)"], 1),
        (["a = {}", "a['b'] = 1", "a.clear()", "a.c.d = 1"], 3),
        (["a = {}\na['b'] = 1", "a = []\na.append(1)"], 0),
    ],
)
def test_what_depends_on_the_order_is_found(sources, number):
    assert len(problems(sources)) == number


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_cell_changes_what_another_reads(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    number = re.match(r"\d\d", path.name)[0]
    assert problems(cells, {name for notebook, name in ALLOWED if notebook == number}) == []
