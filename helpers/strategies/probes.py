"""Quick probes: what can be known of a target before any long training."""

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone


FOLDS = 3


PROBES = ("probe", "svm")


def quick_probes(X: np.ndarray, y: np.ndarray, backbone: "Backbone") -> dict[str, float]:
    """Cross-validated accuracy of two cheap classifiers on a backbone's codes.

    Args:
        X: training pictures, uint8 (n, height, width, 3); at least 3 of each class.
        y: labels (n,).
        backbone: a `helpers.networks.backbones.Backbone`.

    Returns:
        "probe": linear probe on the last layer; "svm": linear SVM on the middle layer.
    """
    from sklearn.pipeline import make_pipeline

    from helpers.strategies import EarlierLayerSVM, LinearProbe

    found = {}
    for name, strategy in zip(PROBES, (LinearProbe(backbone), EarlierLayerSVM(backbone)), strict=True):
        codes, *rest = strategy.pipeline()
        # The codes learn nothing, so they are computed once, outside the folds.
        features = codes.fit_transform(X)
        found[name] = _cross_validated(make_pipeline(*rest), features, y)
    return found


def scratch_probe(X: np.ndarray, y: np.ndarray) -> float:
    """Cross-validated accuracy of a small net from random weights, trained for half of its usual steps.

    It needs no source model, and so says what is lost where no source model helps.

    Args:
        X: training pictures, uint8 (n, height, width, 3); at least 3 of each class.
        y: labels (n,).
    """
    from helpers.strategies import FromScratch
    from helpers.strategies.trained import epochs_for

    strategy = FromScratch()
    learnt = len(X) * (FOLDS - 1) // FOLDS
    strategy.set_params(epochs=max(1, epochs_for(learnt, strategy.batch_size) // 2))
    stopped = threading.Event()
    share = _cross_validated(strategy, X, y, params={"stop": stopped})
    if stopped.is_set():  # Colab's stop button ends one fold; half-trained, it says nothing
        raise KeyboardInterrupt
    return share


def _cross_validated(estimator, X, y, **options):
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return float(cross_val_score(estimator, X, y, cv=folds, **options).mean())
