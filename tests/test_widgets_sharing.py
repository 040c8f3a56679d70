import pytest

from helpers import board, sharing
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
    before = lab.picture.value
    lab.lines.value = "\n".join([*lines(), lines()[0], "good morning"])
    lab.button.click()
    assert len(lab.results) == 5 and "±" in lab.table.value
    assert "good morning" in lab.status.value and "1 lines told" in lab.status.value
    assert lab.picture.value != before and "82.0%" in lab.alt


def test_the_target_can_be_chosen_and_nothing_pasted_is_said():
    lab = widgets.class_board()
    lab.button.click()
    assert "No runs" in lab.alt
    lab.lines.value = "\n".join(lines() + lines("micrographs", 2))
    lab.button.click()
    assert lab.target.options == ("new_shapes", "micrographs")
    before = lab.picture.value
    lab.target.value = "micrographs"
    assert lab.picture.value != before


def test_markup_in_a_line_is_shown_as_text():
    lab = widgets.class_board()
    lab.lines.value = "<script>alert(1)</script>"
    lab.button.click()
    assert "<script>" not in lab.status.value


@pytest.mark.parametrize("index", [0, -1])
def test_the_board_lab_tells_where_fine_tuning_overtakes(index):
    lab = widgets.board_lab()
    control = lab.controls["column"]
    control.value = control.options[index]
    first = board.crossing(board.column(board.rows(), *board.columns(board.rows())[index]))
    assert (str(first) if first else "at no measured size") in lab.caption.value
    assert control.value.split(",")[0] in lab.alt
