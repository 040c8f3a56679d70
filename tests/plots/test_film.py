"""The replay draws the same recording in both ways."""

import time

import numpy as np
import pytest
from legibility import faults

from helpers.plots.replay import Film, stills
from helpers.plots.style import figure
from helpers.studies.engine.recording import Recording


@pytest.fixture(scope="module")
def film():
    drawing, axes = figure(12, 8, columns=3, rows=2)
    return Film(drawing, axes, Recording.load()), drawing, axes


def test_stills_show_the_codes_of_every_way():
    recording = Recording.load()
    drawing = stills(recording, (0, -1))
    assert len(drawing.axes) == 6 and drawing.alt.count("validation accuracy") == 6
    shown = np.concatenate([points.get_xydata() for points in drawing.axes[1].lines])
    assert sorted(map(tuple, shown)) == sorted(map(tuple, recording.codes[0, -1].astype(float)))
    assert not faults(drawing)


def test_the_film_moves_the_points_and_leaves_the_rest(film):
    film, drawing, axes = film
    first, again, last = film.png(0), film.png(0), film.png(20)
    assert first == again != last
    shown = np.concatenate([points.get_xydata() for points in axes[0].lines])
    assert sorted(map(tuple, shown)) == sorted(map(tuple, film.recording.codes[0, 20].astype(float)))
    assert axes[3].lines[-1].get_xdata()[0] == film.recording.steps[20]
    assert not faults(drawing)


def test_a_step_is_drawn_in_under_50_milliseconds(film):
    film, took = film[0], []
    for record in range(10):
        started = time.process_time()  # whatever else this computer does
        film.png(record)
        took.append(time.process_time() - started)
    assert min(took) < 0.05


def test_no_code_lies_outside_the_frame(film):
    film, _, axes = film
    codes = film.recording.codes.astype(float)
    (left, right), (bottom, top) = axes[0].get_xlim(), axes[0].get_ylim()
    assert left < codes[..., 0].min() and codes[..., 0].max() < right
    assert bottom < codes[..., 1].min() and codes[..., 1].max() < top
