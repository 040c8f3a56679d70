"""What the board shows: the lecture's rule, its third scenario, and what tuning is worth.

Its rows come from the study `board`: every strategy chose one of four configurations by validation
within the training images. A cell is a target, a source and a number of images per class. Verdicts in a cell
are paired over seeds. Statements over targets count each target once, with an interval over targets
(`helpers.studies.engine.statistics.over_targets`). A target that a trivial baseline nearly solves is marked,
and averages leave it out.

Seeds draw other training images, except where a draw takes all images of the target: there, seeds differ
only in folds and first weights, and their interval says nothing about other images. Such a cell has no
verdict.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.environment import ROOT
from helpers.findings.trivial import marked
from helpers.strategies import registry
from helpers.studies._targets import TARGETS
from helpers.studies.engine.statistics import best_elsewhere, chosen_elsewhere, over_targets, paired
from helpers.studies.engine.tables import read_results

PAGE = ROOT / "docs" / "board.md"
PROBE, SVM = registry.LINEAR_PROBE.name, registry.EARLIER_LAYER_SVM.name
SCRATCH = registry.FROM_SCRATCH.name
FINE_TUNED = tuple(entry.name for entry in registry.entries() if entry.trains_network and entry.uses_source)
LP_FT = registry.PROBE_THEN_FINE_TUNE.name
SMALL = 5  # the small size that figures show, in images per class
LARGE = 100  # images per class from which a set counts as large
ENOUGH = 3  # the fewest seeds of a cell that is judged: with two, the interval is too wide to be useful
NO_VERDICT = "no verdict"
CELL = ["target", "source", "images"]
LIKENESS = {name: target.likeness for name, target in TARGETS.items()}


def likeness(target: str, source: str | None) -> str | None:
    """Return what was declared of a target and a source; None for a pair that is not on the board.

    Example:
        >>> likeness("pacs_sketch", "VGG16"), likeness("pacs_sketch", "shapes")
        ('different', None)
    """
    named = TARGETS.get(target)
    return named.likeness if named and source in named.sources else None


def rows() -> pd.DataFrame:
    """Return the runs of the board.

    Example:
        >>> {"accuracy", "default_accuracy", "validation_scores"} <= {*rows()}
        True
    """
    return read_results("board")


def counted(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs on targets that averages count: those that no trivial baseline nearly solves.

    Example:
        >>> "digits" in {*rows()["target"]}, "digits" in {*counted(rows())["target"]}
        (True, False)
    """
    return runs[~runs["target"].isin(marked(runs, read_results("trivial_baselines")))]


def columns(runs: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of a target and a source, in the order of the declaration."""
    pairs = {*runs.loc[runs["source"] != "none", ["target", "source"]].itertuples(index=False, name=None)}
    return [(name, source) for name in TARGETS for source in TARGETS[name].sources if (name, source) in pairs]


def of(runs: pd.DataFrame, target: str, source: str) -> pd.DataFrame:
    """Return the runs of one target with this source, and those from random weights, which need none."""
    return runs.query("target == @target and source in [@source, 'none']")


def column(runs: pd.DataFrame, target: str, source: str, value: str = "accuracy") -> pd.DataFrame:
    """Return one column of the board.

    Args:
        runs: as `rows` returns them.
        target: a target.
        source: a source; training from random weights, which needs none, belongs to every source.
        value: "accuracy", with the chosen configuration, or "default_accuracy".

    Returns:
        Accuracy with a row for each (images, seed) and a column for each strategy.
    """
    part = of(runs, target, source)
    table = part.pivot(index=["images", "seed"], columns="strategy", values=value)
    return table[[name for name in registry.names() if name in table]]


def cell(part: pd.DataFrame, images: int) -> pd.DataFrame:
    """Return the strategies of a column with enough seeds at this size, for the seeds that all of them have.

    Args:
        part: of `column`.
        images: per class.
    """
    here = part.loc[images]
    here = here[[name for name in here if here[name].notna().sum() >= ENOUGH]].dropna()
    return here if len(here) >= ENOUGH else here.iloc[:0, :0]


def judged_sizes(part: pd.DataFrame) -> list[int]:
    """Return the sizes with networks that were fine-tuned and networks from scratch beside frozen features.

    Args:
        part: of `column`.
    """
    return [
        images
        for images in sorted(part.index.unique("images"))
        if {PROBE, SVM, SCRATCH} <= {*(here := cell(part, images))} and {*FINE_TUNED} & {*here}
    ]


def textbook(likeness: str, images: int, measured: Sequence[str]) -> str:
    """Return the lecture's strategy: by likeness if there are few images, and full fine-tuning if many.

    A target between similar and different counts as different. Where full fine-tuning was not measured,
    fine-tuning from a late block stands for it.

    Example:
        >>> textbook("between", 5, [])
        'Earlier-layer SVM'
    """
    if images >= LARGE:
        full = registry.FULL_FINE_TUNE.name
        return full if full in measured else registry.FINE_TUNE.name
    return PROBE if likeness == "similar" else SVM


def verdicts(runs: pd.DataFrame, value: str = "accuracy") -> pd.DataFrame:
    """Compare the textbook strategy of each cell with the best other one, paired by seed.

    For each seed, the rival is the strategy that is best for the other seeds, so that no score chooses the
    rival which it judges.

    Args:
        runs: as `rows` returns them.
        value: as for `column`.

    Returns:
        One row per cell: target, source, images, likeness, textbook, verdict ("beats", "ties with", "loses
        to", or "no verdict" where each draw takes all images), rival (of most seeds), gap and half (points:
        mean of the paired differences, and half of its 95 % interval), seeds, rivals (number of the others).

    Example:
        >>> one = verdicts(rows()).query("target == 'micrographs' and images == 5").iloc[0]
        >>> one["textbook"], one["verdict"]
        ('Earlier-layer SVM', 'loses to')
    """
    found = []
    for target, source in columns(runs):
        part = column(runs, target, source, value)
        for images in judged_sizes(part):
            here = cell(part, images)
            rule = textbook(LIKENESS[target], images, here)
            if rule in here:
                others = [name for name in here if name != rule]
                rival = chosen_elsewhere(here, others).mode()[0]
                compared = _compared(target, images, here[rule], best_elsewhere(here, others))
                place = {"target": target, "source": source, "images": images, "likeness": LIKENESS[target]}
                found.append(place | {"textbook": rule, "rival": rival, "rivals": len(others)} | compared)
    return pd.DataFrame(found)


def head_to_head(runs: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Compare two strategies in every cell, paired by seed.

    Args:
        runs: as `rows` returns them.
        one: a strategy.
        other: the one that it is compared with.

    Returns:
        One row per cell: target, source, images, likeness, verdict (of `one`; as for `verdicts`), gap, half
        (points), seeds.

    Example:
        >>> one = head_to_head(rows(), SVM, PROBE).query("target == 'digits' and images == 5").iloc[0]
        >>> one["verdict"]  # of an earlier layer against the last one
        'beats'
    """
    found = []
    for target, source in columns(runs):
        part = column(runs, target, source).filter([one, other])  # with all of their seeds
        for images in sorted(part.index.unique("images")):
            here = cell(part, images)
            if {one, other} <= {*here}:
                place = {"target": target, "source": source, "images": images, "likeness": LIKENESS[target]}
                found.append(place | _compared(target, images, here[one], here[other]))
    return pd.DataFrame(found)


def decided(found: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with a verdict.

    Args:
        found: of `verdicts` or `head_to_head`.

    Example:
        >>> NO_VERDICT in {*decided(verdicts(rows()))["verdict"]}
        False
    """
    return found[found["verdict"] != NO_VERDICT]


def _compared(target, images, one, other):
    word, gap, half = paired(one, other)
    if images == TARGETS[target].pool:
        word, half = NO_VERDICT, math.nan
    return {"verdict": word, "gap": 100 * gap, "half": 100 * half, "seeds": len((one - other).dropna())}


def sentence(verdict: Mapping) -> str:
    """Return a row of `verdicts` in words."""
    where = f"{verdict['target']}, {verdict['images']} per class"
    word = "against" if verdict["verdict"] == NO_VERDICT else verdict["verdict"]
    # The best other strategy can change from seed to seed, so the gap is not that to the one that is named.
    return (
        f"{where}: {verdict['textbook']} {word} the best other strategy, for most seeds {verdict['rival']} "
        f"({in_points(verdict)} points)"
    )


def in_points(verdict: Mapping) -> str:
    """Return the gap of a row of `verdicts` or `head_to_head` with its interval, where it has one.

    Example:
        >>> in_points({"gap": 1.26, "half": 0.5}), in_points({"gap": 1.26, "half": math.nan})
        ('+1.3 ± 0.5', '+1.3')
    """
    half = "" if math.isnan(verdict["half"]) else f" ± {verdict['half']:.1f}"
    return f"{verdict['gap']:+z.1f}{half}"


def crossing(part: pd.DataFrame, one: str = LP_FT, other: str = PROBE) -> int | None:
    """Return the images per class from which on one strategy beats another.

    Args:
        part: one column of the board, as `column` returns it.
        one: the strategy that may win.
        other: the strategy that it is compared with.

    Returns:
        The smallest measured size from which on, at every larger one too, the 95 % interval of the paired
        difference lies above zero; None if there is no such size.
    """
    first = None
    for images in sorted(part.index.unique("images"), reverse=True):
        here = cell(part, images)
        if {one, other} <= {*here}:
            if paired(here[one], here[other])[0] != "beats":
                break
            first = images
    return first


def tuning_gains(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what the choice of a configuration is worth, by strategy, in cells with enough seeds.

    Args:
        runs: as `rows` returns them.

    Returns:
        One row per strategy: mean, low, high (points of test accuracy, chosen minus default; the interval is
        over targets), targets (their number), top and most (the target with the largest gain, and that gain),
        left (share of runs that chose another configuration than the default).
    """
    found = {}
    seeds = runs.groupby([*CELL, "strategy"])["seed"].transform("count")
    for name in registry.names():
        part = runs[(runs["strategy"] == name) & (seeds >= ENOUGH)]
        if len(part):
            gains = 100 * (part["accuracy"] - part["default_accuracy"]).set_axis(part["target"])
            mean, low, high = over_targets(gains.rename_axis("target"))
            each = gains.groupby(level=0).mean()
            found[name] = {
                **{"mean": mean, "low": low, "high": high, "targets": len(each)},
                **{"top": each.idxmax(), "most": each.max(), "left": (part["chosen"] > 1).mean()},
            }
    return pd.DataFrame.from_dict(found, orient="index")


def vgg16_gains(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what LP-FT of VGG16 gains over its linear probe on each target.

    With many images, there is one draw a target: too few for a verdict, so only the mean over targets counts.

    Args:
        runs: as `rows` returns them.

    Returns:
        Points, a row per target: few and many (the smallest and the largest size; means over the draws that
        have both strategies).
    """
    found = {}
    for target, source in columns(runs):
        if source == "VGG16":
            part = column(runs, target, source)
            gains = 100 * (part[LP_FT] - part[PROBE]).dropna().groupby("images").mean()
            found[target] = {"few": gains.iloc[0], "many": gains.iloc[-1]}
    return pd.DataFrame.from_dict(found, orient="index")


def flips(runs: pd.DataFrame) -> tuple[int, int]:
    """Return how many verdicts differ between chosen and default configurations, and the number of all.

    Args:
        runs: as `rows` returns them.
    """
    tuned, default = decided(verdicts(runs)), decided(verdicts(runs, "default_accuracy"))
    both = tuned.merge(default, on=CELL, suffixes=("", "_default"))
    return int((both["verdict"] != both["verdict_default"]).sum()), len(both)
