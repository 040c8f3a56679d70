"""Domain D = {F, P(X)} and task T = {Y, P(Y|X)} as data (Pan & Yang 2010)."""

import reprlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

FEWEST = 20  # a statistical test needs at least this many samples


@dataclass(frozen=True, eq=False)
class Domain:
    """D = {F, P(X)}: the feature space, and a sample from the marginal distribution.

    Args:
        X: counts or numbers (n, features), or images, uint8 (n, height, width, 3); n is at least 20.
        features: the names of the features, such as a vocabulary; None for images and unnamed numbers.

    Raises:
        ValueError: If X has another shape, fewer than 20 rows, or values that are not finite; or if the
            names in `features` do not match the columns of X or are not unique.

    Example:
        >>> sizes = Domain(np.ones((20, 2)), features=("height", "width"))
        >>> sizes.space
        ((2,), ('height', 'width'))
    """

    X: np.ndarray
    features: tuple[str, ...] | None = None

    def __post_init__(self):
        X = np.asarray(self.X)
        if X.ndim not in (2, 4) or len(X) < FEWEST:
            raise ValueError(
                f"X must have shape (n, features) or (n, height, width, 3), with n at least {FEWEST}. "
                f"Received: {X.shape}"
            )
        if X.dtype.kind not in "uifb" or not np.isfinite(X).all():
            raise ValueError(f"X must contain finite numbers. Received: dtype {X.dtype}.")
        if self.features is not None:
            names = tuple(map(str, self.features))
            if len(names) != X.shape[1]:
                raise ValueError(
                    "features must have one name per column of X. Received: "
                    f"len(features)={len(names)}, X.shape={X.shape}."
                )
            if twice := [name for name, times in Counter(names).items() if times > 1]:
                raise ValueError(f"features must be unique. Received more than once: {', '.join(twice[:5])}")
            object.__setattr__(self, "features", names)
        object.__setattr__(self, "X", X)

    def __repr__(self) -> str:
        names = "" if self.features is None else f", features={reprlib.repr(self.features)}"
        return f"Domain(X of shape {self.X.shape}{names})"

    @property
    def space(self) -> tuple:
        """The feature space: the shape of one sample and the names of its features."""
        return self.X.shape[1:], self.features


@dataclass(frozen=True, eq=False)
class Task:
    """T = {Y, P(Y|X)}: the labels of the domain's sample, and the label space.

    Args:
        y: labels (n,), one per row of the domain's X.
        labels: the label space; None uses the labels in y.

    Raises:
        ValueError: If y is not one-dimensional or contains labels outside the label space.

    Example:
        >>> sorted(Task(np.array(["cat", "dog", "cat"])).labels)
        ['cat', 'dog']
    """

    y: np.ndarray
    labels: frozenset | None = None

    def __post_init__(self):
        y = np.asarray(self.y)
        if y.ndim != 1:
            raise ValueError(f"y must have shape (n,), one label per sample. Received: {y.shape}")
        seen = frozenset(y.tolist())
        space = seen if self.labels is None else frozenset(self.labels)
        if seen - space:
            raise ValueError(
                f"y contains labels outside the label space: {sorted(seen - space)[:5]}. Add them to "
                "`labels` or remove their samples."
            )
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "labels", space)

    def __repr__(self) -> str:
        return (
            f"Task(y of length {len(self.y)}, {len(self.labels or ())} labels: {reprlib.repr(self.labels)})"
        )
