"""Labs of the basics: gradients, optimisers and over-fitting."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.networks import descent, gradients
from helpers.plots.style import PALETTE, powers
from helpers.studies.engine import statistics, tables
from helpers.widgets.figure_lab import FigureLab, choice, slider, whole


def gradient_lab() -> FigureLab:
    """Show the gradient norm of each layer before training, by depth, activation and initialisation."""
    controls = {
        "depth": whole("hidden layers", 8, 1, 20),
        "activation": choice("activation", list(gradients.ACTIVATIONS)),
        "initialisation": choice("initialisation", list(gradients.INITIALISATIONS), "Glorot"),
    }
    return FigureLab(_draw_gradients, controls, "gradient-lab", columns=1)


def _draw_gradients(axes, depth, activation, initialisation):
    norms = gradients.gradient_norms(depth, activation, initialisation)
    (axis,) = axes
    layers = np.arange(1, len(norms) + 1)
    shown = np.maximum(norms, 1e-30)
    axis.semilogy(layers, shown, "o-", color=PALETTE[0], markersize=9)
    powers(axis.yaxis)
    axis.set_ylim(min(1e-6, shown.min() / 10), max(10, shown.max() * 10))
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("layer (1 is the first)")
    axis.set_ylabel("gradient norm")
    axis.set_title("Gradient norm of each layer, before training")
    share = norms[0] / norms[-1] if norms[-1] else 0
    return (
        f"{depth} hidden layers, {activation}, {initialisation}: the gradient norm of the first layer "
        f"is {share:.2g} times that of the last."
    )


def optimiser_race() -> FigureLab:
    """Show the paths of SGD, momentum and Adam on one loss surface, by learning rate and steps."""
    controls = {
        "rate": slider("learning rate", [0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7], 0.1),
        "steps": whole("steps", 40, 1, 200),
    }
    return FigureLab(_draw_race, controls, "optimiser-race")


def _draw_race(axes, rate, steps):
    left, right = axes
    x, y = np.meshgrid(np.linspace(-2.2, 2.2, 80), np.linspace(-1.6, 1.6, 60))
    left.contour(x, y, descent.surface(x, y), np.geomspace(0.003, 12, 12), colors="#BBBBBB", linewidths=1)
    ends = []
    for place, (name, marker) in enumerate(zip(descent.OPTIMISERS, "os^", strict=True)):
        path = descent.path(name, rate, steps)
        losses = np.maximum(descent.surface(*path.T), 1e-12)
        look = {"color": PALETTE[place], "linewidth": 2, "marker": marker, "label": name}
        left.plot(*path.T, markersize=4, **look)
        right.semilogy(losses, markevery=max(1, len(losses) // 8), markersize=8, **look)
        ends.append(f"{name} {losses[-1]:.2g}" + (" (thrown out)" if len(path) <= steps else ""))
    left.plot(0, 0, "*", color="black", markersize=16)
    left.set(xlim=(-2.2, 2.2), ylim=(-1.6, 1.6), title="Paths to the minimum (star)")
    powers(right.yaxis)
    right.set(xlabel="step", ylabel="loss", title="Loss", ylim=(1e-8, 1e7))
    right.legend(loc="upper right")
    return f"Loss after {steps} steps at learning rate {rate:g}: {', '.join(ends)}."


def overfitting_lab() -> FigureLab:
    """Show training and test accuracy by network size and number of training images, as measured."""
    rows = tables.read_results("overfitting")
    sizes, widths = (sorted(rows[column].unique().tolist()) for column in ("images", "width"))
    controls = {
        "images": slider("training images", sizes, sizes[0]),
        "width": slider("hidden neurons", widths, widths[-1]),
    }

    def draw(axes, images, width):
        (axis,) = axes
        here = rows.query("images == @images").groupby("width")
        ends = []
        for place, (split, line) in enumerate((("training", "--"), ("test", "-"))):
            points = statistics.intervals(here[split])
            axis.errorbar(
                widths, points["mean"], points["interval"], linestyle=line, marker="os"[place], markersize=9,
                capsize=5, color=PALETTE[place], label=split,
            )  # fmt: skip
            ends.append(points.loc[width, "mean"])
        axis.axvline(width, color="black", linestyle=":")
        axis.set_xscale("log")
        axis.set_xticks(widths, [str(w) for w in widths])
        axis.minorticks_off()
        axis.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        axis.set(xlabel="hidden neurons", ylabel="accuracy", ylim=(0, 1.05))
        axis.set_title(f"{images} training images: where do the lines separate?")
        parameters = here["parameters"].first()[width]
        gap = 100 * (ends[0] - ends[1])
        return (
            f"{width} neurons ({parameters:,} parameters), {images} training images: training accuracy "
            f"{ends[0]:.0%}, test accuracy {ends[1]:.0%}, a gap of {gap:.0f} points."
        )

    return FigureLab(draw, controls, "overfitting-lab", columns=1)
