"""Figures of a source that has learned without labels: its views, and what a probe on it reaches."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.plots.style import figure, styled
from helpers.studies import intervals

LOOKS = {  # of each source: its name in the legend, colour, marker
    "shapes": ("shapes, with labels", "#000000", "D"),
    "simclr": ("simclr, without labels", "#009E73", "v"),
    "random": ("random weights", "#777777", "o"),
}


def two_views(images: Sequence[np.ndarray]) -> Figure:
    """Draw images above two views of each.

    Args:
        images: the images and their views: three arrays, each uint8 (n, rows, columns, 3).
    """
    names = ("image", "one view", "another view")
    many = len(images[0])
    drawing, axes = figure(12, 5.2, columns=many, rows=3)
    with styled():
        for row, (name, shown) in enumerate(zip(names, images, strict=True)):
            for column, pixels in enumerate(shown):
                axis = axes[row * many + column]
                axis.imshow(pixels)
                axis.set(xticks=[], yticks=[])
                axis.grid(False)
            axes[row * many].set_ylabel(name)
    drawing.alt = f"{many} drawn shapes, and two views of each: shifted, some mirrored, in other colours."
    return drawing


def by_source(runs: pd.DataFrame) -> Figure:
    """Draw the accuracy of a linear probe by images per class, one line per source and one panel per target.

    Args:
        runs: of the study `unlabelled_source`.
    """
    targets = runs["target"].unique()
    drawing, axes = figure(12, 4.6, columns=len(targets))
    texts = ["Test accuracy of a linear probe."]
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            here = runs[runs["target"] == target]
            for source, (name, colour, marker) in LOOKS.items():
                points = intervals(here[here["source"] == source].groupby("images")["accuracy"])
                axis.errorbar(
                    points.index,
                    points["mean"],
                    points["interval"],
                    color=colour,
                    marker=marker,
                    capsize=5,
                    label=name,
                )
                texts += [f"{target}, {name}, {n} per class: {m:.1%}." for n, m in points["mean"].items()]
            axis.set(xscale="log", title=target.replace("_", " "), ylim=(0, 1.03), xlabel="images per class")
            axis.set_xticks(points.index, map(str, points.index))
            axis.minorticks_off()
        axes[0].set(ylabel="test accuracy")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    drawing.alt = " ".join(texts)
    return drawing
