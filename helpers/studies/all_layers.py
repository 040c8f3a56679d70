"""Head2Toe on the draws of the board: features of five layers at once, or of the one that validation chose?

The same targets, sources, training images and protocol as the study `board`: four values of sparsity,
one chosen by validation within the training images, one score on the test images. The features are those that
the board has of its frozen networks: the four layers of the SVM, averaged over the image, and the last. At
the corners. Needs the folder that `TRANSFER_DATA_DIR` names, except for the built-in targets.
"""

import numpy as np
from sklearn.pipeline import make_pipeline

from helpers.strategies.head2toe import selected
from helpers.studies import _targets
from helpers.studies._activations import stored
from helpers.studies._grids import SOURCES
from helpers.studies._learners import accuracy, chosen, pixels
from helpers.studies.board import corners, drawn

SEEDS = 5
GRID = tuple({"sparsity": sparsity} for sparsity in (0.1, 0.3, 0.03, 0.6))  # the default first
C = 0.1
QUARTERS = 4  # of the image, in the features of the SVM


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "images": images, "seed": seed}
        for source in SOURCES
        for target, named in _targets.TARGETS.items()
        if source in named.sources
        for images in corners(target)
        for seed in range(SEEDS)
    ]


def measure(cell: dict) -> dict:
    target, source = cell["target"], cell["source"]
    train, test = (pixels(target, source, part) for part in ("train", "test"))
    rows = drawn(train.y, cell["images"], cell["seed"])

    def fitted(config, some):
        model = make_pipeline(*selected(config["sparsity"], C))
        return model.fit(_features(target, source, "train", some), train.y[some])

    def predictions(model):
        return lambda part, some: model.predict(_features(target, source, part, some))

    def learn(config, some):
        return predictions(fitted(config, some))

    choice = chosen(learn, train, rows, GRID, cell["seed"])
    model = fitted(GRID[choice.number], rows)
    return {
        **GRID[choice.number],
        "kept": int(model[-2].get_support().sum()),
        "features": len(model[-2].get_support()),
        "accuracy": accuracy(predictions(model), test),
    }


def _features(target, source, part, rows):
    """The five layers side by side, float32 (n, channels of all)."""
    found = stored(target, source, part)
    grids = [found[f"grid {layer}"][rows] for layer in SOURCES[source].layers]
    means = [grid.reshape(len(rows), QUARTERS, -1).mean(axis=1, dtype=np.float32) for grid in grids]
    return np.concatenate([*means, found["codes"][rows].astype(np.float32)], axis=1)
