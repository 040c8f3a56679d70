"""Domain D = {F, P(X)} and task T = {Y, P(Y|X)} as data (Pan & Yang 2010)."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

FEWEST = 20  # samples that a test needs


@dataclass(frozen=True, eq=False)
class Domain:
    """D = {F, P(X)}: the feature space, and a sample from the marginal distribution.

    Args:
        X: counts or numbers (n, features), or pictures uint8 (n, height, width, 3).
        features: their names, such as a vocabulary; None for pictures and unnamed numbers.

    Raises:
        ValueError: X has another shape, too few rows, values that are not finite, or `features`
            does not fit or names one twice.
    """

    X: np.ndarray
    features: tuple[str, ...] | None = None

    def __post_init__(self):
        X = np.asarray(self.X)
        if X.ndim not in (2, 4) or len(X) < FEWEST:
            raise ValueError(
                f"X must be (n, features) or pictures (n, height, width, 3), n at least {FEWEST}. "
                f"Received: {X.shape}"
            )
        if X.dtype.kind not in "uifb" or not np.isfinite(X).all():
            raise ValueError(f"X must hold finite numbers. Received: dtype {X.dtype}.")
        if self.features is not None:
            names = tuple(map(str, self.features))
            if len(names) != X.shape[1]:
                raise ValueError(f"{len(names)} features were named, but X has {X.shape[1]} columns.")
            if twice := [name for name, times in Counter(names).items() if times > 1]:
                raise ValueError(f"These features are named more than once: {', '.join(twice[:5])}")
            object.__setattr__(self, "features", names)
        object.__setattr__(self, "X", X)

    @property
    def space(self) -> tuple:
        """What a member of the feature space is: its shape and the names of its parts."""
        return self.X.shape[1:], self.features


@dataclass(frozen=True, eq=False)
class Task:
    """T = {Y, P(Y|X)}: the labels of the domain's sample, and the label space.

    Args:
        y: labels (n,), one for each row of the domain's X.
        labels: the label space; None takes those that occur.

    Raises:
        ValueError: y is not one-dimensional, or holds labels outside the label space.
    """

    y: np.ndarray
    labels: frozenset | None = None

    def __post_init__(self):
        y = np.asarray(self.y)
        if y.ndim != 1:
            raise ValueError(f"y must have shape (n,). Received: {y.shape}")
        seen = frozenset(y.tolist())
        space = seen if self.labels is None else frozenset(self.labels)
        if seen - space:
            raise ValueError(f"y holds labels outside the label space: {sorted(seen - space)[:5]}")
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "labels", space)
