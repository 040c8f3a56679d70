import numpy as np
import pytest

from helpers.data import synthetic

DRAWERS = {
    "shapes": synthetic.shapes,
    "new_shapes": synthetic.new_shapes,
    "micrographs": synthetic.micrographs,
    "streets": synthetic.streets,
}


@pytest.mark.parametrize("name", DRAWERS)
def test_images_are_uint8_of_every_class(name):
    X, y = DRAWERS[name](300, seed=1)
    assert X.shape == (300, 32, 32, 3) and X.dtype == np.uint8
    assert set(y) == set(range(len(synthetic.CLASSES[name])))
    assert X.reshape(300, -1).std(axis=1).min() > 5, "an image is almost blank"


@pytest.mark.parametrize("name", DRAWERS)
def test_seed_decides_everything(name):
    first, again, other = (DRAWERS[name](300, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    assert len(np.unique(first[0].reshape(300, -1), axis=0)) == 300, "two images are the same"


def test_figures_of_different_classes_differ():
    x, y = np.meshgrid(np.linspace(-1.2, 1.2, 40), np.linspace(-1.2, 1.2, 40))
    masks = {name: outline(x, y) < 0 for name, outline in synthetic._OUTLINES.items()}
    assert set(masks) == {*synthetic.CLASSES["shapes"], *synthetic.CLASSES["new_shapes"]}
    for one in masks:
        for other in masks:
            if one != other:
                shared = (masks[one] & masks[other]).sum() / (masks[one] | masks[other]).sum()
                assert shared < 0.95, f"{one} and {other} look alike"


def test_night_is_darker_and_keeps_the_labels():
    day, y_day = synthetic.streets(200, seed=3)
    night, y_night = synthetic.streets(200, seed=3, night=True)
    assert np.array_equal(y_day, y_night)
    assert night.mean() < 0.75 * day.mean()


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "ten"])
def test_a_bad_number_of_images_is_named(n):
    with pytest.raises(ValueError, match="n must be an integer of at least 1"):
        synthetic.shapes(n)


@pytest.mark.parametrize("style", ["dashed", "patterned"])
def test_styles_show_the_same_scenes_and_differ_only_where_the_shape_is(style):
    (filled, y), (other, again) = (synthetic.shapes(100, 3, style=name) for name in ("filled", style))
    assert np.array_equal(y, again)
    same = (filled == other).all(axis=-1).mean(axis=(1, 2))
    assert 0.4 < np.median(same) < 0.95


def test_an_unknown_style_is_named():
    with pytest.raises(ValueError, match="Unknown style 'dotted'. Use one of filled, dashed, patterned"):
        synthetic.shapes(4, style="dotted")
