"""Strategies that leave the backbone as it is: a linear classifier on CNN codes, and the trivial baseline."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from helpers.networks.backbones import Backbone, block_of
from helpers.networks.features import CNNCodes
from helpers.strategies.base import SHAPES, Strategy


class LinearProbe(Strategy):
    """Linear classifier on CNN codes: the backbone stays as it is (small and similar data).

    Source: the lecture's scenario 1; Razavian et al. 2014.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: whose codes; None is the last.
        C: inverse strength of the regularisation.
    """

    def __init__(self, backbone: Backbone = SHAPES, layer: str | None = None, C: float = 0.1) -> None:
        self.backbone = backbone
        self.layer = layer
        self.C = C

    def pipeline(self) -> Pipeline:
        """The unfitted scikit-learn pipeline: CNN codes, standardisation, classifier."""
        return make_pipeline(
            CNNCodes(self.backbone, self.layer),
            StandardScaler(),
            LogisticRegression(C=self.C, tol=1e-3, max_iter=1000),
        )

    def _fit(self, X, y, **watch):
        self.model_ = self.pipeline().fit(X, y)
        self.trainable_parameters_ = self.model_[-1].coef_.size + self.model_[-1].intercept_.size

    def _scores(self, X):
        return self.model_.decision_function(X)


class EarlierLayerSVM(Strategy):
    """Support vector machine on an earlier layer (small and different data).

    Late layers know the source task; early ones know edges and textures. The lecture's
    scenario 3. Four quarters of the picture are averaged apart.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: whose activations; None is the end of the middle block (block2 of four).
        C: inverse strength of the regularisation.
    """

    def __init__(self, backbone: Backbone = SHAPES, layer: str | None = None, C: float = 0.01) -> None:
        self.backbone = backbone
        self.layer = layer
        self.C = C

    def pipeline(self) -> Pipeline:
        """The unfitted scikit-learn pipeline: CNN codes, standardisation, classifier."""
        layer = self.layer or _middle(self.backbone)
        return make_pipeline(CNNCodes(self.backbone, layer, "grid"), StandardScaler(), LinearSVC(C=self.C))

    def _fit(self, X, y, **watch):
        self.model_ = self.pipeline().fit(X, y)
        self.trainable_parameters_ = self.model_[-1].coef_.size + self.model_[-1].intercept_.size

    def _scores(self, X):
        return self.model_.decision_function(X)


def _middle(backbone):
    """The last layer of the middle block."""
    if not backbone.blocks:
        raise ValueError(f"The layers of {backbone.name!r} tell of no blocks: name one with layer=...")
    block = backbone.blocks[(len(backbone.blocks) - 1) // 2]
    return [name for name in backbone.layer_names if block_of(name) == block][-1]


class NearestColours(Strategy):
    """Nearest neighbours on colour histograms: what colour alone can do, without any network.

    The trivial baseline that every other strategy has to beat.

    Args:
        neighbours: how many vote.
    """

    def __init__(self, neighbours: int = 5) -> None:
        self.neighbours = neighbours

    def _fit(self, X, y, **watch):
        self.model_ = KNeighborsClassifier(min(self.neighbours, len(X))).fit(_histograms(X), y)
        self.trainable_parameters_ = 0

    def _scores(self, X):
        return self.model_.predict_proba(_histograms(X))


def _histograms(X, steps=8):
    """Share of the pixels in each of 8 steps of red, green and blue, float (n, 24)."""
    which = X.reshape(len(X), -1, 3) // (256 // steps)
    return np.concatenate([(which == k).mean(axis=1) for k in range(steps)], axis=1)


def dense_weights(scaler: StandardScaler, linear: LogisticRegression | LinearSVC) -> list[np.ndarray]:
    """Kernel and bias of a Dense layer that scores as a `StandardScaler` and a linear classifier do.

    Returns:
        float (features, classes) and (classes,).
    """
    kernel, bias = linear.coef_.T, linear.intercept_
    if len(linear.classes_) == 2:  # one score for two classes: half for one, half against
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2
    kernel = kernel / scaler.scale_[:, None]
    return [kernel, bias - scaler.mean_ @ kernel]
