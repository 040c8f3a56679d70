"""Names of classes and images stand in every figure and table as they are: never as formulas or markup."""

import dataclasses
import warnings

import numpy as np
import pytest
from legibility import drawn_texts

from helpers import plots
from helpers.data import duplicates
from helpers.data.image_sets import builtin
from helpers.findings.html_table import html_table
from helpers.plots import evaluation
from helpers.plots.style import legible

NAMES = {
    "banknotes": ["$1", "$5", "$10", "$20", "US$_50"],
    "prices": ["$0-$50", "$50-$100", "$100_$200", "under $5", "A$AP"],
    "formulas": ["a_$x$", "50%$_$", "$$", "\\frac$1$", "x^$2 {$"],
    "markup": ["<b>bold</b>", "&lt;", "<script>x</script>", "[1]", "*"],
    "formats": ["%s", "{}", "{0.__class__}", "%(x)d", "\\n"],
    "odd": ["01 first", "_hidden", "é" * 200, "-", "two\nlines"],
    "not UTF-8": ["caf\udce9", "\ud83d", "bell\a", "=1+1", "\u202eabc"],
}


@pytest.fixture(params=NAMES)
def data(request):
    """A set whose classes have such names; each image has two copies."""
    made = builtin("micrographs", 3, 3, 3)
    made = dataclasses.replace(made, X_validation=made.X_train, X_test=made.X_train)
    names = dict(zip(made.classes, NAMES[request.param], strict=False))
    renamed = {f"y_{part}": np.array([names[k] for k in made.split(part).y.tolist()]) for part in PARTS}
    return dataclasses.replace(made, classes=tuple(sorted(names.values())), **renamed)


PARTS = ("train", "validation", "test")


def drawn(drawing):
    """Draw a figure as a notebook does; return its texts without line breaks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Glyph")  # the font lacks it
        shown, metadata = drawing._repr_mimebundle_()
        texts = drawn_texts(drawing)
    assert not any(text.get_parse_math() for text in texts)
    for text in (shown["text/plain"], metadata["image/png"]["alt"]):
        text.encode("utf-8")
    return ["".join(text.get_text().split()) for text in texts]


def joined(name):
    return "".join(legible(name).split())


def test_tick_labels_are_the_names(data):
    guesses = np.roll(data.y_test, 3)
    sheet = drawn(plots.image_sheet(data.X_train, data.y_train, per_class=3))
    table = drawn(evaluation.confusion(data.y_test, guesses, data.classes))
    for name in data.classes:
        assert joined(name) in sheet and table.count(joined(name)) == 2


def test_titles_contain_the_names(data):
    guesses = np.roll(data.y_test, 3)
    wrong = drawn(evaluation.most_wrong(data.X_test, data.y_test, guesses, np.arange(len(guesses)), most=15))
    maps = drawn(evaluation.class_maps(data.X_test[:3], np.zeros((3, 32, 32)), list(data.y_test[:3])))
    twice = drawn(plots.copies(data, duplicates.exact(data), most=8))
    titled = drawn(plots.tiles(np.zeros((4, 8, 8)), 4, data.classes[0]))
    stages = drawn(evaluation.stages([{k: [0.5, 0.6] for k in KEYS}], data.classes[:1]))
    for texts, name in ((wrong, data.y_test[-1]), (maps, data.y_test[0]), (twice, data.y_test[0])):
        assert any("".join(legible(name, 72).split()) in text for text in texts), (texts, name)
    assert "".join(legible(data.classes[0], 80).split()) in titled and joined(data.classes[0]) in stages


KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")


def test_tables_escape_the_names(data):
    page = html_table(data.classes[0], [(name, 1) for name in data.classes], data.classes)
    page.encode("utf-8")
    assert "<b>" not in page and "<script>" not in page and "mathjax_ignore tex2jax_ignore" in page


def test_a_reader_who_saves_a_figure_sees_names_too(tmp_path):
    """`savefig` draws outside the style of the series; a reader may even have switched formulas on."""
    drawing = plots.image_sheet(np.zeros((2, 8, 8, 3), "uint8"), np.array(["$a$", "$b_1$"]), per_class=1)
    drawing.savefig(tmp_path / "x.png")
    assert not any(text.get_parse_math() for text in drawn_texts(drawing))
