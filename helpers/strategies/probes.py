"""Quick probes: what cross-validation shows about a target before any long training."""

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone

FOLDS = 3
PROBES = ("probe", "svm")


def quick_probes(X: np.ndarray, y: np.ndarray, backbone: "Backbone") -> dict[str, float]:
    """Cross-validate two cheap classifiers on the CNN codes of a backbone.

    Args:
        X: training images, uint8 (n, height, width, 3), at least 3 per class.
        y: labels (n,).
        backbone: a `helpers.networks.backbones.Backbone`.

    Returns:
        Accuracy, 0..1: "probe" of a linear probe on the last layer, "svm" of an SVM on the middle layer.
    """
    from sklearn.pipeline import make_pipeline

    from helpers.strategies import EarlierLayerSVM, LinearProbe

    found = {}
    for name, strategy in zip(PROBES, (LinearProbe(backbone), EarlierLayerSVM(backbone)), strict=True):
        codes, *rest = strategy.pipeline()
        # Computing the codes learns nothing, so it is done once, outside the folds.
        features = codes.fit_transform(X)
        found[name] = _cross_validated(make_pipeline(*rest), features, y)
    return found


def scratch_probe(X: np.ndarray, y: np.ndarray) -> float:
    """Cross-validate a small network from random weights, trained for half of its usual steps.

    It needs no source model, so it shows when no source model helps.

    Args:
        X: training images, uint8 (n, height, width, 3), at least 3 per class.
        y: labels (n,).

    Returns:
        Accuracy, 0..1.

    Raises:
        KeyboardInterrupt: if Colab's stop button is pressed during a fold.
    """
    from helpers.strategies import FromScratch
    from helpers.strategies.trained import epochs_for

    strategy = FromScratch()
    learned = len(X) * (FOLDS - 1) // FOLDS
    strategy.set_params(epochs=max(1, epochs_for(learned, strategy.batch_size) // 2))
    stopped = threading.Event()
    share = _cross_validated(strategy, X, y, params={"stop": stopped})
    if stopped.is_set():  # Colab's stop button ends one fold, which is then only half-trained
        raise KeyboardInterrupt
    return share


def _cross_validated(estimator, X, y, **options):
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return float(cross_val_score(estimator, X, y, cv=folds, **options).mean())
