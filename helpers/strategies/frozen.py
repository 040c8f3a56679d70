"""Strategies that leave the backbone frozen: a linear classifier on CNN codes, and the trivial baseline."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from helpers.networks.adapted_codes import AdaptedCodes
from helpers.networks.backbones import Backbone, block_of, check_backbone
from helpers.networks.features import CNNCodes
from helpers.strategies.base import SHAPES, Strategy


class OnFrozenCodes(Strategy):
    """A scikit-learn pipeline from images to classes that ends with a linear classifier.

    A subclass has the arguments `backbone` and `batchnorm`.

    Example:
        >>> issubclass(LinearProbe, OnFrozenCodes)
        True
    """

    backbone: Backbone
    batchnorm: str

    def check_arguments(self) -> None:
        """Check the arguments of the constructor; BatchNorm of a frozen backbone cannot learn."""
        super().check_arguments()
        if self.batchnorm == "learn":
            raise ValueError("The backbone is frozen, so batchnorm must be 'keep' or 'adapt', not 'learn'.")

    def codes_of(self, layer: str | None, pooling: str = "avg") -> CNNCodes:
        """Return the step that turns images into the CNN codes of a layer.

        Args:
            layer: its name; None is the last one.
            pooling: as for `helpers.networks.features.CNNCodes`.
        """
        codes = AdaptedCodes if self.batchnorm == "adapt" else CNNCodes
        return codes(self.backbone, layer, pooling)

    def pipeline(self) -> Pipeline:
        """Return the unfitted scikit-learn pipeline."""
        raise NotImplementedError

    def _fit(self, X, y):
        self.model_ = self.pipeline().fit(X, y)
        self.trainable_parameters_ = self.model_[-1].coef_.size + self.model_[-1].intercept_.size

    def _scores(self, X):
        return self.model_.decision_function(X)


class _LinearOnCodes(OnFrozenCodes):
    """A linear classifier on the standardised CNN codes of one layer; a subclass chooses which."""

    def __init__(self, backbone: Backbone, layer: str | None, C: float, batchnorm: str) -> None:
        self.backbone = backbone
        self.layer = layer
        self.C = C
        self.batchnorm = batchnorm

    def pipeline(self) -> Pipeline:
        """Return the unfitted scikit-learn pipeline: CNN codes, standardisation, classifier."""
        return make_pipeline(self._codes(), StandardScaler(), self._classifier())

    def _codes(self) -> CNNCodes:
        raise NotImplementedError

    def _classifier(self) -> ClassifierMixin:
        raise NotImplementedError


class LinearProbe(_LinearOnCodes):
    """Train a linear classifier on CNN codes; the backbone stays frozen (small and similar data).

    Source: the lecture's scenario 1; Razavian et al. 2014, "CNN features off-the-shelf".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: name of the layer whose codes are used; None is the last one.
        C: inverse strength of the regularisation.
        batchnorm: "keep" leaves BatchNorm the statistics of the source; "adapt" replaces them by those of the
            training images (AdaBN, which uses no labels; Li et al. 2017).

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 20, 10, 0)
        >>> probe = LinearProbe().fit(data.X_train, data.y_train)
        >>> probe.score(data.X_validation, data.y_validation) > 0.7
        True
        >>> probe.predict_proba(data.X_validation[:2]).shape
        (2, 10)
    """

    def __init__(
        self, backbone: Backbone = SHAPES, layer: str | None = None, C: float = 0.1, batchnorm: str = "keep"
    ) -> None:
        super().__init__(backbone, layer, C, batchnorm)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probability of each class, float (n, classes)."""
        X = self._same_size(X)
        return self.model_.predict_proba(X)

    def _codes(self):
        return self.codes_of(self.layer)

    def _classifier(self):
        return LogisticRegression(C=self.C, tol=1e-3, max_iter=1000)


class EarlierLayerSVM(_LinearOnCodes):
    """Train a support vector machine on an earlier layer (small and different data).

    Late layers are specific to the source task; early layers detect edges and textures. The four quarters
    of an image are averaged separately. Source: the lecture's scenario 3; Donahue et al. 2014, "DeCAF".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: name of the layer whose activations are used; None is the end of the middle block (block2
            of four).
        C: inverse strength of the regularisation.
        batchnorm: as for `LinearProbe`.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("micrographs", 20, 10, 0)
        >>> svm = EarlierLayerSVM().fit(data.X_train, data.y_train)
        >>> svm.score(data.X_validation, data.y_validation) > 0.7
        True
    """

    def __init__(
        self, backbone: Backbone = SHAPES, layer: str | None = None, C: float = 0.01, batchnorm: str = "keep"
    ) -> None:
        super().__init__(backbone, layer, C, batchnorm)

    def _codes(self):
        layer = _middle(self.backbone) if self.layer is None else self.layer
        return self.codes_of(layer, "grid")

    def _classifier(self):
        return LinearSVC(C=self.C, random_state=0)


def _middle(backbone):
    """The last layer of the middle block."""
    if not check_backbone(backbone).blocks:
        raise ValueError(f"The layers of {backbone.name!r} have no block numbers. Name a layer: layer=...")
    block = backbone.blocks[(len(backbone.blocks) - 1) // 2]
    return [name for name in backbone.layer_names if block_of(name) == block][-1]


class NearestColours(Strategy):
    """Classify by nearest neighbours on colour histograms: what colour alone can do, without a network.

    It is the trivial baseline that every other strategy has to beat. Source of the histograms: Swain &
    Ballard 1991, "Color indexing".

    Args:
        neighbours: how many vote.

    Example:
        >>> X = np.zeros((4, 8, 8, 3), "uint8")
        >>> X[2:, ..., 0] = 200
        >>> colours = NearestColours(neighbours=1).fit(X, ["black", "black", "red", "red"])
        >>> colours.predict(X[[0, 3]]).tolist()
        ['black', 'red']
    """

    def __init__(self, neighbours: int = 5) -> None:
        self.neighbours = neighbours

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the share of the neighbours' votes for each class, float (n, classes)."""
        return self._scores(self._same_size(X))

    def _fit(self, X, y):
        self.model_ = KNeighborsClassifier(min(self.neighbours, len(X))).fit(_histograms(X), y)
        self.trainable_parameters_ = 0

    def _scores(self, X):
        return self.model_.predict_proba(_histograms(X))


def _histograms(X, steps=8):
    """Share of the pixels in each of 8 steps of red, green and blue, float (n, 24)."""
    which = X.reshape(len(X), -1, 3) // (256 // steps)
    return np.concatenate([(which == k).mean(axis=1) for k in range(steps)], axis=1)


def dense_weights(
    scaler: StandardScaler,
    linear: LogisticRegression | LinearSVC,
    kept: np.ndarray | slice = slice(None),
) -> list[np.ndarray]:
    """Compute kernel and bias of a Dense layer that replaces a `StandardScaler` and a linear classifier.

    Args:
        scaler: fitted on all features.
        linear: the classifier.
        kept: the features that the classifier sees, as an index; the others get weights of 0.

    Returns:
        float (features, classes) and (classes,).
    """
    kernel, bias = linear.coef_.T, linear.intercept_
    if len(linear.classes_) == 2:  # one score for two classes: half for one, half against the other
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2
    full = np.zeros((len(scaler.mean_), kernel.shape[1]))
    full[kept] = kernel
    full /= scaler.scale_[:, None]
    return [full, bias - scaler.mean_ @ full]
