"""However many classes there are, a figure or table keeps its size and says what it leaves out."""

import dataclasses
import io
import time

import numpy as np
import pandas as pd
import pytest
from legibility import faults
from PIL import Image

from helpers.data import duplicates
from helpers.data.image_sets import ImageSet
from helpers.findings import reports
from helpers.findings.html_table import html_table
from helpers.plots import advice, basics, definitions, evaluation, images
from helpers.plots.style import TALLEST, WIDEST, figure, png
from helpers.strategies.rate_finder import RangeTest

MOST_PIXELS = 80 * WIDEST, 80 * TALLEST
MOST_SECONDS = 10  # of processor time; the slowest takes about 3


def image_set(classes):
    """One image per class in each split, all alike: the copies fill every table and figure, too."""
    X = np.random.default_rng(0).integers(0, 256, (classes, 8, 8, 3), dtype=np.uint8)
    y = np.array([f"class {k}" for k in range(classes)])
    return ImageSet("many", (*np.unique(y).tolist(),), X, y, X, y, X, y)


CURVE = {key: [0.5, 0.6] for key in ("loss", "accuracy", "val_loss", "val_accuracy")}
TEST = RangeTest(np.geomspace(1e-5, 1, 6), np.array([2, 2, 1, 0.5, 9, 99]))


def confused(data):
    return evaluation.confusion(data.y_train, data.y_train[::-1], data.classes)


def mistaken(data):
    scores = np.ones(len(data.y_train))
    return evaluation.most_wrong(data.X_train, data.y_train, data.y_train[::-1], scores, most=10_000)


FIGURES = {
    "image_sheet": lambda data: images.image_sheet(data.X_train, data.y_train, per_class=10_000),
    "tiles": lambda data: images.tiles(data.X_train, title="one per class"),
    "tiles, one row": lambda data: images.tiles(data.X_train, columns=len(data.X_train)),
    "tiles, one column": lambda data: images.tiles(data.X_train, columns=1),
    "copies": lambda data: images.copies(data, duplicates.exact(data), most=10_000),
    "confusion": confused,
    "most_wrong": mistaken,
    "class_maps": lambda data: evaluation.class_maps(
        data.X_train, data.X_train[..., 0] / 255, data.y_train.tolist()
    ),
    "stages": lambda data: evaluation.stages([CURVE] * len(data.classes), data.classes),
    "cost_figure": lambda data: definitions.cost_figure(
        {name: np.full((2, 3), 0.5) for name in data.classes}
    ),
    "chain_terms": lambda data: basics.chain_terms({f"w{k}": 0.5 for k in range(len(data.classes))}),
    "range_tests": lambda data: advice.range_tests(**{name: TEST for name in data.classes}),
}


def left_out(text):
    return "not shown: " in text or " more" in text


@pytest.mark.parametrize("classes", [2, 50, 1300])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_keeps_its_size_and_says_what_it_leaves_out(name, classes):
    data = image_set(classes)
    started = time.process_time()
    drawing = FIGURES[name](data)
    with Image.open(io.BytesIO(png(drawing))) as image:
        assert image.width <= MOST_PIXELS[0] and image.height <= MOST_PIXELS[1]
    assert time.process_time() - started < MOST_SECONDS
    if "tiles" not in name:
        assert left_out(drawing.alt) == (classes > 2)
    assert len(drawing.alt) < 3000
    written = [text.get_text() for text in [*drawing.texts, *(axis.xaxis.label for axis in drawing.axes)]]
    if classes == 1300:
        assert left_out(drawing.alt) and faults(drawing) == []
        assert any(left_out(text) or "1,300 classes are named" in text for text in written)


def test_a_sheet_of_many_classes_counts_those_that_it_does_not_show():
    data = image_set(1300)
    drawing = images.image_sheet(data.X_train, data.y_train)
    assert len(drawing.axes[0].get_yticklabels()) == images.MOST_CLASSES
    assert drawing.alt.endswith("one row per class. Classes not shown: 1,280.")


def test_large_images_are_reduced_before_a_sheet_is_built():
    X = np.zeros((4, 448, 672, 3), np.uint8)
    drawing = images.image_sheet(X, np.array(["a", "b", "a", "b"]), per_class=2)
    (sheet,) = drawing.axes[0].get_images()
    assert max(sheet.get_array().shape) < 4 * images.SIDE


def test_the_alternative_text_names_the_most_frequent_confusions():
    truth = np.repeat([f"c{k}" for k in range(30)], 3)
    predicted = np.roll(truth, 3)
    predicted[:3], predicted[3:5] = "c7", "c1"  # c1 is confused once, all others three times
    alt = evaluation.confusion(truth, predicted, [f"c{k}" for k in range(30)]).alt
    assert alt.count(": 3") == evaluation.MOST_CONFUSIONS and "c1 predicted" not in alt
    assert alt.endswith("and 10 more, less frequent confusions")


def test_no_figure_is_larger_than_a_page():
    drawing, _ = figure(1000, 1000)
    assert tuple(drawing.get_size_inches()) == (WIDEST, TALLEST)


@pytest.mark.parametrize("draw", [lambda: images.tiles(np.zeros((4, 3, 3)), 0)])
def test_a_figure_without_columns_is_refused(draw):
    with pytest.raises(ValueError, match="columns must be an integer of at least 1. Received: 0"):
        draw()


def test_more_lines_than_colours_are_refused():
    rows = pd.DataFrame({"way": [f"way {k}" for k in range(9)], "curve": "0.9 0.8"})
    with pytest.raises(ValueError, match="colours for 8 lines, but 'way' has 9 values"):
        basics.curves(rows, "way", "loss")


@pytest.mark.parametrize("rows, said", [(100, None), (101, "and 1 more"), (1300, "and 1,200 more")])
def test_a_table_counts_the_rows_that_it_does_not_show(rows, said):
    page = html_table("Classes", ((f"class {k}", k) for k in range(rows)), ("class", "images"))
    assert page.count("<tr>") == min(rows, 100) + (said is not None) + 1
    assert ("more" in page) == (said is not None) and (said or "") in page


@pytest.mark.parametrize("classes", [50, 1300])
def test_what_describes_an_image_set_stays_short(classes):
    data = image_set(classes)
    none = {
        f"{array}_{part}": getattr(data, array + "_train")[:0]
        for array in "Xy"
        for part in ("validation", "test")
    }
    skipped = tuple(f"class {k}/a.jpg: damaged" for k in range(classes))
    data = dataclasses.replace(data, **none, skipped=skipped)
    summary = reports.report(data)
    assert len(repr(data)) < 1000 and "..." in repr(data)
    assert len(repr(summary)) < 3000 and f"and {classes - 30} more" in repr(summary)
    assert len(summary._repr_html_()) < 6000
