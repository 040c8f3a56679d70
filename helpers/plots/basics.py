"""Figures of notebook 01: gradients, optimisers, structure, activation, data size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import PALETTE, figure, styled
from helpers.studies.engine.statistics import interval

MARKERS = "os^Dv"
LINES = ("-", "--", "-.", ":")

# ILSVRC classification, top-5 error of the best entry: Russakovsky et al. 2015 (to 2014; human
# 5.1 %), He et al. 2016 (2015), Shao et al. 2016 (2016), Hu et al. 2018 (2017).
IMAGENET = {2010: 28.2, 2011: 25.8, 2012: 16.4, 2013: 11.7, 2014: 6.7, 2015: 3.57, 2016: 2.99, 2017: 2.25}
HUMAN = 5.1


def imagenet_history() -> Figure:
    """Error of the best entry by year against human level (cited, not measured here)."""
    drawing, (axis,) = figure(12, 5)
    with styled():
        years, errors = list(IMAGENET), list(IMAGENET.values())
        colours = [PALETTE[6] if year < 2012 else PALETTE[0] for year in years]
        axis.bar(years, errors, color=colours)
        for year, error in IMAGENET.items():
            axis.text(year, 0.3, f"{error:g}", ha="center", color="white")
        axis.axhline(HUMAN, color="black", linestyle=":")
        axis.text(2017.5, HUMAN + 0.4, f"human {HUMAN} %", ha="right")
        axis.set(ylabel="top-5 error, %", title="ImageNet challenge (grey: before deep learning; cited)")
        axis.set_xticks(years)
    drawing.alt = "Top-5 error of the best ImageNet entry: " + ", ".join(
        f"{year} {error} %" for year, error in IMAGENET.items()
    )
    return drawing


def chain_terms(terms: dict[str, float]) -> Figure:
    """The factors of the gradient, and what is left after each of them."""
    drawing, (axis,) = figure(12, 4.8)
    left = np.cumprod(list(terms.values()))
    with styled():
        axis.semilogy(range(len(terms)), np.abs(left), "o-", color=PALETTE[0], markersize=9)
        for place, (value, product) in enumerate(zip(terms.values(), left, strict=True)):
            rises = abs(left[min(place + 1, len(left) - 1)]) > abs(product)  # then below, off the line
            shift = (6, -20 if rises else 8)
            axis.annotate(f"× {value:.3g}", (place, abs(product)), shift, textcoords="offset points")
        axis.set_xticks(range(len(terms)), terms)
        axis.margins(x=0.08, y=0.2)
        axis.set(ylabel="size of the product", title="∂C/∂b1: the product, factor by factor")
    drawing.alt = "Product after each factor: " + ", ".join(
        f"{name} {product:.3g}" for name, product in zip(terms, left, strict=True)
    )
    return drawing


def curves(rows: list[dict], group: str, ylabel: str, title: str = "", log: bool = False) -> Figure:
    """Mean curve by epoch of each group, with a band of the 95 % interval over seeds.

    Args:
        rows: of a study whose "curve" holds one number an epoch.
        group: the column that tells the lines apart.
    """
    drawing, (axis,) = figure(12, 5)
    ends = []
    with styled():
        for place, name in enumerate(dict.fromkeys(row[group] for row in rows)):
            runs = np.array([[float(v) for v in r["curve"].split()] for r in rows if r[group] == name])
            mean, half = np.array([interval(epoch) for epoch in runs.T]).T
            epochs = np.arange(1, len(mean) + 1)
            axis.plot(epochs, mean, label=name, color=PALETTE[place], linestyle=LINES[place % 4])
            axis.fill_between(epochs, mean - half, mean + half, color=PALETTE[place], alpha=0.2)
            ends.append(f"{name} ends at {mean[-1]:.3g}")
        axis.legend()
        axis.set(xlabel="epoch", ylabel=ylabel, title=title)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        if log:
            axis.set_yscale("log")
    drawing.alt = f"{ylabel} by epoch: {', '.join(ends)}."
    return drawing


def size_against_accuracy(rows: list[dict]) -> Figure:
    """Test accuracy against parameters of dense and convolutional nets."""
    drawing, (axis,) = figure(12, 5)
    told = []
    with styled():
        for place, kind in enumerate(("dense", "convolutional")):
            table = []
            for net in dict.fromkeys(r["net"] for r in rows if r["net"].startswith(kind)):
                members = [r for r in rows if r["net"] == net]
                mean, half = interval([float(r["accuracy"]) for r in members])
                table.append((int(members[0]["parameters"]), mean, half))
                told.append(f"{net}: {table[-1][0]} parameters, {mean:.1%}")
            x, mean, half = np.array(table).T
            axis.errorbar(
                x,
                mean,
                half,
                marker=MARKERS[place],
                markersize=10,
                capsize=5,
                color=PALETTE[place],
                label=kind,
            )
        axis.set_xscale("log")
        axis.legend()
        axis.set(xlabel="parameters", ylabel="test accuracy", title="Shifted digits, 1000 for training")
    drawing.alt = "; ".join(told)
    return drawing


def learning_curves(
    rows: list[dict], tasks: Sequence[str] = ("centred digits", "shifted digits", "shapes")
) -> Figure:
    """Accuracy against training pictures, a line a learner, an axis a task."""
    drawing, axes = figure(12, 4.8, columns=len(tasks))
    told = []
    with styled():
        for axis, task in zip(axes, tasks, strict=True):
            for place, learner in enumerate(dict.fromkeys(r["learner"] for r in rows)):
                chosen = [r for r in rows if (r["task"], r["learner"]) == (task, learner)]
                sizes = sorted({int(r["pictures"]) for r in chosen})
                points = [
                    interval([float(r["accuracy"]) for r in chosen if int(r["pictures"]) == n]) for n in sizes
                ]
                mean, half = np.array(points).T
                look: dict[str, Any] = {
                    "marker": MARKERS[place],
                    "color": PALETTE[place],
                    "linestyle": LINES[place],
                }
                axis.errorbar(sizes, mean, half, markersize=9, capsize=5, label=learner, **look)
                told.append(
                    f"{task}, {learner}: {mean[0]:.0%} with {sizes[0]}, {mean[-1]:.0%} with {sizes[-1]}"
                )
            axis.set_xscale("log")
            axis.set_xticks(sizes, [str(n) for n in sizes])
            axis.minorticks_off()
            axis.set(xlabel="training pictures", title=task, ylim=(0, 1.02))
        axes[0].set_ylabel("test accuracy")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncol=3)
    drawing.alt = "; ".join(told)
    return drawing
