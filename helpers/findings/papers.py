"""Papers in miniature: what each one claims, and whether our small world says the same.

Every claim becomes a difference, taken seed by seed, with its 95 % interval. It counts as reproduced
only where the whole interval is on the paper's side of zero. The tables come from `helpers/studies/`.
Used in notebooks 04 and 06.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.studies.engine.statistics import by_seed, interval

LITTLE = 0.02  # a gap in accuracy that hardly matters
LINE, SECOND_LINE = 94, "\n    "  # a notebook would break longer lines in the middle of a word
SCORES = {"logme": "LogME", "leep": "LEEP", "h_score": "H-score", "probe": "Quick probe"}


@dataclass(frozen=True)
class Finding:
    """One claim, and what was measured.

    Args:
        claim: in words.
        mean, half: of the difference that the claim says is above zero, and half its 95 % interval.
        seeds: how many differences there are.
        unit: "points" (of accuracy), "Kendall's tau" or "CKA".
    """

    claim: str
    mean: float
    half: float
    seeds: int
    unit: str = "points"

    @property
    def verdict(self) -> str:
        """ "reproduced", "no clear difference" or "the opposite"."""
        if self.mean - self.half > 0:
            return "reproduced"
        return "the opposite" if self.mean + self.half < 0 else "no clear difference"

    def __str__(self):
        scale, digits = (100, 1) if self.unit == "points" else (1, 2)
        numbers = f"{scale * self.mean:+z.{digits}f} ± {scale * self.half:.{digits}f} {self.unit}"
        words, numbers = f"{self.claim}: {self.verdict}", f"({numbers}, {self.seeds} seeds)"
        return words + (" " if len(words + numbers) < LINE else SECOND_LINE) + numbers


def finding(claim: str, differences: Sequence[float], unit: str = "points") -> Finding:
    """Judge a claim by differences, one a seed, that should lie above zero.

    Raises:
        ValueError: fewer than two differences: no interval can be given.
    """
    if len(differences) < 2:
        raise ValueError(f"{claim!r} needs at least two seeds. Received: {len(differences)}")
    mean, half = interval(differences)
    return Finding(claim, mean, half, len(differences), unit)


def minus(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """Differences of the seeds that both have."""
    return {seed: one[seed] - other[seed] for seed in one if seed in other}


def yosinski(rows: list[dict]) -> list[Finding]:
    """Yosinski et al. 2014: features grow specific with depth, the more so the farther the target.

    Args:
        rows: of the study `yosinski`.
    """
    found, lost = [], {}
    for target in ("near", "far"):

        def score(way, blocks, target=target):
            return by_seed(rows, target=target, way=way, blocks=blocks)

        lost[target] = minus(score("frozen", 1), score("frozen", 4))
        scratch = score("scratch", 0)
        found += [
            finding(f"{target}: four frozen blocks are worse than one", [*lost[target].values()]),
            *(
                finding(
                    f"{target}: {said}, tuned on, beat{'s' * (blocks == 1)} random weights",
                    [*minus(score("tuned", blocks), scratch).values()],
                )
                for blocks, said in ((1, "one block"), (4, "four blocks"))
            ),
            finding(
                f"{target}: four blocks, tuned on, beat four frozen ones",
                [*minus(score("tuned", 4), score("frozen", 4)).values()],
            ),
        ]
    far_more = [*minus(lost["far"], lost["near"]).values()]
    return [finding("freezing four instead of one costs the far target more", far_more), *found]


def distorted(rows: list[dict]) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Accuracy in and out of distribution, each by strategy and seed.

    Args:
        rows: of the study `distortion`; out of distribution is the mean of its shifts.
    """
    shifts = list(dict.fromkeys(r["shift"] for r in rows))

    def means(chosen):
        ways = {}
        for way in dict.fromkeys(r["strategy"] for r in rows):
            parts = [by_seed(rows, strategy=way, shift=shift) for shift in chosen]
            ways[way] = {seed: float(np.mean([part[seed] for part in parts])) for seed in parts[0]}
        return ways

    return means(["none"]), means([shift for shift in shifts if shift != "none"])


def kumar(rows: list[dict]) -> list[Finding]:
    """Kumar et al. 2022: fine-tuning wins in distribution, loses out of it; LP-FT gets both.

    Args:
        rows: of the study `distortion`.
    """
    inside, outside = distorted(rows)
    probe, tuned, both = "Linear probe", "Full fine-tune", "Probe, then fine-tune"
    return [
        finding(claim, [*minus(part[one], part[other]).values()])
        for claim, part, one, other in (
            ("in distribution, fine-tuning beats the probe", inside, tuned, probe),
            ("out of distribution, the probe beats fine-tuning", outside, probe, tuned),
            ("in distribution, LP-FT beats the probe", inside, both, probe),
            ("in distribution, LP-FT beats fine-tuning", inside, both, tuned),
            ("out of distribution, LP-FT beats the probe", outside, both, probe),
            ("out of distribution, LP-FT beats fine-tuning", outside, both, tuned),
        )
    ]


def benefit(rows: list[dict], target: str, source: str) -> dict[int, dict[str, float]]:
    """Accuracy of full fine-tuning minus that of training from scratch, by images a class and seed.

    Args:
        rows: of the board (target, source, strategy, images, seed, accuracy).
    """
    here = [r for r in rows if r["target"] == target]
    differences = {
        n: minus(
            by_seed(here, strategy="Full fine-tune", source=source, images=n),
            by_seed(here, strategy="From scratch", images=n),
        )
        for n in sorted({int(r["images"]) for r in here})
    }
    return {n: seeds for n, seeds in differences.items() if len(seeds) >= 2}


def raghu(rows: list[dict], target: str = "micrographs", source: str = "shapes") -> list[Finding]:
    """Raghu et al. 2019: the benefit of transfer shrinks as data grow.

    Args:
        rows: of the board.
        target, source: one column of it.

    Raises:
        ValueError: fewer than two sizes of this column have been measured.
    """
    by_size = benefit(rows, target, source)
    if len(by_size) < 2:
        raise ValueError(f"The board has not two sizes of {target} with the source {source} yet.")
    few, many = min(by_size), max(by_size)
    shrinks = [*minus(by_size[few], by_size[many]).values()]
    return [
        finding(f"{target}: transfer helps more with {few} than with {many} images a class", shrinks),
        *(
            finding(f"{target}: with {n} images a class, fine-tuning beats random weights", [*seeds.values()])
            for n, seeds in by_size.items()
        ),
    ]


def he(rows: list[dict]) -> list[Finding]:
    """He et al. 2018: trained longer, random weights catch up.

    Args:
        rows: of the study `scratch_catches_up`.
    """
    return [one for target in dict.fromkeys(r["target"] for r in rows) for one in _caught_up(rows, target)]


def _caught_up(rows, target):
    here = [r for r in rows if r["target"] == target]
    gap = {
        epochs: minus(
            by_seed(here, strategy="Full fine-tune", epochs=epochs),
            by_seed(here, strategy="From scratch", epochs=epochs),
        )
        for epochs in sorted({int(r["epochs"]) for r in here})
    }
    short, long = min(gap), max(gap)
    shrinks = [*minus(gap[short], gap[long]).values()]
    return [
        finding(
            f"{target}: after {short} epoch{(short > 1) * 's'}, fine-tuning is ahead", [*gap[short].values()]
        ),
        finding(f"{target}: the gap is smaller after {long} epochs than after {short}", shrinks),
        finding(
            f"{target}: after {long} epochs, random weights are less than {100 * LITTLE:.0f} points behind",
            [LITTLE - difference for difference in gap[long].values()],
        ),
    ]


def kendall(rows: list[dict], target: str, score: str) -> dict[str, float]:
    """Kendall's tau between a score and the fine-tuned accuracy of the sources, by seed.

    1: the same order; 0: no relation; -1: the opposite order.

    Args:
        rows: of the study `model_ranking`.
        score: one of SCORES.
    """
    from scipy.stats import kendalltau

    here = [r for r in rows if r["target"] == target]
    taus = {}
    for seed in dict.fromkeys(r["seed"] for r in here):
        pairs = [(float(r[score]), float(r["fine_tuned"])) for r in here if r["seed"] == seed]
        taus[seed] = float(kendalltau(*zip(*pairs, strict=True)).statistic)
    return taus


def best_score(rows: list[dict], target: str) -> str:
    """Name of the score with the highest mean Kendall's tau on a target.

    Args:
        rows: of the study `model_ranking`.
    """
    mean = {name: interval([*kendall(rows, target, score).values()])[0] for score, name in SCORES.items()}
    return max(mean, key=mean.__getitem__)


def ranking(rows: list[dict]) -> list[Finding]:
    """LogME, LEEP, H-score and a probe: do they order source models as fine-tuning does?

    Args:
        rows: of the study `model_ranking`.
    """
    return [
        finding(
            f"{target}: {name} orders the sources as fine-tuning does",
            [*kendall(rows, target, score).values()],
            "Kendall's tau",
        )
        for target in dict.fromkeys(r["target"] for r in rows)
        for score, name in SCORES.items()
    ]


def early_layers(rows: list[dict]) -> list[Finding]:
    """Kornblith et al. 2019, Neyshabur et al. 2020: fine-tuning leaves early layers as they were.

    Args:
        rows: of the study `cka_finetuning`.
    """
    layers = list(dict.fromkeys(r["layer"] for r in rows))
    found = []
    for target in dict.fromkeys(r["target"] for r in rows):
        first, last = (by_seed(rows, "fine_tuned", target=target, layer=la) for la in (layers[0], layers[-1]))
        untrained = by_seed(rows, "random", target=target, layer=layers[0])
        found += [
            finding(f"{target}: block 1 changes less than block 4", [*minus(first, last).values()], "CKA"),
            finding(
                f"{target}: block 1 is more alike than an untrained one",
                [*minus(first, untrained).values()],
                "CKA",
            ),
        ]
    return found
