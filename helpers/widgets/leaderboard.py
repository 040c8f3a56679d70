"""The leaderboard of the Strategy Lab and of a class."""

import math
from collections.abc import Mapping

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


def textbook_marks(target: str, source: str) -> dict[str, str]:
    """Return what a legend adds to the names of the lecture's choices, which depend on the size.

    Args:
        target: as for `textbook_choice`.
        source: likewise.

    Example:
        >>> textbook_marks("micrographs", "built-in shapes")
        {'Earlier-layer SVM': ' (textbook below 100)', 'Full fine-tune': ' (textbook from 100)'}
    """
    few, many = (textbook_choice(target, source, images) for images in (board.LARGE - 1, board.LARGE))
    if few is None or many is None:
        return {}
    return {few: f" (textbook below {board.LARGE})", many: f" (textbook from {board.LARGE})"}


def marked(row: Mapping) -> str:
    """Return the name of the strategy of a row, marked if it is the lecture's choice.

    Args:
        row: with target, source, strategy and images.

    Example:
        >>> place = {"target": "new_shapes", "source": "built-in shapes", "images": 5}
        >>> marked(place | {"strategy": "Linear probe"}), marked(place | {"strategy": "Fine-tune"})
        ('Linear probe (textbook)', 'Fine-tune')
    """
    chosen = textbook_choice(row["target"], row["source"], row["images"])
    return row["strategy"] + " (textbook)" * (row["strategy"] == chosen)


def results_table(table: pd.DataFrame) -> str:
    """Return the leaderboard as HTML, with the lecture's choice marked where the likeness is declared.

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
            marked(row),
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
