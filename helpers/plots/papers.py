"""Figures of the papers in miniature: frozen blocks, ranked sources, longer training, more data."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.findings import papers
from helpers.plots.style import PALETTE, figure, styled
from helpers.strategies import registry
from helpers.studies.engine.statistics import interval, intervals

MARKS = "osD^vP"
TARGETS = {"near": "new_shapes", "far": "micrographs"}  # of the study `yosinski`


def transferred_blocks(rows: pd.DataFrame, longer: pd.DataFrame) -> Figure:
    """Draw accuracy by the number of blocks transferred from the source: frozen or fine-tuned.

    A dotted line marks training from scratch for as many epochs as were measured: all other runs are short.

    Args:
        rows: of the study `yosinski`.
        longer: of the study `scratch_catches_up`, of the same targets and as many images.
    """
    most = longer["epochs"].max()
    long_scratch = longer[(longer["strategy"] == registry.FROM_SCRATCH.name) & (longer["epochs"] == most)]
    long_means = long_scratch.groupby("target")["accuracy"].mean()
    long_label = f"none transferred, {most} epochs"
    drawing, axes = figure(12, 4.8, columns=2)
    texts = []
    with styled():
        for axis, target in zip(axes, ("near", "far"), strict=True):
            for place, (way, label) in enumerate(
                (
                    ("scratch", "none transferred"),
                    ("frozen", "transferred, frozen"),
                    ("tuned", "transferred, fine-tuned"),
                )
            ):
                points = intervals(rows.groupby(["target", "way", "blocks"])["accuracy"]).loc[target, way]
                _line(axis, points, PALETTE[(6, 0, 1)[place]], MARKS[place], label)
                if way == "scratch":
                    axis.axhline(points["mean"].iloc[0], color=PALETTE[6], linestyle="--", linewidth=1)
                texts += [f"{target}, {label}, {n} blocks: {m:.0%}" for n, m in points["mean"].items()]
            after_long = long_means[TARGETS[target]]
            axis.axhline(after_long, color="black", linestyle=":", label=long_label)
            texts.append(f"{target}, {long_label}: {after_long:.0%}")
            axis.set(title=f"{target} target", xlabel="blocks transferred from the source", ylim=(0, 1.03))
            axis.set_xticks(range(5))
        axes[0].set_ylabel("test accuracy")
        axes[1].legend(loc="lower right")
    drawing.alt = "; ".join(texts)
    return drawing


def longer_training(rows: pd.DataFrame) -> Figure:
    """Draw accuracy by epochs, from scratch and fine-tuned; one panel per target.

    Args:
        rows: of the study `scratch_catches_up`.
    """
    targets = rows["target"].unique()
    drawing, axes = figure(12, 4.8, columns=len(targets))
    texts = []
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            for entry in (registry.FROM_SCRATCH, registry.FULL_FINE_TUNE):
                way = entry.name
                points = intervals(rows.groupby(["target", "strategy", "epochs"])["accuracy"]).loc[
                    target, way
                ]
                _line(axis, points, entry.colour, entry.marker, way)
                texts += [f"{target}, {way}, {e} epochs: {m:.0%}" for e, m in points["mean"].items()]
            axis.set(title=target.replace("_", " "), ylim=(0, 1.03))
            _doubling(axis, points.index, "epochs")
        axes[0].set_ylabel("test accuracy")
        axes[0].legend(loc="lower right")
    drawing.alt = "; ".join(texts)
    return drawing


def shrinking_benefit(rows: pd.DataFrame, columns: list[tuple[str, ...]]) -> Figure:
    """Draw the accuracy of fine-tuning minus that of training from scratch, by images per class.

    Args:
        rows: of the board.
        columns: (target, source), or (target, source, strategy) for another one than full fine-tuning; at
            most six.
    """
    drawing, (axis,) = figure(12, 4.8)
    texts: list[str] = []
    sizes: set[int] = set()
    with styled():
        for place, column in enumerate(columns):
            target, source = column[:2]
            gain = 100 * papers.benefit(rows, *column)
            if gain.empty:
                continue
            sizes |= set(gain)
            points = intervals(gain.melt(var_name="images").dropna().groupby("images")["value"])
            label = f"{target.replace('_', ' ')} (source {source})"
            _line(axis, points, PALETTE[place], MARKS[place], label)
            texts += [f"{label}, {n} images: {m:+.0f} points" for n, m in points["mean"].items()]
        axis.axhline(0, color="#555555", linewidth=1)
        axis.set_ylabel("fine-tuned minus from scratch\n(points of accuracy)")
        _doubling(axis, sorted(sizes), "training images per class")
        axis.legend(loc="upper right")
    drawing.alt = "; ".join(texts)
    return drawing


def ranked_sources(rows: pd.DataFrame, target: str) -> Figure:
    """Draw each score of the source models against their fine-tuned accuracy; means over seeds.

    Args:
        rows: of the study `model_ranking`.
        target: one of its targets.
    """
    means = (
        rows.query("target == @target").groupby("source", sort=False)[[*papers.SCORES, "fine_tuned"]].mean()
    )
    drawing, axes = figure(12, 7.4, columns=2, rows=2)
    texts = []
    with styled():
        for axis, (score, name) in zip(axes, papers.SCORES.items(), strict=True):
            tau, half = interval(papers.kendall(rows, target, score))
            for place, (source, mean) in enumerate(means.iterrows()):
                look: dict[str, Any] = {"linestyle": "none", "color": PALETTE[place], "markersize": 13}
                axis.plot(mean[score], mean["fine_tuned"], MARKS[place], label=source, **look)
            axis.set(title=f"Kendall's tau {tau:.2f} ± {half:.2f}", xlabel=name)
            axis.margins(0.12)
            texts.append(f"{target}, {name}: Kendall's tau {tau:.2f} ± {half:.2f}")
        for axis in axes[::2]:
            axis.set_ylabel("fine-tuned accuracy")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    drawing.alt = "; ".join(texts)
    return drawing


def _line(axis: Axes, points: pd.DataFrame, colour: str, marker: str, label: str) -> None:
    """Draw a line with error bars through the rows of `intervals`."""
    look: dict[str, Any] = {"marker": marker, "markersize": 9, "capsize": 5, "color": colour, "label": label}
    axis.errorbar(points.index, points["mean"], points["interval"], **look)


def _doubling(axis, values, label):
    axis.set_xscale("log")
    axis.set_xticks(values, [str(v) for v in values])
    axis.minorticks_off()
    axis.set_xlabel(label)
