"""Sheets of pictures. Used in every notebook."""

import numpy as np
from matplotlib.figure import Figure

from helpers.plots.style import figure


def image_sheet(X, y, per_class: int = 8) -> Figure:
    """Show some pictures of each class, a row a class.

    Args:
        X: uint8 (n, height, width, 3).
        y: labels (n,).
        per_class: pictures a row.
    """
    classes = np.unique(y)
    drawing, axes = figure(per_class * 1.3, len(classes) * 1.15, per_class, len(classes))
    for axis in axes:
        axis.axis("off")
    for row, label in enumerate(classes):
        for column, picture in enumerate(X[y == label][:per_class]):
            axis = axes[row * per_class + column]
            axis.imshow(picture, interpolation="nearest")
        axes[row * per_class].set_title(str(label), fontsize=14, loc="left")
    drawing.alt = f"Example pictures of the classes {', '.join(map(str, classes))}, a row each."
    return drawing
