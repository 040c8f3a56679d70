"""Tables and intervals as Markdown."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from helpers.studies.engine.statistics import over_targets

PARTS = ("mean", "low", "high")


def table(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Return a table.

    Example:
        >>> print(table(("strategy", "points"), [("Linear probe", 1)]))
        | strategy | points |
        |---|---|
        | Linear probe | 1 |
    """
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def with_interval(row: Mapping, sign: str = "+") -> str:
    """Return a mean with its interval.

    Args:
        row: mean, low and high.
        sign: "+" for differences; "" for losses, which need none.

    Example:
        >>> with_interval({"mean": 1.26, "low": -0.02, "high": 2.5})
        '+1.3 [-0.02, +2.5]'
    """
    return "{} [{}, {}]".format(*(_rounded(row[part], sign) for part in PARTS))


def over(values: pd.Series) -> str:
    """Return the mean over targets with its interval.

    Args:
        values: as for `helpers.studies.engine.statistics.over_targets`.

    Example:
        >>> over(pd.Series([1.0, 3.0, 2.0], ["ants", "bees", "cats"]))
        '+2.0 [-0.5, +4.5]'
    """
    return with_interval(dict(zip(PARTS, over_targets(values), strict=True)))


def _rounded(value, sign):
    """One decimal, or two if a number that is not zero would look like zero."""
    text = format(value, f"{sign}z.1f")
    return format(value, f"{sign}z.2f") if float(text) == 0 else text
