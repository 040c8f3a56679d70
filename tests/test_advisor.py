import pytest

from helpers import advisor
from helpers.datasets import builtin
from helpers.experiments import STRATEGIES


@pytest.fixture
def no_training(monkeypatch):
    """The short training from scratch is replaced by what it would say of pictures that it cannot learn."""
    monkeypatch.setattr(advisor.recommender, "scratch_probe", lambda X, y: 0.1)


def test_the_best_source_and_its_likeness_are_told(no_training):
    advice = advisor.recommend(builtin("new_shapes", 20, 0, 0))
    assert advice.strategy.backbone.name == "shapes"
    assert "last layer does better" in repr(advice) and "20 training images a class" in repr(advice)
    scores = [score for *_, score in advice.probes]
    assert len(scores) == 5 and scores == sorted(scores, reverse=True)
    assert "<script" not in advice._repr_html_() and "Quick probes" in advice._repr_html_()


def test_all_strategies_are_ranked_and_the_first_is_recommended():
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), most=200)
    names, gains = zip(*advice.ranking, strict=True)
    assert set(names) == set(STRATEGIES) and names[0] == advice.name
    assert list(gains) == sorted(gains, reverse=True)
    assert sum("a class:" in reason for reason in advice.reasons) == 1  # the evidence from the board


def test_what_is_learnt_best_without_a_source_is_recommended(monkeypatch):
    monkeypatch.setattr(advisor.recommender, "quick_probes", lambda *a: {"probe": 0.3, "svm": 0.3})
    monkeypatch.setattr(advisor.recommender, "scratch_probe", lambda X, y: 0.9)
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert advice.name == "From scratch" and "+60.0 points" in repr(advice)
    assert advice.probes[0][0] == "none"


def test_a_better_middle_layer_means_different_pictures(monkeypatch, no_training):
    monkeypatch.setattr(advisor.recommender, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.7})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert "middle layer does better" in repr(advice) and "Earlier-layer SVM" in advice.reasons[-1]


def test_what_cannot_be_told_is_left_undecided(monkeypatch, no_training):
    monkeypatch.setattr(advisor.recommender, "quick_probes", lambda *a: {"probe": 0.637, "svm": 0.638})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert "too close to tell" in repr(advice) and "Earlier-layer SVM or Linear probe" in advice.reasons[-1]


def test_colours_that_do_as_well_are_told(monkeypatch, no_training):
    monkeypatch.setattr(advisor.recommender, "quick_probes", lambda *a: {"probe": 0.1, "svm": 0.05})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0))
    assert "hardly more to tell" in repr(advice)


def test_too_few_pictures_are_named():
    with pytest.raises(ValueError, match="2 training pictures"):
        advisor.recommend(builtin("streets_day", 2, 0, 0))
