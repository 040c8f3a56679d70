"""Papers in miniature: what each paper claims, and whether our small measurements agree.

Every claim becomes a difference, taken seed by seed, with its 95 % interval. It counts as reproduced
only if the whole interval is on the paper's side of zero. The tables come from `helpers/studies/`.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.strategies import registry
from helpers.studies.engine.statistics import interval

FULL = registry.FULL_FINE_TUNE.name
SHORT = {FULL: "full fine-tuning", registry.PROBE_THEN_FINE_TUNE.name: "LP-FT"}
SAME_NETWORK = ("shapes", "photos")  # sources with the architecture that the board trains from scratch
LITTLE = 0.02  # a gap in accuracy that hardly matters
LINE, SECOND_LINE = 94, "    "  # a notebook would break longer lines in the middle of a word
SCORES = {"logme": "LogME", "leep": "LEEP", "h_score": "H-score", "probe": "Quick probe"}


@dataclass(frozen=True)
class Finding:
    """One claim, and what was measured.

    Args:
        claim: in words.
        mean: of the differences that the claim says are above zero.
        half: half width of the 95 % interval of this mean.
        seeds: number of differences.
        unit: "points" (of accuracy), "Kendall's tau" or "CKA".
        margin: how far below zero the differences may lie; above zero for a claim such as "loses little".
        ours: whether the claim is a question of ours; then "yes" replaces "reproduced".
        over: what the differences are of: "seeds" or "targets".

    Example:
        >>> print(Finding("fish swim", mean=0.11, half=0.025, seeds=3))
        fish swim: reproduced (+11.0 ± 2.5 points, 3 seeds)
    """

    claim: str
    mean: float
    half: float
    seeds: int
    unit: str = "points"
    margin: float = 0.0
    ours: bool = False
    over: str = "seeds"

    @property
    def verdict(self) -> str:
        """One of "reproduced" (or "yes"), "no clear difference" and "the opposite"."""
        if self.mean - self.half > -self.margin:
            return "yes" if self.ours else "reproduced"
        return "the opposite" if self.mean + self.half < -self.margin else "no clear difference"

    def __str__(self):
        scale, digits = (100, 1) if self.unit == "points" else (1, 2)
        numbers = f"{scale * self.mean:+z.{digits}f} ± {scale * self.half:.{digits}f} {self.unit}"
        whole = (part.replace(" ", "\0") for part in (self.verdict, f"({numbers}, {self.seeds} {self.over})"))
        text = " ".join([f"{self.claim}:", *whole])
        lines = textwrap.wrap(text, LINE, subsequent_indent=SECOND_LINE, break_on_hyphens=False)
        return "\n".join(lines).replace("\0", " ")


def finding(
    claim: str,
    differences: Sequence[float] | pd.Series,
    unit: str = "points",
    margin: float = 0.0,
    ours: bool = False,
    over: str = "seeds",
) -> Finding:
    """Judge a claim by differences that should lie above zero.

    Args:
        claim: in words.
        differences: one per seed; NaN, where only one side has a seed, is left out.
        unit: of the differences.
        margin: how far below zero they may lie.
        ours: whether the claim is a question of ours instead of a paper's.
        over: what the differences are of: "seeds" or "targets".

    Raises:
        ValueError: fewer than two differences, so there is no interval.
    """
    known = pd.Series(differences, dtype=float).dropna()
    if len(known) < 2:
        raise ValueError(f"{claim!r} needs at least two {over}. Received: {len(known)}")
    mean, half = interval(known)
    return Finding(claim, mean, half, len(known), unit, margin, ours, over)


def yosinski(rows: pd.DataFrame) -> list[Finding]:
    """Yosinski et al. 2014: features become specific with depth, all the more for a far target.

    All runs are short, so a network that starts from random weights is far from its best: what beats it here
    may only learn faster. `he` judges longer training.

    Args:
        rows: of the study `yosinski`.
    """
    score = rows.pivot(index="seed", columns=["target", "way", "blocks"], values="accuracy")
    lost = {t: score[t, "frozen", 1] - score[t, "frozen", 4] for t in ("near", "far")}
    found = [finding("freezing four instead of one costs the far target more", lost["far"] - lost["near"])]
    for target in ("near", "far"):
        scratch, frozen = score[target, "scratch", 0], score[target, "frozen", 4]
        one, four = score[target, "tuned", 1], score[target, "tuned", 4]
        found += [
            finding(f"{target}: four frozen blocks are worse than one", lost[target]),
            finding(
                f"{target}: one block, fine-tuned, beats as short a training from scratch",
                one - scratch,
                ours=target == "far",
            ),
            finding(
                f"{target}: four blocks, fine-tuned, beat as short a training from scratch",
                four - scratch,
                ours=target == "far",
            ),
            finding(
                f"{target}: four blocks, fine-tuned, beat four frozen ones",
                four - frozen,
                ours=target == "far",  # the paper fine-tunes on the near target only
            ),
        ]
    return found


def distorted(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the accuracy in and out of distribution, each by seed (rows) and strategy (columns).

    Args:
        rows: of the study `distortion`; out of distribution is the mean over its shifts.
    """
    inside, outside = rows.query("shift == 'none'"), rows.query("shift != 'none'")
    return (
        inside.pivot(index="seed", columns="strategy", values="accuracy"),
        outside.pivot_table(index="seed", columns="strategy", values="accuracy"),
    )


def kumar(rows: pd.DataFrame) -> list[Finding]:
    """Kumar et al. 2022: fine-tuning wins in distribution and loses out of it; LP-FT wins in both.

    Args:
        rows: of the study `distortion`.
    """
    inside, outside = distorted(rows)
    ways = (registry.LINEAR_PROBE, registry.FULL_FINE_TUNE, registry.PROBE_THEN_FINE_TUNE)
    probe, tuned, both = (entry.name for entry in ways)
    return [
        finding("in distribution, fine-tuning beats the probe", inside[tuned] - inside[probe]),
        finding("out of distribution, the probe beats fine-tuning", outside[probe] - outside[tuned]),
        finding("in distribution, LP-FT beats the probe", inside[both] - inside[probe]),
        finding("in distribution, LP-FT beats fine-tuning", inside[both] - inside[tuned]),
        finding("out of distribution, LP-FT beats the probe", outside[both] - outside[probe]),
        finding("out of distribution, LP-FT beats fine-tuning", outside[both] - outside[tuned]),
    ]


def benefit(rows: pd.DataFrame, target: str, source: str, tuned: str = FULL) -> pd.DataFrame:
    """Return the accuracy of fine-tuning minus that of training from scratch.

    Args:
        rows: of the board.
        target: of one column of the board.
        source: of the same column.
        tuned: how it is fine-tuned.

    Returns:
        The difference by seed (rows) and images per class (columns), for sizes with at least two seeds.
    """
    here = rows.query("target == @target and source in [@source, 'none']")
    score = here.pivot(index="seed", columns=["strategy", "images"], values="accuracy")
    difference = score[tuned] - score[registry.FROM_SCRATCH.name]
    return difference.dropna(axis="columns", thresh=2).sort_index(axis="columns")


def raghu(
    rows: pd.DataFrame, target: str = "micrographs", source: str = "shapes", tuned: str = FULL
) -> list[Finding]:
    """Raghu et al. 2019: the benefit of transfer shrinks as data grow.

    The rival from scratch is our small network. A published source has another architecture and sees larger
    images, so its lead is not the benefit of transfer alone: the claim says so, and is a question of ours.

    Args:
        rows: of the board.
        target: of one column of the board.
        source: of the same column.
        tuned: how it is fine-tuned.

    Raises:
        ValueError: fewer than two sizes of this column have been measured.

    Example:
        >>> from helpers.findings import board
        >>> raghu(board.rows())[0].claim
        'micrographs: transfer helps more with 5 than with 100 images per class'
    """
    gain = benefit(rows, target, source, tuned)
    if len(gain.columns) < 2:
        raise ValueError(f"The board needs two sizes of {target} with source {source}; complete it first.")
    few, many = gain.columns[0], gain.columns[-1]
    sizes, ours = f"with {few} than with {many} images per class", source not in SAME_NETWORK
    if ours:
        who, rival = f"{source} (ImageNet, {SHORT.get(tuned, tuned)})", "our small network from scratch"
        shrinks = f"{target}: {who} is further ahead of {rival} {sizes}"
    else:
        who, rival = "fine-tuning", "random weights"
        shrinks = f"{target}: transfer helps more {sizes}"
    return [
        finding(shrinks, gain[few] - gain[many], ours=ours),
        *(
            finding(f"{target}: with {n} images per class, {who} beats {rival}", gain[n], ours=ours)
            for n in gain
        ),
    ]


def same_recipe(rows: pd.DataFrame) -> list[Finding]:
    """Do the weights of a source help, if nothing else differs? Below zero, this is negative transfer.

    Source of the term: Wang et al. 2019, "Characterizing and avoiding negative transfer".

    Args:
        rows: of the study `same_recipe`.
    """
    found = []
    for target in rows["target"].unique():
        score = rows[rows["target"] == target].pivot(index="seed", columns="source", values="accuracy")
        claim = f"{target}: the weights of shapes beat random ones, with one recipe"
        found.append(finding(claim, score["shapes"] - score["none"]))
    return found


def he(rows: pd.DataFrame) -> list[Finding]:
    """He et al. 2018: with longer training, random weights catch up.

    The gap is judged by its size, whichever of the two is ahead.

    Args:
        rows: of the study `scratch_catches_up`.
    """
    return [one for target in rows["target"].unique() for one in _caught_up(rows, target)]


def _caught_up(rows, target):
    here = rows.query("target == @target")
    score = here.pivot(index="seed", columns=["strategy", "epochs"], values="accuracy")
    gap = score[registry.FULL_FINE_TUNE.name] - score[registry.FROM_SCRATCH.name]
    short, long = min(gap), max(gap)
    return [
        finding(f"{target}: after {short} epoch{(short > 1) * 's'}, fine-tuning is ahead", gap[short]),
        finding(
            f"{target}: the gap is smaller after {long} epochs than after {short}",
            gap[short].abs() - gap[long].abs(),
        ),
        finding(
            f"{target}: after {long} epochs, random weights are less than {100 * LITTLE:.0f} points behind",
            -gap[long],
            margin=LITTLE,
        ),
    ]


def kendall(rows: pd.DataFrame, target: str, score: str) -> pd.Series:
    """Return Kendall's tau between a score and the fine-tuned accuracy of the sources, by seed.

    1: the same order; 0: no relation; -1: the opposite order.

    Args:
        rows: of the study `model_ranking`.
        target: one of its targets.
        score: one of SCORES.
    """
    pairs = rows.query("target == @target").groupby("seed")[[score, "fine_tuned"]]
    return pairs.apply(lambda pair: pair[score].corr(pair["fine_tuned"], method="kendall"))


def taus(rows: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return Kendall's tau on a target by seed (rows) and score (columns, by name).

    Args:
        rows: of the study `model_ranking`.
        target: one of its targets.
    """
    return pd.DataFrame({name: kendall(rows, target, score) for score, name in SCORES.items()})


def ranking(rows: pd.DataFrame) -> list[Finding]:
    """LogME, LEEP, H-score and a probe: do they order source models by their accuracy after fine-tuning?

    A tau above zero shows that an order is better than a random one; only a tau of 1 is the same order.

    Args:
        rows: of the study `model_ranking`.
    """
    return [
        finding(
            f"{target}: {name} orders the sources better than chance does",
            kendall(rows, target, score),
            "Kendall's tau",
            ours=score == "probe",
        )
        for target in rows["target"].unique()
        for score, name in SCORES.items()
    ]


def early_layers(rows: pd.DataFrame) -> list[Finding]:
    """Neyshabur et al. 2020: fine-tuning changes early layers less than late ones.

    Args:
        rows: of the study `cka_finetuning`.
    """
    layers = rows["layer"].unique()
    found = []
    for target in rows["target"].unique():
        here = rows.query("target == @target").pivot(index="seed", columns="layer")
        first, last, untrained = (
            here["fine_tuned", layers[0]],
            here["fine_tuned", layers[-1]],
            here["random", layers[0]],
        )
        found += [
            finding(f"{target}: block 1 changes less than block 4", first - last, "CKA"),
            finding(
                f"{target}: block 1 is more alike than an untrained one", first - untrained, "CKA", ours=True
            ),
        ]
    return found
