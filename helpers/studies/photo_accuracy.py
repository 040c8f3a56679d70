"""Real photographs told apart by what cross-validation has chosen, on CNN codes. (docs/accuracy.md)

MobileNet (alpha 0.75, ImageNet), frozen. Seen are pictures of 192 pixels, of 224, or of two sizes side by
side, each together with its mirror image. On the codes: a linear probe (logistic regression) or a support
vector machine with an RBF kernel. A seed cuts the training pictures into five folds, four times over; sizes,
classifier and its regularisation are those with the best mean accuracy on the folds held out. That choice
learns once more from all training pictures and is scored on the test pictures, once.

Needs the folder that `TRANSFER_DATA_DIR` names. Ants and bees come without a test split: their published
validation split is the test here; and they are a subset of ImageNet, which flatters every ImageNet model.
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
    """A classifier on CNN codes of pictures and of their mirror images.

    Args:
        classifier: learns from both, with the same label; the mean of its scores for both decides.
        sizes: the picture sizes, out of `SIZES`, whose codes it sees side by side.
    """

    def __init__(self, classifier: BaseEstimator, sizes: tuple[int, ...] = SIZES) -> None:
        self.classifier = classifier
        self.sizes = sizes

    def fit(self, codes: np.ndarray, y: np.ndarray) -> Self:
        """Learn from codes float (n, 2, sizes, features), of pictures and mirror images, and y (n,)."""
        plain, mirrored = self._joined(codes)
        self.model_ = make_pipeline(StandardScaler(), clone(self.classifier))
        self.model_.fit(np.concatenate([plain, mirrored]), np.concatenate([y, y]))
        self.classes_ = self.model_.classes_
        return self

    def predict(self, codes: np.ndarray) -> np.ndarray:
        """The class of each picture, (n,)."""
        plain, mirrored = self._joined(codes)
        scores = self.model_.decision_function(plain) + self.model_.decision_function(mirrored)
        return self.classes_[scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(int)]

    def _joined(self, codes):
        """Codes of the pictures, and of their mirror images, (n, features of all sizes)."""
        seen = codes[:, :, [SIZES.index(size) for size in self.sizes]]
        return seen.reshape(*seen.shape[:2], -1).swapaxes(0, 1)


def cells() -> list[dict]:
    return [{"data": name, "seed": seed} for name in DATA for seed in range(SEEDS)]


def measure(cell: dict) -> dict:
    train, test, baseline = _photographs(cell["data"])
    return examined(train, test, cell["seed"]) | {"nearest_colours": baseline}


def examined(train: tuple, test: tuple, seed: int) -> dict:
    """What cross-validation on the training pictures chooses, and its accuracy on the test pictures.

    Args:
        train, test: codes (n, 2, sizes, features) and labels (n,), as from `read`.
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
    """(codes, labels) of the training and of the test pictures, and what colours alone reach."""
    train, test = (read(name, part) for part in ("train", DATA[name]))
    baseline = NearestColours().fit(train[2], train[1]).score(test[2], test[1])
    return train[:2], test[:2], baseline


def read(name: str, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes (n, 2, sizes, features) of pictures and mirror images; labels; the largest pictures."""
    from helpers.networks.features import CNNCodes

    codes = []
    for size in SIZES:
        X, y, _ = load_folder(root() / name / part, size)
        both = X, np.ascontiguousarray(X[:, :, ::-1])
        codes.append(np.stack([CNNCodes(mobilenet()).fit_transform(pictures) for pictures in both], axis=1))
    return np.stack(codes, axis=2), y, X
