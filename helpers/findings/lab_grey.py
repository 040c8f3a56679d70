"""What the Strategy Lab shows in grey before anything has run: stored results of a target with a source."""

from typing import NamedTuple

import pandas as pd

from helpers.findings import board
from helpers.studies.engine.statistics import summary
from helpers.studies.engine.tables import read_results


class Grey(NamedTuple):
    """Stored results behind those of the lab.

    Args:
        table: of `helpers.studies.summary`, one target with one source.
        says: what they are, in a few words.

    Example:
        >>> stored("new_shapes", "shapes").says
        'stored board, tuned, test accuracy'
    """

    table: pd.DataFrame
    says: str


def stored(target: str, source: str, by_seconds: bool = False) -> Grey | None:
    """Return the stored results of a target with a source; None if there are none.

    The board, if it has this pair. Otherwise, and for the seconds, which the board counts together with
    the choice of a setting, single runs with the default settings (study `default_runs`).

    Args:
        target: any name.
        source: likewise.
        by_seconds: whether the results are shown by seconds.

    Example:
        >>> stored("streets_day", "photos").says
        'stored runs, default settings'
        >>> stored("my images", "photos") is None
        True
    """
    if not by_seconds:
        tuned = board.of(board.rows(), target, source)
        if source in {*tuned["source"]}:
            return Grey(summary(tuned), "stored board, tuned, test accuracy")
    runs = board.of(read_results("default_runs"), target, source)
    if runs.empty:
        return None
    what = "stored runs" if source in {*runs["source"]} else "only from scratch"
    sizes = f"{runs['images'].min()} to {runs['images'].max()} per class"
    return Grey(summary(runs), f"{what}, {sizes}" if by_seconds else f"{what}, default settings")
