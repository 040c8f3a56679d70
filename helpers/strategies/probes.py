"""Quick probes: what cross-validation shows about a target before any long training."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.data.splits import whole_groups
from helpers.data.validation import check_images, check_labels

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from helpers.networks.backbones import Backbone
    from helpers.strategies import Strategy

FOLDS = 3
SAMPLE = 1000  # number of training images that the advisor's probes use at most
PROBES = ("probe", "svm")
SCRATCH_SIZE = 64  # pixels: what a network from random weights saw on the board of photographs


def image_size_of(strategy: "Strategy") -> int:
    """Return the side in pixels of the images that suit a strategy: that of its source model, if it has one.

    Example:
        >>> from helpers.strategies import FromScratch, LinearProbe
        >>> image_size_of(LinearProbe()), image_size_of(FromScratch())
        (32, 64)
    """
    backbone = strategy.get_params(deep=False).get("backbone")
    return backbone.image_size if backbone else SCRATCH_SIZE


def quick_probes(
    X: np.ndarray, y: np.ndarray, backbone: "Backbone", groups: np.ndarray | None = None
) -> dict[str, float]:
    """Cross-validate two cheap classifiers on the CNN codes of a backbone.

    Args:
        X: training images, uint8 (n, height, width, 3), at least 3 per class.
        y: labels (n,).
        backbone: a `helpers.networks.backbones.Backbone`.
        groups: as for `cross_validated`.

    Returns:
        Accuracy, 0..1: "probe" of a linear probe on the last layer, "svm" of an SVM on the middle layer.

    Raises:
        ValueError: X or y is not as described, or a class has fewer images (or groups) than there are folds.
        TypeError: X is not of integers, or the backbone is not a Backbone.
    """
    from sklearn.pipeline import make_pipeline

    from helpers.strategies import EarlierLayerSVM, LinearProbe

    y = check_labels(check_images(X), y)
    folds(y, groups)  # too few images are said before the codes are computed
    found = {}
    for name, strategy in zip(PROBES, (LinearProbe(backbone), EarlierLayerSVM(backbone)), strict=True):
        codes, *rest = strategy.pipeline()
        # Computing the codes learns nothing, so it is done once, outside the folds.
        features = codes.fit_transform(X)
        found[name] = cross_validated(make_pipeline(*rest), features, y, groups)
    return found


def cross_validated(
    estimator: "BaseEstimator", X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None
) -> float:
    """Return the mean accuracy, 0..1, on three folds that are drawn at random, always the same ones.

    Args:
        estimator: unfitted.
        X: images or features, n rows.
        y: labels (n,).
        groups: the group of each image (n,), such as the patient: a group is in one fold only. None if each
            image stands for itself.

    Raises:
        ValueError: If a class has fewer images, or groups, than there are folds.
    """
    from sklearn.model_selection import cross_val_score

    scores = cross_val_score(estimator, X, y, cv=folds(y, groups), error_score="raise")
    return float(scores.mean())


def folds(
    y: np.ndarray, groups: np.ndarray | None = None, number: int = FOLDS, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows to learn from and the rows held out, of each fold; every class is in all of them.

    Args:
        y: labels (n,).
        groups: as for `cross_validated`.
        number: of folds.
        seed: of the draw.

    Raises:
        ValueError: a class has fewer images, or groups, than there are folds.

    Example:
        >>> [len(held_out) for _, held_out in folds(np.array(["cat", "dog"] * 3))]
        [2, 2, 2]
    """
    from sklearn.model_selection import PredefinedSplit, StratifiedKFold

    if groups is None:
        for name, images in zip(*np.unique(y, return_counts=True), strict=True):
            if images < number:
                raise ValueError(
                    f"Class {str(name)!r} must have at least {number} images for cross-validation. Received: "
                    f"{images}. Add images or remove the class."
                )
        return list(StratifiedKFold(number, shuffle=True, random_state=seed).split(y, y))
    return list(PredefinedSplit(whole_groups(y, list(groups), [1 / number] * number, seed)).split())
