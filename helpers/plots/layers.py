"""Figures of notebook 04: frozen blocks, accuracy by layer, alike representations."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.plots.style import PALETTE, figure, styled
from helpers.studies.engine.statistics import interval

BLOCKS = ("block1", "block2", "block3", "block4", "head")


def block_stack(axis: Axes, frozen: int) -> None:
    """Draw the network as a stack: frozen blocks grey and hatched, the others train."""
    axis.set_axis_off()
    axis.set(xlim=(0, 1), ylim=(-0.4, len(BLOCKS) + 0.1))
    for place, name in enumerate(BLOCKS):
        still = place < frozen
        colour, hatch = ("#DDDDDD", "//") if still else (PALETTE[3], None)
        axis.add_patch(
            Rectangle((0.15, place), 0.7, 0.75, edgecolor="#444444", facecolor=colour, hatch=hatch)
        )
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        words = f"{name}: {'frozen' if still else 'trains'}"
        axis.text(0.5, place + 0.37, words, ha="center", va="center", fontsize=14, bbox=paper)
    axis.text(0.5, -0.25, "pictures come in here", ha="center", fontsize=14)


def by_frozen(axis: Axes, rows: list[dict], frozen: int) -> list[tuple[float, float]]:
    """Draw accuracy by the number of frozen blocks, one of them marked; returns means and intervals."""
    numbers = range(5)
    points = [interval([float(r["accuracy"]) for r in rows if r["frozen"] == str(k)]) for k in numbers]
    mean, half = np.array(points).T
    axis.errorbar(numbers, mean, half, marker="o", markersize=9, capsize=5, color=PALETTE[0])
    axis.plot(frozen, mean[frozen], "D", color=PALETTE[1], markersize=16)
    scratch, _ = interval([float(r["accuracy"]) for r in rows if r["frozen"] == "scratch"])
    axis.axhline(scratch, color=PALETTE[6], linestyle="--")
    axis.text(4.1, scratch + 0.02, "from scratch", ha="right", color=PALETTE[6])
    axis.set(xlabel="frozen blocks", ylabel="test accuracy", ylim=(0, 1.03))
    axis.set_xticks(list(numbers))
    return points


def by_layer(axis: Axes, rows: list[dict]) -> tuple[str, list[tuple[float, float]]]:
    """Draw accuracy by layer, the best one marked; returns its name, and means with intervals."""
    layers = list(dict.fromkeys(r["layer"] for r in rows))
    points = [interval([float(r["accuracy"]) for r in rows if r["layer"] == name]) for name in layers]
    mean, half = np.array(points).T
    best = int(mean.argmax())
    axis.errorbar(range(len(layers)), mean, half, marker="o", markersize=9, capsize=5, color=PALETTE[0])
    axis.plot(best, mean[best], "D", color=PALETTE[1], markersize=16)
    axis.set_xticks(
        range(len(layers)), [name.removesuffix("_relu") for name in layers], rotation=35, ha="right"
    )
    axis.set(ylabel="validation accuracy", ylim=(0, 1.03))
    return layers[best], points


def changed_layers(rows: list[dict]) -> Figure:
    """CKA of each layer with the pre-trained one: after fine-tuning, and of a random net."""
    targets = list(dict.fromkeys(r["target"] for r in rows))
    layers = list(dict.fromkeys(r["layer"] for r in rows))
    drawing, axes = figure(12, 4.8, columns=len(targets))
    told = []
    with styled():
        for axis, target in zip(axes, targets, strict=True):
            for place, (kind, label) in enumerate(
                (("fine_tuned", "fine-tuned"), ("random", "never trained"))
            ):
                points = [
                    interval([float(r[kind]) for r in rows if (r["target"], r["layer"]) == (target, layer)])
                    for layer in layers
                ]
                mean, half = np.array(points).T
                look: dict[str, Any] = {
                    "color": PALETTE[(0, 6)[place]],
                    "marker": "os"[place],
                    "linestyle": ("-", "--")[place],
                }
                axis.errorbar(range(len(layers)), mean, half, markersize=9, capsize=5, label=label, **look)
                told.append(
                    f"{target}, {label}: {mean[0]:.2f} in {layers[0]}, {mean[-1]:.2f} in {layers[-1]}"
                )
            axis.set_xticks(range(len(layers)), [name.removesuffix("_pool") for name in layers])
            axis.set(title=target, ylim=(-0.1, 1.05))
        axes[0].set_ylabel("CKA with the source model")
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncol=2)
    drawing.alt = "; ".join(told)
    return drawing


def source_quality(rows: list[dict]) -> Figure:
    """Accuracy on the source, and of a probe on each target, by epochs of the source model."""
    epochs = list(dict.fromkeys(r["epochs"] for r in rows))
    targets = list(dict.fromkeys(r["target"] for r in rows))
    lines = [("source_accuracy", targets[0], "on its source"), *(("accuracy", t, t) for t in targets)]
    drawing, (axis,) = figure(12, 5)
    told = []
    with styled():
        for place, (column, target, label) in enumerate(lines):
            chosen = [r for r in rows if r["target"] == target]
            points = [interval([float(r[column]) for r in chosen if r["epochs"] == e]) for e in epochs]
            mean, half = np.array(points).T
            look: dict[str, Any] = {"color": PALETTE[(6, 0, 1)[place]], "marker": "Dos"[place]}
            look["linestyle"] = ("--", "-", "-")[place]
            axis.errorbar(range(len(epochs)), mean, half, markersize=10, capsize=5, label=label, **look)
            told.append(f"{label}: {mean[0]:.0%} after {epochs[0]} epochs, {mean[-1]:.0%} after {epochs[-1]}")
        naive, _ = interval([float(r["naive_on_source"]) for r in rows])
        axis.axhline(naive, color="black", linestyle=":", label="naive model on the source")
        axis.set_xticks(range(len(epochs)), epochs)
        drawing.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncol=4)
        axis.set(xlabel="epochs that the source model was trained", ylabel="test accuracy", ylim=(0, 1.02))
        told.append(f"naive model on the source: {naive:.0%}")
    drawing.alt = "; ".join(told)
    return drawing
