"""Head2Toe: a linear classifier on features of all layers, of which a group lasso selects the useful ones."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression, MultiTaskLasso
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import LabelBinarizer, StandardScaler

from helpers.networks.backbones import Backbone, block_of, check_backbone, shared
from helpers.strategies.base import SHAPES
from helpers.strategies.frozen import OnFrozenCodes


class GroupLasso(BaseEstimator):
    """Weights of features in a group lasso: all classes use a feature, or none does.

    Least squares on the classes as 0 and 1, with the sum of the lengths of each feature's weights as penalty
    (Yuan & Lin 2006; Obozinski et al. 2010), by `sklearn.linear_model.MultiTaskLasso`.

    Args:
        sparsity: strength of the penalty, as a share of the smallest one that leaves no feature (0..1).

    Example:
        >>> X = np.random.default_rng(0).normal(size=(60, 5))
        >>> (GroupLasso(0.5).fit(X, X[:, 3] > 0).coef_ != 0).any(axis=0).tolist()
        [False, False, False, True, False]
    """

    def __init__(self, sparsity: float = 0.1) -> None:
        self.sparsity = sparsity

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Learn `coef_`, float (classes, features), of standardised features.

        Args:
            X: float (n, features).
            y: labels (n,).
        """
        classes = LabelBinarizer().fit_transform(y).astype(float)
        classes -= classes.mean(axis=0)
        strongest = np.linalg.norm(X.T @ classes, axis=1).max() / len(X)
        # The seed decides nothing here; without it, scikit-learn draws from NumPy's random numbers.
        lasso = MultiTaskLasso(
            self.sparsity * strongest, fit_intercept=False, tol=1e-3, max_iter=3000, random_state=0
        )
        self.coef_ = lasso.fit(X, classes).coef_
        return self


class Head2Toe(OnFrozenCodes):
    """Train a linear classifier on selected features of all blocks; the backbone stays frozen.

    The codes at the end of each block are averaged over the image and standardised. A group lasso keeps the
    features that help, and a logistic regression learns from them. So nobody has to choose the layer.
    Source: Evci et al. 2022, "Head2Toe: utilizing intermediate representations for better transfer learning".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        sparsity: strength of the group lasso, as a share of the smallest one that leaves no feature (0..1).
        C: inverse strength of the regularisation of the classifier.
        batchnorm: "keep" or "adapt", as for `helpers.strategies.LinearProbe`.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("micrographs", 20, 10, 0)
        >>> model = Head2Toe().fit(data.X_train, data.y_train)
        >>> model.score(data.X_validation, data.y_validation) > 0.7
        True
    """

    def __init__(
        self, backbone: Backbone = SHAPES, sparsity: float = 0.1, C: float = 0.1, batchnorm: str = "keep"
    ) -> None:
        self.backbone = backbone
        self.sparsity = sparsity
        self.C = C
        self.batchnorm = batchnorm

    def pipeline(self) -> Pipeline:
        """Return the unfitted scikit-learn pipeline: codes of all blocks, then the steps of `selected`."""
        codes = make_union(*(self.codes_of(layer) for layer in block_ends(self.backbone)))
        return make_pipeline(codes, *selected(self.sparsity, self.C))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probability of each class, float (n, classes)."""
        return self.model_.predict_proba(self._same_size(X))

    def kept(self) -> dict[str, int]:
        """Return how many features of each layer were selected.

        Example:
            >>> from helpers.data.image_sets import builtin
            >>> data = builtin("micrographs", 20, 10, 0)
            >>> [*Head2Toe().fit(data.X_train, data.y_train).kept()]
            ['block1_pool', 'block2_pool', 'block3_pool', 'block4_pool']
        """
        layers = block_ends(self.backbone)
        channels = [shared(self.backbone).model.get_layer(layer).output.shape[-1] for layer in layers]
        found = np.split(self.model_[-2].get_support(), np.cumsum(channels)[:-1])
        return {layer: int(part.sum()) for layer, part in zip(layers, found, strict=True)}


def selected(sparsity: float, C: float) -> list[BaseEstimator]:
    """Return the steps after the codes: standardisation, group lasso, logistic regression."""
    choice = SelectFromModel(GroupLasso(sparsity), threshold=1e-9, norm_order=2)
    return [StandardScaler(), choice, LogisticRegression(C=C, tol=1e-3, max_iter=1000)]


def block_ends(backbone: Backbone) -> list[str]:
    """Return the last layer of each block, the first block first.

    Raises:
        ValueError: the layers of the backbone have no block numbers.

    Example:
        >>> block_ends(SHAPES)[-1]
        'block4_pool'
    """
    blocks = check_backbone(backbone).blocks
    if not blocks:
        raise ValueError(f"The layers of {backbone.name!r} have no block numbers, so Head2Toe cannot use it.")
    return [[name for name in backbone.layer_names if block_of(name) == block][-1] for block in blocks]
