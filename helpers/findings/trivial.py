"""Which targets of the board say little about transfer, because a trivial baseline nearly solves them?"""

import pandas as pd

NEAR = 5.0  # points


def marked(runs: pd.DataFrame, trivial: pd.DataFrame, near: float = NEAR) -> list[str]:
    """Return the targets where a trivial baseline is near the best strategy: averages leave them out.

    Both are means over seeds at the largest size that both tables have. There, the best strategy stands out
    most: with few images, all can be near guessing.

    Args:
        runs: a board, with the columns target, source, strategy, images, seed and accuracy (0..1).
        trivial: runs of trivial baselines, with the columns target, strategy, images, seed and accuracy.
        near: points of accuracy; a smaller distance, or this one, marks a target.

    Returns:
        Names of targets, in the order of `runs`. A target without a size in common is not judged.

    Example:
        >>> best = {"target": ["tissue", "cats"], "source": "VGG16", "strategy": "Linear probe"}
        >>> runs = pd.DataFrame(best | {"images": 100, "seed": 0, "accuracy": [0.93, 0.96]})
        >>> colours = {"target": ["tissue", "cats"], "strategy": "colours", "images": 100, "seed": 0}
        >>> marked(runs, pd.DataFrame(colours | {"accuracy": [0.9, 0.6]}))
        ['tissue']
    """
    best = _best(runs, ["target", "images", "source", "strategy"])
    baseline = _best(trivial, ["target", "images", "strategy"])
    found = pd.concat([best.rename("best"), baseline.rename("trivial")], axis=1).dropna().sort_index()
    largest = found.groupby("target").tail(1).droplevel("images")
    lead = 100 * (largest["best"] - largest["trivial"])
    return [target for target in dict.fromkeys(runs["target"]) if lead.get(target, near + 1) <= near + 1e-9]


def _best(runs, keys):
    """The highest mean accuracy over seeds for each (target, images)."""
    means = runs.groupby(keys)["accuracy"].mean()
    return means.groupby(["target", "images"]).max()
