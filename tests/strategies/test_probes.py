"""Quick probes score images that they have not learned from, and keep groups of images in one fold."""

import inspect

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier

from helpers.findings import advisor
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


def test_too_few_images_for_the_folds_are_named():
    X, y = np.zeros((8, 16, 16, 3), "uint8"), np.array(list("aabbbbbb"))
    with pytest.raises(ValueError, match="Class 'a' must have at least 3 images .*Received: 2"):
        probes.quick_probes(X, y, Backbone("shapes"))


def test_three_images_per_class_are_enough():
    X, y = np.array([[0], [9], [1], [8], [2], [7]]), np.array(list("ababab"))
    assert probes.cross_validated(KNeighborsClassifier(1), X, y) == 1


def test_too_few_groups_for_the_folds_are_named():
    with pytest.raises(ValueError, match="Class 'a' has images of 2 groups, but each of the 3 splits"):
        probes.cross_validated(
            KNeighborsClassifier(1), np.zeros((8, 2)), np.array(list("aaaabbbb")), [1, 1, 2, 2, 3, 4, 5, 6]
        )


class Recorded(ClassifierMixin, BaseEstimator):
    """Learns nothing: keeps which images each fold has learned from and was scored on."""

    def fit(self, X, y):
        self.learned_ = X
        return self

    def score(self, X, y):
        self.folds.append((self.learned_.tolist(), X.tolist()))
        return (0.5, 0.6, 0.1)[len(self.folds) - 1]


@pytest.fixture
def folds(monkeypatch):
    """The folds of an estimator whose accuracies are 0.5, 0.6 and 0.1."""
    monkeypatch.setattr(Recorded, "folds", [], raising=False)
    return Recorded.folds


NUMBERS = np.arange(240)  # stand for images
CLASSES = NUMBERS % 2


def ask(groups=None):
    return probes.cross_validated(Recorded(), NUMBERS, CLASSES, groups)


def test_each_of_three_folds_is_scored_on_what_it_has_not_learned_from(folds):
    assert ask() == pytest.approx(0.4)  # the mean
    for learned, scored in folds:
        assert sorted(learned + scored) == NUMBERS.tolist()
        assert np.bincount(CLASSES[scored]).tolist() == [40, 40]
        assert scored != list(range(scored[0], scored[0] + 80)), "drawn at random"
    assert sorted(number for _, scored in folds for number in scored) == NUMBERS.tolist()
    drawn = folds.copy()
    folds.clear()
    ask()
    assert folds == drawn, "always the same folds"


def test_a_group_is_in_one_fold_only(folds):
    ask(NUMBERS // 4)
    for learned, scored in folds:
        assert not {number // 4 for number in learned} & {number // 4 for number in scored}


def test_the_probes_of_the_advisor_see_at_most_1000_images():
    assert inspect.signature(advisor.recommend).parameters["most"].default == probes.SAMPLE == 1000
