import dataclasses
import re

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.findings import advisor, similarity
from helpers.networks.backbones import Backbone
from helpers.strategies import durations, registry

SHIPPED = (Backbone("photos"), Backbone("shapes"))


@pytest.fixture(autouse=True)
def fast_computer(monkeypatch):
    monkeypatch.setattr(durations, "training_seconds", lambda *a: 1)


@pytest.fixture
def no_training(monkeypatch):
    """The short training from scratch is replaced by what it would say of pictures that it cannot learn."""
    monkeypatch.setattr(advisor.probes, "scratch_probe", lambda *a, **k: 0.1)


def test_the_best_source_and_its_likeness_are_told(no_training):
    advice = advisor.recommend(builtin("new_shapes", 20, 0, 0), SHIPPED)
    assert advice.strategy.backbone.name == "shapes"
    assert "last layer is better" in repr(advice) and "20 training images per class" in repr(advice)
    scores = [score for *_, score in advice.probes]
    assert len(scores) == 5 and scores == sorted(scores, reverse=True)
    assert "<script" not in advice._repr_html_() and "Quick probes" in advice._repr_html_()


def test_all_strategies_are_ranked_and_the_first_is_recommended(no_training):
    advice = advisor.recommend(builtin("new_shapes", 100, 0, 0), SHIPPED, most=200)
    names, gains = zip(*advice.ranking, strict=True)
    assert set(names) == set(registry.names()) and names[0] == advice.name
    assert list(gains) == sorted(gains, reverse=True)
    assert sum("per class:" in reason for reason in advice.reasons) == 1  # the evidence from the board


@pytest.mark.parametrize(
    "backbone, said",
    [
        (Backbone("shapes"), "0.0003 for the backbone, as measured for shapes\\."),
        (Backbone("photos"), "0.0003 for the backbone, as measured for photos\\."),
        (Backbone("DenseNet121"), "1e-05 for the backbone, a cautious choice: .*find_rates"),
    ],
)
def test_the_learning_rates_of_fine_tuning_are_named(monkeypatch, no_training, backbone, said):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.3})
    gains = dict.fromkeys(registry.names(), 0.0) | {registry.FULL_FINE_TUNE.name: 0.3}
    monkeypatch.setattr(advisor.recommender.Recommender, "gains", lambda *a: gains)
    (reason,) = (
        r for r in advisor.recommend(builtin("new_shapes", 20, 0, 0), (backbone,)).reasons if "rates" in r
    )
    assert re.search(said, reason)


def test_what_is_learnt_best_without_a_source_is_recommended(monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.3, "svm": 0.3})
    monkeypatch.setattr(advisor.probes, "scratch_probe", lambda *a, **k: 0.9)
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert advice.name == "From scratch" and "+60.0 ± " in repr(advice)
    assert advice.probes[0][0] == "none"


def test_a_better_middle_layer_means_different_pictures(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.7})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert "middle layer is better" in repr(advice) and "Earlier-layer SVM" in advice.reasons[-1]


def test_what_cannot_be_told_is_left_undecided(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.637, "svm": 0.638})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert "too small to say" in repr(advice) and "Earlier-layer SVM or Linear probe" in advice.reasons[-1]


def test_colours_that_do_as_well_are_told(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.1, "svm": 0.05})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
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
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), SHIPPED, most=200)
    assert [situation.images for situation in asked] == [40]
    assert "100 training images per class (median), 5 classes; the quick probes used 40" in advice.reasons[0]


@pytest.fixture
def fine_tuning_wins(monkeypatch, no_training):
    """The board says that fine-tuning is best, and that it gains five points."""
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.8, "svm": 0.5})
    accuracy = {name: 0.7 for name in registry.names()} | {"Fine-tune": 0.75}
    situation = advisor.recommender.Situation(20, 5, 0.8, 0.5, 0.1, ("flowers", "photos"))
    monkeypatch.setattr(advisor.recommender, "stored", lambda: [(situation, accuracy)])


def test_no_more_gain_is_expected_than_is_left(fine_tuning_wins, monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.98, "svm": 0.5})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert advice.ranking[0] == ("Fine-tune", pytest.approx(0.02))


def test_of_equal_gains_the_cheaper_strategy_is_recommended(monkeypatch, no_training):
    gains = {"Full fine-tune": 0.09, "Fine-tune": 0.05, "Linear probe": 0.0, "Earlier-layer SVM": -0.1}
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.98, "svm": 0.5})
    monkeypatch.setattr(advisor.recommender.Recommender, "gains", lambda *a: gains | {"From scratch": -0.2})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert [name for name, _ in advice.ranking][:3] == ["Fine-tune", "Full fine-tune", "Linear probe"]
    assert advice.name == "Fine-tune" and "No more than 2.0 points are left to gain." in repr(advice)


def test_nothing_is_better_than_a_probe_without_a_mistake(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 1.0, "svm": 0.8})
    gains = dict.fromkeys(registry.names(), 0.05) | {"Linear probe": 0.0, "Earlier-layer SVM": 0.0}
    monkeypatch.setattr(advisor.recommender.Recommender, "gains", lambda *a: gains)
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), SHIPPED, most=30)
    said = repr(advice)
    assert advice.name == "Linear probe" and advice.ranking[0] == ("Linear probe", 0.0)
    assert "No other strategy can be expected to be better: the linear probe is already at 100 %." in said
    assert "is expected to be better" not in said and "is expected to gain" not in said
    assert "it is not expected to be better than Linear probe, which costs less" in said


def test_of_equally_good_sources_the_one_with_the_smallest_images_is_chosen(monkeypatch, no_training):
    def probed(X, y, backbone, groups):
        return {"probe": 1.0, "svm": 0.9}

    monkeypatch.setattr(advisor.probes, "quick_probes", probed)
    monkeypatch.setattr(similarity, "quick_probes", probed)
    data = builtin("micrographs", 20, 0, 0)
    advice = advisor.recommend(data, SHIPPED)
    assert advice.strategy.backbone.name == "shapes" and advice.image_size == 32
    assert "As good, but on images that are no smaller: photos." in advice.reasons[1]
    assert [row.source for row in similarity.similarity(data, SHIPPED)] == ["shapes", "photos"]


@pytest.mark.parametrize("svm, said", [(0.6, "too small to say"), (0.7, "The middle layer is better")])
def test_a_layer_is_better_only_beyond_two_standard_errors(svm, said, monkeypatch, no_training):
    # Of 100 images: one standard error of a proportion is 5 points, two of the difference are 14.
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": svm})
    reason = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED).reasons[1]
    assert said in reason and re.search(r"\d\d\.0 ± 1[34]\.\d points, two standard errors", reason)


@pytest.mark.parametrize(
    "gains, said",
    [
        ({"Full fine-tune": 0.1}, ", too."),
        ({"Fine-tune": 0.1}, "; in situations like yours, Fine-tune is expected to be better."),
        (
            {"Fine-tune": 0.1, "Full fine-tune": 0.1},
            "; it is not expected to be better than Fine-tune, which",
        ),
        ({"Full fine-tune": 0.2, "Fine-tune": 0.1}, "; it is expected to be better, but takes longer"),
    ],
)
def test_the_lectures_rule_is_compared_by_expected_gains(gains, said):
    chosen = "Full fine-tune" if said == ", too." else "Fine-tune"
    text = advisor._textbook("different", 1000, chosen, dict.fromkeys(registry.names(), 0.0) | gains)
    assert f"similarity is Full fine-tune{said}" in text


@pytest.mark.parametrize("takes, name", [(29, "Fine-tune"), (400, "Linear probe")])
def test_what_trains_too_long_is_named_but_not_recommended(takes, name, fine_tuning_wins, monkeypatch):
    monkeypatch.setattr(durations, "training_seconds", lambda *a: takes)
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED, seconds=30)
    said = repr(advice)
    assert advice.name == name and advice.ranking[0][0] == "Fine-tune"
    if takes > 30:
        assert "Fine-tune is expected to gain 5.0 points" in said and "about 7 min" in said
        assert "No other strategy is expected to be better in this time" in said and "--seconds 600" in said
    else:
        assert "about 29 s" in said and "raise the limit" not in said
    assert "Gains of Linear probe over a linear probe" not in said


def test_each_source_sees_its_own_image_size(monkeypatch, no_training):
    seen = {}

    def probed(X, y, backbone, groups):
        seen[backbone.name] = X.shape[1:3]
        return {"probe": 0.8 if backbone.name == "shapes" else 0.5, "svm": 0.3}

    monkeypatch.setattr(advisor.probes, "quick_probes", probed)
    monkeypatch.setattr(similarity, "quick_probes", probed)
    data = builtin("micrographs", 20, 0, 0)
    large = dataclasses.replace(data, X_train=data.X_train.repeat(3, axis=1).repeat(3, axis=2))
    advice = advisor.recommend(large, SHIPPED)
    assert seen == {"photos": (64, 64), "shapes": (32, 32)} and advice.image_size == 32
    assert "shapes on images of 32 pixels:" in advice.reasons[1]
    rows = similarity.similarity(large, SHIPPED)
    assert {row.source: row.image_size for row in rows} == {"photos": 64, "shapes": 32}


def test_a_source_that_was_trained_on_larger_images_says_so(monkeypatch, no_training):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.8, "svm": 0.3})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), [Backbone("photos")])
    assert "photos on images of 32 pixels (it was trained on 64)" in advice.reasons[1]


@pytest.mark.parametrize("name, value", [*(("seconds", v) for v in (-1, np.nan, "30")), ("most", 0)])
def test_numbers_are_checked_before_the_probes(name, value, monkeypatch):
    monkeypatch.delattr(advisor.probes, "quick_probes")
    with pytest.raises(ValueError, match=f"^{name} must be .*Received: {value!r}"):
        advisor.recommend(builtin("streets_day", 3, 0, 0), SHIPPED, **{name: value})


@pytest.mark.parametrize("ask", [advisor.recommend, similarity.similarity])
def test_sources_must_be_a_list_of_backbones(ask):
    data = builtin("streets_day", 3, 0, 0)
    with pytest.raises(ValueError, match="at least one source model"):
        ask(data, [])
    for wrong, words in (("shapes", "in a list"), (SHIPPED[0], "in a list"), (["shapes"], "be a Backbone")):
        with pytest.raises(TypeError, match=words):
            ask(data, wrong)


def test_too_few_pictures_are_named():
    with pytest.raises(ValueError, match="at least 3 training images. Received: 2"):
        advisor.recommend(builtin("streets_day", 2, 0, 0), SHIPPED)
