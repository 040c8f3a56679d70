"""Strategies compared: the Strategy Lab's picture, and the 2x2 board. Used in notebook 05."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import CourseFigure, figure, png, styled

COLOURS = {
    "From scratch": "#555555",
    "Linear probe": "#0072B2",
    "Earlier-layer SVM": "#56B4E9",
    "Fine-tune": "#E69F00",
    "Full fine-tune": "#D55E00",
    "Probe, then fine-tune": "#009E73",
}
MARKERS = dict(zip(COLOURS, "ovs^DP", strict=True))


def lab_picture(
    drawing: CourseFigure, axes: Sequence[Axes], history: dict, title: str, table: list[dict]
) -> bytes:
    """Draw the Strategy Lab's picture: the running curve, and accuracy by images a class.

    Args:
        drawing, axes: two axes of a kept figure, from `figure(columns=2)`.
        history: "accuracy" and "val_accuracy" by epoch, possibly empty.
        title: of the run.
        table: rows of `helpers.studies.engine.statistics.summary` for one target.

    Returns:
        PNG bytes.
    """
    with styled():
        left, right = axes
        left.clear()
        epochs = np.arange(1, len(history.get("accuracy", ())) + 1)
        if len(epochs):
            left.plot(epochs, history["accuracy"], "--", color="#555555", label="training")
            left.plot(epochs, history["val_accuracy"], "o-", color="#0072B2", label="validation")
            left.legend(loc="lower right")
        else:
            left.text(
                0.5,
                0.5,
                "The learning curve of a network\nappears here while it trains.",
                ha="center",
                va="center",
                transform=left.transAxes,
                color="#555555",
            )
        left.set(title=title, xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
        accuracy_by_images(right, table)
    return png(drawing)


def accuracy_by_images(
    axis: Axes,
    table: list[dict],
    title: str = "Leaderboard of this target",
    ylabel: str = "validation accuracy",
) -> None:
    """Accuracy against images a class, a line a strategy, bars: 95 % interval of the mean."""
    axis.clear()
    for strategy in COLOURS:
        rows = sorted((r for r in table if r["strategy"] == strategy), key=lambda r: r["images"])
        if rows:
            half = np.nan_to_num([row["interval"] for row in rows])
            axis.errorbar(
                [row["images"] for row in rows],
                [row["mean"] for row in rows],
                yerr=half,
                marker=MARKERS[strategy],
                markersize=9,
                capsize=5,
                color=COLOURS[strategy],
                label=strategy,
            )
    _legend_below(axis)
    sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000)
    drawn = [row["images"] for row in table]
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.set(
        title=title,
        xlabel="training images a class",
        ylabel=ylabel,
        xlim=(0.8 * min([5, *drawn]), 1.24 * max([500, *drawn])),
        ylim=(0, 1.02),
    )


def _legend_below(axis) -> None:
    """Put an axis' legend below its figure, in place of the last one."""
    axis.figure.legends.clear()
    if axis.lines:
        axis.figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=4)


def scenario_board(table: list[dict], small: int, large: int) -> Figure:
    """Draw the 2x2 board: rows similar and different, columns small and large.

    Args:
        table: rows of `helpers.studies.engine.statistics.summary` over both targets.
        small, large: images a class of the two columns.
    """
    drawing, axes = figure(12, 9, columns=2, rows=2)
    cells = [(target, size) for target in ("new_shapes", "micrographs") for size in (small, large)]
    drawn = []
    with styled():
        for axis, (target, size) in zip(axes, cells, strict=True):
            rows = {r["strategy"]: r for r in table if (r["target"], r["images"]) == (target, size)}
            names = [name for name in COLOURS if name in rows]
            drawn += [rows[name] for name in names]
            for place, name in enumerate(names):
                row = rows[name]
                axis.barh(
                    place,
                    row["mean"],
                    xerr=np.nan_to_num(row["interval"]),
                    capsize=5,
                    color=COLOURS[name],
                    alpha=0.85,
                )
                end = row["mean"] + np.nan_to_num(row["interval"])
                axis.text(end + 0.02, place, f"{row['mean']:.1%}", va="center")
            axis.set_yticks(range(len(names)), names)
            axis.invert_yaxis()
            likeness = "similar" if target == "new_shapes" else "different"
            axis.set(title=f"{likeness}, {size} images a class\n({target})", xlim=(0, 1.3))
            axis.set_xticks([0, 0.25, 0.5, 0.75, 1])
        for axis in axes[2:]:
            axis.set_xlabel("test accuracy, 95 % interval")
    drawing.alt = "Test accuracy of each strategy in four cells. " + " ".join(
        f"{r['target']}, {r['images']} images a class, {r['strategy']}: {r['mean']:.1%}." for r in drawn
    )
    return drawing


VERDICTS = {"beats": ("wins", "#0072B2", "white"), "ties with": ("ties", "#DDDDDD", "black")}
VERDICTS["loses to"] = ("loses", "#E69F00", "black")


def verdict_map(judged: list[dict]) -> Figure:
    """Draw where the textbook's rule wins, ties and loses: a row a target and source, a column a size.

    Args:
        judged: of `helpers.findings.board.verdicts`.
    """
    rows = list(dict.fromkeys((v["target"], v["source"], v["likeness"]) for v in judged))
    sizes = sorted({v["images"] for v in judged})
    drawing, (axis,) = figure(12, 1.6 + 0.62 * len(rows))
    with styled():
        axis.grid(False)
        for v in judged:
            word, colour, ink = VERDICTS[v["verdict"]]
            y = rows.index((v["target"], v["source"], v["likeness"]))
            x = sizes.index(v["images"])
            axis.barh(y, 0.94, left=x - 0.47, height=0.86, color=colour)
            axis.text(x, y, f"{word} {v['gap']:+z.1f}", ha="center", va="center", color=ink)
        axis.set_xticks(range(len(sizes)), [str(n) for n in sizes])
        axis.set_yticks(range(len(rows)), [f"{t}, {s} ({likeness})" for t, s, likeness in rows])
        axis.set(xlabel="training images a class", xlim=(-0.5, len(sizes) - 0.5))
        axis.set_ylim(len(rows) - 0.5, -0.5)  # the first row on top
        drawing.suptitle("The textbook's strategy against the best other one, in points of accuracy")
    drawing.alt = "The textbook's strategy against the best other one. " + " ".join(
        f"{v['target']}, source {v['source']}, {v['images']} a class: {v['textbook']} {v['verdict']} "
        f"{v['rival']}, {v['gap']:+z.1f} points."
        for v in judged
    )
    return drawing


def board_column(axis: Axes, table: list[dict], title: str) -> None:
    """Draw one column of the board: test accuracy by images a class, and what colour alone can do.

    Args:
        table: rows of `helpers.studies.engine.statistics.summary` for one target and source.
    """
    accuracy_by_images(axis, table, title, "test accuracy")
    colours = sorted((r["images"], r["mean"]) for r in table if r["strategy"] == "Nearest colours")
    axis.plot(*zip(*colours, strict=True), ":", color="black", label="Nearest colours (trivial)")
    _legend_below(axis)


def regret_bars(lost: dict[str, list[float]]) -> Figure:
    """Draw the mean accuracy that each rule loses against the best strategy, the smallest first.

    Args:
        lost: of `helpers.findings.recommender.regrets`.
    """
    means = dict(sorted(((rule, float(np.mean(v))) for rule, v in lost.items()), key=lambda pair: pair[1]))
    drawing, (axis,) = figure(12, 1.6 + 0.6 * len(means))
    with styled():
        for place, (rule, mean) in enumerate(means.items()):
            colour = "#0072B2" if rule == "recommender" else "#009E73" if rule == "textbook" else "#AAAAAA"
            axis.barh(place, mean, color=colour)
            axis.text(mean, place, f" {mean:.1f}", va="center")
        axis.set_yticks(range(len(means)), list(means))
        axis.invert_yaxis()
        axis.set(
            xlabel="points of accuracy lost against the best strategy, mean",
            xlim=(0, 1.1 * max(means.values())),
        )
    drawing.alt = "Points lost against the best strategy. " + ", ".join(
        f"{rule}: {mean:.1f}" for rule, mean in means.items()
    )
    return drawing


def harm_or_help(table: list[dict], targets: Sequence[str], sizes: Sequence[int]) -> Figure:
    """Draw a probe on each source model beside training from scratch, an axis a target and size.

    Args:
        table: rows of `helpers.studies.engine.statistics.summary` of the study negative_transfer.
        targets, sizes: which to draw, row by row and column by column.
    """
    drawing, axes = figure(12, 4 * len(targets), columns=len(sizes), rows=len(targets))
    cells = [(target, size) for target in targets for size in sizes]
    drawn = []
    with styled():
        for axis, (target, size) in zip(axes, cells, strict=True):
            rows = [r for r in table if (r["target"], r["images"]) == (target, size)]
            rows.sort(key=lambda r: (r["strategy"] == "From scratch", r["source"]))
            drawn += rows
            for place, row in enumerate(rows):
                half = np.nan_to_num(row["interval"])
                colour = COLOURS[row["strategy"]]
                axis.barh(place, row["mean"], xerr=half, capsize=5, color=colour, alpha=0.85)
                axis.text(row["mean"] + half + 0.02, place, f"{row['mean']:.1%}", va="center")
            names = ["from scratch" if r["source"] == "none" else f"probe on {r['source']}" for r in rows]
            axis.set_yticks(range(len(rows)), names)
            axis.invert_yaxis()
            axis.set(title=f"{target}, {size} images a class", xlim=(0, 1.3))
            axis.set_xticks([0, 0.25, 0.5, 0.75, 1])
        for axis in axes[-len(sizes) :]:
            axis.set_xlabel("test accuracy, mean and 95 % interval")
    drawing.alt = "Test accuracy of a linear probe on three source models, and from scratch. " + " ".join(
        f"{r['target']}, {r['images']} a class, {r['source']}: {r['mean']:.1%}." for r in drawn
    )
    return drawing


def bars(scores: dict[str, float], xlabel: str, chance: float | None = None) -> Figure:
    """Draw one bar a strategy, with its value; a dotted line marks chance."""
    drawing, (axis,) = figure(12, 1.2 + 0.8 * len(scores))
    with styled():
        axis.barh(list(scores), list(scores.values()), color=[COLOURS[name] for name in scores], alpha=0.85)
        for place, value in enumerate(scores.values()):
            axis.text(value + 0.02, place, f"{value:.1%}", va="center")
        if chance is not None:
            axis.axvline(chance, color="black", linestyle=":", linewidth=2)
            axis.text(chance, -0.62, " chance", va="center")
        axis.invert_yaxis()
        axis.set(xlabel=xlabel, xlim=(0, 1.15))
        axis.set_xticks([0, 0.25, 0.5, 0.75, 1])
    drawing.alt = f"{xlabel}. " + ", ".join(f"{name}: {value:.1%}" for name, value in scores.items())
    return drawing
