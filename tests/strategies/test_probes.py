"""Quick probes keep groups of images in one fold."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from helpers.networks.backbones import Backbone
from helpers.strategies import probes


@pytest.fixture(scope="module")
def copies():
    """Noise with random labels, each image five times: nothing can be learned but the copies."""
    rng = np.random.default_rng(0)
    originals, labels = rng.integers(0, 256, (24, 16, 16, 3), np.uint8), np.array(["a", "b"] * 12)
    group = np.repeat(np.arange(24), 5)
    return originals[group], labels[group], group


def test_without_groups_copies_look_like_knowledge_and_with_groups_they_do_not(copies):
    X, y, groups = copies
    nearest, flat = KNeighborsClassifier(1), X.reshape(len(X), -1)
    assert probes.cross_validated(nearest, flat, y) == 1
    assert probes.cross_validated(nearest, flat, y, groups) < 0.75
    names = groups.astype(str)
    assert probes.cross_validated(nearest, flat, y, names) == probes.cross_validated(nearest, flat, y, groups)


def test_all_probes_honour_groups(copies):
    X, y, groups = copies
    found = probes.quick_probes(X, y, Backbone("shapes"), groups)
    alone = probes.quick_probes(X, y, Backbone("shapes"))
    assert max(found.values()) < 0.8 < min(alone.values())
    assert probes.scratch_probe(X, y, groups) < 0.8


def test_too_few_images_for_the_folds_are_named():
    X, y = np.zeros((8, 16, 16, 3), "uint8"), np.array(list("aabbbbbb"))
    for ask in (probes.quick_probes, lambda X, y, _: probes.scratch_probe(X, y)):
        with pytest.raises(ValueError, match="Class 'a' must have at least 3 images .*Received: 2"):
            ask(X, y, Backbone("shapes"))


def test_too_few_groups_for_the_folds_are_named():
    with pytest.raises(ValueError, match="Class 'a' has images of 2 groups, but each of the 3 splits"):
        probes.cross_validated(
            KNeighborsClassifier(1), np.zeros((8, 2)), np.array(list("aaaabbbb")), [1, 1, 2, 2, 3, 4, 5, 6]
        )
