"""Every figure and lab: text has 14 points or more, is complete, and does not overlap other text.

Lecture slides show a figure at most 12 inches wide; a wider one would be shrunk, and its text with it.
"""

import dataclasses
import functools
import inspect
import itertools

import numpy as np
import pandas as pd
import pytest
from legibility import faults
from matplotlib.figure import Figure

from helpers import plots
from helpers.data import documents, duplicates, synthetic
from helpers.data.image_sets import builtin
from helpers.findings import board, rules, sharing
from helpers.findings.held_out import held_out
from helpers.networks import gradients
from helpers.plots import (
    advice,
    basics,
    cited,
    definitions,
    evaluation,
    images,
    layers,
    papers,
    strategies,
    unlabelled,
)
from helpers.plots import board as board_plots
from helpers.strategies import registry
from helpers.strategies.rate_finder import RangeTest
from helpers.studies.engine import statistics, tables
from helpers.widgets import advice as advice_labs
from helpers.widgets import basics as basics_labs
from helpers.widgets import definitions as definitions_labs
from helpers.widgets import layers as layers_labs
from helpers.widgets import sharing as sharing_labs
from helpers.widgets import strategy_lab
from helpers.widgets import tuning as tuning_labs


def optimiser_curves():
    rows = tables.read_results("optimisers")
    rows["way"] = rows["optimiser"] + ", learning rate " + rows["rate"].astype(str)
    return basics.curves(rows, "way", "training loss", "SGD, momentum and Adam", log=True)


def activation_curves():
    rows = tables.read_results("activations").query("depth == 8 and optimiser == 'SGD'")
    title = "Eight hidden layers, handwritten digits, plain SGD"
    return basics.curves(rows, "activation", "test accuracy", title)


def chain():
    return basics.chain_terms(gradients.chain([0.9, -1.2, 0.7, 1.4], [0.1, 0.3, -0.2, 0.05], 0.8, 1.0))


def rebuilt():
    rng, digits = np.random.default_rng(0), np.arange(500) % 10
    images, codes = rng.random((500, 64)), rng.normal(size=(500, 2))
    return basics.rebuilt_digits(images, images / 2, codes + digits[:, None], digits)


def every_way():
    adapted = tables.read_results("adapted_detector").query("images == 40")
    name = "40 night images without labels, BatchNorm of the day detector adapted"
    return definitions.day_and_night(pd.concat([tables.read_results("day_night"), adapted.assign(way=name)]))


def sheet(name):
    data = builtin(name, 20, 0, 0)
    return images.image_sheet(data.X_train, data.y_train)


def of_table(draw, name):
    return draw(tables.read_results(name))


def corners():
    of_shapes = tables.read_results("board").query("source in ['shapes', 'none']")
    return strategies.scenario_board(statistics.summary(of_shapes), board.SMALL, board.LARGE)


def harm():
    table = statistics.summary(tables.read_results("negative_transfer"))
    return strategies.harm_or_help(table, ["micrographs", "streets_night"], [10, 500])


def benefit():
    columns = [("micrographs", "shapes"), ("new_shapes", "shapes")]
    return papers.shrinking_benefit(tables.read_results("board"), columns)


def training_stages():
    history = {name: [0.5, 0.9, 0.6] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    return evaluation.stages([history] * 3, ["head", "last block", "one more"])


def confused(classes):
    names = [f"class number {k}" for k in range(classes)]
    truth = np.repeat(names, 30)
    return evaluation.confusion(truth, np.random.default_rng(0).permutation(truth), names)


def some_images(n):
    return np.random.default_rng(0).integers(0, 255, (n, 32, 32, 3)).astype("uint8")


def mistakes():
    names = np.array(["malignant", "benign"] * 4)
    return evaluation.most_wrong(some_images(8), names, names[::-1], np.ones(8))


def answers():
    names = np.array(["lung_adenocarcinoma", "cup"] * 10)
    sure = np.linspace(0, 1, 20)
    found = held_out(names, np.stack([sure, 1 - sure], axis=1), [f"{k}.jpg" for k in range(20)])
    return evaluation.held_out(some_images(20), found)


def opinions():
    images, heat = some_images(4), np.zeros((4, 32, 32))
    names = ["lung_adenocarcinoma", "benign_tissue", "ant", "bee"]
    return evaluation.two_opinions([images] * 2, [heat, heat * np.nan], [names, names[::-1]], names)


def mapped():
    images = some_images(4)
    return evaluation.class_maps(images, images[..., 0] / 255, ["lung_adenocarcinoma:\nbenign"] * 4)


def copied():
    data = builtin("micrographs", 4, 4, 4)
    data = dataclasses.replace(data, X_validation=data.X_train, X_test=data.X_train)
    return images.copies(data, duplicates.exact(data))


def range_test():
    rates = np.geomspace(1e-6, 1, 100)
    return RangeTest(rates, 2 / (1 + 1e3 * rates) + 0.2 + 40 * rates)


def regrets_of_frozen_strategies():
    frozen = (board.PROBE, board.SVM)
    asked = rules.draws(board.rows(), frozen)
    return rules.summary(rules.regrets(asked, {name: rules.always(name) for name in frozen}))


def verdict_map(drawn):
    """As notebook 05 draws it: one map for drawings, one for photographs."""
    judged = board.verdicts(board.rows())
    return strategies.verdict_map(judged[judged["source"].isin(["shapes", "simclr"]) == drawn])


FIGURES = {
    "earlier_layer": lambda: board_plots.earlier_layer(
        board.head_to_head(board.rows(), board.SVM, board.PROBE)
    ),
    "tuning_worth": lambda: board_plots.tuning_worth(board.tuning_gains(board.rows()), (4, 35)),
    "rule_regrets": lambda: board_plots.rule_regrets(regrets_of_frozen_strategies(), rules.UNLESS),
    "industry_revolutions": cited.industry_revolutions,
    "set_sizes": lambda: cited.set_sizes({"ImageNet": 1_281_167, "photo model": 22_000, "target": 50}),
    "imagenet_history": cited.imagenet_history,
    "rebuilt_digits": rebuilt,
    "chain_terms": chain,
    "curves": optimiser_curves,
    "curves, activations": activation_curves,
    "size_against_accuracy": functools.partial(of_table, basics.size_against_accuracy, "dense_vs_conv"),
    "learning_curves": functools.partial(of_table, basics.learning_curves, "data_size"),
    "two_ways": definitions.two_ways,
    "little_data": functools.partial(of_table, definitions.little_data, "little_data"),
    "day_and_night": functools.partial(of_table, definitions.day_and_night, "day_night"),
    "day_and_night, all ways": every_way,
    "seen_and_unseen": functools.partial(of_table, definitions.seen_and_unseen, "training_bias"),
    "cost_figure": lambda: definitions.cost_figure(documents.costs(3)),
    "edges_to_parts": layers.edges_to_parts,
    "changed_layers": functools.partial(of_table, layers.changed_layers, "cka_finetuning"),
    "source_quality": functools.partial(of_table, layers.source_quality, "source_quality"),
    "range_tests": lambda: advice.range_tests(head=range_test(), backbone=range_test()),
    "distortion": functools.partial(of_table, advice.distortion, "distortion"),
    "scenario_board": corners,
    "verdict_map": functools.partial(verdict_map, drawn=True),
    "verdict_map, photographs": functools.partial(verdict_map, drawn=False),
    "harm_or_help": harm,
    "bars": lambda: strategies.bars(dict.fromkeys(registry.names(), 0.5), "accuracy", 0.1),
    "transferred_blocks": lambda: papers.transferred_blocks(
        tables.read_results("yosinski"), tables.read_results("scratch_catches_up")
    ),
    "longer_training": functools.partial(of_table, papers.longer_training, "scratch_catches_up"),
    "shrinking_benefit": benefit,
    "ranked_sources": lambda: papers.ranked_sources(tables.read_results("model_ranking"), "micrographs"),
    "stages": training_stages,
    "confusion": functools.partial(confused, 12),
    "confusion, many classes": functools.partial(confused, 102),
    "most_wrong": mistakes,
    "class_maps": mapped,
    "two_opinions": opinions,
    "held_out": answers,
    "copies": copied,
    "two_views": lambda: unlabelled.two_views([synthetic.shapes(6, seed)[0] for seed in (1, 2, 3)]),
    "by_source": functools.partial(of_table, unlabelled.by_source, "unlabelled_source"),
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
        for module in (
            basics,
            cited,
            board_plots,
            definitions,
            layers,
            advice,
            images,
            strategies,
            papers,
            evaluation,
            unlabelled,
        )
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
    layers_labs.vgg16_transferability_lab,
    layers_labs.channel_lab,
    advice_labs.rate_ratio_lab,
    sharing_labs.board_lab,
    tuning_labs.surgical_lab,
    tuning_labs.few_parameters_lab,
    tuning_labs.weight_slider_lab,
)


def settings(control) -> list:
    """First, middle and last of what a control offers."""
    if hasattr(control, "options"):
        values = [option[1] if isinstance(option, tuple) else option for option in control.options]
        return [values[0], values[len(values) // 2], values[-1]]
    return [control.min, (control.min + control.max) // 2, control.max]


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_bug_gallery_is_legible_in_every_case():
    gallery = advice_labs.bug_gallery()
    for case in gallery.case.options:
        gallery.case.value = case
        assert faults(gallery._figure) == [], case


def test_the_strategy_lab_and_the_class_board_are_legible_with_every_strategy_on_them():
    lab, together = strategy_lab(), sharing_labs.class_board()
    run = {"target": lab.target.value, "source": "built-in shapes", "setting": "all", "seconds": 1.0}
    for place, (name, count) in enumerate(itertools.product(registry.names(), (5, 50, 500))):
        for seed in (0, 1):
            result = run | {"strategy": name, "images": count, "seed": seed, "accuracy": 0.2 + place / 25}
            lab._runs[name, count, seed] = result
    lab._history = {"accuracy": [0.1, 0.5, 0.9], "val_accuracy": [0.1, 0.4, 0.7]}
    lab._title = "Probe, then fine-tune, 500 images per class, seed 9999"
    for lab.view.value in ("seconds", "images per class"):
        assert faults(lab._figure) == []
    together.lines.value = "\n".join(map(sharing.to_line, lab.results.to_dict("records")))
    together.button.click()
    assert faults(together.figure) == []
