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


def over_and_without(values: pd.Series) -> str:
    """Return the mean over targets, and what remains of it without the target that is farthest from zero.

    Args:
        values: as for `over`.

    Example:
        >>> over_and_without(pd.Series([1.0, 9.0, 2.0, 3.0], ["ants", "bees", "cats", "dogs"]))
        '+3.8 [-2.0, +9.5] (without bees: +2.0 [-0.5, +4.5])'
    """
    level = "target" if "target" in values.index.names else 0
    top = values.groupby(level=level).mean().abs().idxmax()
    others = values[values.index.get_level_values(level) != top]
    return f"{over(values)} (without {top}: {over(others)})"


def _rounded(value, sign):
    """One decimal, or two if a number that is not zero would look like zero."""
    text = format(value, f"{sign}z.1f")
    return format(value, f"{sign}z.2f") if float(text) == 0 != round(value, 2) else text
