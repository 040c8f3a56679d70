"""The verdict in words after all strategies ran."""

import pandas as pd
import pytest

from helpers.findings.lab_verdict import verdict


def runs(**accuracy):
    return pd.DataFrame(
        [
            {"strategy": name, "seed": seed, "accuracy": value}
            for name, values in accuracy.items()
            for seed, value in enumerate(values)
        ]
    )


def test_ties_and_the_textbook_are_named_with_their_interval():
    said = verdict(runs(probe=[0.7, 0.71, 0.7], svm=[0.9, 0.92, 0.88], ft=[0.91, 0.9, 0.9]), 500, ["probe"])
    assert said.startswith("Best over 3 seeds: ft, 90.3 ± 1.4 %. It ties with svm.")
    assert said.endswith("The textbook's choice, probe, loses to it: -20.0 ± 2.5 points.")


def test_the_best_may_be_the_textbooks_choice_and_a_choice_may_tie():
    assert "It is the textbook's choice." in verdict(runs(a=[0.9, 0.9], b=[0.1, 0.1]), 500, ["a"])
    said = verdict(runs(a=[0.9, 0.8], b=[0.8, 0.89]), 500, ["b"])
    assert "b, ties with it: -0.5 ± " in said
    assert "textbook" not in verdict(runs(a=[0.9, 0.9], b=[0.1, 0.1]), 500)


def test_one_seed_gives_no_interval_but_says_what_may_be_chance():
    said = verdict(runs(a=[0.90], b=[0.88], c=[0.5]), 200, ["c"])
    assert said.startswith("Highest with this one seed: a, 90.0 %. Within two standard errors of it: b. ")
    assert "textbook's choice, c, has 50.0 %" in said and "3 repeats" in said and "±" not in said


def test_a_seed_that_a_strategy_lacks_does_not_count():
    partly = runs(a=[0.9, 0.9, 0.9], b=[0.8, 0.8])
    assert "over 2 seeds" in verdict(partly, 500)
    for one in (runs(a=[0.9, 0.9]), runs(a=[0.9], b=[]).iloc[:1]):
        with pytest.raises(ValueError, match="two strategies"):
            verdict(one, 500)
