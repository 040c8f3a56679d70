"""Where two models give different answers."""

import pytest

from helpers.findings.disagreement import disagreement


def test_images_where_one_model_is_right_come_first_and_all_are_counted():
    found = disagreement([*"aabbcc"], [*"abbacc"], [*"aababc"])
    assert found.places.tolist() == [1, 4]
    assert (found.first, found.second, found.neither, found.images) == (1, 1, 0, 6)
    found = disagreement([*"abc"], [*"xbx"], [*"ybc"])
    assert found.places.tolist() == [2, 0] and (found.first, found.second, found.neither) == (0, 1, 1)


def test_the_same_answers_are_said_and_other_lengths_refused():
    said = disagreement([*"ab"], [*"ab"], [*"ab"]).in_words("A", "B")
    assert said == "A and B give the same answer for all 2 images."
    with pytest.raises(ValueError, match=r"shapes \(2,\), \(2,\) and \(1,\)"):
        disagreement([*"ab"], [*"ab"], ["a"])
