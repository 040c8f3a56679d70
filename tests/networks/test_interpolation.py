"""Weights between networks: the ends are the networks themselves, and the middle is their mean."""

import numpy as np
import pytest

from helpers.networks.interpolation import between, soup


@pytest.fixture
def three():
    """Three networks with a kernel and a bias each."""
    rng = np.random.default_rng(0)
    return [[rng.normal(size=shape).astype("float32") for shape in ((3, 3, 2), (2,))] for _ in range(3)]


def same(weights, others):
    return all(np.allclose(one, other, atol=1e-6) for one, other in zip(weights, others, strict=True))


def test_the_ends_of_the_line_are_the_networks(three):
    one, other, _ = three
    assert same(between(one, other, 0), one) and same(between(one, other, 1), other)
    assert not same(one, other)


def test_equal_steps_on_the_line_are_equal_steps_of_the_weights(three):
    one, other, _ = three
    for place in range(2):
        step = other[place] - one[place]
        for share in (0.25, 0.5, 1.5):
            found = between(one, other, share)[place]
            np.testing.assert_allclose(found - one[place], share * step, atol=1e-6)


def test_a_soup_is_the_mean_of_its_networks_in_any_order(three):
    means = [np.mean(each, axis=0) for each in zip(*three, strict=True)]
    assert same(soup(three), means) and same(soup(three[::-1]), means)
    assert same(soup(three[:2]), between(*three[:2], 0.5))
    assert same(soup(three[:1]), three[0])


def test_the_result_has_the_type_of_the_weights_and_leaves_them_as_they_were(three):
    before = [weight.copy() for weight in three[0]]
    assert {weight.dtype for weight in [*soup(three), *between(*three[:2], 0.3)]} == {np.dtype("float32")}
    assert same(three[0], before)


def test_networks_of_other_shapes_are_refused(three):
    kernel, bias = three[0]
    for other in ([kernel[:2], bias], [kernel]):
        with pytest.raises(ValueError, match="weights of the same shapes.* networks of 20, .* weights.$"):
            between(three[0], other, 0.5)
        with pytest.raises(ValueError, match="weights of the same shapes"):
            soup([three[0], other])
    with pytest.raises(ValueError, match="at least one network"):
        soup([])


@pytest.mark.parametrize("share", [float("nan"), float("inf"), "half", None])
def test_a_share_must_be_a_number(three, share):
    with pytest.raises(ValueError, match="share must be a finite number"):
        between(*three[:2], share)
