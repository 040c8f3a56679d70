import dataclasses
import re

import numpy as np
import pytest

from helpers.data.image_sets import builtin
from helpers.findings import advisor, similarity
from helpers.networks.backbones import Backbone
from helpers.strategies import durations

SHIPPED = (Backbone("photos"), Backbone("shapes"))


@pytest.fixture(autouse=True)
def fast_computer(monkeypatch):
    monkeypatch.setattr(durations, "training_seconds", lambda *a: 1)


def test_the_best_source_and_its_likeness_are_told():
    advice = advisor.recommend(builtin("new_shapes", 20, 0, 0), SHIPPED)
    assert advice.strategy.backbone.name == "shapes"
    assert "last layer is better" in repr(advice) and "20 training images per class" in repr(advice)
    scores = [score for *_, score in advice.probes]
    assert len(scores) == 4 and scores == sorted(scores, reverse=True)
    assert "<script" not in advice._repr_html_() and "Quick probes" in advice._repr_html_()


def test_lp_ft_is_recommended_unless_an_earlier_layer_is_ahead(monkeypatch):
    data, frozen = builtin("new_shapes", 20, 0, 0), {"probe": 0.6, "svm": 0.6}
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: frozen)
    advice = advisor.recommend(data, SHIPPED)
    assert advice.name == "Probe, then fine-tune" and "Then LP-FT is the first guess" in repr(advice)
    built_in = (
        r"On the (\d+) built-in targets of the board, with shapes and settings chosen by validation, "
        r"this rule loses (\d+\.\d) points"
    )
    lost = re.search(built_in, repr(advice))
    assert int(lost[1]) > 1 and 0 < float(lost[2]) < 20
    frozen |= {"svm": 0.75}  # of 200 images: one standard error of the difference is 5 points
    advice = advisor.recommend(data, SHIPPED)
    assert advice.name == "Earlier-layer SVM" and "by 15.0 ± 4.6 points, one" in repr(advice)
    frozen |= {"svm": 0.64}
    assert advisor.recommend(data, SHIPPED).name == "Probe, then fine-tune"


@pytest.mark.parametrize(
    "backbone, said",
    [
        (Backbone("shapes"), "0.0003 for all that trains, .* it was measured\\."),
        (Backbone("photos"), "0.0003 for all that trains, .* it was measured\\."),
        (Backbone("DenseNet121"), "1e-05 for all that trains, .* a cautious choice: .*find_rates"),
    ],
)
def test_the_learning_rate_of_fine_tuning_is_named(monkeypatch, backbone, said):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.3})
    (reason,) = (
        r
        for r in advisor.recommend(builtin("new_shapes", 20, 0, 0), (backbone,)).reasons
        if "Learning rate" in r
    )
    assert re.search(said, reason)


def test_a_better_middle_layer_means_different_pictures(monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.7})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert "middle layer is better" in repr(advice) and "Earlier-layer SVM" in advice.reasons[-1]


def test_what_cannot_be_told_is_left_undecided(monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.637, "svm": 0.638})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED)
    assert "too small to say" in repr(advice) and "Earlier-layer SVM or Linear probe" in advice.reasons[-1]


def test_colours_that_do_as_well_are_told(monkeypatch):
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


def test_the_probes_see_three_of_a_rare_class(rare):
    advice = advisor.recommend(rare, [Backbone("shapes")], most=100)
    assert all(np.isfinite(score) for *_, score in advice.probes)


def test_similarity_sees_three_of_a_rare_class(rare, monkeypatch):
    monkeypatch.setattr(similarity, "SHIFTS_SAMPLE", 60)
    (row,) = similarity.similarity(rare, [Backbone("shapes")])
    assert np.isfinite([row.probe, row.svm]).all()


def test_the_probes_count_the_images_that_they_saw(monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.5})
    asked, ahead = [], advisor.rules.ahead
    monkeypatch.setattr(advisor.rules, "ahead", lambda *a: asked.append(a[-1]) or ahead(*a))
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), SHIPPED, most=200)
    assert asked[0] == 200  # the others belong to the draws of the board
    assert "100 training images per class (median), 5 classes; the quick probes used 40" in advice.reasons[0]
    assert "With 100 images per class, validation can decide" in repr(advice)


def test_nothing_is_better_than_a_probe_without_a_mistake(monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 1.0, "svm": 0.8})
    advice = advisor.recommend(builtin("micrographs", 100, 0, 0), SHIPPED, most=30)
    assert advice.name == "Linear probe"
    assert "No other strategy can be expected to be better: the linear probe is already at 100 %." in repr(
        advice
    )


def test_of_equally_good_sources_the_one_with_the_smallest_images_is_chosen(monkeypatch):
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
def test_a_layer_is_better_only_beyond_two_standard_errors(svm, said, monkeypatch):
    # Of 100 images: one standard error of a proportion is 5 points, two of the difference are 14.
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": svm})
    reason = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED).reasons[1]
    assert said in reason and re.search(r"\d\d\.0 ± 1[34]\.\d points, two standard errors", reason)


@pytest.mark.parametrize(
    "likeness, images, name, said",
    [
        ("similar", 20, "Linear probe", "Linear probe, too."),
        ("different", 20, "Linear probe", "Earlier-layer SVM."),
        ("undecided", 20, "Linear probe", "Earlier-layer SVM or Linear probe, too."),
        ("different", 1000, "Probe, then fine-tune", "Full fine-tune."),
    ],
)
def test_the_lectures_rule_stands_beside(likeness, images, name, said):
    assert advisor._textbook(likeness, images, name).endswith(f"similarity is {said}")


@pytest.mark.parametrize("takes, name", [(29, "Probe, then fine-tune"), (400, "Linear probe")])
def test_what_trains_too_long_is_named_but_not_recommended(takes, name, monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.8, "svm": 0.5})
    monkeypatch.setattr(durations, "training_seconds", lambda *a: takes)
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED, seconds=30)
    said = repr(advice)
    assert advice.name == name
    if takes > 30:
        assert "Probe, then fine-tune may be better" in said and "about 7 min" in said
        assert "Of what trains in this time, the linear probe is the best" in said and "--seconds 600" in said
    else:
        assert "about 29 s" in said and "raise the limit" not in said


def test_the_better_frozen_classifier_stands_for_what_trains_too_long(monkeypatch):
    monkeypatch.setattr(durations, "training_seconds", lambda *a: 400)
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.52})
    advice = advisor.recommend(builtin("micrographs", 20, 0, 0), SHIPPED, seconds=30)
    assert advice.name == "Earlier-layer SVM" and "Probe, then fine-tune may be better" in repr(advice)
    assert "the SVM on the middle layer is the best in cross-validation" in repr(advice)


@pytest.mark.parametrize("name, first", [("MobileNet", "last"), ("shapes", "all"), ("DenseNet121", "all")])
def test_lp_ft_trains_the_blocks_that_it_trains_on_the_board(name, first, monkeypatch):
    monkeypatch.setattr(advisor.probes, "quick_probes", lambda *a: {"probe": 0.5, "svm": 0.5})
    advice = advisor.recommend(builtin("micrographs", 5, 0, 0), [Backbone(name)])
    assert (advice.name, advice.strategy.from_block) == ("Probe, then fine-tune", first)


def test_each_source_sees_its_own_image_size(monkeypatch):
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


def test_a_source_that_was_trained_on_larger_images_says_so(monkeypatch):
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
