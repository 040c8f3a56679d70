"""Does the rule of `helpers.findings.what_to_tune` hold on shifts that it was written without?

Every part that the rule can name is tuned on every shift, and all layers. `helpers.findings.judged_advice`
looks up the part that the rule names after a comparison of images. The first shifts judged a first version of
the rule, which could also name "block1" alone or "nothing"; the exam judges the second one.
"""

from helpers.data.judging_shifts import EXAM_SHIFTS, FIRST_SHIFTS, JUDGING_SHIFTS
from helpers.studies import _surgery

SEEDS = 15  # the interval of one loss must be narrower than a point
PARTS = ("nothing", "block1", "head", "block1 and head", "all")
EXAM_PARTS = ("nothing", "head", "block1 and head", "all")


def cells() -> list[dict]:
    return [
        {"shift": shift, "tuned": part, "seed": seed}
        for seed in range(SEEDS)
        for shifts, parts in ((FIRST_SHIFTS, PARTS), (EXAM_SHIFTS, EXAM_PARTS))
        for shift in shifts
        for part in parts
    ]


def measure(cell: dict) -> dict:
    shift = JUDGING_SHIFTS[cell["shift"]]
    return {"kind": shift.kind, **_surgery.tune(shift, _surgery.PARTS[cell["tuned"]], cell["seed"])}
