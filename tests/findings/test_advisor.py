import dataclasses

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.findings import advisor, similarity
from helpers.networks.backbones import Backbone
from helpers.strategies import registry


@pytest.fixture
def no_training(monkeypatch):
    """The short training from scratch is replaced by what it would say of pictures that it cannot learn."""
    monkeypatch.setattr(advisor.probes, "scratch_probe", lambda X, y: 0.1)


def test_the_best_source_and_its_likeness_are_told(no_training):
    advice = advisor.recommend(builtin("new_shapes", 20, 0, 0))
    assert advice.strategy.backbone.name == "shapes"
    assert "last layer is better" in repr(advice) and "20 training images per class" in repr(advice)
    scores = [score for *_, score in advice.probes]
    assert len(scores) == 5 and scores == sorted(scores, reverse=True)
    assert "<script" not in advice._repr_html_() and "Quick probes" in advice._repr_html_()


def test_all_strategies_are_ranked_and_the_first_is_recommended(no_training):
    advice = advisor.recommend(builtin("new_shapes", 100, 0, 0), most=200)
    names, gains = zip(*advice.ranking, strict=True)
    assert set(names) == set(registry.names()) and names[0] == advice.name
    assert list(gains) == sorted(gains, reverse=True)
    assert sum("per class:" in reason for reason in advice.reasons) == 1  # the evidence from the board


def test_what_is_learnt_best_without_a_source_is_recommended(monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.3, "svm": 0.3})
    monkeypatch.setattr(advisor.probes, "scratch_probe", lambda X, y: 0.9)
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert advice.name == "From scratch" and "+60.0 ± " in repr(advice)
    assert advice.probes[0][0] == "none"


def test_a_better_middle_layer_means_different_pictures(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.7})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert "middle layer is better" in repr(advice) and "Earlier-layer SVM" in advice.reasons[-1]


def test_what_cannot_be_told_is_left_undecided(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.637, "svm": 0.638})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert "too small to say" in repr(advice) and "Earlier-layer SVM or Linear probe" in advice.reasons[-1]


def test_colours_that_do_as_well_are_told(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.1, "svm": 0.05})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert "either colours alone separate your classes, or copies" in repr(advice)


@pytest.fixture
def rare():
    """Many pictures of a class, and three of another that a random draw would miss."""
    data = builtin("streets_day", 297, 0, 0)
    kept = np.concatenate(
        [
            np.flatnonzero(data.y_train == "empty"),
            np.flatnonzero(data.y_train == "pedestrian")[:3],
        ]
    )
    return dataclasses.replace(data, X_train=data.X_train[kept], y_train=data.y_train[kept])


def test_the_probes_see_three_of_a_rare_class(rare, no_training):
    advice = advisor.recommend(rare, [Backbone("shapes")], most=100)
    assert all(np.isfinite(score) for *_, score in advice.probes)


def test_similarity_sees_three_of_a_rare_class(rare, monkeypatch):
    monkeypatch.setattr(similarity, "SHIFTS_SAMPLE", 60)
    (row,) = similarity.similarity(rare, [Backbone("shapes")])
    assert np.isfinite([row.probe, row.svm]).all()


def test_the_situation_is_what_the_probes_saw(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.3, "svm": 0.3})
    asked, gains = [], advisor.recommender.Recommender.gains
    monkeypatch.setattr(
        advisor.recommender.Recommender, "gains", lambda self, s: asked.append(s) or gains(self, s)
    )
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), most=200)
    assert [situation.images for situation in asked] == [40]
    assert "100 training images per class (median), 5 classes; the quick probes used 40" in advice.reasons[0]


def test_too_few_pictures_are_named():
    with pytest.raises(ValueError, match="at least 3 training images. Received: 2"):
        advisor.recommend(builtin("streets_day", 2, 0, 0))
