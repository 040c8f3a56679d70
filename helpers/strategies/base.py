"""What all strategies share: checks of the input, labels of any kind, scores."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.validation import check_is_fitted

from helpers.data.validation import check_images, check_labels
from helpers.networks.backbones import Backbone

SHAPES = Backbone("shapes")


class Strategy(ClassifierMixin, BaseEstimator):
    """Checks the input; a subclass learns in `_fit` and tells scores in `_scores`."""

    def fit(self, X: np.ndarray, y: np.ndarray, **watch) -> Self:
        """Learn from pictures.

        Args:
            X: uint8 (n, height, width, 3).
            y: labels (n,), strings or numbers, at least two kinds.
            **watch: for strategies that train a network: `validation=(X, y)`, `on_epoch`,
                `stop`, as in `helpers.strategies.training.fit`.

        Raises:
            ValueError: X or y is not what is said above, or the pictures are too small for the network;
                the message names the value.
        """
        X = check_images(X)
        y = check_labels(X, y)
        self._encoder = LabelEncoder().fit(y)
        self.classes_ = self._encoder.classes_
        self.image_shape_ = X.shape[1:]
        self._fit(X, self._encoder.transform(y), **watch)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the most likely label of each picture, (n,)."""
        return self.classes_[self.decision_scores(X).argmax(axis=1)]

    def decision_scores(self, X: np.ndarray) -> np.ndarray:
        """Return a score for each class, float (n, classes); the largest wins."""
        check_is_fitted(self, "classes_")
        X = check_images(X)
        if X.shape[1:] != self.image_shape_:
            raise ValueError(
                f"These pictures are {X.shape[1:]}, but fit saw {self.image_shape_}: "
                "resize them to the same size."
            )
        scores = np.asarray(self._scores(X))
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
