"""What differs decides what to tune: from the four differences of notebook 03 to the part of a network.

The rule follows Lee et al. 2023, "Surgical fine-tuning improves adaptation to distribution shifts": a change
of the inputs is met in the first layers, a change of the labels in the last one. The study `surgical`
measures it. A comparison does not separate a change of light from a change of style: both are other inputs,
so the rule names no middle block.

The head always joins: with a hundred images, a comparison is often unsure whether the labels differ. A first
version of the rule let it join only if they did, or could not be compared. On images that are upside down,
its advice changed from seed to seed and lost ten points to tuning all layers (`FIRST_SHIFTS` of
`helpers.data.judging_shifts`). So the rule was changed, and is judged on other shifts.
"""

from dataclasses import dataclass

import pandas as pd

from helpers.findings.comparison import PARTS, Comparison
from helpers.studies.engine.statistics import interval
from helpers.studies.engine.tables import read_results

NOTHING, STATISTICS, FIRST, HEAD, NEW_HEAD = (
    "nothing",
    "statistics only",
    "first block",
    "head",
    "new head",
)
_SPACE, _MARGINAL, _LABELS, _CONDITIONAL = PARTS
KINDS = {  # of the shifts of the study; a comparison cannot tell another style from another light
    _MARGINAL: ("input", "feature"),
    _LABELS: ("label",),
    _CONDITIONAL: ("conditional",),
}


@dataclass(frozen=True)
class Advice:
    """What to tune.

    Args:
        tune: parts of the network that train together.
        reason: in one sentence.
        without_labels: what to do instead if the target images have no labels.
        kinds: of the shifts of the study `surgical` that the advice is for: none where nothing differs, or
            where inputs and labels differ, which the study does not have.

    Example:
        >>> Advice(("head",), "The same inputs have other labels.", "nothing")
        Tune: head. The same inputs have other labels. Without labels: nothing.
    """

    tune: tuple[str, ...]
    reason: str
    without_labels: str
    kinds: tuple[str, ...] = ()

    def __repr__(self) -> str:
        text = f"Tune: {' and '.join(self.tune)}. {self.reason} Without labels: {self.without_labels}."
        return f"{text} {self.measured}".rstrip()

    @property
    def measured(self) -> str:
        """What the advised parts gain over all layers on the shifts of these kinds; empty without any."""
        if not self.kinds:
            return ""
        runs = read_results("surgical")
        points, half = (100 * value for value in gain(runs, part_of(self), "all", *self.kinds))
        return (
            f"On the drawn shifts of this kind ({' and '.join(self.kinds)}), from which the rule was made, "
            f"this gains {points:+.1f} ± {half:.1f} points over tuning all layers, as a mean over them."
        )


def part_of(advice: Advice) -> str:
    """Return the name of the advised parts in the studies `surgical` and `judging`.

    Example:
        >>> part_of(Advice(("first block", "new head"), "Other images, other classes.", "statistics only"))
        'block1 and head'
    """
    return " and ".join("block1" if part == FIRST else "head" for part in advice.tune)


def what_to_tune(comparison: Comparison) -> Advice:
    """Advise which part of a source classifier to tune on the target.

    Args:
        comparison: of `helpers.findings.comparison.compare`.

    Returns:
        The parts, the reason and what was measured: the head, a new one for other classes, and with other
        inputs the first block.

    Raises:
        ValueError: the feature spaces differ, so that the network cannot take the target's inputs.

    Example:
        >>> import numpy as np
        >>> from helpers.data.domains import Domain, Task
        >>> from helpers.findings.comparison import compare
        >>> rows = np.random.default_rng(0).normal(size=(200, 3))
        >>> labels = np.arange(200) % 2
        >>> dark = Domain(rows[:100]), Task(labels[:100])
        >>> light = Domain(rows[100:] + 5), Task(labels[100:])
        >>> what_to_tune(compare(dark, light)).tune
        ('first block', 'head')
    """
    differing = comparison.differing()
    if _SPACE in differing:
        raise ValueError(
            "The feature spaces differ, so the network cannot take the target's inputs. Bring them into the "
            "form of the source, such as images of the same size, and compare again."
        )
    inputs, head = _MARGINAL in differing, NEW_HEAD if _LABELS in differing else HEAD
    if _LABELS in differing:
        reason = "The label spaces differ, so the old head has no output for the new classes."
        reason += " The inputs differ, too: the first block corrects them." * inputs
    elif inputs:
        reason = "The inputs differ: the first block corrects them, and the head can follow."
    elif differing:
        reason = "The labels differ for the same inputs, so the features fit and the head does not."
    else:
        reason = "No difference was found; few images can hide one that the head mends."
    parts = (FIRST, head) if inputs else (head,)
    found = [KINDS[part] for part in KINDS if part in differing]
    kinds: tuple[str, ...] = found[0] if len(found) == 1 else ()
    return Advice(parts, reason, STATISTICS if inputs else NOTHING, kinds)


def gain(runs: pd.DataFrame, part: str, rival: str, *kinds: str) -> tuple[float, float]:
    """Compare two tuned parts seed by seed, as the mean over the shifts of some kinds.

    Args:
        runs: of the study `surgical`, or of one with the same columns.
        part: a value of the column `tuned`.
        rival: another one, such as "all".
        *kinds: of the shifts.

    Returns:
        Mean of accuracy(part) - accuracy(rival), and the half width of its 95 % confidence interval.

    Raises:
        ValueError: the table has no run of both.

    Example:
        >>> runs = pd.DataFrame(
        ...     {
        ...         "kind": "input",
        ...         "shift": "night",
        ...         "tuned": ["block1", "all"] * 2,
        ...         "seed": [0, 0, 1, 1],
        ...         "accuracy": [0.8, 0.7, 0.9, 0.7],
        ...     }
        ... )
        >>> round(gain(runs, "block1", "all", "input")[0], 2)
        0.15
    """
    wide = runs[runs["kind"].isin(kinds)].pivot_table("accuracy", ["shift", "seed"], "tuned")
    if not {part, rival} <= set(wide):
        raise ValueError(
            f"The table has no runs of {part!r} and {rival!r} for shifts of the kind {' or '.join(kinds)}."
        )
    return interval((wide[part] - wide[rival]).dropna().groupby("seed").mean())
