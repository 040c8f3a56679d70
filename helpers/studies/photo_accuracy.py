"""Accuracy on real photographs of the classifier that cross-validation chooses, on frozen features.

MobileNet (alpha 0.75, ImageNet) stays frozen. It sees images of 192 pixels, of 224, or of both sizes side by
side, each together with its mirror image. On the features: a linear probe (logistic regression) or a support
vector machine with an RBF kernel. A seed splits the training images into five folds, four times. The chosen
sizes, classifier and regularisation have the best mean accuracy on the held-out folds. This choice is fitted
once more on all training images and scored once on the test set.

Needs the folder that `TRANSFER_DATA_DIR` names. Ants and bees come without a test split: their published
validation split is the test set here. They are also a subset of ImageNet, so every ImageNet model looks
better on them than it is.
"""

import functools
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from helpers.data.folders import load_folder
from helpers.strategies import NearestColours, registry
from helpers.studies._photographs import mobilenet, root

SEEDS = 5
DATA = {"hymenoptera": "val", "flowers": "test", "cats_vs_dogs": "test"}  # name -> folder of the test
SIZES = (192, 224, 288)  # pixels
CHOICES = {
    "sizes": [(192,), (224,), (192, 224), (224, 288)],
    "classifier": [
        *(LogisticRegression(C=C, tol=1e-3, max_iter=1000) for C in (0.001, 0.003, 0.01, 0.03, 0.1)),
        *(SVC(C=C) for C in (0.3, 1, 3)),  # C: inverse strength of the regularisation
    ],
}
NAMES = {LogisticRegression: registry.LINEAR_PROBE.name, SVC: "RBF support vector machine"}


class MirroredCodes(ClassifierMixin, BaseEstimator):
    """Classify images by features of the images and of their mirror images.

    Args:
        classifier: learns from both, with the same label; the mean of its scores for both decides.
        sizes: the image sizes, out of `SIZES`, whose features it sees side by side.

    Example:
        >>> codes = np.random.default_rng(0).normal(size=(20, 2, 3, 8))  # images, mirrored, sizes, features
        >>> MirroredCodes(LogisticRegression()).fit(codes, np.arange(20) % 2).classes_
        array([0, 1])
    """

    def __init__(self, classifier: BaseEstimator, sizes: tuple[int, ...] = SIZES) -> None:
        self.classifier = classifier
        self.sizes = sizes

    def fit(self, codes: np.ndarray, y: np.ndarray) -> Self:
        """Fit features, float (n, 2, sizes, features), of images and mirror images, and labels (n,)."""
        plain, mirrored = self._joined(codes)
        self.model_ = make_pipeline(StandardScaler(), clone(self.classifier))
        self.model_.fit(np.concatenate([plain, mirrored]), np.concatenate([y, y]))
        self.classes_ = self.model_.classes_
        return self

    def predict(self, codes: np.ndarray) -> np.ndarray:
        """Return the class of each image, (n,)."""
        plain, mirrored = self._joined(codes)
        scores = self.model_.decision_function(plain) + self.model_.decision_function(mirrored)
        return self.classes_[scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(int)]

    def _joined(self, codes):
        """Return features of the images and of their mirror images, each (n, features of all sizes)."""
        seen = codes[:, :, [SIZES.index(size) for size in self.sizes]]
        return seen.reshape(*seen.shape[:2], -1).swapaxes(0, 1)


def cells() -> list[dict]:
    return [{"data": name, "seed": seed} for name in DATA for seed in range(SEEDS)]


def measure(cell: dict) -> dict:
    train, test, baseline = _photographs(cell["data"])
    return examined(train, test, cell["seed"]) | {"nearest_colours": baseline}


def examined(train: tuple, test: tuple, seed: int) -> dict:
    """Return what cross-validation on the training set chooses, and its test accuracy.

    Args:
        train: features (n, 2, sizes, features) and labels (n,), as `read` returns them.
        test: the same of the test set.
        seed: draws the folds.
    """
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=seed)
    search = GridSearchCV(MirroredCodes(SVC()), CHOICES, cv=folds).fit(*train)
    sizes, classifier = search.best_params_["sizes"], search.best_params_["classifier"]
    return {
        "strategy": NAMES[type(classifier)],
        "image_size": "+".join(map(str, sizes)),
        "C": classifier.C,
        "train": len(train[1]),
        "test": len(test[1]),
        "validation_accuracy": search.best_score_,
        "accuracy": search.score(*test),
    }


@functools.lru_cache(maxsize=1)
def _photographs(name):
    """Return (features, labels) of the training and of the test set, and the accuracy of colours alone."""
    train, test = (read(name, part) for part in ("train", DATA[name]))
    baseline = NearestColours().fit(train[2], train[1]).score(test[2], test[1])
    return train[:2], test[:2], baseline


def read(name: str, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features (n, 2, sizes, features) of images and mirror images, labels, the largest images."""
    from helpers.networks.features import CNNCodes

    codes = []
    for size in SIZES:
        X, y, _ = load_folder(root() / name / part, size)
        both = X, np.ascontiguousarray(X[:, :, ::-1])
        codes.append(np.stack([CNNCodes(mobilenet()).fit_transform(images) for images in both], axis=1))
    return np.stack(codes, axis=2), y, X
