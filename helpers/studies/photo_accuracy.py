"""Real photographs told apart by a linear probe that validation has chosen. (docs/accuracy.md)

MobileNet (alpha 0.75, ImageNet). Seen are pictures of 192 pixels, of 224, or both, each together with
its mirror image. A seed splits the training pictures 80 : 20; picture size and strength of the
regularisation are those with the best accuracy on the 20 %, of several the one with the lower loss.
That probe learns once more from all training pictures and is scored on the test pictures, once.
Fine-tuning is left out here: it takes a GPU, or hours.

Needs the folder that `TRANSFER_DATA_DIR` names. Ants and bees come without a test split: their published
validation split is the test here; and they are a subset of ImageNet, which flatters every ImageNet model.
"""

import functools
import os
from pathlib import Path
from typing import Self

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.datasets import split
from helpers.folders import load_folder
from helpers.models import Backbone
from helpers.strategies import NearestColours

SEEDS = 5
DATA = {"hymenoptera": "val", "flowers": "test", "cats_vs_dogs": "test"}  # name -> folder of the test
SIZES = ((192,), (224,), (192, 224))
WEIGHTS = "weights/mobilenet_0.75_224_no_top.weights.h5"
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)  # C: inverse strength of the regularisation


class MirroredProbe:
    """Logistic regression on CNN codes (n, features) of pictures and of their mirror images."""

    def __init__(self, C: float) -> None:
        self.model = make_pipeline(StandardScaler(), LogisticRegression(C=C, tol=1e-3, max_iter=1000))

    def fit(self, codes: np.ndarray, mirrored: np.ndarray, y: np.ndarray) -> Self:
        self.model.fit(np.concatenate([codes, mirrored]), np.concatenate([y, y]))
        return self

    def probabilities(self, codes: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
        """The geometric mean of what both say, float (n, classes)."""
        return softmax(
            (self.model.predict_log_proba(codes) + self.model.predict_log_proba(mirrored)) / 2, axis=1
        )


def cells() -> list[dict]:
    return [{"data": name, "seed": seed} for name in DATA for seed in range(SEEDS)]


def measure(cell: dict) -> dict:
    (codes, y), (test_codes, y_test), baseline = _photographs(cell["data"])
    learnt, held_out, _ = split(y, y, (0.8, 0.2, 0), cell["seed"])  # of pictures it wants the number only
    trials = []
    for sizes in SIZES:
        plain, mirrored = _joined(codes, sizes)
        for C in STRENGTHS:
            probe = MirroredProbe(C).fit(plain[learnt], mirrored[learnt], y[learnt])
            said = probe.probabilities(plain[held_out], mirrored[held_out])
            trials.append((_accuracy(said, y[held_out]), -log_loss(y[held_out], said), sizes, C))
    validation_accuracy, _, sizes, C = max(trials)
    plain, mirrored = _joined(codes, sizes)
    chosen = MirroredProbe(C).fit(plain, mirrored, y)
    return {
        "strategy": "Linear probe",
        "image_size": "+".join(map(str, sizes)),
        "C": C,
        "train": len(learnt),
        "validation": len(held_out),
        "test": len(y_test),
        "validation_accuracy": validation_accuracy,
        "accuracy": _accuracy(chosen.probabilities(*_joined(test_codes, sizes)), y_test),
        "nearest_colours": baseline,
    }


def _accuracy(probabilities, y):
    return float(np.mean(probabilities.argmax(axis=1) == y))


def _joined(codes, sizes):
    """Codes of the pictures, and of their mirror images, with all sizes side by side."""
    return [np.concatenate([codes[size][k] for size in sizes], axis=1) for k in (0, 1)]


@functools.lru_cache(maxsize=1)
def _photographs(name):
    """(codes, labels) of the training and of the test pictures, and what colours alone reach."""
    train, test = (_read(name, part) for part in ("train", DATA[name]))
    baseline = NearestColours().fit(train[2], train[1]).score(test[2], test[1])
    return train[:2], test[:2], baseline


def _read(name, part):
    """Codes by size, of pictures and mirror images; class indices; the pictures at 224 pixels."""
    from helpers.features import CNNCodes

    root = Path(os.environ.get("TRANSFER_DATA_DIR", ".")).expanduser()
    backbone, codes = Backbone("MobileNet", str(root / WEIGHTS), (("alpha", 0.75),)), {}
    for size in (192, 224):
        X, y, _ = load_folder(root / name / part, size)
        both = X, np.ascontiguousarray(X[:, :, ::-1])
        codes[size] = [CNNCodes(backbone).fit_transform(pictures) for pictures in both]
    return codes, np.unique(y, return_inverse=True)[1], X
