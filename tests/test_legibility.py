"""Every figure and lab, its controls at both ends: text of 14 points or more, whole, not on other text.

Lecture slides show a figure at most 12 inches wide; a wider one would be shrunk, and its text with it.
"""

import functools
import inspect
import itertools
from unittest.mock import patch

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import documents, experiments, gradients, plots
from helpers.datasets import builtin
from helpers.plots import advice, basics, definitions, layers, pictures
from helpers.widgets import advice as advice_labs
from helpers.widgets import basics as basics_labs
from helpers.widgets import definitions as definitions_labs
from helpers.widgets import layers as layers_labs

SMALLEST = 14
WIDEST = 12


def drawn_texts(drawing) -> list[Text]:
    """The texts that drawing the figure puts on it (an axis also keeps labels that it does not draw)."""
    texts = []
    draw = Text.draw

    def note(self, renderer, *arguments, **named):
        if self.get_visible() and self.get_text().strip():
            texts.append(self)
        return draw(self, renderer, *arguments, **named)

    with patch.object(Text, "draw", note):
        drawing.canvas.draw()
    return texts


def faults(drawing) -> list[str]:
    """What a reader at the back of the room would complain about."""
    found = [] if drawing.get_figwidth() <= WIDEST else [f"{drawing.get_figwidth():g} inches wide"]
    texts = drawn_texts(drawing)
    renderer = drawing.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        if text.get_fontsize() < SMALLEST:
            found.append(f"{text.get_text()!r} has {text.get_fontsize():g} points")
        page = drawing.bbox.padded(1)
        if min(box.x0 - page.x0, page.x1 - box.x1, box.y0 - page.y0, page.y1 - box.y1) < 0:
            found.append(f"{text.get_text()!r} is cut off")
    upright = [(t, b) for t, b in zip(texts, boxes, strict=True) if t.get_rotation() in (0, 90)]
    for (one, a), (other, b) in itertools.combinations(upright, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1:
            found.append(f"{one.get_text()!r} lies on {other.get_text()!r}")
    return found


def optimiser_curves():
    rows = experiments.read_results("optimisers")
    for row in rows:
        row["way"] = f"{row['optimiser']}, rate {row['rate']}"
    return basics.curves(rows, "way", "training loss", "SGD, momentum and Adam", log=True)


def activation_curves():
    rows = [r for r in experiments.read_results("activations") if r["depth"] == "8"]
    return basics.curves(rows, "activation", "test accuracy", "Eight hidden layers, handwritten digits")


def chain():
    return basics.chain_terms(gradients.chain([0.9, -1.2, 0.7, 1.4], [0.1, 0.3, -0.2, 0.05], 0.8, 1.0))


def sheet(name):
    data = builtin(name, 20, 0, 0)
    return pictures.image_sheet(data.X_train, data.y_train)


def of_table(draw, name):
    return draw(experiments.read_results(name))


FIGURES = {
    "imagenet_history": basics.imagenet_history,
    "chain_terms": chain,
    "curves": optimiser_curves,
    "curves, activations": activation_curves,
    "size_against_accuracy": functools.partial(of_table, basics.size_against_accuracy, "dense_vs_conv"),
    "learning_curves": functools.partial(of_table, basics.learning_curves, "data_size"),
    "two_ways": definitions.two_ways,
    "little_data": functools.partial(of_table, definitions.little_data, "little_data"),
    "day_and_night": functools.partial(of_table, definitions.day_and_night, "day_night"),
    "cost_figure": lambda: definitions.cost_figure(documents.costs(3)),
    "changed_layers": functools.partial(of_table, layers.changed_layers, "cka_finetuning"),
    "source_quality": functools.partial(of_table, layers.source_quality, "source_quality"),
    "distortion": functools.partial(of_table, advice.distortion, "distortion"),
    "image_sheet": functools.partial(sheet, "micrographs"),
    "image_sheet, streets": functools.partial(sheet, "streets_day"),
    "tiles": lambda: plots.tiles(np.random.default_rng(0).random((8, 8, 8)), title="block 3: parts"),
    "tiles, filters": lambda: plots.tiles(
        np.random.default_rng(0).random((32, 3, 3, 3)), 16, "First-layer filters, photographs"
    ),
}


def test_every_figure_of_these_modules_is_looked_at():
    public = {
        name
        for module in (basics, definitions, layers, advice, pictures)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and function.__annotations__.get("return") is Figure
    }
    assert public == {name.split(",")[0] for name in FIGURES}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_legible(name):
    assert faults(FIGURES[name]()) == []


LABS = (
    basics_labs.gradient_lab,
    basics_labs.optimiser_race,
    basics_labs.overfitting_lab,
    definitions_labs.domain_task_lab,
    definitions_labs.night_lab,
    layers_labs.frozen_block_dial,
    layers_labs.transferability_lab,
    layers_labs.feature_map_lab,
    advice_labs.rate_ratio_lab,
)


def settings(control) -> list:
    """First, middle and last of what a control offers."""
    if hasattr(control, "options"):
        values = [option[1] if isinstance(option, tuple) else option for option in control.options]
        return [values[0], values[len(values) // 2], values[-1]]
    return [control.min, (control.min + control.max) // 2, control.max]


@pytest.mark.parametrize("make", LABS, ids=lambda make: make.__name__)
def test_labs_are_legible_wherever_their_controls_stand(make):
    lab = make()
    assert faults(lab._figure) == []
    for name, control in lab.controls.items():
        before = control.value
        for value in settings(control):
            control.value = value
            assert faults(lab._figure) == [], (name, value)
        control.value = before


def test_the_bug_gallery_is_legible_in_every_case():
    gallery = advice_labs.bug_gallery()
    for case in gallery.case.options:
        gallery.case.value = case
        assert faults(gallery._figure) == [], case
