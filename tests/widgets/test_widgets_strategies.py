import dataclasses
import itertools
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.data.image_sets import SPLITS, builtin
from helpers.findings import lab_grey, sharing
from helpers.networks.backbones import Backbone
from helpers.strategies import LinearProbe, registry
from helpers.widgets import strategies as widgets
from helpers.widgets import two_runs
from helpers.widgets.strategy_dials import SourceDials
from helpers.widgets.two_runs import KEPT, Fitted, TwoRuns


@pytest.fixture
def lab():
    return widgets.strategy_lab(builtin("new_shapes", 20, 10, 10), widgets_backbone())


def widgets_backbone():
    from helpers.networks.backbones import Backbone

    return Backbone("shapes")


def finish(lab, seconds=90):
    limit = time.monotonic() + seconds
    while lab.run_button.disabled:
        assert time.monotonic() < limit, lab.status.value
        time.sleep(0.05)


def test_a_run_joins_the_leaderboard_and_changes_the_figure(lab):
    before = lab.figure_image.value
    lab.run_button.click()
    finish(lab)
    assert "done" in lab.status.value
    assert lab.figure_image.value != before and bytes(lab.figure_image.value).startswith(b"\x89PNG")
    assert lab.board.value.count("<tr>") == 2 and "Linear probe" in lab.board.value


@pytest.mark.slow
def test_repeats_give_an_interval_and_the_same_run_counts_once(lab):
    lab.repeats.value = 3
    for _ in range(2):
        lab.run_button.click()
        finish(lab)
    assert lab.results["seed"].tolist() == [0, 1, 2]
    assert "±" in lab.board.value


def knows_all(strategy, data, *given):
    """Make a strategy answer without training; for tests in which that would only take time."""
    strategy.predict, strategy.trainable_parameters_ = lambda X: data.y_validation, 1
    return 0.1


def test_dials_that_move_during_a_run_are_for_the_next_one(lab):
    """Repeats of a run are of one strategy, the one that its row names."""
    lab.repeats.value = 3
    trained, run = [], widgets.runner.fit

    def moved(strategy, *args, **options):
        trained.append(type(strategy).__name__)
        lab.strategy.value, lab.seed.value, lab.images.value = "From scratch", 7, lab.images.options[0]
        return run(strategy, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(widgets.runner, "fit", moved)
        lab.run_button.click()
        finish(lab)
    assert trained == ["LinearProbe"] * 3
    assert lab.results["strategy"].tolist() == ["Linear probe"] * 3
    assert lab.results["seed"].tolist() == [0, 1, 2]
    assert lab.results["images"].nunique() == 1


def test_each_source_sees_own_images_at_its_size(monkeypatch):
    from helpers.networks.backbones import Backbone

    data = builtin("new_shapes", 5, 5, 5)
    large = {f"X_{part}": data.split(part).X.repeat(3, axis=1).repeat(3, axis=2) for part in SPLITS}
    lab = widgets.strategy_lab(dataclasses.replace(data, **large), Backbone("photos"), Backbone("shapes"))
    assert lab.source.options == (("photos (64 pixels)", "photos"), ("shapes (32 pixels)", "shapes"))
    seen = []

    def run(strategy, data, *args, **options):
        seen.append((getattr(strategy, "backbone", None), data.X_train.shape[1]))
        return knows_all(strategy, data)

    monkeypatch.setattr(widgets.runner, "fit", run)
    for source, strategy in (
        ("photos", "Linear probe"),
        ("shapes", "Linear probe"),
        ("shapes", "From scratch"),
    ):
        lab.source.value, lab.strategy.value = source, strategy
        lab.run_button.click()
        finish(lab)
    assert seen == [(Backbone("photos"), 64), (Backbone("shapes"), 32), (None, 64)]
    assert lab.results["source"].tolist() == ["photos", "shapes", "shapes"]


def test_own_images_get_the_imagenet_models_that_are_at_hand(monkeypatch):
    from helpers.networks import default_sources
    from helpers.networks.backbones import Backbone

    small = Backbone("MobileNet", "random", {"alpha": 0.25})
    monkeypatch.setattr(default_sources, "at_hand", lambda: [small])
    monkeypatch.setattr(widgets, "networks_at_hand", lambda: [small.title])
    data, ran = builtin("new_shapes", 5, 5, 5), []

    def run(strategy, *args, **options):
        ran.append(getattr(strategy, "backbone", None))
        return knows_all(strategy, data)

    monkeypatch.setattr(widgets.runner, "fit", run)
    lab = widgets.strategy_lab(data)
    photos, shapes = ("photographs (Tiny ImageNet)", "built-in shapes")
    assert lab.source.value == photos
    unlabelled = "shapes without labels (SimCLR, after the lecture)"
    assert [value for _, value in lab.source.options] == [shapes, photos, unlabelled, small.title]
    assert lab.source.options[-1][0] == f"{small.title} (32 instead of 224 pixels)", "the images are smaller"
    for lab.source.value in (photos, small.title):
        lab.run_button.click()
        finish(lab)
    assert ran == [Backbone("photos"), small]
    given = widgets.strategy_lab(data, Backbone("shapes"))
    assert [value for _, value in given.source.options] == ["shapes"]


def test_the_drawings_get_them_too_at_their_own_size(monkeypatch):
    from helpers.networks import default_sources
    from helpers.networks.backbones import Backbone

    small, ran = Backbone("MobileNet", "random", {"alpha": 0.25}), []
    monkeypatch.setattr(default_sources, "at_hand", lambda: [small])
    monkeypatch.setattr(widgets, "networks_at_hand", lambda: [small.title])

    def run(strategy, data, *args, **options):
        ran.append((getattr(strategy, "backbone", None), data.X_train.shape[1]))
        return knows_all(strategy, data)

    monkeypatch.setattr(widgets.runner, "fit", run)
    lab = widgets.strategy_lab()
    assert lab.source.options[-1] == (f"{small.title} (32 instead of 224 pixels)", small.title)
    lab.source.value = small.title
    lab.run_button.click()
    finish(lab)
    assert ran == [(small, 32)]
    lab.strategy.value = "Earlier-layer SVM"
    assert "conv_pw_1_relu" in lab.depth.options, "the dials are those of this network"


def test_a_deep_network_has_maps_of_small_images_too():
    """At 32 pixels, the last layers of MobileNet have one place, so an earlier one gives the map."""
    data = builtin("new_shapes", 5, 5, 5)
    probe = LinearProbe(Backbone("MobileNet", "random", {"alpha": 0.25})).fit(data.X_train, data.y_train)
    fitted = Fitted(probe, data)
    (heat,) = two_runs._maps(fitted, [0], fitted.answers[:1])
    assert heat.shape == (32, 32) and np.ptp(heat) > 0


def test_a_network_with_layers_of_other_names_can_be_probed():
    """EfficientNet has no layer called pool or relu: the last one is offered."""
    from helpers.networks.backbones import Backbone

    lab = widgets.strategy_lab(builtin("new_shapes", 5, 5, 5), Backbone("EfficientNetV2B0", "random"))
    assert lab.depth.value == Backbone("EfficientNetV2B0", "random").layer_names[-1]


def test_training_waits_for_few_drawings(lab, monkeypatch):
    drawn = []
    monkeypatch.setattr(lab, "_draw", lambda: drawn.append(time.sleep(0.1)))
    lab._history = {"accuracy": [], "val_accuracy": []}
    show = lab._on_epoch(0, 1, SimpleNamespace(epochs_=9))
    for epoch in range(8):
        show(epoch, {"accuracy": 0.5, "val_accuracy": 0.5})
    assert len(drawn) == 1, "eight short epochs take less time than the drawing"
    time.sleep(0.1 * widgets.TRAINING_SHARE + 0.1)
    show(8, {"accuracy": 0.5, "val_accuracy": 0.5})
    assert len(drawn) == 2 and len(lab._history["accuracy"]) == 9


def test_stop_keeps_the_lab_alive_and_off_the_board(lab):
    lab.strategy.value = "Full fine-tune"
    lab.run_button.click()
    while not lab._history.get("accuracy") and lab.run_button.disabled:
        time.sleep(0.02)
    lab.stop_button.click()
    finish(lab, 10)
    assert "stopped" in lab.status.value and lab.results.empty
    lab.strategy.value = "Linear probe"
    lab.run_button.click()
    finish(lab)
    assert len(lab.results) == 1


def test_run_pressed_five_times_runs_once(lab, monkeypatch):
    calls = []
    monkeypatch.setattr(
        widgets.runner,
        "fit",
        lambda *given, **watch: calls.append(1) or time.sleep(0.3) or knows_all(*given),
    )
    for _ in range(5):
        lab.run_button.click()
    finish(lab)
    assert len(calls) == 1


def test_an_error_is_shown_and_the_lab_goes_on(lab, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("the <rate> is too high")

    monkeypatch.setattr(widgets.runner, "fit", fail)
    lab.run_button.click()
    finish(lab)
    assert "error" in lab.status.value and "&lt;rate&gt;" in lab.status.value


@pytest.mark.parametrize("name", [*registry.names(), *registry.names_after_lecture()])
def test_every_strategy_has_its_dials(lab, name):
    lab.strategy.value = name
    assert lab.head_rate.disabled == (not registry.get(name).trains_network)
    assert lab.depth.value in lab.depth.options
    strategy, setting = lab._strategy(lab._chosen())
    assert setting and type(strategy).__name__.lower()[:4] == re.sub("[- ]", "", name).lower()[:4]


def test_newer_strategies_come_last_and_say_so_and_can_be_run_and_shared(lab):
    labels = [label for label, _ in lab.strategy.options]
    newer = ("L2-SP", "Head2Toe", "Surgical fine-tune", "Few parameters")
    assert labels == [*registry.names(), *(f"after the lecture: {name}" for name in newer)]
    assert not {*registry.cheapest_first()} & {*registry.names_after_lecture()}
    lab.strategy.value = "Head2Toe"
    lab.run_button.click()
    finish(lab)
    assert "done" in lab.status.value and "Head2Toe" in lab.board.value
    assert "Head2Toe, 20 per class" in lab.alt and len(lab._axes[1].containers) == 1
    assert sharing.from_line(lab.lines.value)["strategy"] == "Head2Toe"
    lab.strategy.value, lab.depth.value = "Few parameters", "LoRA"
    lab.run_button.click()
    finish(lab)
    assert lab.results["setting"].tolist() == ["all", "LoRA, rates 3e-3 / 1e-2"]
    lab.two_runs.button.click()  # Head2Toe has no map of one layer: its images are shown without
    finish(lab)
    assert lab.two_runs.status.value.startswith("Different answers for ")


def test_sizes_stop_at_what_the_data_has(lab):
    assert lab.images.options == (5, 10, 20)


def test_opened_without_data_it_offers_the_builtin_targets_and_knows_the_layers():
    lab = widgets.strategy_lab()
    assert lab.target.options == ("new_shapes", "micrographs", "streets_day", "streets_night")
    shipped, backbone = SourceDials("built-in shapes"), widgets_backbone()
    assert set(shipped.layers) <= set(backbone.layer_names) and tuple(shipped.blocks) == backbone.blocks
    for name in registry.names():
        assert shipped.first(name) == SourceDials("built-in shapes", backbone).first(name)


def test_one_press_runs_all_strategies_the_cheapest_first_and_gives_a_verdict(lab, monkeypatch):
    ran, run = [], widgets.runner.fit

    def quick(strategy, *args, **options):
        ran.append(type(strategy).__name__)
        assert "validation" not in options, "it would take a quarter of the time"
        if "epochs" in strategy.get_params():
            strategy.set_params(epochs=1)
        return run(strategy, *args, **options)

    monkeypatch.setattr(widgets.runner, "fit", quick)
    lab.images.value, lab.repeats.value = 5, 2
    lab.every_button.click()
    finish(lab)
    order = ["LinearProbe", "EarlierLayerSVM", "FineTune", "FullFineTune", "ProbeThenFineTune", "FromScratch"]
    assert ran == [name for name in order for _ in range(2)]
    assert lab.status.value.startswith("done: 12 runs") and lab.progress.value == 1
    assert set(lab.results["strategy"]) == set(registry.names())
    assert "Best over 2 seeds: " in lab.verdict.value and "new_shapes, 5 images" in lab.verdict.value
    assert len(lab.lines.value.splitlines()) == 12
    assert lab._history["val_accuracy"] == [] and len(lab._history["accuracy"]) == 1


def test_stop_ends_all_runs_and_what_has_finished_stays(lab, monkeypatch):
    finished, run = [], widgets.runner.fit

    def stopped_later(strategy, *args, **options):
        if len(finished) == 2:
            lab.stop_button.click()
        finished.append(strategy)
        return run(strategy, *args, **options)

    monkeypatch.setattr(widgets.runner, "fit", stopped_later)
    lab.every_button.click()
    finish(lab)
    assert len(finished) == 3 and len(lab.results) == 2 and "stopped" in lab.status.value
    assert not lab.every_button.disabled
    assert "2 of 6 strategies: Highest with this one seed: " in lab.verdict.value
    assert "the second: +" in lab.verdict.value and "95 % interval from " in lab.verdict.value


@pytest.mark.parametrize("target", widgets.image_sets.BUILTIN[1:])
def test_before_anything_ran_stored_results_are_drawn_in_grey(target):
    lab = widgets.strategy_lab()
    axis, lab.target.value = lab._axes[1], target
    for source, view in itertools.product(lab._shipped, widgets.VIEWS):
        lab.source.value, lab.view.value = source, view
        assert {line.get_color() for line in axis.lines} == {"#AAAAAA"} and len(axis.lines) == 6
        assert axis.get_title().startswith("Grey: stored ") and "In grey, stored " in lab.alt
        low, high = axis.get_xlim()
        drawn = [x for line in axis.lines for x in line.get_xdata()]
        assert low < min(drawn) and max(drawn) < high


def test_grey_is_the_board_where_it_has_a_pair_and_single_runs_elsewhere():
    tuned, single = lab_grey.stored("new_shapes", "shapes"), lab_grey.stored("new_shapes", "photos")
    assert "tuned" in tuned.says and "default" in single.says
    assert tuned.table["runs"].max() == 10 and {5, 20, 100} == {*single.table["images"]}
    cost = lab_grey.stored("new_shapes", "shapes", by_seconds=True).table.set_index(["strategy", "images"])
    assert cost.seconds["Linear probe", 20] < cost.seconds["Full fine-tune", 20]
    frozen = lab_grey.stored("new_shapes", "VGG16").table
    assert {*frozen["strategy"]} == {"Linear probe", "Earlier-layer SVM", "From scratch"}
    assert lab_grey.stored("new_shapes", "").says == "only from scratch, default settings"
    assert lab_grey.stored("my images", "photos") is lab_grey.stored("my images", "photos", True) is None


def test_the_second_view_shows_accuracy_against_seconds(lab):
    lab.run_button.click()
    finish(lab)
    lab.view.value = "seconds"
    axis = lab._axes[1]
    (run,) = lab.results.itertuples()
    coloured = [line for line in axis.lines if line.get_color() != "#AAAAAA"]
    assert axis.get_xlabel().startswith("seconds") and coloured[0].get_xdata()[0] == run.seconds
    assert "accuracy by seconds" in lab.alt and f" after {run.seconds:.1f} s" in lab.alt


def test_two_runs_are_compared_image_by_image(lab):
    two = lab.two_runs
    lab.run_button.click()
    finish(lab)
    assert two.button.disabled
    lab.strategy.value = "Earlier-layer SVM"
    lab.run_button.click()
    finish(lab)
    assert "Linear probe" in two.one.value and "Earlier-layer SVM" in two.other.value
    two.button.click()
    finish(lab)
    assert two.status.value.startswith("Different answers for ") and two.image.layout.display is None
    assert bytes(two.image.value).startswith(b"\x89PNG") and "True:" in two.image.tooltip
    two.other.value = two.one.value
    assert two.status.value == "Press <i>Compare images</i>." and two.image.layout.display == "none"
    two.button.click()
    finish(lab)
    assert "same answer for all 100 images" in two.status.value and two.image.layout.display == "none"


def test_runs_of_two_targets_are_not_compared(lab):
    fitted = [Fitted(None, builtin(name, 5, 5, 5)) for name in ("new_shapes", "micrographs")]
    for name, each in zip("ab", fitted, strict=True):
        lab.two_runs.add(name, each)
    lab.two_runs._compare_images()
    assert "different targets" in lab.two_runs.status.value


def test_a_comparison_of_runs_that_are_no_longer_chosen_is_not_shown():
    two = TwoRuns(lambda work: work())
    data = builtin("streets_day", 5, 5, 5)

    def predict(X):
        two.one.value = "c"  # somebody moves a menu meanwhile
        return data.y_validation

    for name in "abc":
        two.add(name, Fitted(SimpleNamespace(predict=predict), data))
    two.one.value, two.other.value = "a", "b"
    two.button.click()
    assert two.status.value == "Press <i>Compare images</i>."


def test_only_the_latest_runs_stay_in_memory_and_the_latest_of_each_kind():
    two, data = TwoRuns(lambda work: work()), builtin("streets_day", 5, 5, 5)
    two.add("first of its kind", Fitted("a strategy", data))
    for k in range(KEPT + 1):
        assert two.dropped.value == "" or k == KEPT
        two.add(f"run {k}", Fitted(None, data))
    assert len(two.one.options) == KEPT and "first of its kind" in two.one.options
    assert {"run 0", "run 1"}.isdisjoint(two.one.options) and two.other.value == f"run {KEPT}"
    assert "dropped to save memory" in two.dropped.value
    assert "<li>run 0</li><li>run 1</li>" in two.dropped.value
    two.add("run 0", Fitted(None, data))  # it is run again
    assert "run 0" in two.one.options and "<li>run 0</li>" not in two.dropped.value


def test_a_saved_page_shows_the_figure(lab):
    data, _ = lab._repr_mimebundle_()
    assert "image/png" in data


def test_works_blocking_as_in_colab(lab, monkeypatch):
    monkeypatch.setattr(widgets, "runs_in_background", lambda: False)
    lab.run_button.click()
    assert not lab.run_button.disabled and len(lab.results) == 1


def test_real_photographs_in_the_lab(real_data):
    from helpers.data.image_sets import from_folder

    lab = widgets.strategy_lab(from_folder(real_data("hymenoptera")))
    assert lab.source.value == "photographs (Tiny ImageNet)"
    lab.run_button.click()
    finish(lab)
    (run,) = lab.results.itertuples()
    assert run.accuracy > 0.5 and np.isfinite(run.seconds)


def test_import_is_instant_and_loads_no_tensorflow():
    code = (
        "import time, sys; t = time.perf_counter(); import helpers; "
        "print(time.perf_counter() - t, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ},
    ).stdout.split()
    assert float(out[0]) < 0.5 and out[1:] == ["False", "False"]


def test_the_lab_opens_without_loading_tensorflow():
    code = (
        "import sys; from helpers.widgets import strategy_lab; strategy_lab(); "
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout.split()
    assert out == ["False", "False"]


def test_the_curve_follows_a_few_images_and_the_board_scores_all():
    data = builtin("new_shapes", 5, 40, 0)
    X, y = widgets.watched(data)
    assert len(X) == len(y) == widgets.WATCHED < len(data.y_validation)
    assert set(y) == set(data.classes)


def test_rates_start_from_those_of_the_chosen_source():
    from helpers.networks.backbones import Backbone

    mobilenet = Backbone("MobileNet", "random", (("alpha", 0.25),))
    lab = widgets.strategy_lab(builtin("new_shapes", 5, 5, 5), widgets_backbone(), mobilenet)
    for backbone in (mobilenet, widgets_backbone()):
        lab.source.value = backbone.title
        lab.strategy.value = "Full fine-tune"
        assert (float(lab.head_rate.value), float(lab.base_rate.value)) == backbone.rates
        lab.strategy.value = "Probe, then fine-tune"
        assert float(lab.head_rate.value) == float(lab.base_rate.value) == backbone.rates.backbone
