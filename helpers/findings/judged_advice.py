"""Is the advice of `what_to_tune` as good as tuning all layers, on shifts that it was written without?

For each shift and seed, `compare` gets as many images of the source as the target has, and the rule names a
part. Its accuracy, from the study `judging`, is compared with that of tuning all layers. So is a rival that
compares nothing: the same part, always.
"""

import pandas as pd

from helpers.data.domains import Domain, Task
from helpers.data.judging_shifts import JUDGING_SHIFTS
from helpers.data.shifts import Shift
from helpers.findings.comparison import compare
from helpers.findings.papers import Finding, finding
from helpers.findings.what_to_tune import Advice, part_of, what_to_tune
from helpers.studies import _surgery

MARGIN = 0.01  # of accuracy: what the advice may lose
SOURCE = Shift("none")


def advise(shift: Shift, seed: int) -> Advice:
    """Compare source and target images of the study `judging`, and return the advice.

    Args:
        shift: from the source to the target.
        seed: of the study; it draws the same target images.
    """
    samples = SOURCE.draw(_surgery.TRAIN, [seed, 2]), shift.draw(_surgery.TRAIN, seed)
    source, target = ((Domain(X), Task(y)) for X, y in samples)
    return what_to_tune(compare(source, target))


def judge(runs: pd.DataFrame) -> list[Finding]:
    """Judge the advice on every shift: does it lose less than one point to tuning all layers?

    Args:
        runs: of the study `judging`, of some shifts; images of each shift and seed are compared, which takes
            some seconds.
    """
    found = []
    for shift, here in runs.groupby("shift", sort=False):
        score = here.pivot(index="seed", columns="tuned", values="accuracy")
        advised = {seed: part_of(advise(JUDGING_SHIFTS[shift], seed)) for seed in score.index}
        gains = [score.at[seed, part] - score.at[seed, "all"] for seed, part in advised.items()]
        different = [*dict.fromkeys(advised.values())]
        names = " or ".join(different) if len(different) < 3 else f"{len(different)} different ones"
        found.append(_little_lost(shift, f"the advice ({names})", gains))
    return found


def always(part: str, runs: pd.DataFrame) -> list[Finding]:
    """Judge a rule that needs no comparison: tune the same part, whatever differs.

    Args:
        part: one of those that the study `judging` tunes, such as "block1 and head".
        runs: as for `judge`.
    """
    found = []
    for shift, here in runs.groupby("shift", sort=False):
        score = here.pivot(index="seed", columns="tuned", values="accuracy")
        found.append(_little_lost(shift, f"always {part}", score[part] - score["all"]))
    return found


def _little_lost(shift, what, gains):
    return finding(f"{shift}: {what} loses less than a point", gains, margin=MARGIN, ours=True)
