"""Sheets of images: one row per class, tiles, and copies side by side."""

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from helpers.data.duplicates import Copies
from helpers.data.image_sets import ImageSet
from helpers.data.validation import check_images, check_integer, check_rows
from helpers.plots.style import TALLEST, WIDEST, figure, legible, say_left_out, styled, wrapped

SIDE = 64  # pixels; a sheet draws images smaller than that, so it reduces large ones first
_GAP = 0.12  # between images, as a fraction of their width
MOST_CLASSES = 20  # rows of a sheet
MOST_PER_CLASS = 40  # columns of a sheet
MOST_TILES = 128
MOST_COLUMNS = 32  # of tiles
MOST_PAIRS = 4  # of copies


def image_sheet(X: np.ndarray, y: np.ndarray, per_class: int = 12) -> Figure:
    """Show some images of each class, one row per class, of the first 20 classes.

    Args:
        X: uint8 (n, height, width, 3).
        y: labels (n,).
        per_class: images per row, at most 40.

    Raises:
        TypeError: X is not an array of integers.
        ValueError: X does not hold images, X and y differ in length, or `per_class` is not a positive
            integer.

    Example:
        >>> X = np.zeros((4, 8, 8, 3), np.uint8)
        >>> image_sheet(X, np.array(["cat", "cat", "dog", "dog"]), per_class=2).alt
        'Example images of the classes cat, dog, one row per class.'
    """
    check_integer("per_class", per_class, 1)
    X, y = check_images(X), np.asarray(y)
    check_rows(X=X, y=y)
    found = np.unique(y)
    classes, per_class = found[:MOST_CLASSES], min(per_class, MOST_PER_CLASS)
    factor = max(1, max(X.shape[1:3]) // SIDE)
    height, width = (-(-side // factor) for side in X.shape[1:3])
    gap = max(2, round(_GAP * width))
    sheet = np.full((len(classes) * (height + gap) - gap, per_class * (width + gap) - gap, 3), 255, np.uint8)
    for row, label in enumerate(classes):
        for column, image in enumerate(X[y == label][:per_class]):
            top, left = row * (height + gap), column * (width + gap)
            sheet[top : top + height, left : left + width] = Image.fromarray(image).reduce(factor)
    names = [legible(name) for name in classes]
    width_of_names = 2 + 0.1 * max(0, max(map(len, names)) - 12)  # inches
    drawing, (axis,) = figure(width_of_names + 0.65 * per_class, 0.25 + 0.65 * len(classes))
    drawing.set_layout_engine("compressed")  # images keep their aspect beside names of any length
    with styled():
        axis.imshow(sheet, interpolation="nearest")
        axis.set_yticks(np.arange(len(classes)) * (height + gap) + height / 2, names)
        axis.set_xticks([])
        axis.tick_params(length=0)
        axis.grid(False)
        for side in axis.spines.values():
            side.set_visible(False)
    drawing.alt = f"Example images of the classes {', '.join(map(str, classes))}, one row per class."
    say_left_out(drawing, len(found) - len(classes), "classes")
    return drawing


def tiles(images: np.ndarray, columns: int = 8, title: str = "") -> Figure:
    """Show images or feature maps side by side: those that fit into a figure, 128 at most.

    Args:
        images: (n, height, width) or (n, height, width, 3); each map is scaled to its own range.
        columns: number of tiles per row, at most 32.
        title: of the figure.

    Raises:
        ValueError: there are no images, or `columns` is not a positive integer.

    Example:
        >>> tiles(np.zeros((16, 3, 3)), title="First-layer filters").alt
        '16 tiles. First-layer filters'
    """
    columns = min(check_integer("columns", columns, 1), MOST_COLUMNS)
    check_rows(images=images)
    side = min(1.35, WIDEST / columns)
    shown = images[: min(MOST_TILES, columns * int(TALLEST / side - 1))]
    rows = -(-len(shown) // columns)
    drawing, axes = figure(max(3, side * columns), side * rows + 0.5, columns, rows)
    with styled():
        for axis in axes:
            axis.axis("off")
        for axis, image in zip(axes, shown, strict=False):
            axis.imshow(image, cmap="viridis", interpolation="nearest")
        drawing.suptitle(legible(title, 80))
    drawing.alt = f"{len(shown)} tiles. {title}".strip()
    say_left_out(drawing, len(images) - len(shown), "tiles")
    return drawing


def copies(data: ImageSet, found: Copies, most: int = 4) -> Figure:
    """Show images above their copies: first copies in two classes, then in two splits, then the others.

    Args:
        data: the image set.
        found: its copies, of `helpers.data.duplicates`.
        most: largest number of pairs to show, at most 4.

    Raises:
        ValueError: `most` is not a positive integer, or the copies are those of another set.
    """
    most = min(check_integer("most", most, 1), MOST_PAIRS)
    pairs = [_pair(places, found.labels[places]) for places in found.sets]
    images = [*data.X_train, *data.X_validation, *data.X_test]
    check_rows(data=images, found=found.labels)
    pairs.sort(key=lambda pair: (len(set(found.labels[pair])) == 1, len(set(found.parts[pair])) == 1))
    pairs, (columns, rows) = pairs[:most], (max(1, min(most, len(pairs))), 2)
    drawing, axes = figure(2.9 * columns, 6.2, columns, rows)
    with styled():
        for axis in axes:
            axis.set_axis_off()
        for column, pair in enumerate(pairs):
            for row, k in enumerate(pair):
                axes[column + row * columns].imshow(images[k], interpolation="nearest")
                axes[column + row * columns].set_title(wrapped(found.parts[k], found.labels[k]), fontsize=14)
        if not pairs:
            axes[0].text(0.5, 0.5, "no copies", ha="center")
    drawing.alt = f"{len(found.sets)} groups of copies. " + "; ".join(
        " = ".join(f"{found.labels[k]} in {found.parts[k]}" for k in pair) for pair in pairs
    )
    say_left_out(drawing, len(found.sets) - len(pairs), "groups of copies")
    return drawing


def _pair(places, labels):
    """Return two of a group of copies: of two classes if possible, else the first and the last."""
    of_another = places[labels != labels[0]]
    return np.array([places[0], of_another[0] if len(of_another) else places[-1]])
