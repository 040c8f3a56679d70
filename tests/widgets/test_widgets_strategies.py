import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from helpers.data.image_sets import SPLITS, builtin
from helpers.strategies import registry
from helpers.widgets import strategies as widgets


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


def test_dials_that_move_during_a_run_are_for_the_next_one(lab):
    """Repeats of a run are of one strategy, the one that its row names."""
    lab.repeats.value = 3
    trained, run = [], widgets.runner.run

    def moved(strategy, *args, **options):
        trained.append(type(strategy).__name__)
        lab.strategy.value, lab.seed.value, lab.images.value = "From scratch", 7, lab.images.options[0]
        return run(strategy, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(widgets.runner, "run", moved)
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
        return {"accuracy": 0.5, "seconds": 0.1, "trainable_parameters": 1}

    monkeypatch.setattr(widgets.runner, "run", run)
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


def test_a_network_with_layers_of_other_names_can_be_probed():
    """EfficientNet has no layer called pool or relu: the last one is offered."""
    from helpers.networks.backbones import Backbone

    lab = widgets.strategy_lab(builtin("new_shapes", 5, 5, 5), Backbone("EfficientNetV2B0", "random"))
    assert lab.depth.value == Backbone("EfficientNetV2B0", "random").layer_names[-1]


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
        "run",
        lambda *a, **k: (
            calls.append(1) or time.sleep(0.3) or {"accuracy": 0.5, "seconds": 0.3, "trainable_parameters": 1}
        ),
    )
    for _ in range(5):
        lab.run_button.click()
    finish(lab)
    assert len(calls) == 1


def test_an_error_is_shown_and_the_lab_goes_on(lab, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("the <rate> is too high")

    monkeypatch.setattr(widgets.runner, "run", fail)
    lab.run_button.click()
    finish(lab)
    assert "error" in lab.status.value and "&lt;rate&gt;" in lab.status.value


@pytest.mark.parametrize("name", registry.names())
def test_every_strategy_has_its_dials(lab, name):
    lab.strategy.value = name
    assert lab.head_rate.disabled == (not registry.get(name).trains_network)
    assert lab.depth.value in lab.depth.options
    strategy, setting = lab._strategy(lab._chosen())
    assert setting and type(strategy).__name__.lower()[:4] == name.replace("-", "").lower()[:4].replace(
        " ", ""
    )


def test_sizes_stop_at_what_the_data_has(lab):
    assert lab.images.options == (5, 10, 20)


def test_opened_without_data_it_offers_the_builtin_targets_and_knows_the_layers():
    lab = widgets.strategy_lab()
    assert lab.target.options == ("new_shapes", "micrographs", "streets_day", "streets_night")
    assert set(lab._layer_names()) <= set(widgets_backbone().layer_names)
    assert tuple(lab._block_names()) == widgets_backbone().blocks


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
