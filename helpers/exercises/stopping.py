"""Early stopping, right and wrong, and losses on which patience pays: exercise 07.4."""

import math
import operator
from collections.abc import Callable, Sequence

from helpers.exercises.attempts import Failed, attempt

SHORT, LONG = 3, 5  # patience, in epochs
MOST_EPOCHS = 30


def kept(losses: Sequence[float], patience: int, early: int = 0, improved: Callable = operator.lt) -> int:
    """Return the index of the loss that early stopping keeps.

    Args:
        losses: of the epochs.
        patience: in epochs.
        early: how many epochs too early it stops, which is wrong.
        improved: compares a loss with the best one so far.

    Example:
        >>> kept([0.9, 0.5, 0.6, 0.7, 0.1], patience=2)
        1
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if improved(loss, losses[best]):
            best = epoch
        elif epoch - best >= patience - early:
            break
    return best


def impatient(losses: Sequence[float], patience: int) -> int:
    """Stop one epoch too early."""
    return kept(losses, patience, early=1)


def content(losses: Sequence[float], patience: int) -> int:
    """Take an equal loss for an improvement."""
    return kept(losses, patience, improved=operator.le)


def patience_pays(losses: object) -> str | None:
    """Check losses of which a patience of five keeps a lower one than a patience of three."""
    if not isinstance(losses, (list, tuple)) or any(loss is ... for loss in losses):
        return "Now replace the ... in `losses` by numbers, one per epoch."
    if not 0 < len(losses) <= MOST_EPOCHS:
        return f"`losses` must be a list of 1 to {MOST_EPOCHS} numbers; it has {len(losses)}."
    try:
        given = attempt(lambda: [float(loss) for loss in losses])
    except Failed as failure:
        return f"`losses` must be a list of numbers; this one {failure}."
    if not all(map(math.isfinite, given)):
        return "`losses` must hold finite numbers, one per epoch."
    short, long = kept(given, SHORT), kept(given, LONG)
    if given[long] < given[short]:
        return None
    return (
        f"With these losses, a patience of {SHORT} keeps epoch {short} ({given[short]:g}), and a patience of "
        f"{LONG} keeps epoch {long} ({given[long]:g}). For how many epochs must the loss get no better, so "
        "that one of them gives up and the other does not? And what must come then?"
    )


def bet(answer: tuple) -> str:
    """Return what a correct answer of exercise 07.4 has found."""
    losses = [float(loss) for loss in answer[1]]
    short, long = (losses[kept(losses, patience)] for patience in (SHORT, LONG))
    return (
        f"With your losses, a patience of {SHORT} keeps {short:g}, and a patience of {LONG} keeps {long:g}. "
        "So patience is a bet: a short one saves time, and misses what a second fall of the loss would "
        "bring. EarlyStopping with restore_best_weights does the same."
    )
