"""Renders the numbers in prose from the results tables, and finds numbers that somebody typed.

In Markdown, `<!--= percent(record("shapes", "validation_accuracy")) -->99.5 %<!--/-->` is a claim: what
stands between the comments is computed. `python -m helpers.claims` writes it, `--check` only compares.
`<!--given: exercise-->90 %<!--/-->` marks a figure that nobody measured. CONTRIBUTING.md has the rules.
"""

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import board, experiments, recommender
from helpers.typed_numbers import CLAIM, GIVEN, REASONS, typed_numbers, typed_strings

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "datasets" / "source_models"
Value = str | float  # of a column


class ClaimError(ValueError):
    """A claim that cannot be rendered; the message says why."""


# Values: what a claim may ask of the tables. Conditions such as images=10 choose rows; a list pools them.


def mean(table: str, column: str, **where) -> float:
    """Mean over seeds."""
    return experiments.interval([*_by_seed(table, column, where).values()])[0]


def interval(table: str, column: str, **where) -> float:
    """Half width of the 95 % interval of the mean over seeds."""
    scores = _by_seed(table, column, where)
    if len(scores) < 2:
        raise ClaimError(f"{table}: an interval takes two seeds; there is one for {where}")
    return experiments.interval([*scores.values()])[1]


def difference(table: str, column: str, one: Value, other: Value, by: str = "strategy", **where) -> float:
    """Mean of one minus other, paired by seed; one and other are values of the column `by`."""
    return _paired(table, column, one, other, by, where)[1]


def difference_interval(
    table: str, column: str, one: Value, other: Value, by: str = "strategy", **where
) -> float:
    """Half width of the 95 % interval of `difference`."""
    return _paired(table, column, one, other, by, where)[2]


def verdict(table: str, column: str, one: Value, other: Value, by: str = "strategy", **where) -> str:
    """ "beats", "ties with" or "loses to", by the interval of `difference`."""
    return _paired(table, column, one, other, by, where)[0]


def ratio(table: str, column: str, one: Value, other: Value, by: str = "strategy", **where) -> float:
    """Mean of one over mean of other."""
    below = mean(table, column, **where, **{by: other})
    if below == 0:
        raise ClaimError(f"{table}: the mean of {column} is 0 for {by}={other!r}; there is no ratio")
    return mean(table, column, **where, **{by: one}) / below


def count(table: str, **where) -> int:
    """Rows, that is runs."""
    return len(_rows(table, where))


def seeds(table: str, **where) -> int:
    """Different seeds."""
    return len({row["seed"] for row in _rows(table, where)})


def record(source: str, field: str) -> float:
    """A number from the recipe of a source model, datasets/source_models/SOURCE.json."""
    path = RECORDS / f"{source}.json"
    if not path.is_file():
        raise ClaimError(f"There is no recipe {path.name}")
    fields = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(fields.get(field), int | float):
        raise ClaimError(f"{path.name} has no number {field!r}; it has {', '.join(fields)}")
    return fields[field]


def board_cells(word: str | None = None) -> int:
    """Cells of the board; with a word, those in which the textbook's rule "beats", "ties with" or
    "loses to" the best other strategy."""
    return sum(word in (None, cell["verdict"]) for cell in board.verdicts(board.rows()))


def standard_error(table: str, column: str, pictures: str, **where) -> float:
    """Of a mean accuracy on so many pictures (a column): what another draw of them would change."""
    return experiments.standard_error(mean(table, column, **where), mean(table, pictures, **where))


def regret(rule: str, table: str | None = None, images: list[int] | None = None, errors: float = 1) -> float:
    """Mean accuracy (0..1) that a rule of `helpers.recommender.regrets` loses on targets left out.

    With a table, "board" or "board_photos", only on the targets there; with images, only in these sizes.
    errors is how many standard errors the recommender takes off what it measured.
    """
    targets = None if table is None else {row["target"] for row in _rows(table, {})}
    lost = [
        points
        for situation, points in _lost(rule, errors)
        if (targets is None or situation.origin[0] in targets)
        and (images is None or situation.images in images)
    ]
    if not lost:
        raise ClaimError(f"No cell of the board has {images} images a class")
    return float(np.mean(lost)) / 100


def shifts_gain() -> float:
    """Accuracy (0..1) that the recommender would lose less if measured shifts counted, mean over targets."""
    return experiments.interval(_shifts_gains())[0] / 100


def shifts_gain_interval() -> float:
    """Half width of the 95 % interval of `shifts_gain`."""
    return experiments.interval(_shifts_gains())[1] / 100


def _shifts_gains() -> list[float]:
    """Points, target by target: the cells of one target are no independent witnesses."""
    known = recommender.stored()
    shifted = recommender.with_shifts(known, experiments.read_results("board_shifts"))
    without, with_them = (recommender.regrets(cells)["recommender"] for cells in (known, shifted))
    gains: dict[str, list[float]] = {}
    for (situation, _), before, after in zip(known, without, with_them, strict=True):
        gains.setdefault(situation.origin[0], []).append(before - after)
    return [float(np.mean(points)) for points in gains.values()]


def agreement() -> float:
    """Share of the board's situations whose quick probes agree with the likeness said beforehand."""
    return recommender.agreement(recommender.stored())


def regret_with_choice(rule: str) -> float:
    """Mean accuracy (0..1) that a rule loses on real pictures where the source is chosen, too."""
    return float(np.mean(_points(rule, recommender.stored(), choose_source=True))) / 100


def regret_of_single_draws(rule: str) -> float:
    """Mean accuracy (0..1) that a rule loses where the quick probes saw a single draw of pictures."""
    lost = _points(rule, recommender.stored(), asked=recommender.single_draws())
    return float(np.mean(lost)) / 100


def worst_regret(rule: str) -> float:
    """The most accuracy (0..1) that a rule loses in any cell."""
    return max(lost for _, lost in _lost(rule)) / 100


def _lost(rule, errors=1):
    """(situation, points lost) of a rule, cell by cell."""
    known = recommender.stored()
    lost = _points(rule, known, errors=errors)
    return [(situation, points) for (situation, _), points in zip(known, lost, strict=True)]


def _points(rule, known, **options):
    """Points lost by a rule, of `helpers.recommender.regrets`."""
    lost = recommender.regrets(known, **options)
    if rule not in lost:
        raise ClaimError(f"There is no rule {rule!r}; there are {', '.join(lost)}")
    return lost[rule]


# Formats: how a value reads.


def percent(value: float, digits: int = 1) -> str:
    """0.937 reads "93.7 %"."""
    return f"{100 * value:.{digits}f} %"


def points(value: float, digits: int = 1) -> str:
    """0.021 reads "2.1 points"."""
    return f"{100 * value:.{digits}f} points"


def times(value: float, digits: int = 1) -> str:
    """3.21 reads "3.2 times"."""
    return f"{value:.{digits}f} times"


def number(value: float, digits: int = 0) -> str:
    """464224 reads "464,224"."""
    return f"{value:,.{digits}f}"


VALUES = (
    mean,
    interval,
    difference,
    difference_interval,
    verdict,
    ratio,
    count,
    seeds,
    record,
    standard_error,
    board_cells,
    regret,
    regret_of_single_draws,
    regret_with_choice,
    worst_regret,
    shifts_gain,
    shifts_gain_interval,
    agreement,
)
FORMATS = (percent, points, times, number)
VOCABULARY = {function.__name__: function for function in VALUES + FORMATS}


def _rows(table, where):
    try:
        rows = experiments.read_results(table)
    except FileNotFoundError as error:
        raise ClaimError(str(error)) from None
    for column, wanted in where.items():
        if rows and column not in rows[0]:
            raise ClaimError(f"{table} has no column {column!r}; it has {', '.join(rows[0])}")
        allowed = [str(w) for w in (wanted if isinstance(wanted, list) else [wanted])]
        found = sorted({row[column] for row in rows})
        rows = [row for row in rows if row[column] in allowed]
        lacking = set(allowed) - set(found)
        if lacking:
            raise ClaimError(
                f"{table}: no {column} {', '.join(sorted(lacking))} here, only {', '.join(found)}"
            )
    if not rows:
        raise ClaimError(f"{table} is empty")
    return rows


def _by_seed(table, column, where):
    """Value by seed. Rows of one seed are averaged only where a list in `where` asks for it."""
    rows = _rows(table, where)
    for needed in (column, "seed"):
        if needed not in rows[0]:
            raise ClaimError(f"{table} has no column {needed!r}; it has {', '.join(rows[0])}")
    values = {}
    for row in rows:
        try:
            values.setdefault(row["seed"], []).append(float(row[column]))
        except ValueError:
            raise ClaimError(f"{table}: {column} holds {row[column]!r}, which is no number") from None
    sizes = {len(v) for v in values.values()}
    pooled = int(np.prod([len(w) for w in where.values() if isinstance(w, list)]))
    if sizes != {pooled}:
        raise ClaimError(
            f"{table}: {where} leaves {sorted(sizes)} rows a seed where there should be {pooled}. "
            f"Choose more narrowly; the columns are {', '.join(rows[0])}."
        )
    return {seed: float(np.mean(v)) for seed, v in values.items()}


def _paired(table, column, one, other, by, where):
    ours, theirs = (_by_seed(table, column, where | {by: value}) for value in (one, other))
    if len(ours.keys() & theirs.keys()) < 2:
        raise ClaimError(f"{table}: {one} and {other} have fewer than two seeds in common for {where}")
    return experiments.paired(ours, theirs)


def evaluate(expression: str) -> str:
    """The text of a claim, such as that of `percent(mean("board", "accuracy", images=10))`.

    Raises:
        ClaimError: not a call from the vocabulary with literal arguments, or nothing in the tables fits.
    """
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ClaimError(f"{expression!r} cannot be read: {error.msg}") from None
    text = _value(tree)
    if not isinstance(text, str) or not isinstance(tree, ast.Call):
        formats = ", ".join(f.__name__ for f in FORMATS)
        raise ClaimError(f"{expression!r} is a bare value. Write it in one of {formats}.")
    return text


def _value(node):
    if not isinstance(node, ast.Call):
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise ClaimError(f"{ast.unparse(node)!r} is neither a literal nor a known call") from None
    function = VOCABULARY.get(node.func.id) if isinstance(node.func, ast.Name) else None
    if function is None:
        raise ClaimError(f"{ast.unparse(node.func)!r} is unknown. Known are {', '.join(VOCABULARY)}.")
    if any(keyword.arg is None for keyword in node.keywords):
        raise ClaimError(f"{ast.unparse(node)!r}: write the conditions out")
    arguments = [_value(argument) for argument in node.args]
    named = {keyword.arg: _value(keyword.value) for keyword in node.keywords}
    try:
        return function(*arguments, **named)
    except (TypeError, ValueError) as error:
        if isinstance(error, ClaimError):
            raise
        raise ClaimError(f"{ast.unparse(node)}: {error}") from None


def render(text: str) -> str:
    """Markdown with every claim computed anew."""
    return CLAIM.sub(lambda m: f"<!--= {m[1]} -->{evaluate(m[1])}<!--/-->", text)


def render_notebook(notebook: "NotebookNode") -> bool:
    """Compute the claims in the Markdown cells of a notebook, in place; tells whether any changed."""
    changed = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (new := render(cell.source)) != cell.source:
            cell.source, changed = new, True
    return changed


def problems(text: str) -> Iterator[str]:
    """What is wrong with the numbers of a Markdown text, one message each."""
    for expression, old in CLAIM.findall(text):
        try:
            new = evaluate(expression)
        except ClaimError as error:
            yield str(error)
            continue
        if old != new:
            yield f"{expression} says {old!r}, the table {new!r}. Run: python -m helpers.claims"
    for sentence in typed_numbers(text):
        yield f"typed, not rendered, cited or given: {sentence!r}"
    if re.search(r"(?m)^\s*(?:[-*>] |\d+\. )?\s*<!--(?:=|given)", text):
        yield "a mark begins a line, so Markdown would not format that line; put a word before it"
    if len(re.findall(r"<!--(?:=|given)", text)) != len(CLAIM.findall(text)) + len(GIVEN.findall(text)):
        yield f"a mark without an end, or a reason that is not one of {', '.join(REASONS)}"


def texts(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """(place, Markdown) of README, docs and notebooks; a place is a file, or a file and its cell."""
    import nbformat

    for path in markdown_files(root):
        yield path.name, path.read_text(encoding="utf-8")
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "markdown":
                yield f"{path.name}, cell {number}", cell.source


def codes(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """(place, Python) of the helpers and of the notebooks' code cells, whose strings readers see."""
    import nbformat
    from IPython.core.inputtransformer2 import TransformerManager

    for path in sorted((root / "helpers").rglob("*.py")):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
    plain = TransformerManager().transform_cell  # from what a notebook may hold, such as %magic, to Python
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "code":
                yield f"{path.name}, cell {number}", plain(cell.source)


def markdown_files(root: Path = ROOT) -> list[Path]:
    """The prose beside the notebooks, without docs/board.md, which `helpers.board` writes whole."""
    found = [path for folder in (".", "docs", "notebooks") for path in sorted((root / folder).glob("*.md"))]
    return [path for path in found if path.name != "board.md"]


def check(root: Path = ROOT) -> list[str]:
    """All that is wrong, each with its place."""
    found = [f"{place}: {problem}" for place, text in texts(root) for problem in problems(text)]
    for place, code in codes(root):
        for line, text in typed_strings(code):
            found.append(f"{place}, line {line}: typed, not computed, cited or given: {text!r}")
    return found


def write(root: Path = ROOT) -> list[str]:
    """Render all files in place; outputs of notebooks stay. Returns the names of those that changed."""
    import nbformat

    changed = []
    for path in markdown_files(root):
        old = path.read_text(encoding="utf-8")
        if (new := render(old)) != old:
            _replace(path, new)
            changed.append(path.name)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if render_notebook(notebook):
            _replace(path, nbformat.writes(notebook) + "\n")
            changed.append(path.name)
    return changed


def _replace(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)  # at no moment is there half a file


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        found = check()
        print("\n".join(found) or "Every number is rendered, cited or given.")
        sys.exit(bool(found))
    for name in write():
        print("rendered", name)
