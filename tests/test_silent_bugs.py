"""Every bug shows its symptom: in the stored curves of all, and in a live run of two."""

import numpy as np
import pytest

from helpers import experiments, silent_bugs

ROWS = experiments.read_results("silent_bugs")


def last(case, key):
    return np.array([float(r[key].split()[-1]) for r in ROWS if r["case"] == case])


def best(case):
    return np.array([max(float(v) for v in r["val_accuracy"].split()) for r in ROWS if r["case"] == case])


def honest(case):
    return np.array([float(r["test"]) for r in ROWS if r["case"] == case])


def test_the_healthy_run_is_healthy_and_all_cases_are_stored():
    assert {r["case"] for r in ROWS} == set(silent_bugs.CASES) and len(silent_bugs.CASES) >= 9
    assert (honest("healthy") > 0.75).all() and np.abs(
        last("healthy", "val_accuracy") - honest("healthy")
    ).max() < 0.1


@pytest.mark.parametrize("case", ["preprocessing", "frozen", "softmax", "rate", "misaligned", "sorted"])
def test_these_end_far_below_the_healthy_run(case):
    assert honest(case).mean() < honest("healthy").mean() - 0.1


def test_batchnorm_learns_by_heart_but_is_worse_than_the_healthy_run():
    assert last("batchnorm", "accuracy").mean() > 0.9
    assert (honest("batchnorm") < honest("healthy")).all()


def test_misaligned_labels_are_never_right_on_validation():
    assert last("misaligned", "val_accuracy").max() < 0.25


def test_leakage_promises_more_than_the_test_keeps():
    assert (last("leakage", "val_accuracy") - honest("leakage")).mean() > 0.04


def test_choosing_on_a_few_test_pictures_promises_more_than_the_test_keeps():
    assert (best("chosen") - honest("chosen")).mean() > 0.03


def test_a_live_run_repeats_the_stored_one():
    result = silent_bugs.train("frozen", seed=0)
    stored = next(r for r in ROWS if (r["case"], r["seed"]) == ("frozen", "0"))
    assert result["test"] == pytest.approx(float(stored["test"]), abs=0.03)


def test_unknown_case():
    with pytest.raises(ValueError, match="leakage"):
        silent_bugs.train("ghost")
