import numpy as np
import pytest

from helpers import explain
from helpers.datasets import builtin
from helpers.models import Backbone, classifier, fresh

SHAPES = Backbone("shapes")


@pytest.fixture(scope="module")
def pictures():
    return builtin("shapes", 4, 0, 0).X_train


def test_filters_are_pictures():
    seen = explain.filters(SHAPES)
    assert seen.shape == (32, 3, 3, 3) and 0 <= seen.min() and seen.max() <= 1
    np.testing.assert_allclose(np.abs(seen - 0.5).max(axis=(1, 2, 3)), 0.5, atol=1e-6)


def test_filters_need_colours():
    with pytest.raises(ValueError, match="three colours"):
        explain.filters(SHAPES, "block2_conv1")


def test_feature_maps_come_busiest_first(pictures):
    maps = explain.feature_maps(SHAPES, "block2_pool", pictures[0])
    assert maps.shape == (64, 8, 8) and (np.diff(maps.std(axis=(1, 2))) <= 1e-6).all()
    with pytest.raises(ValueError, match="block1_conv1"):
        explain.feature_maps(SHAPES, "block9", pictures[0])


def test_strongest_is_sorted_by_what_the_channel_says(pictures):
    order = explain.strongest(SHAPES, "block3_pool", 5, pictures, most=6)
    peaks = [
        explain._up_to(SHAPES, "block3_pool").predict(pictures[i : i + 1], verbose=0)[0, ..., 5].max()
        for i in order
    ]
    assert len(order) == 6 and all(a >= b - 1e-6 for a, b in zip(peaks, peaks[1:], strict=False))


def test_class_map_peaks_where_the_class_is_decided(pictures):
    model = classifier(fresh(SHAPES), 2, seed=0)
    model.get_layer("head").set_weights([np.ones((128, 2), "float32") * [0, 1], np.zeros(2, "float32")])
    blank = np.full((64, 64, 3), 128, np.uint8)
    blank[32:, :32] = pictures[0]
    heat = explain.class_map(model, blank, 1)
    assert heat.shape == (64, 64) and heat.max() == pytest.approx(1)
    quarters = {
        (r, c): heat[32 * r : 32 * r + 32, 32 * c : 32 * c + 32].mean() for r in (0, 1) for c in (0, 1)
    }
    assert max(quarters, key=quarters.get) == (1, 0), quarters
    assert explain.class_map(model, blank, 0).max() == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        explain.class_map(model, blank, 2)
