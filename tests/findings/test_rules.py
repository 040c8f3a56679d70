"""Rules that choose a strategy, on made-up draws."""

import dataclasses

import pandas as pd
import pytest

from helpers.findings import board, rules
from helpers.findings.board import LP_FT, PROBE, SCRATCH, SVM
from helpers.findings.rules import Draw
from helpers.strategies import registry

FULL, FINE_TUNE = registry.FULL_FINE_TUNE.name, registry.FINE_TUNE.name
DRAW = Draw(
    *("plankton", "photos", 5, 0, "different", 60),
    {PROBE: (0.5, 0.6), SVM: (0.5, 0.4), LP_FT: (0.55, 0.5), SCRATCH: (0.2, 0.3)},
    {PROBE: 0.6, SVM: 0.5, LP_FT: 0.7, SCRATCH: 0.3},
)


def draw(target="plankton", seed=0, images=5, probe=0.5, svm=0.5, **accuracy):
    named = {"reached": PROBE, "lp_ft": LP_FT}
    reached = DRAW.accuracy | {named[name]: value for name, value in accuracy.items()}
    validation = dict(DRAW.validation) | {PROBE: (probe,), SVM: (svm,)}
    return dataclasses.replace(
        DRAW, target=target, seed=seed, images=images, validation=validation, accuracy=reached
    )


def test_draws_join_what_needs_no_source_and_leave_out_incomplete_ones():
    row = {"target": "flowers", "source": "photos", "strategy": PROBE, "images": 5, "seed": 0}
    row |= {"validation_scores": "0.5000 0.2500", "validated": 25, "accuracy": 0.4}
    runs = pd.DataFrame(
        [
            row,
            row | {"strategy": SVM},
            row | {"strategy": SCRATCH, "source": "none", "validation_scores": "0.1000 0.3000"},
        ]
    )
    seeds = [runs.assign(seed=seed) for seed in range(board.ENOUGH)]
    runs = pd.concat([*seeds, pd.DataFrame([row | {"seed": board.ENOUGH}])])
    found, *others = rules.draws(runs, [PROBE, SCRATCH])
    assert len(others) == board.ENOUGH - 1
    assert (found.likeness, found.validated, found.images) == ("similar", 25, 5)
    assert found.validation[SCRATCH] == (0.1, 0.3) and found.default(PROBE) == found.best(PROBE) == 0.5
    assert len(rules.draws(runs, [PROBE])) == board.ENOUGH + 1 and rules.draws(runs, [LP_FT]) == []


def test_a_cell_with_fewer_draws_than_a_verdict_needs_is_left_out():
    row = {"target": "flowers", "source": "photos", "strategy": PROBE, "images": 5}
    row |= {"validation_scores": "0.5000 0.2500", "validated": 25, "accuracy": 0.4}
    runs = pd.DataFrame([row | {"seed": seed} for seed in range(board.ENOUGH)])
    assert len(rules.draws(runs, [PROBE])) == board.ENOUGH
    assert rules.draws(runs.iloc[1:], [PROBE]) == []


def test_the_textbook_and_one_strategy_everywhere():
    assert rules.textbook(DRAW) == SVM
    assert rules.textbook(dataclasses.replace(DRAW, likeness="similar")) == PROBE
    large = dataclasses.replace(DRAW, images=100)
    assert rules.textbook(large) == FINE_TUNE
    assert rules.textbook(dataclasses.replace(large, accuracy={FULL: 0.5})) == FULL
    assert rules.always(FULL)(DRAW) == FULL


def test_a_race_drops_the_worst_default_and_lets_the_others_show_their_best():
    # The SVM ties with the probe at first and is named later, so that the probe leaves.
    assert rules.race(DRAW) == LP_FT
    assert rules.race(draw(svm=0.4)) == LP_FT
    late = dataclasses.replace(DRAW, validation=DRAW.validation | {SVM: (0.4, 0.9)})
    assert rules.race(late) == PROBE  # 0.60 against 0.55 of LP-FT; the SVM's 0.9 was never tried


def test_lp_ft_unless_an_earlier_layer_is_ahead_by_more_than_chance():
    """Of 60 images, one standard error of the difference is 0.09, three of 0.5 and 0.75 are 0.26."""
    assert rules.unless_ahead(DRAW) == LP_FT
    assert rules.unless_ahead(draw(svm=0.58)) == LP_FT
    assert rules.unless_ahead(draw(svm=0.6)) == SVM
    assert rules.unless_ahead(draw(svm=0.75), errors=3) == LP_FT
    assert rules.unless_ahead(draw(svm=0.77), errors=3) == SVM
    assert rules.unless_ahead(draw(probe=0.77)) == LP_FT
    assert rules.unless_ahead(DRAW, PROBE) == PROBE and rules.unless_ahead(draw(svm=0.6), PROBE) == SVM


def test_the_first_rule_takes_what_is_further_ahead_of_the_probe():
    def with_scratch(score, svm=0.5):
        asked = draw(svm=svm)
        return dataclasses.replace(asked, validation=asked.validation | {SCRATCH: (score,)})

    assert rules.unless_any_ahead(with_scratch(0.58)) == LP_FT
    assert rules.unless_any_ahead(with_scratch(0.7)) == SCRATCH
    assert rules.unless_any_ahead(with_scratch(0.7, svm=0.75)) == SVM
    assert rules.unless_any_ahead(with_scratch(0.3, svm=0.6)) == SVM


def test_with_many_images_four_strategies_validate_and_a_tie_goes_to_what_trains_more():
    assert rules.validated(draw(svm=0.6)) == SVM, "with few images, as without this comparison"
    assert rules.validated(draw(images=50, svm=0.6, probe=0.62)) == PROBE
    assert rules.validated(draw(images=50, svm=0.55)) == LP_FT
    scratch = dict(DRAW.validation) | {SCRATCH: (0.2, 0.9)}
    assert rules.validated(dataclasses.replace(DRAW, images=50, validation=scratch)) == SCRATCH


def test_the_nearest_draws_never_come_from_the_target_itself():
    others = [draw(f"other {k}", probe=0.5, lp_ft=0.9) for k in range(5)]
    own = [draw("plankton", seed=k, probe=0.5, lp_ft=0.1) for k in range(9)]
    rule = rules.nearest_draws(others + own)
    assert rule(own[0]) == LP_FT  # its own draws, where LP-FT is the worst, do not count
    assert rule(draw("new", svm=0.99)) == SVM  # measured, not predicted
    assert rules.nearest_draws([draw(f"other {k}", lp_ft=0.1) for k in range(5)])(DRAW) == PROBE


def test_regret_is_the_distance_to_the_best_mean_on_the_same_draw():
    asked = [draw(seed=0, lp_ft=0.8, reached=0.9), draw(seed=1, lp_ft=0.8, reached=0.5)]
    lost = rules.regrets(asked, {"probe": rules.always(PROBE), "full": rules.always(FULL)})
    assert lost["probe"].tolist() == pytest.approx([-10, 30]) and lost["full"].isna().all()
    assert lost.index.names == ["target", "source", "images", "seed"]
    with pytest.raises(ValueError, match="Received: none"):
        rules.regrets([], {})


def test_the_best_strategy_is_one_that_every_draw_of_the_cell_has():
    asked = [draw(seed=0, lp_ft=0.8, reached=0.6), draw(seed=1, lp_ft=0.8, reached=0.6)]
    asked[0] = dataclasses.replace(asked[0], accuracy=asked[0].accuracy | {FULL: 1.0})
    assert rules.regrets(asked, {"probe": rules.always(PROBE)})["probe"].tolist() == pytest.approx([20, 20])


def test_each_target_counts_once_in_the_summary_and_in_a_lead():
    asked = [draw("a", seed=k, lp_ft=0.9, reached=0.8) for k in range(3)] + [
        draw("b", lp_ft=0.9, reached=0.5)
    ]
    lost = rules.regrets(asked, {"probe": rules.always(PROBE), "lp-ft": rules.always(LP_FT)})
    table = rules.summary(lost)
    assert table.index.tolist() == ["lp-ft", "probe"]
    assert table.loc["probe", ["mean", "worst"]].tolist() == pytest.approx([25, 40])
    mean, low, high = rules.lead(lost, "lp-ft", "probe")
    assert (mean, high - mean) == pytest.approx((25, 12.706 * 15), rel=1e-3) and mean - low == high - mean
