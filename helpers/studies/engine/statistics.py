"""Statistics of runs: means, intervals, and paired comparisons over seeds."""

import math
from collections.abc import Sequence

import numpy as np


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half width of its 95 % interval (Student's t; NaN for a single value)."""
    from scipy.stats import t

    n = len(values)
    half = t.ppf(0.975, n - 1) * np.std(values, ddof=1) / math.sqrt(n) if n > 1 else math.nan
    return float(np.mean(values)), float(half)


def standard_error(share: float, pictures: float) -> float:
    """Of a share of so many pictures that are right (0..1): what another draw of them would change."""
    return math.sqrt(share * (1 - share) / pictures)


def means(rows: list[dict], by: str, column: str = "accuracy", **where: str) -> dict[str, float]:
    """Mean of a column for each value of another one.

    Args:
        rows: of a results table, all values text.
        by: the column whose values are told apart.
        column: whose mean is taken.
        where: values that other columns must have, such as target="new_shapes".

    Raises:
        ValueError: no row matches.

    Example:
        >>> means(read_results("layers"), "layer", target="micrographs")  # doctest: +SKIP
    """
    chosen = [row for row in rows if all(row[name] == value for name, value in where.items())]
    if not chosen:
        raise ValueError(f"No row has {where}: look at the values in the table.")
    values: dict[str, list[float]] = {}
    for row in chosen:
        values.setdefault(row[by], []).append(float(row[column]))
    return {name: float(np.mean(found)) for name, found in values.items()}


def by_seed(rows: list[dict], value: str = "accuracy", **where) -> dict[str, float]:
    """One column of a table by seed, from the rows in which other columns have the values named."""
    wanted = {key: str(v) for key, v in where.items()}
    return {r["seed"]: float(r[value]) for r in rows if all(str(r[k]) == v for k, v in wanted.items())}


def paired(one: dict[str, float], other: dict[str, float]) -> tuple[str, float, float]:
    """Compare two strategies seed by seed.

    Args:
        one, other: accuracy by seed; seeds that only one has are left out.

    Returns:
        "beats", "ties with" (the 95 % interval of the mean difference holds zero) or "loses to";
        the mean difference, and the half width of its interval.

    Raises:
        ValueError: fewer than two seeds in common; nothing can be said then.
    """
    common = sorted(one.keys() & other.keys())
    if len(common) < 2:
        raise ValueError(f"Two seeds in common are needed for an interval. Received: {len(common)}")
    mean, half = interval([one[seed] - other[seed] for seed in common])
    word = "ties with" if not abs(mean) > half else "beats" if mean > 0 else "loses to"
    return word, mean, half


def summary(rows: list[dict]) -> list[dict]:
    """Mean over seeds and the half width of its 95 % interval (Student's t; NaN for one run).

    Args:
        rows: dicts with target, source, strategy, images, seed and accuracy; any further
            "setting" tells runs of one strategy apart.

    Returns:
        One dict a group: its keys, mean, interval, runs, seconds (mean), best first.
    """
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        key = tuple(row.get(k, "") for k in ("target", "source", "strategy", "setting"))
        groups.setdefault((*key, int(row["images"])), []).append(row)
    table = []
    for (target, source, strategy, setting, images), members in groups.items():
        mean, half = interval([float(m["accuracy"]) for m in members])
        table.append(
            {
                "target": target,
                "source": source,
                "strategy": strategy,
                "setting": setting,
                "images": images,
                "mean": mean,
                "interval": half,
                "runs": len(members),
                "seconds": float(np.mean([float(m["seconds"]) for m in members])),
            }
        )
    return sorted(table, key=lambda row: -row["mean"])
