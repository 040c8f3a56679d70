"""Sheets of pictures. Used in every notebook."""

import numpy as np
from matplotlib.figure import Figure

from helpers.plots.style import figure, styled

_GAP = 0.12  # between pictures, as a share of their side


def image_sheet(X: np.ndarray, y: np.ndarray, per_class: int = 12) -> Figure:
    """Show some pictures of each class, a row a class.

    Args:
        X: uint8 (n, height, width, 3).
        y: labels (n,).
        per_class: pictures a row.
    """
    classes = np.unique(y)
    height, width = X.shape[1:3]
    gap = max(2, round(_GAP * width))
    sheet = np.full((len(classes) * (height + gap) - gap, per_class * (width + gap) - gap, 3), 255, np.uint8)
    for row, label in enumerate(classes):
        for column, picture in enumerate(X[y == label][:per_class]):
            top, left = row * (height + gap), column * (width + gap)
            sheet[top : top + height, left : left + width] = picture
    names = 2 + 0.1 * max(0, max(map(len, map(str, classes))) - 12)  # inches beside the pictures
    drawing, (axis,) = figure(min(12, names + 0.65 * per_class), 0.25 + 0.65 * len(classes))
    drawing.set_layout_engine("compressed")  # the pictures keep their aspect beside names of any length
    with styled():
        axis.imshow(sheet, interpolation="nearest")
        axis.set_yticks(np.arange(len(classes)) * (height + gap) + height / 2, classes)
        axis.set_xticks([])
        axis.tick_params(length=0)
        axis.grid(False)
        for side in axis.spines.values():
            side.set_visible(False)
    drawing.alt = f"Example pictures of the classes {', '.join(map(str, classes))}, a row each."
    return drawing


def tiles(pictures: np.ndarray, columns: int = 8, title: str = "") -> Figure:
    """Show pictures or feature maps side by side.

    Args:
        pictures: (n, height, width) or (n, height, width, 3); maps are scaled to their own range.
        columns: tiles a row.
        title: above all.
    """
    rows = -(-len(pictures) // columns)
    side = min(1.35, 12 / columns)
    drawing, axes = figure(side * columns, side * rows + 0.5, columns, rows)
    with styled():
        for axis in axes:
            axis.axis("off")
        for axis, picture in zip(axes, pictures, strict=False):
            axis.imshow(picture, cmap="viridis", interpolation="nearest")
        drawing.suptitle(title)
    drawing.alt = f"{len(pictures)} tiles. {title}"
    return drawing
