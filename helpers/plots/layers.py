"""Figures of the two approaches: frozen blocks, accuracy by layer, similar representations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.networks import vgg16_channels
from helpers.plots.style import PALETTE, figure, styled
from helpers.studies.engine.statistics import intervals

BLOCKS = ("block1", "block2", "block3", "block4", "head")


def block_stack(axis: Axes, frozen: int) -> None:
    """Draw the network as a stack: frozen blocks are grey and hatched, trainable blocks coloured."""
    axis.set_axis_off()
    axis.set(xlim=(0, 1), ylim=(-0.5, len(BLOCKS) + 0.1))
    for place, name in enumerate(BLOCKS):
        still = place < frozen
        colour, hatch = ("#DDDDDD", "//") if still else (PALETTE[3], None)
        axis.add_patch(
            Rectangle((0.15, place), 0.7, 0.75, edgecolor="#444444", facecolor=colour, hatch=hatch)
        )
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        words = f"{name}: {'frozen' if still else 'trainable'}"
        axis.text(0.5, place + 0.37, words, ha="center", va="center", fontsize=14, bbox=paper)
    axis.text(0.5, -0.1, "images enter here", ha="center", va="top", fontsize=14)


def by_frozen(axis: Axes, rows: pd.DataFrame, frozen: str) -> pd.DataFrame:
    """Draw accuracy by the number of frozen blocks, and mark one of them.

    Args:
        axis: to draw on; it is not cleared.
        rows: of the study `frozen_blocks`, one target and size.
        frozen: the number to mark, "0" to "4".

    Returns:
        Mean and interval by the number of frozen blocks, and for "scratch".
    """
    points = intervals(rows.groupby("frozen")["accuracy"])
    numbers, scratch = points.drop(index="scratch"), points.loc["scratch", "mean"]
    look: dict[str, Any] = {"marker": "o", "markersize": 9, "capsize": 5, "color": PALETTE[0]}
    axis.errorbar(range(len(numbers)), numbers["mean"], numbers["interval"], **look)
    axis.plot(int(frozen), numbers.loc[frozen, "mean"], "D", color=PALETTE[1], markersize=16)
    axis.axhline(scratch, color=PALETTE[6], linestyle="--")
    axis.text(4.1, scratch + 0.02, "from scratch", ha="right", color=PALETTE[6])
    axis.set(xlabel="frozen blocks", ylabel="test accuracy", ylim=(0, 1.03))
    axis.set_xticks(range(len(numbers)))
    return points


def by_layer(axis: Axes, rows: pd.DataFrame, chosen_by: str = "accuracy") -> tuple[pd.DataFrame, str]:
    """Draw accuracy by layer, and mark the chosen one.

    Args:
        axis: to draw on; it is not cleared.
        rows: of the study `layers` or `vgg16_layers`, one target, source and size.
        chosen_by: the column whose mean is highest for the chosen layer.

    Returns:
        Mean and interval of the accuracy by layer, the first layer first; and the chosen layer.
    """
    by_name = rows.groupby("layer", sort=False)
    points, chosen = intervals(by_name["accuracy"]), by_name[chosen_by].mean().idxmax()
    places = range(len(points))
    look: dict[str, Any] = {"marker": "o", "markersize": 9, "capsize": 5, "color": PALETTE[0]}
    axis.errorbar(places, points["mean"], points["interval"], **look)
    axis.plot(points.index.get_loc(chosen), points.loc[chosen, "mean"], "D", color=PALETTE[1], markersize=16)
    axis.set_xticks(places, [name.removesuffix("_relu") for name in points.index], rotation=35, ha="right")
    axis.set(ylim=(0, 1.03))
    return points, chosen


def looked_for(
    axes: Sequence[Axes],
    photograph: np.ndarray,
    channels: Sequence[int],
    images: np.ndarray,
    maps: np.ndarray,
) -> None:
    """Draw the image that each channel prefers, and below it the channel's feature map on a photograph.

    Args:
        axes: two rows of one axis for the photograph and one for each channel; they are not cleared.
        photograph: uint8 (height, width, 3).
        channels: their indices.
        images: the preferred images, uint8 (channels, height, width, 3).
        maps: the feature maps (channels, rows, columns); each is scaled to its own range.
    """
    above, below = np.reshape(np.array(axes, object), (2, -1))
    for axis in (*above, *below):
        axis.set_axis_off()
    above[0].text(0.5, 0.5, "looks for", ha="center", va="center", transform=above[0].transAxes)
    below[0].imshow(photograph)
    below[0].set_title("finds it in")
    for place, channel in enumerate(channels):
        above[place + 1].imshow(images[place], interpolation="nearest")
        above[place + 1].set_title(f"channel {channel}")
        below[place + 1].imshow(maps[place], cmap="viridis", interpolation="nearest")


def edges_to_parts() -> Figure:
    """Show what channels of VGG16 look for, one row per block: the first eight that are stored."""
    columns, rows = 8, len(vgg16_channels.SIDES)
    drawing, axes = figure(10.5, 6.6, columns, rows)
    with styled():
        for axis in axes:
            axis.set(xticks=[], yticks=[], frame_on=False)
        for row, layer in enumerate(vgg16_channels.SIDES):
            axes[row * columns].set_ylabel(layer[:6])
            for place, image in enumerate(vgg16_channels.preferred(layer)[:columns]):
                axes[row * columns + place].imshow(image, interpolation="nearest")
    drawing.alt = f"What {columns} channels of {', '.join(vgg16_channels.SIDES)} look for, one row per layer."
    return drawing


def changed_layers(rows: pd.DataFrame) -> Figure:
    """Draw the CKA of each layer with the pre-trained one: after fine-tuning, and of a random network.

    Args:
        rows: of the study `cka_finetuning`.
    """
    targets, layers = rows["target"].unique(), rows["layer"].unique()
    drawing, axes = figure(12, 4.8, columns=len(targets))
    texts = []
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            for place, (kind, label) in enumerate(
                (("fine_tuned", "fine-tuned"), ("random", "never trained"))
            ):
                points = intervals(rows.groupby(["target", "layer"], sort=False)[kind]).loc[target]
                mean, half = points["mean"], points["interval"]
                look: dict[str, Any] = {
                    "color": PALETTE[(0, 6)[place]],
                    "marker": "os"[place],
                    "linestyle": ("-", "--")[place],
                }
                axis.errorbar(range(len(mean)), mean, half, markersize=9, capsize=5, label=label, **look)
                first, last = mean.iloc[0], mean.iloc[-1]
                texts.append(f"{target}, {label}: {first:.2f} in {layers[0]}, {last:.2f} in {layers[-1]}")
            axis.set_xticks(range(len(layers)), [name.removesuffix("_pool") for name in layers])
            axis.set(title=target, ylim=(-0.1, 1.05))
        axes[0].set_ylabel("CKA with the source model")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncol=2)
    drawing.alt = "; ".join(texts)
    return drawing


def source_quality(rows: pd.DataFrame) -> Figure:
    """Draw the accuracy on the source, and of a probe on each target, by epochs of the source model.

    Args:
        rows: of the study `source_quality`.
    """
    epochs, targets = rows["epochs"].unique(), rows["target"].unique()
    lines = [("source_accuracy", targets[0], "source task"), *(("accuracy", t, t) for t in targets)]
    drawing, (axis,) = figure(12, 5)
    texts = []
    with styled():
        for place, (column, target, label) in enumerate(lines):
            points = intervals(rows.groupby(["target", "epochs"], sort=False)[column]).loc[target]
            mean, half = points["mean"], points["interval"]
            look: dict[str, Any] = {"color": PALETTE[(6, 0, 1)[place]], "marker": "Dos"[place]}
            look["linestyle"] = ("--", "-", "-")[place]
            axis.errorbar(range(len(mean)), mean, half, markersize=10, capsize=5, label=label, **look)
            first, last = mean.iloc[0], mean.iloc[-1]
            texts.append(f"{label}: {first:.0%} after {epochs[0]} epochs, {last:.0%} after {epochs[-1]}")
        naive = rows["naive_on_source"].mean()
        axis.axhline(naive, color="black", linestyle=":", label="naive model, source task")
        axis.set_xticks(range(len(epochs)), epochs)
        drawing.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncol=4)
        axis.set(xlabel="training epochs of the source model", ylabel="test accuracy", ylim=(0, 1.02))
        texts.append(f"naive model, source task: {naive:.0%}")
    drawing.alt = "; ".join(texts)
    return drawing
