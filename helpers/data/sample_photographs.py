"""Two photographs that ship with scikit-learn; their licence allows them in a saved notebook."""

import numpy as np
from PIL import Image

SIDE = 224  # pixels
PIECE = 106  # pixels: a photograph has four rows of six such squares
# name -> file, left edge of the largest square, photographer. The README beside the files gives the licence
# and the Flickr pages. For the flower, its text and its link name two photographers, so both are credited.
_FILES = {
    "temple": ("china.jpg", 0, "danielbuechele"),
    "flower": ("flower.jpg", 93, "vultilion (or danielbuechele)"),
}
NAMES = tuple(_FILES)


def sample_photograph(name: str) -> np.ndarray:
    """Return a photograph, cropped to a square and scaled.

    Args:
        name: "temple" or "flower".

    Returns:
        uint8 (224, 224, 3).

    Raises:
        ValueError: If there is no such photograph.

    Example:
        >>> sample_photograph("flower").shape
        (224, 224, 3)
    """
    left, whole = _known(name)[1], _whole(name)
    return _scaled(whole, (left, 0, left + whole.height, whole.height))


def pieces(name: str, step: int = 4) -> np.ndarray:
    """Return small squares of a photograph that do not overlap, enlarged.

    Args:
        name: "temple" or "flower".
        step: every how many of its 24 squares is taken, row by row.

    Returns:
        uint8 (n, 224, 224, 3).

    Raises:
        ValueError: If there is no such photograph.

    Example:
        >>> pieces("temple").shape
        (6, 224, 224, 3)
    """
    whole = _whole(name)
    columns, rows = whole.width // PIECE, whole.height // PIECE
    corners = [(PIECE * column, PIECE * row) for row in range(rows) for column in range(columns)]
    return np.stack([_scaled(whole, (x, y, x + PIECE, y + PIECE)) for x, y in corners[::step]])


def credit(name: str) -> str:
    """Return what has to stand under a figure that shows a photograph, or was computed from it.

    Example:
        >>> credit("temple")
        'Photograph: danielbuechele on Flickr, CC BY 2.0, cropped; from scikit-learn.'
    """
    return f"Photograph: {_known(name)[2]} on Flickr, CC BY 2.0, cropped; from scikit-learn."


def _whole(name):
    from sklearn.datasets import load_sample_image

    return Image.fromarray(load_sample_image(_known(name)[0]))


def _scaled(whole, box):
    return np.asarray(whole.crop(box).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _known(name):
    if name not in _FILES:
        raise ValueError(f"There is no sample photograph {name!r}. Use one of {', '.join(NAMES)}.")
    return _FILES[name]
