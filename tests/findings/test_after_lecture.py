"""Claims of papers after the lecture: judged on made-up tables."""

import pandas as pd
import pytest

from helpers.findings import after_lecture

PARTS = ("nothing", "statistics", *after_lecture.SINGLE, "all")


def made_up(best, seeds=4):
    """A table in which one part of each kind is ten points better than all other parts."""
    return pd.DataFrame(
        [
            {
                "shift": f"a shift of {kind}",
                "kind": kind,
                "tuned": part,
                "seed": seed,
                "accuracy": 0.5
                + 0.01 * seed
                + 0.1 * (part == best[kind])
                + 0.001 * (part == "block4") * seed,
            }
            for kind in best
            for seed in range(seeds)
            for part in PARTS
        ]
    )


AS_LEE = {"input": "block1", "feature": "block3", "label": "head", "conditional": "head"}


def test_lee_is_reproduced_where_the_predicted_part_is_best():
    assert {one.verdict for one in after_lecture.lee(made_up(AS_LEE))} == {"reproduced"}


def test_lee_is_refuted_where_another_part_or_all_layers_are_best():
    found = after_lecture.lee(made_up(AS_LEE | {"input": "head", "label": "all"}))
    assert [one.verdict for one in found[:2]] == ["no clear difference", "the opposite"]
    assert [one.verdict for one in found[4:6]] == ["the opposite", "no clear difference"]


def test_a_score_does_not_choose_the_option_that_it_judges():
    lucky = pd.DataFrame({"A": [1.0, 0.0, 0.0], "B": [0.4, 0.4, 0.4]})
    assert after_lecture.best_elsewhere(lucky, ["A", "B"]).max() == 0.4
    with pytest.raises(ValueError, match="at least two"):
        after_lecture.best_elsewhere(lucky[:1], ["A"])


def test_a_kind_without_runs_is_named():
    with pytest.raises(ValueError, match="no runs for shifts of the kind 'label'"):
        after_lecture.by_seed(made_up({"input": "block1"}), "label")


def test_an_unfinished_seed_is_left_out():
    table = pd.concat([made_up(AS_LEE), made_up(AS_LEE).assign(shift="another")])[:-1]
    assert after_lecture.by_seed(table, "conditional").index.tolist() == [0, 1, 2]
    assert after_lecture.by_seed(table, "label").index.tolist() == [0, 1, 2, 3]


def test_few_parameters_may_lose_two_points():
    accuracy = {"head": 0.8, "biases": 0.89, "BatchNorm": 0.9, "LoRA, rank 1": 0.87, "LoRA, rank 4": 0.91}
    rows = [
        {"target": "t", "way": way, "seed": seed, "accuracy": value + 0.01 * seed}
        for way, value in (accuracy | {"all": 0.9}).items()
        for seed in range(3)
    ]
    verdicts = [one.verdict for one in after_lecture.few_parameters(pd.DataFrame(rows))]
    assert verdicts == ["reproduced", "reproduced", "the opposite", "reproduced"]
