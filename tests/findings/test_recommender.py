import math

import numpy as np
import pandas as pd
import pytest

from helpers.findings import board, recommender
from helpers.findings.recommender import Situation
from helpers.strategies import probes, registry


def known(target, source, images, best, probe=0.6, svm=0.5, scratch=0.5):
    """A situation in which one strategy is five points better than all others."""
    accuracy = {s: 0.7 for s in registry.names()} | {best: 0.75}
    return Situation(images, 5, probe, svm, scratch, (target, source)), accuracy


BOARD = [
    known(target, "photos", images, "Linear probe" if images < 50 else "Full fine-tune")
    for target in ("hymenoptera", "flowers", "cats_vs_dogs", "lung_histology", "blood_cells")
    for images in (5, 10, 100, 200)
]


def test_the_most_similar_situations_decide():
    rank = recommender.Recommender(BOARD)
    assert next(iter(rank.gains(Situation(6, 5, 0.6, 0.5, 0.5)))) == "Linear probe"
    gains = rank.gains(Situation(150, 5, 0.6, 0.5, 0.5))
    assert next(iter(gains)) == "Full fine-tune" and gains["Full fine-tune"] == pytest.approx(0.05)
    assert list(gains.values()) == sorted(gains.values(), reverse=True)


def test_evidence_names_situations():
    lines = recommender.Recommender(BOARD).evidence(Situation(200, 5, 0.6, 0.5, 0.5), "Full fine-tune")
    assert len(lines) == recommender.NEIGHBOURS
    assert all("200 per class" in line and "+5.0 points" in line for line in lines)


def test_the_linear_probe_gains_nothing_over_itself():
    assert recommender.Recommender(BOARD).evidence(Situation(6, 5, 0.6, 0.5, 0.5), "Linear probe") == []


def test_regret_is_measured_on_unseen_targets():
    lost = recommender.regrets(BOARD)
    assert np.mean(lost["recommender"]) == pytest.approx(0, abs=1e-9)
    assert np.mean(lost["always Full fine-tune"]) == pytest.approx(2.5)
    # A target unlike all others cannot be known beforehand: seen data would have given no regret.
    odd = [*BOARD, known("digits", "shapes", 5, "Full fine-tune")]
    assert recommender.regrets(odd)["recommender"].iloc[-1] == pytest.approx(5)
    # What the probes measure on the target itself is known.
    odd = [*BOARD, known("digits", "shapes", 200, "From scratch", scratch=0.7)]
    assert recommender.regrets(odd)["recommender"].iloc[-1] == 0


def test_what_may_be_chance_is_not_believed():
    few, many = (known("digits", "shapes", n, "From scratch", scratch=0.75) for n in (2, 200))
    assert [next(iter(recommender.Recommender(BOARD).gains(s))) for s, _ in (few, many)] == [
        "Linear probe",
        "From scratch",
    ]
    assert next(iter(recommender.Recommender(BOARD, errors=0).gains(few[0]))) == "From scratch"
    gain, error = recommender.measured(few[0])["From scratch"]
    rank = recommender.Recommender(BOARD)
    assert rank.gains(few[0])["From scratch"] == pytest.approx(gain - error)  # one standard error
    (line,) = rank.evidence(few[0], "From scratch")
    assert line == "in cross-validation on your images: +15.0 ± 20.7 points"  # of ten pictures


def test_situations_come_from_board_and_probes():
    rows = [
        {
            "target": "flowers",
            "source": "none" if strategy == "From scratch" else "photos",
            "strategy": strategy,
            "images": 5,
            "seed": seed,
            "accuracy": 0.1 * k + 0.01 * seed,
        }
        for k, strategy in enumerate(registry.names())
        for seed in range(3)
    ]
    probes = pd.DataFrame({"seed": [0, 1], "probe": [0.4, 0.6], "svm": 0.3, "classes": 5})
    probes = probes.assign(target="flowers", source="photos", images=5)
    scratch = pd.DataFrame({"target": "flowers", "images": 5, "seed": [0, 1, 2], "scratch": [0.3, 0.5, 0.9]})
    ((situation, accuracy),) = recommender.situations(pd.DataFrame(rows), probes, scratch)
    # Seed 2 has no other probes to go with.
    assert (situation.probe, situation.svm, situation.scratch) == (pytest.approx(0.5), 0.3, 0.4)
    assert situation.classes == 5
    assert accuracy["Linear probe"] == pytest.approx(0.11)


def test_where_the_source_is_chosen_too_the_best_of_any_source_is_missed():
    better, worse = (
        known("flowers", source, 10, "Linear probe", probe=probe, svm=svm)
        for source, probe, svm in (("MobileNet", 0.9, 0.3), ("photos", 0.6, 0.55))
    )
    worse[1]["From scratch"] = 0.8  # on the source that the probes do not choose
    lost = recommender.regrets([*BOARD, better, worse], choose_source=True)
    assert {rule: len(values) for rule, values in lost.items()} == dict.fromkeys(lost, 1)
    assert lost["always Linear probe"].tolist() == [pytest.approx(5)]
    assert lost["always Fine-tune"].tolist() == lost["always From scratch"].tolist() == [pytest.approx(10)]


def test_a_single_draw_is_judged_by_what_the_means_of_others_teach():
    """One picture set that happens to be hard misleads the recommender, which its mean would not."""
    lucky, unlucky = (known("digits", "shapes", 200, "From scratch", scratch=v) for v in (0.8, 0.5))
    lost = recommender.regrets([*BOARD, lucky], asked=[lucky, unlucky])
    assert lost["recommender"].tolist() == [0, pytest.approx(5)] and len(lost["textbook"]) == 2


def test_single_draws_are_the_situations_seed_by_seed():
    whole = recommender.stored()
    drawn = recommender.single_draws()
    assert len(drawn) > len(whole) and {(s.origin, s.images) for s, _ in drawn} == {
        (s.origin, s.images) for s, _ in whole
    }
    assert dict((s.origin + (s.images,), a) for s, a in whole) == dict(
        (s.origin + (s.images,), a) for s, a in drawn
    )


def test_a_shift_can_count_as_a_further_number():
    """Two kinds of situations that only the shift tells apart."""
    same = [known(t, "photos", 10, "Fine-tune") for t in ("flowers", "cats_vs_dogs") * 5]
    other = [known(t, "photos", 10, "Full fine-tune") for t in ("blood_cells", "lung_histology") * 5]
    rows = [
        {"target": t, "source": "photos", "images": 10, "seed": seed, "last": last}
        for t, lasts in {"flowers": (0.2, 0.4), "cats_vs_dogs": (0.3, 0.3), "blood_cells": (2, 2)}.items()
        for seed, last in enumerate(lasts)
    ] + [{"target": "lung_histology", "source": "photos", "images": 10, "seed": 0, "last": 2}]
    shifted = recommender.with_shifts([*same, *other], pd.DataFrame(rows))
    assert [accuracy for _, accuracy in shifted] == [accuracy for _, accuracy in [*same, *other]]
    assert shifted[0][0].shift == pytest.approx(0.3)
    assert np.mean(recommender.regrets([*same, *other])["recommender"]) > 0.5
    assert np.mean(recommender.regrets(shifted)["recommender"]) == pytest.approx(0, abs=1e-9)


def test_on_the_stored_board_it_beats_the_textbook_and_every_single_strategy():
    """The goal: at most 1.5 points of accuracy lost, on targets that it has not seen."""
    lost = recommender.regrets(recommender.stored()).mean()
    assert lost["recommender"] <= 1.5
    assert lost.pop("recommender") < lost.min()


def test_with_the_probes_of_a_single_draw_it_still_beats_every_rule():
    lost = recommender.regrets(recommender.stored(), asked=recommender.single_draws()).mean()
    assert lost.pop("recommender") < lost.min() / 2


def test_probes_look_at_nothing_but_what_they_are_given():
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone

    data = builtin("new_shapes", 6, 0, 0)
    found = probes.quick_probes(data.X_train, data.y_train, Backbone("shapes"))
    assert found == probes.quick_probes(data.X_train, data.y_train, Backbone("shapes"))
    assert found["probe"] > 0.6 > found["svm"]


@pytest.mark.slow
def test_the_probe_from_scratch_tells_what_can_be_learnt_without_a_source():
    from helpers.data.image_sets import digits

    data = digits()
    assert probes.scratch_probe(data.X_train[:120], data.y_train[:120]) > 0.6  # chance is 0.1


@pytest.mark.slow
def test_a_stop_button_during_the_probe_gives_no_figure(monkeypatch):
    """In Colab it ends the fold that is under way, half-trained; `fit` says so through `stop`."""
    from helpers.data.image_sets import digits
    from helpers.strategies import FromScratch

    def stopped(self, X, y, stop=None, **watch):
        stop.set()
        return fit(self, X, y, stop=stop, **watch)

    fit, data = FromScratch.fit, digits()
    monkeypatch.setattr(FromScratch, "fit", stopped)
    with pytest.raises(KeyboardInterrupt):
        probes.scratch_probe(data.X_train[:60], data.y_train[:60])


def test_agreement_counts_situations_placed_as_a_person_did():
    def known(target, probe, svm):
        return recommender.Situation(10, 2, probe, svm, 0.5, (target, "shapes")), {}

    right = [known("new_shapes", 0.9, 0.8), known("digits", 0.6, 0.8)]
    assert recommender.agreement(right) == 1
    assert recommender.agreement([*right, known("micrographs", 0.9, 0.8)]) == pytest.approx(2 / 3)


def test_every_strategy_has_a_textbook_rule():
    rules = {board.textbook(likeness, n) for likeness in ("similar", "different") for n in (5, 500)}
    assert rules == {"Linear probe", "Earlier-layer SVM", "Full fine-tune"}


@pytest.mark.parametrize(
    "name, value",
    [
        ("images", 0),
        ("classes", 1),
        ("probe", 61.5),
        ("svm", -0.1),
        ("scratch", math.nan),
        ("images", math.nan),
    ],
)
def test_a_situation_without_meaning_is_refused_by_name(name, value):
    known = {"images": 10, "classes": 5, "probe": 0.6, "svm": 0.7, "scratch": 0.5}
    limits = "at least" if name in ("images", "classes") else "an accuracy from 0 to 1"
    with pytest.raises(ValueError, match=f"^{name} must be {limits}.* Received: {value}"):
        Situation(**known | {name: value})


def test_what_makes_two_situations_alike():
    """Images on a scale of doublings, skill above chance on the scale of logits, and what others add."""
    half = Situation(8, 5, probe=0.6, svm=0.7, scratch=0.4).features  # half-way from chance to faultless
    assert half == [3, pytest.approx(0), pytest.approx(0.1), pytest.approx(-0.2)]
    better, of_two = Situation(8, 5, 0.8, 0.7, 0.4), Situation(8, 2, 0.75, 0.7, 0.4)
    assert better.features[1] == pytest.approx(math.log(3)) and of_two.features[1] == pytest.approx(0)
    for probe, logit in ((1.0, math.log(49)), (0.2, -math.log(49)), (0.0, -math.log(49))):
        assert Situation(8, 5, probe, 0.7, 0.4).features[1] == pytest.approx(logit)  # no infinite distance
    assert recommender.ShiftedSituation(8, 5, 0.6, 0.7, 0.4, shift=2.0).features == [*half, math.log(2)]


def test_a_shift_is_above_zero():
    with pytest.raises(ValueError, match="^shift must be"):
        recommender.ShiftedSituation(10, 5, 0.6, 0.7, 0.5, shift=0)


def test_without_situations_there_is_nothing_to_learn_from():
    with pytest.raises(ValueError, match="Pass at least one"):
        recommender.Recommender([])


def test_all_situations_of_the_judged_target_are_left_out():
    """With its own situations among the neighbours, the recommender would only repeat what it has seen."""
    own = [
        known("digits", source, images, "Full fine-tune", probe=0.9)
        for source in ("shapes", "photos", "MobileNet")
        for images in (5, 6, 7, 8)
    ]
    lost = recommender.regrets([*BOARD, *own], asked=own[:1])
    assert lost["recommender"].tolist() == [pytest.approx(5)]  # what other targets of this size teach
    assert next(iter(recommender.Recommender([*BOARD, *own]).gains(own[0][0]))) == "Full fine-tune"
