"""Figures of cited facts, not of measurements: Industry 4.0, and the size and history of ImageNet."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data.validation import check_rows
from helpers.plots.style import PALETTE, figure, legible, say_left_out, styled

BLUE, ORANGE, EDGE = "#D6E6F2", "#FBE3C8", "#444444"
MOST_SETS = 4
NARROWEST = 0.6  # space for the text below a small square, where the largest square has a side of 1

# Kagermann, Wahlster & Helbig 2013, "Recommendations for implementing the strategic initiative Industrie
# 4.0".
REVOLUTIONS = (
    ("1 · from 1784", "water and steam:", "mechanical looms"),
    ("2 · from 1870", "electricity:", "production lines"),
    ("3 · from 1969", "electronics and IT:", "automation"),
    ("4 · today", "connected machines", "that learn"),
)

# ILSVRC classification, top-5 error of the best entry: Russakovsky et al. 2015 (to 2014),
# He et al. 2016 (2015), Shao et al. 2016 (2016), Hu et al. 2018 (2017).
IMAGENET = {2010: 28.2, 2011: 25.8, 2012: 16.4, 2013: 11.7, 2014: 6.7, 2015: 3.57, 2016: 2.99, 2017: 2.25}
# ... and of two people (Russakovsky et al. 2015): the first had trained with more images.
ANNOTATORS = (5.1, 12.0)


def industry_revolutions() -> Figure:
    """Draw the four industrial revolutions as steps, and the components of the fourth as parts of a body."""
    drawing, (steps, loop) = figure(12, 6.4, rows=2)
    with styled():
        for axis in (steps, loop):
            axis.set_axis_off()
            axis.set(xlim=(0, 4), ylim=(0, 1))
        for place, (date, power, what) in enumerate(REVOLUTIONS):
            height = 0.5 + 0.16 * place
            colour = ORANGE if place == 3 else BLUE
            steps.bar(place + 0.5, height, 0.97, color=colour, edgecolor=EDGE)
            look: dict[str, Any] = {"ha": "center", "va": "center"}
            steps.text(place + 0.5, height - 0.11, date, fontsize=17, fontweight="bold", **look)
            steps.text(place + 0.5, height - 0.32, f"{power}\n{what}", fontsize=16, **look)
        _box(loop, 0.95, 0.78, "internet of things\nthe nerves", BLUE)
        _box(loop, 3.05, 0.78, "cloud computing\nthe memory", BLUE)
        _box(loop, 0.95, 0.2, "cyber-physical systems\nthe body", BLUE)
        _box(loop, 3.05, 0.2, "artificial intelligence\nthe brain", ORANGE)
        for start, end, text, (x, y), side in (
            ((0.95, 0.36), (0.95, 0.62), "measurements", (1.0, 0.49), "left"),
            ((1.5, 0.78), (2.5, 0.78), "data", (2.0, 0.86), "center"),
            ((3.05, 0.62), (3.05, 0.36), "examples", (3.1, 0.49), "left"),
            ((2.45, 0.2), (1.6, 0.2), "decisions", (2.02, 0.28), "center"),
        ):
            _arrow(loop, start, end)
            loop.text(x, y, text, fontsize=16, style="italic", va="center", ha=side)
    drawing.alt = (
        "Four steps: "
        + "; ".join(" ".join(revolution) for revolution in REVOLUTIONS)
        + ". Below, the components of the fourth: cyber-physical systems (the body) send measurements over "
        "the internet of things (the nerves) to cloud computing (the memory), whose examples teach "
        "artificial intelligence (the brain), which sends decisions back to the body."
    )
    return drawing


def _box(axis: Axes, x: float, y: float, text: str, colour: str) -> None:
    box = {"boxstyle": "round,pad=0.5", "facecolor": colour, "edgecolor": EDGE}
    axis.text(x, y, text, ha="center", va="center", fontsize=17, bbox=box)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axis.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "linewidth": 2, "color": EDGE})


def set_sizes(images: Mapping[str, int]) -> Figure:
    """Draw data sets as squares with one unit of area per image, and the time to look at all images.

    Args:
        images: number of images by name of the data set, at least 1 each; at most four sets are shown.

    Raises:
        ValueError: There are no sets.

    Example:
        >>> set_sizes({"ImageNet": 1_281_167, "digits": 1797}).alt
        'One image per second, day and night. ImageNet: 1,281,167 images, 14.8 days; digits: 1,797 ...'
    """
    check_rows(images=images)
    shown = dict(list(images.items())[:MOST_SETS])
    largest = max(shown.values()) ** 0.5
    drawing, (axis,) = figure(12, 5)
    texts, left = [], 0.0
    with styled():
        for place, (name, count) in enumerate(shown.items()):
            side = count**0.5 / largest
            width = max(side, NARROWEST)
            middle = left + width / 2
            axis.bar(middle, side, side, color=PALETTE[place])
            if side < 0.1:  # hard to find
                _arrow(axis, (middle, side + 0.25), (middle, side + 0.02))
            lines = f"{legible(name, 20)}\n{count:,} images\n{_time(count)}"
            axis.text(middle, -0.04, lines, ha="center", va="top", fontsize=18)
            texts.append(f"{name}: {count:,} images, {_time(count)}")
            left += width
        axis.set(xlim=(-0.05, left), ylim=(-0.38, 1.02), aspect="equal")
        axis.set_title("Area: number of images. Time to look at all of them, one per second, day and night")
        axis.set_axis_off()
    drawing.alt = "One image per second, day and night. " + "; ".join(texts) + "."
    say_left_out(drawing, len(images) - len(shown), "data sets")
    return drawing


def _time(seconds: int) -> str:
    """Return a duration in the largest unit of which there is at least one.

    >>> _time(50), _time(5400), _time(1_281_167)
    ('50 seconds', '1.5 hours', '14.8 days')
    """
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds} seconds"


def imagenet_history() -> Figure:
    """Draw the error of the best entry by year, and those of two people (cited, not measured here)."""
    drawing, (axis,) = figure(12, 5)
    with styled():
        years, errors = list(IMAGENET), list(IMAGENET.values())
        colours = [PALETTE[6] if year < 2012 else PALETTE[0] for year in years]
        axis.bar(years, errors, color=colours)
        for year, error in IMAGENET.items():
            axis.text(year, 0.3, f"{error:g}", ha="center", color="white")
        for number, error in enumerate(ANNOTATORS, 1):
            axis.axhline(error, color="black", linestyle=":")
            axis.text(2017.5, error + 0.4, f"annotator {number}: {error} %", ha="right")
        axis.set(
            ylabel="top-5 error, %", title="ImageNet challenge (grey: before deep learning; cited numbers)"
        )
        axis.set_xticks(years)
    drawing.alt = (
        "Top-5 error of the best ImageNet entry: "
        + ", ".join(f"{year} {error} %" for year, error in IMAGENET.items())
        + "; annotators: "
        + ", ".join(f"{error} %" for error in ANNOTATORS)
    )
    return drawing
