"""Two photographs that ship with scikit-learn; their licence allows them in a saved notebook."""

import numpy as np
from PIL import Image

SIDE = 224  # pixels
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
    from sklearn.datasets import load_sample_image

    file, left, _ = _known(name)
    whole = Image.fromarray(load_sample_image(file))
    square = whole.crop((left, 0, left + whole.height, whole.height))
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def credit(name: str) -> str:
    """Return what has to stand under a figure that shows a photograph, or was computed from it.

    Example:
        >>> credit("temple")
        'Photograph: danielbuechele on Flickr, CC BY 2.0, cropped; from scikit-learn.'
    """
    return f"Photograph: {_known(name)[2]} on Flickr, CC BY 2.0, cropped; from scikit-learn."


def _known(name):
    if name not in _FILES:
        raise ValueError(f"There is no sample photograph {name!r}. Use one of {', '.join(NAMES)}.")
    return _FILES[name]
