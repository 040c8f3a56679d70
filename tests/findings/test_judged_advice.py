"""The advice is judged by the parts that it names, seed by seed."""

import numpy as np
import pandas as pd
import pytest

from helpers.data.judging_shifts import (
    EXAM_SHIFTS,
    FIRST_SHIFTS,
    JUDGING_SHIFTS,
    fog,
    grey,
    in_halves,
    in_threes,
    passed_on,
    pixelated,
    stretched,
)
from helpers.data.shifts import SHIFTS
from helpers.findings import judged_advice
from helpers.findings.what_to_tune import FIRST, HEAD, Advice
from helpers.studies import _surgery, judging


def runs(accuracy):
    return pd.DataFrame(
        [
            {"shift": "fog", "tuned": part, "seed": seed, "accuracy": value + seed / 100}
            for part, value in accuracy.items()
            for seed in range(3)
        ]
    )


@pytest.mark.parametrize(
    "advised, verdict",
    [
        ((HEAD,), "the opposite"),
        ((FIRST, HEAD), "yes"),
    ],
)
def test_the_advised_part_is_compared_with_all_layers(monkeypatch, advised, verdict):
    monkeypatch.setattr(judged_advice, "advise", lambda shift, seed: Advice(advised, "", ""))
    table = runs({"nothing": 0.2, "block1": 0.8, "head": 0.6, "block1 and head": 0.695, "all": 0.7})
    (found,) = judged_advice.judge(table)
    assert found.verdict == verdict and found.claim.startswith("fog: the advice (")
    (fixed,) = judged_advice.always("block1", table)
    assert (fixed.claim, fixed.verdict) == ("fog: always block1 loses less than a point", "yes")


def test_the_judging_shifts_are_others_than_those_of_the_rule():
    assert not {*JUDGING_SHIFTS} & {*SHIFTS} and not {*EXAM_SHIFTS} & {*FIRST_SHIFTS}
    assert len(EXAM_SHIFTS) >= 4 and {*judging.EXAM_PARTS} < {*judging.PARTS} <= {*_surgery.PARTS}


def test_the_shifts_change_what_they_say():
    X, y = SHIFTS["exchanged"].draw(2, seed=3)
    y = SHIFTS["exchanged"].labels(y)  # exchanged twice: the names of the source
    assert fog(X).std() < 0.2 * X.std() and fog(X).mean() > X.mean()
    coarse = pixelated(X)
    assert (coarse[:, ::4, ::4].repeat(4, 1).repeat(4, 2) == coarse).all()
    assert abs(coarse.mean() - X.mean()) < 1
    with pytest.raises(ValueError, match="multiples of 5. Received: 32 and 32"):
        pixelated(X, side=5)
    assert len({*in_threes(y)}) == 4 and not (passed_on(y) == y).any() and {*passed_on(y)} == {*y}
    turned = JUDGING_SHIFTS["upside down"].draw(2, seed=3)[0]
    assert (turned[:, ::-1, ::-1] == X).all()
    assert np.ptp(grey(X), axis=-1).max() == 0 and abs(grey(X).mean() - X.mean()) < 1
    wide = stretched(X)
    assert wide.shape == X.shape and (wide[:, :, [0, -1]] == X[:, :, [5, -6]]).all()
    assert len({*in_halves(y)}) == 2 and (passed_on(y, first=3) != y).sum() == 6


@pytest.mark.slow
def test_images_get_the_advice_for_their_shift():
    advice = judged_advice.advise(JUDGING_SHIFTS["passed on"], 0)
    assert judged_advice.part_of(advice) == "head"
