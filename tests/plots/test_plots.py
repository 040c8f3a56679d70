import numpy as np
import pandas as pd
import pytest

from helpers import plots
from helpers.data import synthetic
from helpers.plots import basics, definitions, evaluation, layers
from helpers.strategies import registry
from helpers.studies.training_bias import TRAINED


def line(strategy, images, mean=0.5, interval=0.1, target="new_shapes"):
    return {"strategy": strategy, "images": images, "mean": mean, "interval": interval, "target": target}


def test_every_strategy_has_its_own_colour_and_marker():
    entries = registry.REGISTRY.values()
    assert len({e.colour for e in entries}) == len({e.marker for e in entries}) == len(entries)


def test_text_is_legible_on_a_projector():
    drawing = plots.scenario_board(pd.DataFrame([line("Linear probe", 10)]), 10, 100)
    sizes = [text.get_fontsize() for axis in drawing.axes for text in axis.texts]
    sizes += [label.get_fontsize() for axis in drawing.axes for label in axis.get_xticklabels()]
    assert min(sizes) >= 14


def test_the_alternative_text_of_the_board_names_what_it_draws_and_nothing_else():
    cells = [(t, n) for t in ("new_shapes", "micrographs") for n in (10, 100)]
    inside = [line("Linear probe", n, 0.25, target=t) | {"source": "shapes"} for t, n in cells]
    outside = [
        line("Linear probe", 10, 0.75, target="digits"),
        line("Linear probe", 50, 0.75),
        line("Nearest colours", 10, 0.75),
    ]
    outside = [row | {"source": "shapes"} for row in outside]
    board = plots.scenario_board(pd.DataFrame(outside + inside), 10, 100)
    harm = plots.harm_or_help(pd.DataFrame(outside[:2] + inside), ["new_shapes", "micrographs"], [10, 100])
    for drawing in (board, harm):
        assert sum(len(axis.texts) for axis in drawing.axes) == drawing.alt.count("25.0%") == 4
        assert "75.0%" not in drawing.alt and "digits" not in drawing.alt


def test_lab_figure_shows_the_curve_and_the_points():
    drawing, axes = plots.figure(columns=2)
    history = {"accuracy": [0.2, 0.4], "val_accuracy": [0.1, 0.3]}
    rows = pd.DataFrame([line("Linear probe", 10, 0.6), line("Linear probe", 100, 0.8)])
    first = plots.lab_figure(drawing, axes, history, "a run", rows)
    assert first.startswith(b"\x89PNG")
    np.testing.assert_array_equal(axes[0].lines[1].get_ydata(), [0.1, 0.3])
    np.testing.assert_array_equal(axes[1].lines[0].get_xdata(), [10, 100])
    assert plots.lab_figure(drawing, axes, {}, "a run", rows) != first


def test_the_axis_of_a_single_epoch_counts_in_whole_epochs():
    drawing, axes = plots.figure(columns=2)
    rows = pd.DataFrame([line("Linear probe", 10, 0.6)])
    plots.lab_figure(drawing, axes, {"accuracy": [0.2], "val_accuracy": [0.1]}, "a run", rows)
    assert [tick for tick in axes[0].get_xticks() if tick != round(tick)] == []


def test_one_run_has_no_whisker_but_is_drawn():
    drawing, axes = plots.figure(columns=2)
    plots.lab_figure(drawing, axes, {}, "", pd.DataFrame([line("Fine-tune", 5, 0.5, float("nan"))]))
    assert axes[1].lines[0].get_ydata() == [0.5]


@pytest.mark.parametrize("per_class", [1, 4])
def test_image_sheet_has_one_row_per_class(per_class):
    X, y = synthetic.streets(40, seed=1)
    (axis,) = plots.image_sheet(X, y, per_class).axes
    sheet = np.asarray(axis.images[0].get_array())
    assert sheet.shape == (2 * 36 - 4, per_class * 36 - 4, 3)
    np.testing.assert_array_equal(sheet[36:68, :32], X[y == 1][0])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["0", "1"]


def test_a_sheet_of_few_images_leaves_the_rest_white():
    X, y = synthetic.streets(4, seed=1)
    (axis,) = plots.image_sheet(X, y, 10).axes
    assert (np.asarray(axis.images[0].get_array())[:, -32:] == 255).all()


def test_a_figure_shows_itself_with_alternative_text():
    data, extra = plots.image_sheet(*synthetic.streets(10, seed=1), 2)._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR") and "classes 0, 1" in extra["image/png"]["alt"]


def test_source_quality_draws_the_source_the_targets_and_the_naive_model():
    rows = [
        {"target": t, "epochs": e, "seed": s, "naive_on_source": 0.12, "source_accuracy": a, "accuracy": b}
        for t, e, a, b in (
            ("near", 0, 0.1, 0.2),
            ("near", 8, 0.8, 0.7),
            ("far", 0, 0.1, 0.5),
            ("far", 8, 0.8, 0.6),
        )
        for s in (0, 1)
    ]
    drawing = layers.source_quality(pd.DataFrame(rows))
    texts = drawing.alt.split("; ")
    assert texts[0] == "source task: 10% after 0 epochs, 80% after 8"
    assert texts[1:3] == ["near: 20% after 0 epochs, 70% after 8", "far: 50% after 0 epochs, 60% after 8"]
    assert texts[3] == "naive model, source task: 12%"
    (axis,) = drawing.axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0", "8"]
    assert len(drawing.legends[0].get_texts()) == 4


def test_a_wide_sheet_of_tiles_stays_on_the_slide():
    drawing = plots.tiles(np.zeros((20, 3, 3)), 20)
    assert drawing.get_figwidth() == pytest.approx(12)


def test_figures_of_two_threads_do_not_change_the_settings_of_the_reader():
    """A lab draws in a thread while the kernel draws; the settings belong to the whole process."""
    import threading

    import matplotlib

    from helpers.plots.style import figure, png

    before = dict(matplotlib.rcParams)
    threads = [threading.Thread(target=lambda: [png(figure()[0]) for _ in range(15)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(matplotlib.rcParams) == before


def test_a_thick_frame_marks_what_a_detector_was_trained_on():
    kinds = [f"{label}_by_{when}" for label in ("pedestrian", "empty") for when in ("day", "night")]
    rows = pd.DataFrame(
        {"trained": name, "seed": seed} | dict.fromkeys(kinds, 0.5 + 0.1 * seed)
        for name in TRAINED
        for seed in (0, 1)
    )
    drawing = definitions.seen_and_unseen(rows)
    framed = [sum(square.get_linewidth() > 2 for square in axis.patches) for axis in drawing.axes]
    assert framed == [2, 2, 4]
    assert drawing.alt.count("(trained on) 55%") == sum(framed)


def test_rebuilt_digits_need_all_ten():
    images, codes = np.zeros((9, 64)), np.zeros((9, 2))
    with pytest.raises(ValueError, match="Missing: 9"):
        basics.rebuilt_digits(images, images, codes, np.arange(9))


@pytest.mark.parametrize("heat", [np.nan, 0.0, 1.0], ids=["none", "nothing", "one place"])
def test_a_map_that_is_equal_everywhere_is_not_drawn_as_one(heat):
    X, slope = np.zeros((1, 8, 8, 3), np.uint8), np.linspace(0, 1, 64).reshape(1, 8, 8)
    drawing = evaluation.two_opinions([X, X], [slope, slope * 0 + heat], [["cat"], ["dog"]], ["cat"])
    titles = [axis.get_title().replace("\n", " ") for axis in drawing.axes]
    assert titles == ["true: cat", "A, right: cat", "B, wrong, no map: dog"]
    assert [len(axis.images) for axis in drawing.axes] == [1, 2, 1]
