"""What all strategies share: the input checks, the labels, and scikit-learn's classifier protocol."""

import contextlib
import difflib
import inspect
from collections.abc import Iterator
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from helpers.data.validation import check_images, check_integer, check_labels, check_positive
from helpers.networks.backbones import Backbone
from helpers.strategies import registry

SHAPES = Backbone("shapes")
ONLY_WHILE_TRAINING = ("validation", "on_epoch", "stop")
_AT_LEAST_1 = partial(check_integer, low=1)


def _or_none(check):
    return lambda name, value: value is None or check(name, value)


def _one_of(*allowed):
    def check(name, value):
        if not (isinstance(value, str) and value in allowed):
            raise ValueError(f"{name} must be {' or '.join(map(repr, allowed))}. Received: {value!r}")

    return check


def _sparse(name, value):
    check_positive(name, value)
    if value > 0.9:
        raise ValueError(f"{name} must be at most 0.9: at 1, no feature is left. Received: {value!r}")


CHECKS = {  # argument of a constructor -> its check, a function of its name and value
    "C": check_positive,
    "lr": check_positive,
    "head_lr": _or_none(check_positive),
    "base_lr": _or_none(check_positive),
    "strength": check_positive,
    "sparsity": _sparse,
    "neighbours": _AT_LEAST_1,
    "batch_size": _AT_LEAST_1,
    "epochs": _or_none(_AT_LEAST_1),
    "which": _one_of(*registry.FEW_WEIGHTS),
    "batchnorm": _one_of("keep", "adapt", "learn"),
    "seed": partial(check_integer, low=0, high=2**32 - 1),
}


class Strategy(ClassifierMixin, BaseEstimator):
    """Base class of all strategies: a scikit-learn classifier of images.

    It checks images and labels. A subclass learns in `_fit(X, y)`, with y as class indices, and returns
    scores, (n, classes) or (n,) for two classes, from `_scores(X)`. It adds `predict_proba` if it has
    probabilities; `predict_log_proba` then exists too. Arguments of the constructor that are in `CHECKS` are
    checked in `fit`, as scikit-learn demands.

    Example:
        >>> class Brightness(Strategy):
        ...     def _fit(self, X, y):
        ...         self.middle_ = X.mean()
        ...     def _scores(self, X):
        ...         return X.mean(axis=(1, 2, 3)) - self.middle_
        >>> X = np.full((2, 8, 8, 3), [[[[0]]], [[[255]]]], "uint8")
        >>> Brightness().fit(X, ["dark", "light"]).predict(X).tolist()
        ['dark', 'light']
    """

    def fit(self, X: np.ndarray, y: np.ndarray, **unsupported: Any) -> Self:
        """Learn from images.

        Args:
            X: uint8 (n, height, width, 3).
            y: labels (n,), strings or numbers, of at least two classes.
            **unsupported: refused by name.

        An error or an interrupt leaves the strategy as it was before: what an earlier `fit` has learned is
        kept.

        Raises:
            ValueError: X, y or an argument of the constructor is not as described, or the images are too
                small for the network.
            TypeError: X is not of integers, or there is an unsupported argument.
        """
        self._refuse(unsupported)
        self.check_arguments()
        with self._kept_on_failure():
            X, y = self._checked(X, y)
            self._fit(X, y)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the most likely label of each image, (n,)."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return scores as scikit-learn does.

        Args:
            X: uint8 (n, height, width, 3), of the size seen in `fit`.

        Returns:
            For two classes, float (n,): above 0 for `classes_[1]`. Otherwise float (n, classes): the
            largest wins.

        Raises:
            sklearn.exceptions.NotFittedError: `fit` has not been called.
            ValueError: the images differ in size from those seen in `fit`.
        """
        scores = np.asarray(self._scores(self._same_size(X)))
        return scores[:, 1] - scores[:, 0] if scores.shape[1:] == (2,) else scores

    @available_if(lambda strategy: hasattr(strategy, "predict_proba"))
    def predict_log_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the logarithm of `predict_proba`, float (n, classes); -inf for a probability of 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Tags:
        """Declare to scikit-learn that the input is images, not a table."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags

    def __setstate__(self, state: dict) -> None:
        """Restore a pickle; an argument that older versions did not have gets its default."""
        arguments = inspect.signature(type(self)).parameters.values()
        super().__setstate__({a.name: a.default for a in arguments if a.default is not a.empty} | state)

    @contextlib.contextmanager
    def _kept_on_failure(self) -> Iterator[None]:
        """Go back to what an earlier `fit` has learned if this one fails or is interrupted."""
        before = dict(vars(self))
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def check_arguments(self) -> None:
        """Check the arguments of the constructor that are in `CHECKS`, as `fit` does.

        Raises:
            ValueError: an argument is not as described.
        """
        for name, value in self.get_params(deep=False).items():
            if name in CHECKS:
                CHECKS[name](name, value)

    def _checked(self, X, y):
        """Images, and labels as class indices."""
        X = check_images(X)
        y = check_labels(X, y)
        self._encoder = LabelEncoder().fit(y)
        self.classes_ = self._encoder.classes_
        self.image_shape_ = X.shape[1:]
        return X, self._encoder.transform(y)

    def _same_size(self, X, which="These images"):
        check_is_fitted(self, "classes_")
        X = check_images(X)
        if X.shape[1:] != self.image_shape_:
            raise ValueError(
                f"{which} have shape {X.shape[1:]}, but fit saw {self.image_shape_}. "
                "Resize them to the same size."
            )
        return X

    def _refuse(self, unsupported):
        """Raise a TypeError that names the first of the arguments and what to do instead."""
        if name := next(iter(unsupported), None):
            raise TypeError(f"{type(self).__name__}.fit does not take {name!r}. {self._remedy(name)}")

    def _remedy(self, name):
        if name == "sample_weight":
            return (
                "Every image counts the same. To balance classes, take the same number of images per class "
                "(helpers.data.splits.n_per_class)."
            )
        if name in ONLY_WHILE_TRAINING:
            return "It trains no network, so there are no epochs to watch. Leave the argument out."
        known = [p.name for p in inspect.signature(self.fit).parameters.values() if p.kind != p.VAR_KEYWORD]
        if close := difflib.get_close_matches(name, known, 1):
            return f"Did you mean {close[0]!r}?"
        return f"Its arguments are {', '.join(known)}."
