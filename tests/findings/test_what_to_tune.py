"""From the four differences to the part of a network that is tuned."""

import pandas as pd
import pytest

from helpers.data.domains import Domain, Task
from helpers.data.shifts import SHIFTS, Shift
from helpers.findings.comparison import PARTS, Comparison, Difference, compare
from helpers.findings.what_to_tune import gain, what_to_tune
from helpers.studies.engine.tables import read_results


def differing(*names):
    return Comparison([Difference(name, name in names, "") for name in PARTS])


@pytest.mark.parametrize(
    "names, tune, without_labels",
    [
        ((), ("head",), "nothing"),
        (PARTS[1:2], ("first block", "head"), "statistics only"),
        (PARTS[2:3], ("new head",), "nothing"),
        (PARTS[3:4], ("head",), "nothing"),
        (PARTS[1:3], ("first block", "new head"), "statistics only"),
        ((PARTS[1], PARTS[3]), ("first block", "head"), "statistics only"),
    ],
)
def test_what_differs_decides_what_to_tune(names, tune, without_labels):
    advice = what_to_tune(differing(*names))
    assert (advice.tune, advice.without_labels) == (tune, without_labels)
    assert repr(advice).startswith(f"Tune: {' and '.join(tune)}. ")
    assert ("this gains" in advice.measured) == (len(names) == 1), "the study has one difference at a time"


def test_the_advice_names_what_the_study_measured():
    runs = read_results("surgical").query("shift == 'exchanged'").set_index(["seed", "tuned"])["accuracy"]
    lead = 100 * (runs.xs("head", level="tuned") - runs.xs("all", level="tuned")).mean()
    assert f"{lead:+.1f} ± " in what_to_tune(differing(PARTS[3])).measured


def test_labels_that_cannot_be_compared_change_nothing():
    row = Difference(PARTS[3], None, "The inputs are too far apart.")
    assert what_to_tune(Comparison([*differing(PARTS[1])[:3], row])).tune == ("first block", "head")
    assert what_to_tune(Comparison([*differing(PARTS[2])[:3], row])).tune == ("new head",)


def test_other_feature_spaces_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match="feature spaces differ.*images of the same size"):
        what_to_tune(differing(PARTS[0]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, tune",
    [("night", ("first block", "head")), ("regrouped", ("new head",)), ("exchanged", ("head",))],
)
def test_images_go_from_a_comparison_to_advice(name, tune):
    source, target = (shift.draw(10, seed) for shift, seed in ((Shift("none"), 1), (SHIFTS[name], 2)))
    found = compare(*((Domain(X), Task(y)) for X, y in (source, target)))
    assert what_to_tune(found).tune == tune


def test_the_gain_is_paired_by_seed_and_shift():
    runs = pd.DataFrame(
        [
            {
                "kind": "input",
                "shift": shift,
                "tuned": tuned,
                "seed": seed,
                "accuracy": 0.5 + 0.1 * seed + more,
            }
            for shift, more_of_block in (("night", 0.2), ("blur", 0.1))
            for seed in range(3)
            for tuned, more in (("block1", more_of_block), ("all", 0.0))
        ]
    )
    mean, half = gain(runs, "block1", "all", "input")
    assert mean == pytest.approx(0.15) and half == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="no runs of 'head' and 'all' for shifts of the kind input"):
        gain(runs, "head", "all", "input")
