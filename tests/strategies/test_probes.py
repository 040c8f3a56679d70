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
    assert probes.scratch_probe(X, y, groups) < 0.8


def test_too_few_images_for_the_folds_are_named():
    X, y = np.zeros((8, 16, 16, 3), "uint8"), np.array(list("aabbbbbb"))
    for ask in (probes.quick_probes, lambda X, y, _: probes.scratch_probe(X, y)):
        with pytest.raises(ValueError, match="Class 'a' must have at least 3 images .*Received: 2"):
            ask(X, y, Backbone("shapes"))


def test_three_images_per_class_are_enough():
    X, y = np.array([[0], [9], [1], [8], [2], [7]]), np.array(list("ababab"))
    assert probes.cross_validated(KNeighborsClassifier(1), X, y) == 1


def test_too_few_groups_for_the_folds_are_named():
    with pytest.raises(ValueError, match="Class 'a' has images of 2 groups, but each of the 3 splits"):
        probes.cross_validated(
            KNeighborsClassifier(1), np.zeros((8, 2)), np.array(list("aaaabbbb")), [1, 1, 2, 2, 3, 4, 5, 6]
        )


class Recorded(ClassifierMixin, BaseEstimator):
    """Learns nothing: keeps which images each fold has learned from and was scored on, and its epochs."""

    def __init__(self, epochs=None, batch_size=32):
        self.epochs = epochs
        self.batch_size = batch_size

    def fit(self, X, y, stop=None):
        self.learned_ = X
        return self

    def score(self, X, y):
        self.folds.append((self.epochs, self.learned_.tolist(), X.tolist()))
        return (0.5, 0.6, 0.1)[len(self.folds) - 1]


@pytest.fixture
def folds(monkeypatch):
    """The folds of the probe from scratch, whose accuracies are 0.5, 0.6 and 0.1."""
    monkeypatch.setattr("helpers.strategies.FromScratch", Recorded)
    monkeypatch.setattr(Recorded, "folds", [], raising=False)
    return Recorded.folds


NUMBERS = np.arange(240)  # stand for images
CLASSES = NUMBERS % 2


def ask_scratch(groups=None):
    return probes.scratch_probe(NUMBERS, CLASSES, groups)


def ask_any(groups=None):
    return probes.cross_validated(Recorded(), NUMBERS, CLASSES, groups)


@pytest.mark.parametrize("ask", [ask_scratch, ask_any])
def test_each_of_three_folds_is_scored_on_what_it_has_not_learned_from(ask, folds):
    assert ask() == pytest.approx(0.4)  # the mean
    for _, learned, scored in folds:
        assert sorted(learned + scored) == NUMBERS.tolist()
        assert np.bincount(CLASSES[scored]).tolist() == [40, 40]
        assert scored != list(range(scored[0], scored[0] + 80)), "drawn at random"
    assert sorted(number for _, _, scored in folds for number in scored) == NUMBERS.tolist()
    drawn = folds.copy()
    folds.clear()
    ask()
    assert folds == drawn, "always the same folds"


@pytest.mark.parametrize("ask", [ask_scratch, ask_any])
def test_a_group_is_in_one_fold_only(ask, folds):
    ask(NUMBERS // 4)
    for _, learned, scored in folds:
        assert not {number // 4 for number in learned} & {number // 4 for number in scored}


def test_the_probe_from_scratch_trains_half_of_the_usual_steps(folds):
    ask_scratch()  # 160 images of 240: 5 batches of 32 per epoch, and 120 steps are usual
    assert {epochs for epochs, _, _ in folds} == {12}


@pytest.mark.parametrize("rival, run", [(0, 3), (0.6, 3), (0.62, 1), (0.65, 1)])
def test_the_probe_from_scratch_ends_if_it_is_two_standard_errors_behind(rival, run, folds):
    """Two standard errors of 0.5 on 80 images are 0.112."""
    accuracy = probes.scratch_probe(NUMBERS, CLASSES, rival=rival)
    assert len(folds) == run and accuracy == pytest.approx(0.5 if run == 1 else 0.4)


def test_the_probes_of_the_advisor_see_at_most_1000_images():
    assert inspect.signature(advisor.recommend).parameters["most"].default == probes.SAMPLE == 1000
