"""Render the numbers in prose from the results tables, and find numbers that somebody typed.

In Markdown, `<!--= percent(record("shapes", "validation_accuracy")) -->99.5 %<!--/-->` is a claim: the
text between the comments is computed. `python -m helpers claims` writes it; `--check` only compares.
`<!--given: exercise-->90 %<!--/-->` marks a number that nobody measured. CONTRIBUTING.md has the rules.
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.authoring.opening import notebook_files
from helpers.authoring.typed_numbers import CLAIM, GIVEN, REASONS, typed_numbers, typed_strings
from helpers.authoring.values import FORMATS, VOCABULARY, ClaimError
from helpers.environment import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode


def evaluate(expression: str) -> str:
    """Return the text of a claim.

    Args:
        expression: a call of one of `values.VOCABULARY`, with literals or such calls as arguments.

    Raises:
        ClaimError: the expression is something else, or no row of the tables matches it.

    Example:
        >>> evaluate('percent(record("shapes", "chance_accuracy"), digits=0)')
        '10 %'
    """
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ClaimError(f"{expression!r} cannot be read: {error.msg}") from None
    text = _value(tree)
    if not isinstance(text, str) or not isinstance(tree, ast.Call):
        formats = ", ".join(f.__name__ for f in FORMATS)
        raise ClaimError(f"{expression!r} is a value without a format. Use one of {formats}.")
    return text


def _value(node):
    if not isinstance(node, ast.Call):
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise ClaimError(f"{ast.unparse(node)!r} is neither a literal nor a known call.") from None
    function = VOCABULARY.get(node.func.id) if isinstance(node.func, ast.Name) else None
    if function is None:
        raise ClaimError(f"{ast.unparse(node.func)!r} is unknown. Use one of {', '.join(VOCABULARY)}.")
    if any(keyword.arg is None for keyword in node.keywords):
        raise ClaimError(f"{ast.unparse(node)!r}: write each condition as name=value.")
    arguments = [_value(argument) for argument in node.args]
    named = {keyword.arg: _value(keyword.value) for keyword in node.keywords}
    try:
        return function(*arguments, **named)
    except (TypeError, ValueError) as error:
        if isinstance(error, ClaimError):
            raise
        raise ClaimError(f"{ast.unparse(node)}: {error}") from None


def render(text: str) -> str:
    """Return Markdown with every claim computed again."""
    return CLAIM.sub(lambda m: f"<!--= {m[1]} -->{evaluate(m[1])}<!--/-->", text)


def render_notebook(notebook: "NotebookNode") -> bool:
    """Compute the claims in the Markdown cells of a notebook, in place; return whether any changed."""
    changed = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (new := render(cell.source)) != cell.source:
            cell.source, changed = new, True
    return changed


def problems(text: str) -> Iterator[str]:
    """Yield one message for each thing that is wrong with the numbers of a Markdown text."""
    for expression, old in CLAIM.findall(text):
        try:
            new = evaluate(expression)
        except ClaimError as error:
            yield str(error)
            continue
        if old != new:
            yield f"{expression}: text {old!r}, table {new!r}. Run: python -m helpers claims"
    for sentence in typed_numbers(text):
        yield f"typed, not rendered, cited or given: {sentence!r}"
    if re.search(r"(?m)^\s*(?:[-*>] |\d+\. )?\s*<!--(?:=|given)", text):
        yield "a mark begins a line, so Markdown would not format that line. Put a word before it."
    if len(re.findall(r"<!--(?:=|given)", text)) != len(CLAIM.findall(text)) + len(GIVEN.findall(text)):
        yield f"a mark has no end, or its reason is not one of {', '.join(REASONS)}"


def texts(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Yield (place, Markdown) of README, docs and notebooks; a place is a file, or a file and its cell."""
    import nbformat

    for path in markdown_files(root):
        yield path.name, path.read_text(encoding="utf-8")
    for path in notebook_files(root / "notebooks"):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "markdown":
                yield f"{path.name}, cell {number}", cell.source


def codes(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Yield (place, Python) of the helpers and of the code cells of the notebooks."""
    import nbformat
    from IPython.core.inputtransformer2 import TransformerManager

    for path in sorted((root / "helpers").rglob("*.py")):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
    plain = TransformerManager().transform_cell  # turns %magic into Python
    for path in notebook_files(root / "notebooks"):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "code":
                yield f"{path.name}, cell {number}", plain(cell.source)


def markdown_files(root: Path = ROOT) -> list[Path]:
    """Return all Markdown files except docs/board.md, which `python -m helpers board` writes."""
    found = [path for folder in (".", "docs", "notebooks") for path in sorted((root / folder).glob("*.md"))]
    return [path for path in found if path.name != "board.md"]


def check(root: Path = ROOT) -> list[str]:
    """Return one message for each thing that is wrong, with its place."""
    found = [f"{place}: {problem}" for place, text in texts(root) for problem in problems(text)]
    for place, code in codes(root):
        for line, text in typed_strings(code):
            found.append(f"{place}, line {line}: typed, not computed, cited or given: {text!r}")
    return found


def write(root: Path = ROOT) -> list[str]:
    """Render all files in place, and return the names of those that changed; outputs of notebooks stay."""
    import nbformat

    changed = []
    for path in markdown_files(root):
        old = path.read_text(encoding="utf-8")
        if (new := render(old)) != old:
            _replace(path, new)
            changed.append(path.name)
    for path in notebook_files(root / "notebooks"):
        notebook = nbformat.read(path, as_version=4)
        if render_notebook(notebook):
            _replace(path, nbformat.writes(notebook) + "\n")
            changed.append(path.name)
    return changed


def _replace(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)  # a crash never leaves half a file
