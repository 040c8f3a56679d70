import numpy as np
import pytest

from helpers.findings import board, sharing
from helpers.widgets import sharing as widgets

RUN = {
    "target": "new_shapes",
    "source": "built-in shapes",
    "strategy": "Linear probe",
    "setting": "last layer",
    "images": 10,
}


def lines(target="new_shapes", seeds=5):
    return [
        sharing.to_line(RUN | {"target": target, "seed": s, "accuracy": 0.8 + s / 100}) for s in range(seeds)
    ]


def test_pasted_lines_become_one_measurement():
    lab = widgets.class_board()
    before = lab.figure_image.value
    lab.lines.value = "\n".join([*lines(), lines()[0], "good morning"])
    lab.button.click()
    assert len(lab.results) == 5 and "±" in lab.table.value
    assert "good morning" in lab.status.value and "Duplicate lines: 1" in lab.status.value
    assert lab.figure_image.value != before and "82.0%" in lab.alt


def test_the_target_can_be_chosen_and_an_empty_field_is_reported():
    lab = widgets.class_board()
    lab.button.click()
    assert "No runs" in lab.alt
    lab.lines.value = "\n".join(lines() + lines("micrographs", 2))
    lab.button.click()
    assert lab.target.options == ("new_shapes", "micrographs")
    before = lab.figure_image.value
    lab.target.value = "micrographs"
    assert lab.figure_image.value != before


def test_markup_in_a_line_is_shown_as_text():
    lab = widgets.class_board()
    lab.lines.value = "<script>alert(1)</script>"
    lab.button.click()
    assert "<script>" not in lab.status.value


@pytest.mark.parametrize(
    "column", ["micrographs, source shapes", "digits, source shapes", "plankton, source MobileNet"]
)
def test_the_board_lab_says_where_fine_tuning_overtakes(column):
    lab = widgets.board_lab()
    lab.controls["column"].value = column
    first = board.crossing(board.column(board.rows(), *column.split(", source ")))
    assert (f"from {first} images" if first else "no measured size") in lab.caption.value
    assert column in lab.alt and "LP-FT" in lab.caption.value


@pytest.mark.parametrize("way", [{"setting": "block3_pool"}, {"source": "built-in photographs"}])
def test_the_figure_shows_what_most_measured_and_says_what_it_leaves_out(way):
    lab = widgets.class_board()
    lucky = sharing.to_line(RUN | way | {"seed": 0, "accuracy": 0.97})
    lab.lines.value = "\n".join([lucky, *lines(seeds=20)])
    lab.button.click()
    ((points, _, (whiskers,)),) = lab.axes[0].containers
    np.testing.assert_allclose(points.get_data(orig=False), [[10], [0.895]])
    assert np.ptp(whiskers.get_segments()[0][:, 1]) > 0.02
    title, page = lab.axes[0].title, lab.figure.bbox
    assert "without 1 other runs" in title.get_text() and "without 1 other runs" in lab.alt
    assert page.x0 < title.get_window_extent().x0 and title.get_window_extent().x1 < page.x1
    assert "97.0%" in lab.table.value and "97.0%" not in lab.alt and "20 runs: 89.5% ±" in lab.alt


def test_the_title_is_short_if_all_runs_are_drawn():
    lab = widgets.class_board()
    lab.lines.value = "\n".join(lines() + lines("micrographs", 2))
    lab.button.click()
    assert lab.axes[0].get_title() == "What the class measured"


def test_lines_that_contradict_each_other_are_shown():
    lab = widgets.class_board()
    one, other = (sharing.to_line(RUN | {"seed": 0, "accuracy": a}) for a in (0.9, 0.1))
    lab.lines.value = f"{one}\n{other}"
    lab.button.click()
    assert "another accuracy" in lab.status.value and other in lab.status.value
    assert "Duplicate lines: 0" in lab.status.value


@pytest.mark.parametrize("images", [1, 5_000, sharing.MOST_IMAGES])
def test_every_accepted_size_is_in_the_figure(images):
    lab = widgets.class_board()
    lab.lines.value = sharing.to_line(RUN | {"images": images, "seed": 0, "accuracy": 0.5})
    lab.button.click()
    least, most = lab.axes[0].get_xlim()
    assert least < images < most
