"""The data, the texts and the replies around exercises: what they show, and what they keep back."""

import nbformat
import numpy as np
import pytest

from helpers.authoring.opening import NOTEBOOKS
from helpers.exercises import checks


def test_the_rows_without_names_are_those_of_the_study():
    from helpers.data.judging_shifts import FIRST_SHIFTS
    from helpers.exercises import shift_rows

    rows = shift_rows.anonymous()
    assert sorted(shift_rows.NAMES.values()) == sorted(FIRST_SHIFTS)
    assert rows.loc["D", "nothing"] == "0 %" and list(rows.columns) == shift_rows.PARTS
    right = dict(zip("ABCDEF", ("the classes", *["the inputs"] * 2, "the labels"), strict=False))
    right |= {"E": "hardly anything", "F": "the inputs and the labels"}
    assert checks.check("09.2", right).right
    assert "Look at the untouched network" in checks.check("09.2", right | {"C": "the labels"}).text
    assert checks.check(
        "09.2", right | {"E": "the inputs"}
    ).right  # pixelated inputs differ, and hardly matter
    for cause in ("the classes", "the labels", "the inputs and the labels"):
        text = checks.check("09.2", right | {"E": cause}).text
        assert "'E'. The untouched network is right for most images" in text and "head" not in text


def test_no_text_beside_the_rows_without_names_tells_what_they_are():
    from helpers.exercises import shift_rows

    cells = nbformat.read(NOTEBOOKS / "09_after_the_lecture.ipynb", 4).cells
    texts = "\n".join(cell.source for cell in cells)
    assert not [name for name in shift_rows.NAMES.values() if f"*{name}*" in texts]


def test_results_of_several_parts_are_compared_part_by_part():
    from helpers.exercises.kinds import function

    test = function([(("a",), ([1, 0], 0.5))], "parts")
    assert test(lambda text: (np.array([1, 0]), 0.5)) is None and test(lambda text: [[1, 0], 0.5]) is None
    for wrong in (([1, 0],), ([1, 1], 0.5), (0.5, [1, 0]), "a", [[1, 0], 0.5, 0]):
        assert "is expected" in test(lambda text, wrong=wrong: wrong)


def test_arguments_of_a_reply_are_short():
    from helpers.exercises.kinds import function

    def given(x):
        return x

    reply = function([((np.zeros((4, 8)), given), 1)], "f")(lambda *_: 2)
    assert reply == "f(an array of shape (4, 8), given) returns 2, but 1 is expected."


def test_exercise_08_6_shows_framed_images_and_tells_no_width():
    from helpers.exercises.frames import WIDTH

    cells = nbformat.read(NOTEBOOKS / "08_your_own_images.ipynb", 4).cells
    (place,) = (k for k, cell in enumerate(cells) if 'check("08.6"' in cell.source)
    assert "framed(" in cells[place - 1].source and "image/png" in cells[place - 1].outputs[0].data
    words = ("two pixels", f"{WIDTH} pixels")
    assert not [word for word in words for hint in checks.exercises("08")["08.6"].hints if word in hint]


def test_two_of_the_stored_reports_are_wrong_and_one_of_them_by_sorted_names():
    from helpers.exercises.reports import accuracy, reports

    own = {letter: (r.reported, accuracy(*r[:3])) for letter, r in reports().items()}
    by_sorted = {k: accuracy(r.scores, sorted(r.classes), r.truth) for k, r in reports().items()}
    assert [k for k, (reported, right) in own.items() if reported != right] == ["B", "C"]
    assert [k for k, (reported, _) in own.items() if reported == by_sorted[k]] == ["A", "C"]
    assert own["C"][0] != 1 - own["C"][1] and own["B"][0] == pytest.approx(1 - own["B"][1])
