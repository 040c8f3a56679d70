"""What the Strategy Lab says in words: its alternative text, its verdict, and how far a run came."""

import html
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace

import pandas as pd

from helpers.findings.lab_grey import Grey
from helpers.findings.lab_verdict import verdict
from helpers.widgets.leaderboard import marked, textbook_choice


def alt_text(results: pd.DataFrame, grey: Grey | None, by_seconds: bool) -> str:
    """Say what the figure of the lab shows.

    Args:
        results: of the lab, the runs that are drawn.
        grey: the stored results that are drawn in grey, if any.
        by_seconds: as for `helpers.plots.lab_figure`.

    Example:
        >>> alt_text(pd.DataFrame(), None, by_seconds=True).split(". ")[1:]
        ['No runs yet', 'There are no stored results of this target with this source.']
    """
    runs = "; ".join(
        f"{marked(run)}, {run['images']} per class: {run['accuracy']:.1%}"
        + f" after {run['seconds']:.1f} s" * by_seconds
        for run in results.to_dict("records")
    )
    axis = "seconds of training" if by_seconds else "images per class"
    return (
        f"Strategy Lab: learning curve, and validation accuracy by {axis}. {runs or 'No runs yet'}. "
        f"{_in_grey(grey, by_seconds)}"
    )


def _in_grey(grey, by_seconds):
    """Say where each grey line starts and ends."""
    if grey is None:
        return "There are no stored results of this target with this source."
    lines = []
    for name, rows in grey.table.sort_values("images").groupby("strategy", sort=False):
        ends = [*rows[["images", "mean", "seconds"]].itertuples(index=False)]
        said = [
            f"{end.images} per class: {end.mean:.1%}" + f" after {end.seconds:.1f} s" * by_seconds
            for end in ([ends[0], ends[-1]] if len(ends) > 1 else ends)
        ]
        lines.append(f"{name}, {', '.join(said)}")
    return f"In grey, {grey.says}: {'; '.join(lines)}."


def stopped(epochs: int) -> str:
    """Say where a run was stopped.

    Args:
        epochs: that it finished.

    Example:
        >>> stopped(0), stopped(1), stopped(7)
        ('stopped before its first epoch', 'stopped after 1 epoch', 'stopped after 7 epochs')
    """
    return f"stopped after {epochs} epoch{'s' * (epochs > 1)}" if epochs else "stopped before its first epoch"


def judged(choices: Sequence[SimpleNamespace], found: Sequence[dict]) -> str:
    """Judge the strategies that finished all of their repeats, as HTML.

    Args:
        choices: of all strategies that should run: target, source, images, strategy and repeats.
        found: strategy, seed, accuracy and `Fitted` of each finished run, in this order of keys.

    Returns:
        The verdict; empty for fewer than two strategies, which leave nothing to compare.

    Example:
        >>> judged([SimpleNamespace(target="streets_day", images=5, repeats=1)], [])
        ''
    """
    first, done = choices[0], Counter(run["strategy"] for run in found)
    whole = [run for run in found if done[run["strategy"]] == first.repeats]
    fitted = {run["strategy"]: run["fitted"] for run in whole}
    if len(fitted) < 2:
        return ""
    textbook = textbook_choice(first.target, first.source, first.images)
    runs = pd.DataFrame(whole, columns=["strategy", "seed", "accuracy"])
    said = verdict(runs, lambda name: fitted[name].right, [textbook] if textbook else [])
    place = f"{first.target}, {first.images} images per class"
    if len(fitted) < len(choices):
        place += f", {len(fitted)} of {len(choices)} strategies"
    return f"<p role='status'><b>{html.escape(f'{place}: {said}', quote=False)}</b></p>"
