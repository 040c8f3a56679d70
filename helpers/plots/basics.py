"""Figures of the basics: gradients, optimisers, structure, activation, data size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.data.validation import check_rows
from helpers.plots.style import PALETTE, figure, powers, say_left_out, styled
from helpers.studies.engine.statistics import interval, intervals

MOST_FACTORS = 12
MARKERS = "os^Dv"
LINES = ("-", "--", "-.", ":")


def chain_terms(terms: dict[str, float]) -> Figure:
    """Draw the factors of the gradient, and the product up to each of them.

    Args:
        terms: the factors by name, such as those of `helpers.networks.gradients.chain`; at most 12 are
            shown.

    Raises:
        ValueError: there are no factors.

    Example:
        >>> chain_terms({"w": 0.5, "slope": 0.25}).alt
        'Product after each factor: w 0.5, slope 0.125'
    """
    check_rows(terms=terms)
    factors = len(terms)
    terms = dict(list(terms.items())[:MOST_FACTORS])
    drawing, (axis,) = figure(12, 4.8)
    left = np.cumprod(list(terms.values()))
    with styled():
        axis.semilogy(range(len(terms)), np.abs(left), "o-", color=PALETTE[0], markersize=9)
        powers(axis.yaxis)
        for place, (value, product) in enumerate(zip(terms.values(), left, strict=True)):
            rises = abs(left[min(place + 1, len(left) - 1)]) > abs(product)  # then write below the line
            shift = (6, -20 if rises else 8)
            axis.annotate(f"× {value:.3g}", (place, abs(product)), shift, textcoords="offset points")
        axis.set_xticks(range(len(terms)), terms)
        axis.margins(x=0.08, y=0.2)
        axis.set(ylabel="size of the product", title="∂C/∂b1: the product, factor by factor")
    drawing.alt = "Product after each factor: " + ", ".join(
        f"{name} {product:.3g}" for name, product in zip(terms, left, strict=True)
    )
    say_left_out(drawing, factors - len(terms), "factors")
    return drawing


def curves(rows: pd.DataFrame, group: str, ylabel: str, title: str = "", log: bool = False) -> Figure:
    """Draw the mean curve by epoch of each group, with a band of the 95 % interval over seeds.

    Args:
        rows: of a study whose "curve" holds one number per epoch.
        group: the column with one line per value.
        ylabel: of the axis.
        title: of the axis.
        log: whether the y axis is logarithmic.

    Raises:
        ValueError: there are more than 8 groups.

    Example:
        >>> rows = pd.DataFrame({"optimiser": ["SGD", "Adam"], "curve": ["0.9 0.8 0.7", "0.9 0.5 0.3"]})
        >>> curves(rows, "optimiser", "training loss").alt
        'training loss by epoch: SGD ends at 0.7, Adam ends at 0.3.'
    """
    if (groups := rows[group].nunique()) > len(PALETTE):
        raise ValueError(
            f"There are colours for {len(PALETTE)} lines, but {group!r} has {groups} values. Choose some of "
            "them."
        )
    drawing, (axis,) = figure(12, 5)
    ends = []
    with styled():
        for place, (name, here) in enumerate(rows.groupby(group, sort=False)):
            runs = here["curve"].str.split(expand=True).astype(float).to_numpy()
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
            powers(axis.yaxis)
    drawing.alt = f"{ylabel} by epoch: {', '.join(ends)}."
    return drawing


def size_against_accuracy(rows: pd.DataFrame) -> Figure:
    """Draw test accuracy against the parameters of dense and convolutional networks.

    Args:
        rows: of the study `dense_vs_conv`.
    """
    drawing, (axis,) = figure(12, 5)
    texts = []
    with styled():
        for place, kind in enumerate(("dense", "convolutional")):
            nets = rows[rows["net"].str.startswith(kind)].groupby(["net", "parameters"], sort=False)
            points = intervals(nets["accuracy"]).reset_index()
            texts += [
                f"{net.net}: {net.parameters} parameters, {net.mean:.1%}" for net in points.itertuples()
            ]
            look: dict[str, Any] = {
                "marker": MARKERS[place],
                "markersize": 10,
                "capsize": 5,
                "color": PALETTE[place],
            }
            axis.errorbar(points["parameters"], points["mean"], points["interval"], label=kind, **look)
        axis.set_xscale("log")
        powers(axis.xaxis)
        axis.legend()
        axis.set(xlabel="parameters", ylabel="test accuracy", title="Shifted digits, 1000 training images")
    drawing.alt = "; ".join(texts)
    return drawing


def learning_curves(
    rows: pd.DataFrame, tasks: Sequence[str] = ("centred digits", "shifted digits", "shapes")
) -> Figure:
    """Draw accuracy against the number of training images, one line per learner, one axis per task.

    Args:
        rows: of the study `data_size`.
        tasks: to draw, from left to right.
    """
    drawing, axes = figure(12, 4.8, columns=len(tasks))
    texts = []
    with styled():
        for axis, task in zip(axes, tasks, strict=True):
            by_size = rows.query("task == @task").groupby(["learner", "images"])["accuracy"]
            for place, learner in enumerate(rows["learner"].unique()):
                points = intervals(by_size).loc[learner]
                sizes, mean, half = points.index, points["mean"], points["interval"]
                look: dict[str, Any] = {
                    "marker": MARKERS[place],
                    "color": PALETTE[place],
                    "linestyle": LINES[place],
                }
                axis.errorbar(sizes, mean, half, markersize=9, capsize=5, label=learner, **look)
                first, last = mean.iloc[0], mean.iloc[-1]
                texts.append(f"{task}, {learner}: {first:.0%} with {sizes[0]}, {last:.0%} with {sizes[-1]}")
            axis.set_xscale("log")
            axis.set_xticks(sizes, [str(n) for n in sizes])
            axis.minorticks_off()
            axis.set(xlabel="training images", title=task, ylim=(0, 1.02))
        axes[0].set_ylabel("test accuracy")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncol=3)
    drawing.alt = "; ".join(texts)
    return drawing


def rebuilt_digits(images: np.ndarray, rebuilt: np.ndarray, codes: np.ndarray, digits: np.ndarray) -> Figure:
    """Draw one image of each digit above what is rebuilt from its code, and a map of all codes.

    Args:
        images: digits of 8x8 pixels, float (n, 64) with values 0..1.
        rebuilt: from the codes, of the same shape.
        codes: two numbers per image, float (n, 2).
        digits: the true digits (n,); they choose the colours of the map.

    Raises:
        ValueError: one of the ten digits is missing.
    """
    digits = np.asarray(digits)
    if missing := sorted({*range(10)} - {*digits.tolist()}):
        raise ValueError(f"digits must contain all ten digits. Missing: {', '.join(map(str, missing))}.")
    drawing, (left, right) = figure(12, 5.6, columns=2)
    first = [np.flatnonzero(digits == digit)[0] for digit in range(10)]
    halves = first[:5], first[5:]
    rows = np.stack([pixels[half] for half in halves for pixels in (images, rebuilt)]).reshape(4, 5, 8, 8)
    framed = np.pad(rows, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=0.4)
    with styled():
        left.imshow(framed.transpose(0, 2, 1, 3).reshape(40, 50), cmap="gray_r", vmin=0, vmax=1)
        left.set_yticks([5, 15, 25, 35], ["image", "rebuilt"] * 2, fontsize=16)
        left.set_xticks([])
        left.grid(visible=False)
        left.tick_params(length=0)
        left.set_title("unseen images, and what the code keeps")
        for digit, colour in enumerate((*PALETTE, "black", "#AA4499")):
            here = codes[digits == digit]
            look: dict[str, Any] = {"s": 36, "color": colour, "marker": MARKERS[digit % 5]}
            right.scatter(here[:, 0], here[:, 1], label=str(digit), **look)
        right.set(xlabel="first number of the code", ylabel="second number")
        right.set_title("the code of each image")
        keys = right.get_legend_handles_labels()
        drawing.legend(*keys, loc="outside right center", title="digit", markerscale=2, fontsize=16)
    drawing.alt = (
        "Left: one image of each digit, and the image rebuilt from its code. Right: a map of "
        f"{len(codes)} codes, in the colours of their digits."
    )
    return drawing
