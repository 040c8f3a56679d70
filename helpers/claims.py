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

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "datasets" / "source_models"
CLAIM = re.compile(r"<!--= *(.+?) *-->(.*?)<!--/-->", re.S)
REASONS = {
    "exercise": "a figure of a made-up example",
    "definition": "set by convention, or exact by arithmetic, such as chance among ten classes",
}
GIVEN = re.compile(rf"<!--given: ({'|'.join(REASONS)})-->(.*?)<!--/-->", re.S)
GIVEN_CODE = re.compile(rf"# given: (?:{'|'.join(REASONS)})$")
Value = str | float  # of a column
SPEAKING = ("exercises/*.py", "widgets/*.py", "advisor.py", "recommender.py", "reports.py")  # to readers


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


def regret(rule: str) -> float:
    """Mean accuracy (0..1) that a rule of `helpers.recommender.regrets` loses on targets left out."""
    lost = recommender.regrets(recommender.stored())
    if rule not in lost:
        raise ClaimError(f"There is no rule {rule!r}; there are {', '.join(lost)}")
    return float(np.mean(lost[rule])) / 100


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
    board_cells,
    regret,
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


# Typed numbers. Spaces take the place of what is not prose, so that sentences stay where they are.

NOT_PROSE = re.compile(
    r"^ *```.*?^ *```"  # fenced code
    r"|`[^`\n]+`|\$\$.+?\$\$|\$[^$\n]+\$"  # code and formulas
    r"|\]\([^)\n]*\)|https?://\S+|<!--.*?-->|</?[a-z][^>\n]*>",  # targets of links, comments, tags
    re.S | re.M,
)
COUNT = r"(?:two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred|thousand)"
MORE = r"(?:as|more|less|fewer|faster|slower|larger|smaller|higher|lower|better|worse|the|too)\b"
TYPED = re.compile(
    rf"\d ?%|\b(?:\d+|{COUNT}) ?(?:percent\b|per cent\b|(?:percentage )?points?\b)"
    rf"|\d ?[x×](?![\w ]*\d)(?![\w-])|\d times\b|\b{COUNT} times {MORE}|\b(?:twice|half) as\b|\btwice the\b"
    rf"|\b(?:\d+|{COUNT})-?fold\b",
    re.I,
)
CONVENTION = re.compile(r"95 % (?:confidence )?intervals?|\bat (?:the )?[15] %")
NAME = r"[A-ZÀ-Ž][\w'’-]+"
YEAR = r"(?:19|20)\d\d"
CITATION = re.compile(  # Kumar et al. 2022, Pan and Yang (2010), Caruana (1997), (Caruana, 1997)
    rf"{NAME}(?: et al\.| (?:and|&) {NAME}),? \(?{YEAR}|{NAME} \({YEAR}\)|\({NAME}, {YEAR}\)"
)
SENTENCE = re.compile(r"\n\s*\n|\n(?=\s*(?:[|#>]|[-*] |\d+\. ))|(?<=[.!?]) +(?=[A-Z*])|(?<=[.!?])\n")


def typed_numbers(text: str) -> list[str]:
    """Sentences of a Markdown text with a typed percentage or multiplier and without a citation."""

    def blank(match):
        return re.sub(r"\S", " ", match[0])

    prose = text
    for pattern in (CLAIM, GIVEN, NOT_PROSE, CONVENTION):
        prose = pattern.sub(blank, prose)
    sentences, start = [], 0
    for end in [*(m.span() for m in SENTENCE.finditer(prose)), (len(prose), len(prose))]:
        part = prose[start : end[0]]
        if TYPED.search(part) and not CITATION.search(part):
            sentences.append(" ".join(text[start : end[0]].split()))
        start = end[1]
    return sentences


def typed_strings(code: str) -> list[tuple[int, str]]:
    """(line, text) of string literals with a typed number, without `# given: REASON` there or above.

    Docstrings, formats such as `{x:.1%}` and single words such as "100%" for a width are left out.
    """
    tree, lines = ast.parse(code), code.splitlines()
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            left_out |= {id(part) for part in ast.walk(node.format_spec)}
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in left_out:
            continue
        given = any(GIVEN_CODE.search(line) for line in lines[max(node.lineno - 2, 0) : node.end_lineno])
        if " " in node.value and not given and typed_numbers(node.value):
            found.append((node.lineno, node.value))
    return found


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


def markdown_files(root: Path = ROOT) -> list[Path]:
    """The prose beside the notebooks, without docs/board.md, which `helpers.board` writes whole."""
    found = [path for folder in (".", "docs", "notebooks") for path in sorted((root / folder).glob("*.md"))]
    return [path for path in found if path.name != "board.md"]


def check(root: Path = ROOT) -> list[str]:
    """All that is wrong, each with its place."""
    found = [f"{place}: {problem}" for place, text in texts(root) for problem in problems(text)]
    for path in sorted(path for pattern in SPEAKING for path in (root / "helpers").glob(pattern)):
        for line, text in typed_strings(path.read_text(encoding="utf-8")):
            found.append(f"{path.name}, line {line}: typed, not computed, cited or given: {text!r}")
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
