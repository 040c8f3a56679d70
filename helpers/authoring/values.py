"""The functions that a claim in prose can call, to take a value from the results tables and format it.

Conditions such as images=10 choose rows; a list of values pools them.
"""

import json

import numpy as np
import pandas as pd

from helpers.authoring.formats import number, percent, points, times
from helpers.environment import ROOT
from helpers.findings import after_lecture, board, rules
from helpers.studies.engine import statistics, tables

RECORDS = ROOT / "datasets" / "source_models"
Value = str | float  # in a column


class ClaimError(ValueError):
    """A claim cannot be rendered; the message says why."""


def mean(table: str, column: str, **where) -> float:
    """Return the mean over seeds."""
    return statistics.interval(_by_seed(table, column, where))[0]


def interval(table: str, column: str, **where) -> float:
    """Return the half width of the 95 % interval of the mean over seeds."""
    scores = _by_seed(table, column, where)
    if len(scores) < 2:
        raise ClaimError(f"{table}: an interval needs two seeds; there is one for {where}.")
    return statistics.interval(scores)[1]


def difference(
    table: str, column: str, one: Value, other: Value, by: str = "strategy", unit: str = "seed", **where
) -> float:
    """Return the mean of `one` minus `other`, two values of the column `by`, paired by seed.

    With unit="target" each target counts once, with its mean over seeds.
    """
    return _paired(table, column, one, other, by, unit, where)[1]


def difference_interval(
    table: str, column: str, one: Value, other: Value, by: str = "strategy", unit: str = "seed", **where
) -> float:
    """Return the half width of the 95 % interval of `difference`."""
    return _paired(table, column, one, other, by, unit, where)[2]


def verdict(
    table: str, column: str, one: Value, other: Value, by: str = "strategy", unit: str = "seed", **where
) -> str:
    """Return "beats", "ties with" or "loses to", according to the interval of `difference`."""
    return _paired(table, column, one, other, by, unit, where)[0]


def ratio(table: str, column: str, one: Value, other: Value, by: str = "strategy", **where) -> float:
    """Return the mean of `one` divided by the mean of `other`."""
    below = mean(table, column, **where, **{by: other})
    if below == 0:
        raise ClaimError(f"{table}: no ratio, because the mean of {column} is 0 for {by}={other!r}.")
    return mean(table, column, **where, **{by: one}) / below


def choice_gain(table: str, column: str, other: Value, by: str = "layer", **where) -> float:
    """Return the mean of what each seed chooses minus `other`, paired by seed.

    A seed chooses the value of the column `by` with its own best cross-validation accuracy.
    """
    return _chosen_pairs(table, column, other, by, where)[1]


def choice_gain_interval(table: str, column: str, other: Value, by: str = "layer", **where) -> float:
    """Return the half width of the 95 % interval of `choice_gain`."""
    return _chosen_pairs(table, column, other, by, where)[2]


def choices(table: str, value: Value | list, by: str = "layer", **where) -> int:
    """Return the number of seeds that choose a value of the column `by`, or one of several."""
    allowed = value if isinstance(value, list) else [value]
    _rows(table, where | {by: allowed})  # each of them was among the values to choose from
    return int(_chosen(table, by, where)[by].isin(allowed).sum())


def mean_tried(table: str, setting: float, **where) -> float:
    """Return the mean validation accuracy of a setting, over runs that chose between several.

    Columns: `tried` has the settings of a run, `validation_accuracies` their accuracies, in the same order.
    """
    rows, found = _rows(table, where), []
    for tried, accuracies in zip(rows["tried"], rows["validation_accuracies"], strict=True):
        by_setting = dict(zip(map(float, tried.split()), map(float, accuracies.split()), strict=True))
        if setting not in by_setting:
            raise ClaimError(f"{table}: {setting:g} was not tried for {where}, only {tried}.")
        found.append(by_setting[setting])
    return float(np.mean(found))


def count(table: str, **where) -> int:
    """Return the number of rows, which is the number of runs."""
    return len(_rows(table, where))


def coverage(table: str, column: str, part: str = "mean", **where) -> float:
    """Return the share of the rows whose value lies in the interval of the columns low and high.

    Args:
        table: with these columns.
        column: of the values.
        part: "mean", or the "low" or "high" limit of its interval, with targets as the unit.
        **where: conditions.
    """
    rows = _rows(table, where)
    covered = rows[column].between(rows["low"], rows["high"]).astype(float)
    if part == "mean":
        return float(covered.mean())
    _, low, high = statistics.over_targets(covered.set_axis(rows["target"]))
    return {"low": low, "high": high}[part]


def seeds(table: str, **where) -> int:
    """Return the number of different seeds."""
    return _rows(table, where)["seed"].nunique()


def record(source: str, field: str) -> float:
    """Return a number from the record of a source model, datasets/source_models/SOURCE.json."""
    path = RECORDS / f"{source}.json"
    if not path.is_file():
        raise ClaimError(f"There is no record {path.name}.")
    fields = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(fields.get(field), int | float):
        raise ClaimError(f"{path.name} has no number {field!r}. Its fields are {', '.join(fields)}.")
    return fields[field]


def board_cells(word: str | None = None) -> int:
    """Return the number of cells of the board with a verdict.

    Args:
        word: counts only the cells in which the textbook's rule "beats", "ties with" or "loses to" the best
            other strategy; None counts all.
    """
    return _number(board.decided(board.verdicts(board.counted(board.rows())))["verdict"], word)


def targets() -> int:
    """Return the number of targets of the board."""
    return board.rows()["target"].nunique()


def judged_targets(builtin: bool) -> int:
    """Return the number of targets on which networks have been trained: of the built-in or the real ones."""
    found = board.verdicts(board.counted(board.rows()))["target"].unique()
    return sum(board.TARGETS[name].is_builtin == builtin for name in found)


def pair_cells(one: str, other: str, builtin: bool, word: str | None = None) -> int:
    """Return the number of cells with a verdict on two strategies.

    Args:
        one: a strategy.
        other: the one that it is compared with.
        builtin: whether on the built-in targets or on the real ones.
        word: counts only those in which `one` "beats", "ties with" or "loses to" the other.
    """
    found = board.decided(board.head_to_head(board.counted(board.rows()), one, other))
    found = found[[board.TARGETS[name].is_builtin == builtin for name in found["target"]]]
    return _number(found["verdict"], word)


def layer_cells(likeness: str, word: str | None = None) -> int:
    """Return the number of cells with a verdict on an earlier layer against the last layer.

    Args:
        likeness: of their targets: "similar", "between" or "different".
        word: counts only those in which the earlier layer "beats", "ties with" or "loses to" the last layer.
    """
    return _number(board.decided(_layers(likeness))["verdict"], word)


def layer_targets(likeness: str, gains: bool | None = None) -> int:
    """Return the number of targets on which an earlier layer was compared with the last layer.

    Args:
        likeness: as for `layer_cells`.
        gains: counts only those where the mean over sources and sizes is a gain, or is none; None counts all.
    """
    means = _layers(likeness).groupby("target")["gap"].mean()
    return len(means if gains is None else means[(means > 0) == gains])


def layer_gain(likeness: str, part: str = "mean", without: str | None = None) -> float:
    """Return the accuracy (0..1) that an earlier layer gains over the last layer, with targets as the unit.

    Args:
        likeness: as for `layer_cells`.
        part: "mean", or the "low" or "high" limit of its interval.
        without: a target that is left out.
    """
    gaps = _layers(likeness).query("target != @without").set_index("target")["gap"]
    return _part(statistics.over_targets(gaps), part) / 100


def _layers(likeness):
    found = board.head_to_head(board.counted(board.rows()), board.SVM, board.PROBE)
    return found[found["likeness"] == likeness]


def all_layers_gain(target: str, rival: str) -> float:
    """Return the accuracy (0..1) that features of five layers gain on a target over a frozen strategy."""
    gains = after_lecture.all_layers_gains(tables.read_results("all_layers"), board.rows())
    return float(gains.loc[target, rival])


def standard_error(table: str, column: str, sample_size: str, **where) -> float:
    """Return the standard error of a mean accuracy; the column `sample_size` has the number of images."""
    return statistics.standard_error(mean(table, column, **where), mean(table, sample_size, **where))


def regret(
    rule: str,
    part: str = "mean",
    apart: bool | None = None,
    builtin: bool | None = None,
    source: str | None = None,
) -> float:
    """Return the accuracy (0..1) that a rule loses in single draws of images, with targets as the unit.

    Args:
        rule: one of `helpers.findings.rules.compared`.
        part: "mean", the "low" or "high" limit of its interval, or "worst", the mean of the worst target.
        apart: whether on the targets of `helpers.findings.rules.KEPT_APART`, or on the others; None for all.
        builtin: whether on the built-in targets, or on the real ones; None for all.
        source: the only source; None for all.
    """
    lost = _regrets(builtin)
    lost = lost if source is None else lost.query("source == @source")
    if apart is not None:
        lost = lost[rules.kept_apart(lost) == apart]
    losses = rules.summary(lost)
    if rule not in losses.index:
        raise ClaimError(f"There is no rule {rule!r}. Use one of {', '.join(losses.index)}.")
    return losses.loc[rule, part] / 100


def lead(
    rule: str, rival: str, part: str = "mean", builtin: bool | None = None, without: str | None = None
) -> float:
    """Return how much less accuracy (0..1) a rule loses than a rival, with targets as the unit.

    Args:
        rule: as for `regret`.
        rival: likewise.
        part: as for `layer_gain`.
        builtin: as for `regret`.
        without: as for `layer_gain`.
    """
    return _part(rules.lead(_regrets(builtin).query("target != @without"), rule, rival), part) / 100


def _regrets(builtin):
    lost = rules.compared(board.counted(board.rows())).dropna()
    return lost if builtin is None else lost[rules.builtin(lost) == builtin]


def agreement(likeness: str, part: str = "mean") -> float:
    """Return in which fraction of the draws the quick probes agree with the declared likeness.

    Args:
        likeness: of the targets: "similar" or "different".
        part: as for `layer_gain`.
    """
    asked = rules.draws(board.counted(board.rows()), (board.PROBE, board.SVM))
    return _part(rules.agreement([draw for draw in asked if draw.likeness == likeness]), part)


def tuning(strategy: str, part: str = "mean") -> float:
    """Return the test accuracy (0..1) that tuning is worth; parts as for `layer_gain`."""
    return board.tuning_gains(board.counted(board.rows())).loc[strategy, part] / 100


def vgg16_gain(size: str, part: str = "mean") -> float:
    """Return the accuracy (0..1) that LP-FT of VGG16 gains over its probe, with targets as the unit.

    Args:
        size: "few" or "many" images.
        part: as for `layer_gain`.
    """
    gains = board.vgg16_gains(board.counted(board.rows()))
    return _part(statistics.over_targets(gains[size]), part) / 100


def flipped() -> int:
    """Return how many verdicts of the board the choice of configurations changes."""
    return board.flips(board.counted(board.rows()))[0]


def _number(verdicts, word):
    """How many verdicts have this word; None counts all."""
    return len(verdicts if word is None else verdicts[verdicts == word])


def _part(interval, part):
    """One of the mean and the limits of an interval."""
    return dict(zip(("mean", "low", "high"), interval, strict=True))[part]


def _rows(table, where):
    try:
        rows = tables.read_results(table)
    except FileNotFoundError as error:
        raise ClaimError(str(error)) from None
    for column, wanted in where.items():
        if column not in rows:
            raise ClaimError(f"{table} has no column {column!r}. Its columns are {', '.join(rows)}.")
        allowed = wanted if isinstance(wanted, list) else [wanted]
        found = sorted(rows[column].unique().tolist())
        if lacking := [repr(value) for value in allowed if value not in found]:
            known = ", ".join(map(repr, found))
            raise ClaimError(f"{table} has no {column} {', '.join(lacking)} here, only {known}.")
        if table == "board" and column == "source":
            allowed = [*allowed, "none"]  # training from random weights belongs to every source
        rows = rows[rows[column].isin(allowed)]
    if rows.empty:
        raise ClaimError(f"{table} is empty.")
    return rows


def _by_seed(table, column, where):
    """Return values by seed. Rows of one seed are averaged only if `where` has a list of values."""
    rows = _rows(table, where)
    for needed in (column, "seed"):
        if needed not in rows:
            raise ClaimError(f"{table} has no column {needed!r}. Its columns are {', '.join(rows)}.")
    if not pd.api.types.is_numeric_dtype(rows[column]):
        raise ClaimError(f"{table}: {column} contains {rows[column].iloc[0]!r}, which is not a number.")
    by_seed = rows.groupby("seed")[column]
    sizes = sorted(by_seed.size().unique().tolist())
    pooled = int(np.prod([len(w) for w in where.values() if isinstance(w, list)]))
    if sizes != [pooled]:
        raise ClaimError(
            f"{table}: {where} leaves {sizes} rows per seed instead of {pooled}. "
            f"Add conditions; the columns are {', '.join(rows)}."
        )
    return by_seed.mean()


def _paired(table, column, one, other, by, unit, where):
    if unit != "seed":
        return _paired_units(table, column, one, other, by, unit, where)
    ours, theirs = (_by_seed(table, column, where | {by: value}) for value in (one, other))
    if len(ours.index.intersection(theirs.index)) < 2:
        raise ClaimError(f"{table}: {one} and {other} have fewer than two seeds in common for {where}.")
    return statistics.paired(ours, theirs)


def _paired_units(table, column, one, other, by, unit, where):
    """Compare units such as targets: each counts once, with its mean difference over seeds."""
    rows = _rows(table, where | {by: [one, other]})
    if unit not in rows or rows[unit].nunique() < 2:
        raise ClaimError(f"{table}: there are fewer than two values of {unit!r} for {where}.")
    each = [
        _paired(table, column, one, other, by, "seed", where | {unit: value})[1]
        for value in rows[unit].unique().tolist()
    ]
    return statistics.paired(pd.Series(each), pd.Series(0.0, range(len(each))))


def _chosen(table, by, where):
    """Return one row per seed: that of its best cross-validation accuracy, of equal ones the first."""
    rows = _rows(table, where)
    if rows.duplicated(["seed", by]).any():
        raise ClaimError(f"{table}: {where} leaves several rows per seed and {by}. Add conditions.")
    return rows.loc[rows.groupby("seed")["cross_validated"].idxmax()]


def _chosen_pairs(table, column, other, by, where):
    chosen = _chosen(table, by, where).set_index("seed")[column]
    return statistics.paired(chosen, _by_seed(table, column, where | {by: other}))


VALUES = (
    *(mean, interval, difference, difference_interval, verdict, ratio, count, coverage, seeds, record),
    *(choice_gain, choice_gain_interval, choices, mean_tried, standard_error),
    *(board_cells, targets, judged_targets, pair_cells, layer_cells, layer_targets, layer_gain),
    *(regret, lead, agreement, tuning, vgg16_gain, all_layers_gain, flipped),
)
FORMATS = (percent, points, times, number)
VOCABULARY = {function.__name__: function for function in VALUES + FORMATS}
