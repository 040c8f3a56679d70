"""The replay lab follows its slider and can record anew."""

import dataclasses
import time

import pytest

from helpers.studies import replay
from helpers.widgets import replay as widgets
from helpers.widgets.figure_lab import options


@pytest.fixture
def lab():
    return widgets.replay_lab()


def finish(lab):
    limit = time.monotonic() + 10
    while lab.record_button.disabled:
        assert time.monotonic() < limit, lab.status.value
        time.sleep(0.02)


def test_the_slider_moves_the_training_in_under_50_milliseconds(lab):
    steps, took = lab.controls["step"], []
    assert [value for _, value in options(steps)] == list(range(0, 41, 2)) and steps.continuous_update
    for step in range(2, 20, 2):
        before, started = bytes(lab.figure_image.value), time.process_time()
        steps.value = step
        took.append(time.process_time() - started)
        assert bytes(lab.figure_image.value) != before
    assert min(took) < 0.05
    assert lab.alt.count(f"step {steps.value}: validation accuracy") == 3


def test_a_new_recording_replaces_the_first(lab, monkeypatch):
    asked = []

    def record(seed, on_progress):
        asked.append(seed)
        on_progress(1.0)
        return dataclasses.replace(lab._recording, accuracy=lab._recording.accuracy * 0)

    monkeypatch.setattr(replay, "record", record)
    before = lab.alt
    for _ in range(2):
        lab.record_button.click()
        finish(lab)
    assert asked == [1, 2] and "seed 2" in lab.status.value and lab.progress.value == 1
    assert lab.alt != before and lab.alt.count("validation accuracy 0.0%") == 3


def test_an_error_is_shown_and_the_old_recording_stays(lab, monkeypatch):
    def fail(seed, on_progress):
        raise ValueError("no <room>")

    monkeypatch.setattr(replay, "record", fail)
    before = lab.alt
    lab.record_button.click()
    finish(lab)
    assert "no &lt;room&gt;" in lab.status.value and lab.alt == before


def test_works_blocking_as_in_colab(lab, monkeypatch):
    monkeypatch.setattr(widgets, "runs_in_background", lambda: False)
    monkeypatch.setattr(replay, "record", lambda seed, on_progress: lab._recording)
    lab.record_button.click()
    assert not lab.record_button.disabled and "seed 1" in lab.status.value
