"""Rules that choose a strategy before anything long has trained, and what each loses on targets of the board.

A rule sees a `Draw`: one draw of training images, as a user has it, with what validation within these images
shows. It is judged by its regret: how much test accuracy its choice loses, on the same draw, to the strategy
with the highest mean over the draws of this cell, which is known only afterwards, and best partly by luck.
"""

import functools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.findings import board
from helpers.findings.board import LIKENESS, LP_FT, PROBE, SCRATCH, SVM
from helpers.strategies import registry
from helpers.studies._targets import BETWEEN, DIFFERENT, TARGETS
from helpers.studies.engine.statistics import over_targets, standard_error

RACERS = (PROBE, SVM, LP_FT)
UNLESS, RACE = "LP-FT, unless an earlier layer is ahead", "race of probe, SVM and LP-FT"
PROBE_UNLESS = "linear probe, unless an earlier layer is ahead"
VALIDATED, MANY = "validation of four, if there are many images", 50  # images per class
FAR_AHEAD, FAR = "LP-FT, unless an earlier layer is far ahead", 3  # standard errors instead of one
ANY_AHEAD = "LP-FT, unless an earlier layer or a network from scratch is ahead"
KEPT_APART = ("pacs_photo", "pacs_cartoon", "pacs_sketch", "spoken_digits")  # to judge `FAR_AHEAD`


@dataclass(frozen=True)
class Draw:
    """One draw of training images of a target, with one source.

    Args:
        target: its name.
        source: its name.
        images: training images per class.
        seed: of the draw.
        likeness: "similar", "between" or "different", as declared.
        validated: number of images that validated.
        validation: by strategy, the validation accuracies of its configurations, the default first.
        accuracy: by strategy, the test accuracy of the configuration with the highest one.

    Example:
        >>> Draw("bees", "shapes", 5, 0, "similar", 10, {PROBE: (0.5, 0.6)}, {PROBE: 0.7}).best(PROBE)
        0.6
    """

    target: str
    source: str
    images: int
    seed: int
    likeness: str
    validated: int
    validation: Mapping[str, tuple[float, ...]]
    accuracy: Mapping[str, float]

    def default(self, strategy: str) -> float:
        """Return the validation accuracy of the default configuration."""
        return self.validation[strategy][0]

    def best(self, strategy: str) -> float:
        """Return the validation accuracy of the best configuration."""
        return max(self.validation[strategy])


Rule = Callable[[Draw], str]


def draws(runs: pd.DataFrame, strategies: Sequence[str]) -> list[Draw]:
    """Return the draws of the board for which all of these strategies were measured.

    As for verdicts, a cell needs at least `board.ENOUGH` such draws: the best strategy of a single draw is
    the winner of that draw, and no rule could be judged by it.

    Args:
        runs: as `helpers.findings.board.rows` returns them.
        strategies: their names. A draw also has the others that were measured.
    """
    measured: dict[tuple, dict[str, Any]] = defaultdict(dict)
    for row in runs.itertuples():
        measured[row.target, row.source, row.images, row.seed][row.strategy] = row
    found = []
    for (target, source, images, seed), here in measured.items():
        if source == "none":  # belongs to every source
            continue
        here = here | measured.get((target, "none", images, seed), {})
        if {*strategies} <= {*here}:
            validated = next(iter(here.values())).validated
            scores = {name: tuple(map(float, row.validation_scores.split())) for name, row in here.items()}
            accuracy = {name: row.accuracy for name, row in here.items()}
            place = (target, source, images, seed, LIKENESS[target])
            found.append(Draw(*place, validated, scores, accuracy))
    sizes = Counter(map(_cell, found))
    return [draw for draw in found if sizes[_cell(draw)] >= board.ENOUGH]


def _cell(draw):
    return draw.target, draw.source, draw.images


def always(strategy: str) -> Rule:
    """Return the rule that names the same strategy everywhere.

    Example:
        >>> always("Linear probe")(None)
        'Linear probe'
    """
    return lambda draw: strategy


def textbook(draw: Draw) -> str:
    """Return the lecture's strategy, as `helpers.findings.board.textbook`."""
    return board.textbook(draw.likeness, draw.images, [*draw.accuracy])


def race(draw: Draw, racers: Sequence[str] = RACERS) -> str:
    """Return the winner of a cross-validated race by successive halving (Jamieson & Talwalkar 2016).

    First the default configurations are validated. The better half of the racers, at least two, then
    validate all of theirs. A tie goes to the one that is named later.
    """
    order = sorted(racers, key=lambda name: (draw.default(name), racers.index(name)), reverse=True)
    left = order[: max(2, math.ceil(len(order) / 2))]
    return _winner(draw, sorted(left, key=racers.index))


def _winner(draw, names):
    """Return the strategy with the highest validation accuracy; of several, the one that is named last."""
    return max(reversed(names), key=draw.best)


def unless_ahead(draw: Draw, strategy: str = LP_FT, errors: float = 1) -> str:
    """Return a strategy, unless an SVM on an earlier layer is ahead of the linear probe by more than chance.

    Args:
        draw: what is known. SVM and probe are compared with their default configurations.
        strategy: its name.
        errors: as for `ahead`.
    """
    return SVM if ahead(draw.default(SVM), draw.default(PROBE), draw.validated, errors) else strategy


def unless_any_ahead(draw: Draw) -> str:
    """Return the SVM or a network from scratch, whichever is further ahead of the linear probe; else LP-FT.

    Ahead means by more than one standard error. This was the first rule of the advisor.
    """
    leads = _cautious_leads(draw)
    leader = max(leads, key=leads.__getitem__)
    return leader if leads[leader] > 0 else LP_FT


def validated(draw: Draw) -> str:
    """Return what `unless_ahead` says of fewer than `MANY` images; of more, the winner in validation.

    All that `NEEDED` names validate all of their configurations. A tie goes to the one that is named later.
    """
    if draw.images < MANY:
        return unless_ahead(draw)
    return _winner(draw, NEEDED)


def ahead(share: float, probe: float, images: int, errors: float = 1) -> bool:
    """Return whether an accuracy is higher than another one by more than chance.

    Args:
        share: accuracy (0..1) on images that validate.
        probe: that of the linear probe, on the same images.
        images: their number.
        errors: number of standard errors of the difference that count as chance. One is the rule of Breiman
            et al. 1984, "Classification and regression trees".

    Example:
        >>> ahead(0.7, 0.6, images=20), ahead(0.7, 0.6, images=200)
        (False, True)
    """
    difference, error = gain(share, probe, images)
    return difference > errors * error


def gain(share: float, probe: float, images: int) -> tuple[float, float]:
    """Return the difference of two accuracies on the same images, and its standard error.

    The error is that of two proportions. Both see the same images, so it is rather too large.

    Args:
        share: accuracy (0..1).
        probe: another one.
        images: number of images.

    Example:
        >>> print("{:.2f} ± {:.2f}".format(*gain(0.7, 0.6, 100)))
        0.10 ± 0.07
    """
    return share - probe, math.hypot(*(standard_error(s, images) for s in (share, probe)))


NEEDED = (PROBE, SVM, SCRATCH, LP_FT)  # what a draw must have, so that every rule can decide in it
RULES: dict[str, Rule] = {
    "textbook": textbook,
    f"always {LP_FT}": always(LP_FT),
    f"always {PROBE}": always(PROBE),
    UNLESS: unless_ahead,
    ANY_AHEAD: unless_any_ahead,
    FAR_AHEAD: functools.partial(unless_ahead, errors=FAR),
    PROBE_UNLESS: functools.partial(unless_ahead, strategy=PROBE),
    VALIDATED: validated,
    RACE: race,
}


def nearest_draws(known: Sequence[Draw], neighbours: int = 5) -> Rule:
    """Return the rule that expects the gains of the most similar draws of other targets.

    Draws are similar in their number of images, in the accuracy of the linear probe, and in how far an SVM
    on an earlier layer and a network from random weights are from it. What these two gain is not predicted
    but validated, minus one standard error.

    Args:
        known: draws to learn from; those of the target in question are left out.
        neighbours: number of similar draws.
    """
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    names = [s for s in registry.names() if all(s in draw.accuracy for draw in known)]

    @functools.cache
    def without(target):
        others = [draw for draw in known if draw.target != target]
        gains = [[draw.accuracy[s] - draw.accuracy[PROBE] for s in names] for draw in others]
        model = make_pipeline(StandardScaler(), KNeighborsRegressor(neighbours))
        return model.fit([_features(draw) for draw in others], gains)

    def rule(draw):
        (expected,) = without(draw.target).predict([_features(draw)])
        gains = dict(zip(names, expected, strict=True)) | _cautious_leads(draw)
        return max(gains, key=gains.__getitem__)

    return rule


def _features(draw):
    probe = min(max(draw.default(PROBE), 0.02), 0.98)
    leads = [difference for difference, _ in _validated(draw).values()]
    return [math.log2(draw.images), math.log(probe / (1 - probe)), *leads]


def _validated(draw):
    """Return what two strategies gain over the linear probe in validation, and the standard errors."""
    return {n: gain(draw.default(n), draw.default(PROBE), draw.validated) for n in (SVM, SCRATCH)}


def _cautious_leads(draw):
    """Return what they gain, minus one standard error."""
    return {name: difference - error for name, (difference, error) in _validated(draw).items()}


def regrets(asked: Sequence[Draw], rules: Mapping[str, Rule]) -> pd.DataFrame:
    """Return the points of test accuracy that each rule loses in each draw.

    A rule that names a strategy which this draw has not measured gets NaN.

    Args:
        asked: the draws in which the rules decide.
        rules: by name.

    Returns:
        One row per draw, one column per rule; the index has target, source, images and seed.

    Raises:
        ValueError: there are no draws.
    """
    if not asked:
        raise ValueError("A rule is judged on draws of the board. Received: none.")
    accuracy = pd.DataFrame([draw.accuracy for draw in asked], index=_index(asked))
    cells = accuracy.groupby(["target", "source", "images"])
    everywhere = cells.count().eq(cells.size(), axis=0)  # only those that all draws of the cell have
    best = cells.mean().where(everywhere).idxmax(axis=1)
    lost = {
        name: [100 * (d.accuracy[best[_cell(d)]] - d.accuracy.get(rule(d), math.nan)) for d in asked]
        for name, rule in rules.items()
    }
    return pd.DataFrame(lost, index=_index(asked))


def _index(asked):
    keys = [(draw.target, draw.source, draw.images, draw.seed) for draw in asked]
    return pd.MultiIndex.from_tuples(keys, names=["target", "source", "images", "seed"])


def compared(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the regret of each rule in every draw that has what the rules need.

    Args:
        runs: as `helpers.findings.board.rows` returns them.
    """
    asked = draws(runs, NEEDED)
    return regrets(asked, RULES | {"most similar cells of the board": nearest_draws(asked)})


def agreement(asked: Sequence[Draw]) -> tuple[float, float, float]:
    """Return in what share of the draws the quick probes agree with the declared likeness.

    They call a target different if the middle layer has a higher validation accuracy than the last. Targets
    that were declared to be between the two are left out.

    Returns:
        The mean over targets, and its interval over targets (0..1).
    """
    clear = [draw for draw in asked if draw.likeness != BETWEEN]
    said = [(draw.default(SVM) > draw.default(PROBE)) == (draw.likeness == DIFFERENT) for draw in clear]
    return over_targets(pd.Series(said, _index(clear), dtype=float))


def summary(lost: pd.DataFrame) -> pd.DataFrame:
    """Return the mean regret of each rule over targets, with its interval over targets.

    Args:
        lost: of `regrets`, without missing values.

    Returns:
        One row per rule, the smallest mean first: mean, low, high (points) and worst (the mean of the worst
        target).
    """
    rows = {}
    for name, values in lost.items():
        mean, low, high = over_targets(values)
        rows[name] = {"mean": mean, "low": low, "high": high, "worst": values.groupby("target").mean().max()}
    return pd.DataFrame.from_dict(rows, orient="index").sort_values("mean", kind="stable")


def builtin(lost: pd.DataFrame) -> np.ndarray:
    """Return which rows belong to a target of the built-in world, bool (rows,).

    Args:
        lost: of `regrets`.
    """
    return np.array([TARGETS[target].is_builtin for target in lost.index.get_level_values("target")])


def kept_apart(lost: pd.DataFrame) -> np.ndarray:
    """Return which rows belong to a target of `KEPT_APART`, bool (rows,).

    Args:
        lost: of `regrets`.
    """
    return lost.index.isin(KEPT_APART, level="target")


def lead(lost: pd.DataFrame, rule: str, rival: str) -> tuple[float, float, float]:
    """Return by how many points a rule loses less than a rival: mean over targets, and its interval.

    Args:
        lost: of `regrets`.
        rule: a column.
        rival: another one.
    """
    return over_targets((lost[rival] - lost[rule]).dropna())


class Losses(NamedTuple):
    """Mean regrets of rules over targets, in points.

    Attributes:
        targets: number of targets.
        rule: of `UNLESS`.
        with_probe: of `PROBE_UNLESS`.
        textbook: of the lecture's rule.
        validated: of `VALIDATED`.

    Example:
        >>> stored_losses(builtin_ones=True).rule < stored_losses(builtin_ones=True).textbook
        True
    """

    targets: int
    rule: float
    with_probe: float
    textbook: float
    validated: float


def stored_losses(builtin_ones: bool) -> Losses:
    """Return what the rule of the advisor loses on the board, and what others lose.

    Args:
        builtin_ones: whether on the built-in targets, where LP-FT trains all of our small network, or on real
            ones.
    """
    asked = draws(board.counted(board.rows()), NEEDED)
    named = {"rule": UNLESS, "with_probe": PROBE_UNLESS, "textbook": "textbook", "validated": VALIDATED}
    lost = regrets(asked, {field: RULES[name] for field, name in named.items()}).dropna()
    lost = lost[builtin(lost) == builtin_ones]
    return Losses(lost.index.unique("target").size, **summary(lost)["mean"].to_dict())
