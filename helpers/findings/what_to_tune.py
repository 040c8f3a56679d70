"""What differs decides what to tune: from the four differences of notebook 03 to the part of a network.

The rule follows Lee et al. 2023, "Surgical fine-tuning improves adaptation to distribution shifts": a change
of the inputs is met in the first layers, a change of the labels in the last one. The study `surgical`
measures it. A comparison does not separate a change of light from a change of style: both are other inputs,
so the rule names no middle block. If the inputs are too far apart to compare the labels, the labels may
differ as well, so the head joins the first block.
"""

from dataclasses import dataclass

import pandas as pd

from helpers.findings.comparison import PARTS, Comparison
from helpers.studies.engine.statistics import interval

NOTHING, STATISTICS, FIRST, HEAD, NEW_HEAD = (
    "nothing",
    "statistics only",
    "first block",
    "head",
    "new head",
)
_SPACE, _MARGINAL, _LABELS, _CONDITIONAL = PARTS


@dataclass(frozen=True)
class Advice:
    """What to tune.

    Args:
        tune: parts of the network that train together; empty if nothing needs to.
        reason: in one sentence.
        without_labels: what to do instead if the target images have no labels.

    Example:
        >>> Advice(("head",), "The same inputs have other labels.", "nothing")
        Tune: head. The same inputs have other labels. Without labels: nothing.
    """

    tune: tuple[str, ...]
    reason: str
    without_labels: str

    def __repr__(self) -> str:
        parts = " and ".join(self.tune) or NOTHING
        return f"Tune: {parts}. {self.reason} Without labels: {self.without_labels}."


def what_to_tune(comparison: Comparison) -> Advice:
    """Advise which part of a source classifier to tune on the target.

    Args:
        comparison: of `helpers.findings.comparison.compare`.

    Returns:
        The parts and the reason. If the inputs differ, and the labels do or cannot be compared, the first
        block and the head train together.

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
    unknown = [row.name for row in comparison if row.differs is None]
    if _SPACE in differing:
        raise ValueError(
            "The feature spaces differ, so the network cannot take the target's inputs. Bring them into the "
            "form of the source, such as images of the same size, and compare again."
        )
    inputs = _MARGINAL in differing
    without_labels = STATISTICS if inputs else NOTHING
    tune: tuple[str, ...]
    if _LABELS in differing:
        reason = "The label spaces differ, so the old head has no output for the new classes."
        tune = (FIRST, NEW_HEAD) if inputs else (NEW_HEAD,)
    elif _CONDITIONAL in differing:
        reason = "The labels differ for the same inputs, so the features fit and the head does not."
        tune = (FIRST, HEAD) if inputs else (HEAD,)
    elif inputs and _CONDITIONAL in unknown:
        reason = "The inputs differ too much to compare the labels, so the head must be free to follow."
        tune = (FIRST, HEAD)
    elif inputs:
        reason = "Only the inputs differ: with them corrected early, all later layers fit."
        tune = (FIRST,)
    else:
        reason = "No difference was found."
        tune = ()
    return Advice(tune, reason, without_labels)


def gain(runs: pd.DataFrame, part: str, rival: str, kind: str) -> tuple[float, float]:
    """Compare two tuned parts seed by seed, as the mean over the shifts of a kind.

    Args:
        runs: of the study `surgical`, or of one with the same columns.
        part: a value of the column `tuned`.
        rival: another one, such as "all".
        kind: of the shifts.

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
    wide = runs[runs["kind"] == kind].pivot_table("accuracy", ["shift", "seed"], "tuned")
    if not {part, rival} <= set(wide):
        raise ValueError(f"The table has no runs of {part!r} and {rival!r} for shifts of the kind {kind!r}.")
    return interval((wide[part] - wide[rival]).dropna().groupby("seed").mean())
