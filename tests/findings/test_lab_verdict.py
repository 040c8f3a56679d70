"""The verdict in words after all strategies ran."""

import numpy as np
import pandas as pd
import pytest

from helpers.findings.lab_verdict import verdict

NONE = {}.get  # the answers image by image, which several seeds do not need


def runs(**accuracy):
    return pd.DataFrame(
        [
            {"strategy": name, "seed": seed, "accuracy": value}
            for name, values in accuracy.items()
            for seed, value in enumerate(values)
        ]
    )


def test_ties_and_the_textbook_are_named_with_their_interval():
    said = verdict(runs(probe=[0.7, 0.71, 0.7], svm=[0.9, 0.92, 0.88], ft=[0.91, 0.9, 0.9]), NONE, ["probe"])
    assert said.startswith("Best over 3 seeds: ft, 90.3 ± 1.4 %. It ties with svm.")
    assert said.endswith("The textbook's choice, probe, loses to it: -20.0 ± 2.5 points.")


def test_the_best_may_be_the_textbooks_choice_and_a_choice_may_tie():
    assert "It is the textbook's choice." in verdict(runs(a=[0.9, 0.9], b=[0.1, 0.1]), NONE, ["a"])
    said = verdict(runs(a=[0.9, 0.8], b=[0.8, 0.89]), NONE, ["b"])
    assert "b, ties with it: -0.5 ± " in said
    assert "textbook" not in verdict(runs(a=[0.9, 0.9], b=[0.1, 0.1]), NONE)


def of_one_seed(textbook, **correct):
    """The verdict on strategies that get the first images of 200 right, and on one seed."""
    right = {name: np.arange(200) < number for name, number in correct.items()}
    return verdict(runs(**{name: [answers.mean()] for name, answers in right.items()}), right.get, textbook)


def test_one_seed_gives_intervals_over_validation_images_and_says_what_they_cover():
    said = of_one_seed(["c"], a=180, b=178, c=100, d=179)
    assert said.startswith(
        "Highest with this one seed: a, 90.0 %. "
        "It ties with d, the second: +0.5 points, 95 % interval from -0.9 to +1.9. "
        "It beats c, the textbook's choice: +40.0 points, 95 % interval from +32.8 to +46.4. "
        "It also ties with b. "
    )
    assert "cover the choice of validation images. They do not cover the choice of training" in said
    assert "3 repeats" in said


def test_one_seed_says_that_the_textbooks_choice_is_the_best_the_second_or_has_not_run():
    assert "a, 90.0 %. It is the textbook's choice. It beats b, the second: " in of_one_seed("a", a=180, b=9)
    assert "It beats b, the second and the textbook's choice: " in of_one_seed("b", a=180, b=9)
    assert "The textbook's choice, c, has not run. " in of_one_seed("c", a=180, b=9)
    assert verdict(runs(a=[0.9, 0.9], b=[0.1, 0.1]), NONE, "c").endswith("choice, c, has not run.")


def test_a_seed_that_a_strategy_lacks_does_not_count():
    partly = runs(a=[0.9, 0.9, 0.9], b=[0.8, 0.8])
    assert "over 2 seeds" in verdict(partly, NONE)
    for one in (runs(a=[0.9, 0.9]), runs(a=[0.9], b=[]).iloc[:1]):
        with pytest.raises(ValueError, match="two strategies"):
            verdict(one, NONE)
