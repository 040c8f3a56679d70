"""The leaderboard of the Strategy Lab and of a class."""

import math

import pandas as pd

from helpers.findings import board
from helpers.findings.html_table import html_table
from helpers.strategies import registry
from helpers.widgets.strategy_dials import SHIPPED


def textbook_choice(target: str, source: str, images: int) -> str | None:
    """Return the strategy that the lecture's rule names; None where nobody declared the likeness.

    Args:
        target: a target.
        source: the title of a source model, as the Strategy Lab lists it.
        images: per class.

    Example:
        >>> textbook_choice("new_shapes", "built-in shapes", 5)
        'Linear probe'
        >>> textbook_choice("streets_day", "built-in shapes", 5) is None
        True
    """
    likeness = board.likeness(target, SHIPPED.get(source))
    return board.textbook(likeness, images, registry.names()) if likeness else None


def results_table(table: pd.DataFrame) -> str:
    """Return the leaderboard as HTML.

    Args:
        table: of `helpers.studies.summary`.
    """
    if table.empty:
        return "<p>No runs for this target yet.</p>"
    head = (
        "strategy",
        "setting",
        "source model",
        "images per class",
        "runs",
        "validation accuracy (95 % interval)",
        "seconds",
    )
    rows = [
        (
            row["strategy"],
            row["setting"],
            row["source"],
            row["images"],
            row["runs"],
            f"{row['mean']:.1%}" + (f" ± {row['interval']:.1%}" if row["runs"] > 1 else ""),
            "" if math.isnan(row["seconds"]) else f"{row['seconds']:.1f}",
        )
        for row in table.to_dict("records")
    ]
    return html_table("Leaderboard", rows, head)
