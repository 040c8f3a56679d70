import pytest

from helpers.plots import cited


def test_the_area_of_a_square_is_the_number_of_images():
    (axis,) = cited.set_sizes({"much": 10_000, "little": 100}).axes
    large, small = axis.patches
    for square in (large, small):
        assert square.get_width() == pytest.approx(square.get_height())
    assert large.get_height() == pytest.approx(10 * small.get_height())


def test_more_sets_than_fit_are_counted_and_none_are_refused():
    drawing = cited.set_sizes({f"set {k}": 60 * 10**k for k in range(6)})
    assert "set 0: 60 images, 1.0 minutes; set 1: 600 images, 10.0 minutes" in drawing.alt
    assert drawing.alt.endswith("Data sets not shown: 2.") and "set 4" not in drawing.alt
    with pytest.raises(ValueError, match="images"):
        cited.set_sizes({})


def test_each_revolution_is_a_higher_step():
    steps, _ = cited.industry_revolutions().axes
    heights = [step.get_height() for step in steps.patches]
    assert len(heights) == 4 and heights == sorted(set(heights))
