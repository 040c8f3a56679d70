"""Each term is explained where it comes up: in bold at its first use in the notebooks, or with a link."""

import re

import nbformat
import pytest
from run_notebooks import FOLDER

from helpers.exercises import checks

# The terms of the field that the series always uses for the same thing.
FIELD_TERMS = (
    "image, class, label, batch size, step, epoch, learning rate, head, backbone, layer, block, frozen, "
    "trainable, fine-tune, linear probe, CNN codes, feature, training set, validation set, test set, "
    "validation accuracy, confidence interval, seed, run"
).split(", ")
PLURAL = r"(?:s|es|d|ed)?"  # also the past tense of verbs
LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
# Not prose: code, formulas, and the comments around a number that comes from a table.
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|<!--.*?-->", re.S)
# What names terms before they are taught, or after: headings, lists of aims, and what to read.
NOT_TEXT = re.compile(r"(?m)^(?:#.*|\*\*Read more:.*|\*\*Next:.*|\*\*After this notebook.*(?:\n- .*)+)$")
OVERVIEW = "## Overview"  # the table of contents; below it is a link to the glossary


def entries():
    """Yield the four cells of each row of the glossary."""
    lines = (FOLDER / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    for line in lines[lines.index("|---|---|---|---|") + 1 :]:
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def names(term):
    """The names in the first cell of a row, the main one first, such as `filter` and `kernel`.

    Those in brackets are abbreviations if they have a capital letter; otherwise they are words of everyday
    language, which count as names but not as uses of the term.
    """
    found = []
    for part in re.sub(r" (?:[DT] = \{.*?\}|P\(.*?\)|[FY])(?=,|$)", "", term).split(", "):  # without symbols
        main, bracket = re.fullmatch(r"(.+?)(?: \((.+)\))?", part).groups()
        found += [main, *([bracket] if bracket else [])]
    return found


def forms(term):
    return [name for name in names(term) if f"({name})" not in term or name != name.lower()]


ENTRIES = list(entries())
MEANT = {form.lower(): term for term, *_ in ENTRIES for form in forms(term)}
# The longest form first: "batch normalisation" is no use of "batch".
USES = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(sorted(map(re.escape, MEANT), key=len, reverse=True))
    + rf"){PLURAL}(?![\w-])",
    re.I,
)


def term_of(use):
    """The entry that a match means: without its ending, if there is one."""
    words = use.lower()
    return next(MEANT[words[:end]] for end in range(len(words), 0, -1) if words[:end] in MEANT)


def plain(source):
    """Return the prose of a Markdown cell without its marks, and the mark of each character.

    The marks are "bold", "link" (to the glossary) and "".
    """
    text = NOT_PROSE.sub(" ", NOT_TEXT.sub("", source))
    letters, marks, bold, place = [], [], "", 0
    while place < len(text):
        if text.startswith("**", place):
            bold, place = "" if bold else "bold", place + 2
        elif text[place] == "*":
            place += 1
        elif link := LINK.match(text, place):
            words = link[1].replace("*", "")
            letters += words
            marks += [bold or ("link" if "GLOSSARY.md" in link[2] else "")] * len(words)
            place = link.end()
        else:
            letters.append(text[place])
            marks.append(bold)
            place += 1
    return "".join(letters), marks


def uses():
    """Yield (term, number of the notebook, mark, id of the cell, text around it) in the order of reading."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "markdown" and not cell.source.startswith(OVERVIEW):
                text, marks = plain(cell.source)
                for match in USES.finditer(text):
                    near = text[max(match.start() - 30, 0) : match.end() + 20]
                    yield term_of(match[0]), path.name[:2], max(marks[slice(*match.span())]), cell.id, near


ALL_USES = list(uses())
FIRST_USES = {use[0]: use for use in reversed(ALL_USES)}
FIRST_IN_BOLD = {use[0]: use[1] for use in reversed(ALL_USES) if use[2] == "bold"}


def test_marks_in_a_text():
    text, marks = plain("# A seed\nA **head**, *italic* [seed](GLOSSARY.md), [x](y.md), `class` and $P$.")
    assert text.strip() == "A head, italic seed, x,   and  ."
    found = {word: marks[text.index(word)] for word in ("head", "italic", "seed", "x")}
    assert found == {"head": "bold", "italic": "", "seed": "link", "x": ""}


@pytest.mark.parametrize(
    "term, expected",
    [
        ("filter, kernel", ["filter", "kernel"]),
        ("support vector machine (SVM)", ["support vector machine", "SVM"]),
        ("training run (run)", ["training run", "run"]),
        ("domain D = {F, P(X)}", ["domain"]),
        (r"conditional distribution P(Y\|X), conditional", ["conditional distribution", "conditional"]),
    ],
)
def test_names_of_an_entry(term, expected):
    assert names(term) == expected


def test_everyday_words_are_no_uses():
    assert forms("training run (run)") == ["training run"] and forms("a (AB)") == ["a", "AB"]


def test_the_table_is_complete_and_sorted():
    assert len(ENTRIES) >= 77
    for row in ENTRIES:
        assert len(row) == 4 and all(row), row
    order = [names(term)[0].lower().replace("-", " ").replace("'", "") for term, *_ in ENTRIES]
    assert order == sorted(order)
    assert len(MEANT) == sum(len(forms(term)) for term, *_ in ENTRIES), "two entries share a name"


def test_each_vietnamese_term_has_one_meaning_and_one_spelling():
    vietnamese = [row[1] for row in ENTRIES]
    assert len(set(vietnamese)) == len(vietnamese)
    assert not re.search("véc-tơ|véctơ", " ".join(vietnamese))


def test_terms_of_the_field_are_defined():
    assert {*FIELD_TERMS} <= {name for term, *_ in ENTRIES for name in names(term)}


def test_each_term_is_used():
    assert [term for term, *_ in ENTRIES if term not in FIRST_USES] == []


def test_a_term_is_in_bold_or_linked_at_its_first_use():
    assert [use for use in FIRST_USES.values() if not use[2]] == []


def test_a_term_is_in_bold_in_the_notebook_that_the_glossary_names():
    named = {row[0]: row[3] for row in ENTRIES}
    assert {t: (FIRST_IN_BOLD.get(t), n) for t, n in named.items() if FIRST_IN_BOLD.get(t) != n} == {}


def test_the_overview_links_to_the_glossary():
    path = sorted(FOLDER.glob("*.ipynb"))[0]
    (overview,) = [c.source for c in nbformat.read(path, 4).cells if c.source.startswith(OVERVIEW)]
    assert "(GLOSSARY.md)" in overview


@pytest.mark.parametrize("number", sorted({use[1] for use in ALL_USES}))
def test_a_quiz_uses_only_terms_that_are_introduced(number):
    known = {term for term, notebook, *_ in ALL_USES if notebook <= number}
    for question in checks.questions(number):
        words = " . ".join([question.text, *question.options, *question.options.values()])
        assert {term_of(match[0]) for match in USES.finditer(words)} <= known, question.text
