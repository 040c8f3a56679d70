"""Figures of the board: one row per target or rule, readable from the last row of a lecture hall."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from helpers.plots.style import figure, styled
from helpers.strategies import registry

SOURCES = {  # colour and marker of each source
    "shapes": ("#000000", "D"),
    "simclr": ("#009E73", "v"),
    "photos": ("#0072B2", "o"),
    "MobileNet": ("#E69F00", "s"),
    "VGG16": ("#CC79A7", "^"),
}
ORDER = ("similar", "between", "different")


def earlier_layer(found: pd.DataFrame) -> Figure:
    """Draw how much an SVM on an earlier layer gains over a probe on the last layer, by target and source.

    Each marker is the mean over the sizes that were measured. Targets are grouped by their likeness, and
    within a group the largest gain is on top.

    Args:
        found: of `helpers.findings.board.head_to_head`, of the SVM and the probe.
    """
    gaps = found.groupby(["likeness", "target", "source"])["gap"].mean().reset_index()
    top = gaps.groupby("target")["gap"].mean()
    rows = sorted(
        gaps[["likeness", "target"]].drop_duplicates().itertuples(index=False, name=None),
        key=lambda pair: (ORDER.index(pair[0]), -top[pair[1]]),
    )
    places = {target: place for place, (_, target) in enumerate(rows)}
    drawing, (axis,) = figure(12, 2.4 + 0.5 * len(rows))
    with styled():
        axis.axvline(0, color="black", linewidth=1.5)
        for source, (colour, marker) in SOURCES.items():
            here = gaps[gaps["source"] == source]
            if len(here):
                y, label = here["target"].map(places), f"source {source}"
                axis.scatter(here["gap"], y, s=130, c=colour, marker=marker, label=label, zorder=3)
        kinds = [kind for kind, _ in rows]
        for place in range(1, len(rows)):
            if kinds[place] != kinds[place - 1]:
                axis.axhline(place - 0.5, color="#777777", linestyle="--", linewidth=1.5)
        axis.set_yticks(range(len(rows)), [f"{target} ({kind})" for kind, target in rows])
        axis.set(xlabel="points of accuracy that the earlier layer gains over the last layer")
        axis.set_ylim(len(rows) - 0.5, -0.5)  # the first row on top
        drawing.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    drawing.alt = "Gain of an SVM on an earlier layer over a probe on the last layer. " + " ".join(
        f"{gap.target} ({gap.likeness}), source {gap.source}: {gap.gap:+z.1f} points."
        for gap in gaps.itertuples()
    )
    return drawing


def tuning_worth(gains: pd.DataFrame, flips: tuple[int, int]) -> Figure:
    """Draw what the choice of a configuration gains over the default, by strategy.

    Args:
        gains: of `helpers.findings.board.tuning_gains`.
        flips: of `helpers.findings.board.flips`.
    """
    colours = [registry.get(name).colour for name in gains.index]
    named = gains.set_axis([f"{name} ({count} targets)" for name, count in gains["targets"].items()])
    label = "points of test accuracy, chosen minus default configuration"
    drawing = _rows_with_intervals(named, colours, label)
    said = f"tuning changes {flips[0]} of {flips[1]} verdicts on the lecture's rule"
    with styled():
        drawing.axes[0].set_title(said)
    drawing.alt += f" {said.capitalize()}."
    return drawing


def rule_regrets(summary: pd.DataFrame, used: str) -> Figure:
    """Draw the mean accuracy that each rule loses against the best strategy, the smallest loss first.

    Args:
        summary: of `helpers.findings.rules.summary`.
        used: the rule of the advisor, which is marked.
    """
    label = "points of accuracy lost against the best strategy"
    colours = ["#D55E00" if rule == used else "#0072B2" for rule in summary.index]
    named = summary.rename(index={used: f"{used} (the advisor's)"})
    return _rows_with_intervals(named, colours, label)


def _rows_with_intervals(table, colours, label):
    """One bar per row, from 0 to its mean, with the interval over targets."""
    drawing, (axis,) = figure(12, 1.8 + 0.7 * len(table))
    with styled():
        axis.axvline(0, color="black", linewidth=1.5)
        axis.barh(range(len(table)), table["mean"], color=colours, alpha=0.85)
        for place, row in enumerate(table.itertuples()):
            axis.plot([row.low, row.high], [place, place], color="black", linewidth=2.5)
            end = max(row.mean, row.high) if row.high == row.high else row.mean
            axis.text(end, place, f"  {row.mean:+z.1f}", va="center")
        axis.set_yticks(range(len(table)), [textwrap.fill(name, 40) for name in table.index])
        axis.invert_yaxis()
        axis.margins(x=0.12)
        axis.set(xlabel=f"{label}\n(mean over targets, 95 % interval over targets)")
    drawing.alt = f"{label}. " + " ".join(
        f"{row.Index}: {row.mean:+z.1f}, from {row.low:+z.1f} to {row.high:+z.1f}."
        for row in table.itertuples()
    )
    return drawing
