"""Which part of a network to tune, by what differs: inputs, features, label space or labels?

After Lee et al. 2023, "Surgical fine-tuning improves adaptation to distribution shifts": a source classifier
is tuned on a few target images, one part at a time.
"""

from helpers.data.shifts import SHIFTS
from helpers.studies import _surgery

SEEDS = 10


def cells() -> list[dict]:
    return [
        {"shift": shift, "tuned": part, "seed": seed}
        for seed in range(SEEDS)
        for shift in SHIFTS
        for part in _surgery.PARTS
    ]


def measure(cell: dict) -> dict:
    shift = SHIFTS[cell["shift"]]
    return {"kind": shift.kind, **_surgery.tune(shift, _surgery.PARTS[cell["tuned"]], cell["seed"])}
