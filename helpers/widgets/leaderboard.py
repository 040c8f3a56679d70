"""The leaderboard of the Strategy Lab and of a class."""

import math

import pandas as pd

from helpers.findings.html_table import html_table


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
