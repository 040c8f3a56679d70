"""Figures of the papers in miniature: blocks kept, sources ranked, longer training, more data.

Used in notebooks 04 and 06.
"""

import numpy as np
from matplotlib.figure import Figure

from helpers.findings import papers
from helpers.plots.strategies import COLOURS, MARKERS
from helpers.plots.style import PALETTE, figure, styled
from helpers.studies.engine.statistics import by_seed, interval

MARKS = "osD^vP"


def transferred_blocks(rows: list[dict]) -> Figure:
    """Accuracy by the number of first blocks from the source: frozen, or tuned with the rest.

    Args:
        rows: of the study `yosinski`.
    """
    drawing, axes = figure(12, 4.8, columns=2)
    told = []
    with styled():
        for axis, target in zip(axes, ("near", "far"), strict=True):
            here = [r for r in rows if r["target"] == target]
            for place, (way, label) in enumerate(
                (("scratch", "all random"), ("frozen", "taken, frozen"), ("tuned", "taken, tuned"))
            ):
                numbers = sorted({r["blocks"] for r in here if r["way"] == way})
                points = [interval([*by_seed(here, way=way, blocks=n).values()]) for n in numbers]
                _line(axis, [int(n) for n in numbers], points, (6, 0, 1)[place], MARKS[place], label)
                if way == "scratch":
                    axis.axhline(points[0][0], color=PALETTE[6], linestyle="--", linewidth=1)
                told += [
                    f"{target}, {label}, {n} blocks: {m:.0%}"
                    for n, (m, _) in zip(numbers, points, strict=True)
                ]
            axis.set(title=f"{target} target", xlabel="first blocks from the source", ylim=(0, 1.03))
            axis.set_xticks(range(5))
        axes[0].set_ylabel("test accuracy")
        axes[1].legend(loc="lower right")
    drawing.alt = "; ".join(told)
    return drawing


def longer_training(rows: list[dict]) -> Figure:
    """Accuracy after so many epochs, from scratch and fine-tuned; a panel a target.

    Args:
        rows: of the study `scratch_catches_up`.
    """
    targets = list(dict.fromkeys(r["target"] for r in rows))
    drawing, axes = figure(12, 4.8, columns=len(targets))
    told = []
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            here = [r for r in rows if r["target"] == target]
            epochs = sorted({int(r["epochs"]) for r in here})
            for way in ("From scratch", "Full fine-tune"):
                points = [interval([*by_seed(here, strategy=way, epochs=e).values()]) for e in epochs]
                _line(axis, epochs, points, COLOURS[way], MARKERS[way], way)
                told += [
                    f"{target}, {way}, {e} epochs: {m:.0%}" for e, (m, _) in zip(epochs, points, strict=True)
                ]
            axis.set(title=target.replace("_", " "), ylim=(0, 1.03))
            _doubling(axis, epochs, "epochs")
        axes[0].set_ylabel("test accuracy")
        axes[0].legend(loc="lower right")
    drawing.alt = "; ".join(told)
    return drawing


def shrinking_benefit(rows: list[dict], columns: list[tuple[str, str]]) -> Figure:
    """Full fine-tuning minus from scratch, by images a class.

    Args:
        rows: of the board.
        columns: (target, source), at most six.
    """
    drawing, (axis,) = figure(12, 4.8)
    told, sizes = [], set()
    with styled():
        for place, (target, source) in enumerate(columns):
            by_size = papers.benefit(rows, target, source)
            if not by_size:
                continue
            sizes |= set(by_size)
            points = [interval([100 * v for v in seeds.values()]) for seeds in by_size.values()]
            label = f"{target.replace('_', ' ')} (source {source})"
            _line(axis, [*by_size], points, place, MARKS[place], label)
            told += [
                f"{label}, {n} images: {m:+.0f} points" for n, (m, _) in zip(by_size, points, strict=True)
            ]
        axis.axhline(0, color="#555555", linewidth=1)
        axis.set_ylabel("what the source model adds\n(points of accuracy)")
        _doubling(axis, sorted(sizes), "training images a class")
        axis.legend(loc="upper right")
    drawing.alt = "; ".join(told)
    return drawing


def ranked_sources(rows: list[dict], target: str) -> Figure:
    """Each score of the source models against their fine-tuned accuracy; means over seeds.

    Args:
        rows: of the study `model_ranking`.
    """
    here = [r for r in rows if r["target"] == target]
    sources = list(dict.fromkeys(r["source"] for r in here))
    drawing, axes = figure(12, 7.4, columns=2, rows=2)
    told = []
    with styled():
        for axis, (score, name) in zip(axes, papers.SCORES.items(), strict=True):
            tau, half = interval([*papers.kendall(here, target, score).values()])
            for place, source in enumerate(sources):
                x, y = (
                    np.mean([*by_seed(here, column, source=source).values()])
                    for column in (score, "fine_tuned")
                )
                axis.plot(
                    x, y, MARKS[place], label=source, linestyle="none", color=PALETTE[place], markersize=13
                )
            axis.set(title=f"Kendall's tau {tau:.2f} ± {half:.2f}", xlabel=name)
            axis.margins(0.12)
            told.append(f"{target}, {name}: Kendall's tau {tau:.2f} ± {half:.2f}")
        for axis in axes[::2]:
            axis.set_ylabel("fine-tuned accuracy")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    drawing.alt = "; ".join(told)
    return drawing


def _line(axis, x, points, colour, marker, label):
    mean, half = np.array(points).T
    colour = PALETTE[colour] if isinstance(colour, int) else colour
    axis.errorbar(x, mean, half, marker=marker, markersize=9, capsize=5, color=colour, label=label)


def _doubling(axis, values, label):
    axis.set_xscale("log")
    axis.set_xticks(values, [str(v) for v in values])
    axis.minorticks_off()
    axis.set_xlabel(label)
