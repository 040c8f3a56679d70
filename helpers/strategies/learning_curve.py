"""Would more images help? A learning curve within the images at hand, extended to more of them.

A linear probe learns from parts of the images and is scored on held-out ones. The errors follow an inverse
power law, b * images ** -c (Cortes et al. 1994, "Learning curves: asymptotic values and rate of convergence";
Figueroa et al. 2012, "Predicting sample size required for classification performance", who also weight large
parts more). Three things make a forecast uncertain, and the interval contains all of them:

- The images at hand are a sample. They get random weights, and the law is fitted again, many times: a
  Bayesian bootstrap (Rubin 1981). Two images are added, one that is always right and one that is never right,
  so that a probe without mistakes is not taken for a perfect one.
- The exponent is estimated from a few points, so each fit has its own.
- The new images are a sample, too. How much the accuracy varies with the images that a probe learns from is
  measured over repetitions; this variance falls as one over their number.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.data.validation import check_features, check_labels
from helpers.strategies.probes import FOLDS as LEAST_FOLDS
from helpers.strategies.probes import folds

FOLDS, REPEATS = 5, 4
SHARES = (0.2, 0.3, 0.45, 0.67, 1.0)  # of the images that a fold learns from
EXPONENTS = np.linspace(0.1, 1, 19)
SAMPLES = 500
LEVEL = 0.9


class Forecast(NamedTuple):
    """The accuracy to expect with some number of training images.

    Attributes:
        accuracy: the median of the samples, 0..1.
        low: lower limit of the 90 % interval.
        high: upper limit.

    Example:
        >>> Forecast(0.8, 0.7, 0.9).high
        0.9
    """

    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Accuracy by number of training images, and fitted power laws.

    Args:
        images: number of all images at hand.
        sizes: number of training images of each point, float (s,).
        accuracy: cross-validated, 0..1, float (s,).
        laws: b and c of the error b * images ** -c, one row per sample.
        variance: of the accuracy over draws of one training image; of n images, it is this number over n.

    Example:
        >>> law = np.array([[1.0, 0.5]])
        >>> LearningCurve(100, np.array([80.0]), np.array([0.9]), law, variance=0).at(400).accuracy
        0.95
    """

    images: int
    sizes: np.ndarray
    accuracy: np.ndarray
    laws: np.ndarray
    variance: float

    def at(self, images: float) -> Forecast:
        """Return the accuracy to expect with so many training images, with its 90 % interval."""
        b, c = self.laws.T
        draws = np.random.default_rng(1).normal(0, np.sqrt(self.variance / images), len(self.laws))
        samples = np.clip(1 - b * float(images) ** -c + draws, 0, 1)
        low, middle, high = np.quantile(samples, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        return Forecast(float(middle), float(low), float(high))

    def __repr__(self):
        now, then = self.at(self.images), self.at(2 * self.images)
        return (
            f"With all {self.images} images, the probe has an accuracy of about {now.accuracy:.0%}. With "
            f"{2 * self.images} images, expect {then.accuracy:.0%} ({LEVEL:.0%} interval {then.low:.0%} to "
            f"{then.high:.0%})."
        )


def learning_curve(features: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> LearningCurve:
    """Measure how the accuracy of a linear probe grows with the images at hand, and fit power laws.

    It fits 100 probes, or fewer if a class has less than 5 images (or groups). The study
    `learning_curve_judged` counts how often the interval is right.

    Args:
        features: of the images, such as CNN codes, float (n, features).
        y: labels (n,), at least 3 images of each class.
        groups: the group of each image (n,), such as the patient; None if each image stands for itself.

    Raises:
        ValueError: the features or labels are not as described, or a class has too few images (or groups).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> y = np.arange(60) % 2
        >>> learning_curve(rng.normal(size=(60, 5)) + y[:, None], y).images
        60
    """
    features = check_features("features", features)
    y = check_labels(features, y, ("features", "y"))
    group = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    fewest = min(len(np.unique(group[y == name])) for name in np.unique(y))
    number = max(LEAST_FOLDS, min(FOLDS, fewest))
    splits = [folds(y, groups, number, seed) for seed in range(REPEATS)]
    sizes, right = _scored(features, y, group, splits)
    laws = power_laws(sizes, 1 - _weighted(right.mean(axis=0), group))
    # A repetition averages the models of all folds, so a single model varies more.
    variance = np.mean(number * right.mean(axis=1).var(axis=0, ddof=1) * sizes)
    return LearningCurve(len(y), sizes, right.mean(axis=(0, 1)), laws, float(variance))


def power_laws(sizes: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Fit b * sizes ** -c to errors by least squares, with weights that grow with the size.

    Args:
        sizes: number of images of each point, float (s,).
        errors: 0..1, float (n, s).

    Returns:
        b and c of each row, float (n, 2), with c from 0.1 to 1.

    Example:
        >>> sizes = np.array([10.0, 40.0])
        >>> power_laws(sizes, 2 * sizes[None] ** -0.5).round(3).tolist()
        [[2.0, 0.5]]
    """
    shapes = sizes ** -EXPONENTS[:, None]
    b = (errors * sizes) @ shapes.T / (sizes * shapes**2).sum(axis=1)
    losses = ((errors[:, None] - b[..., None] * shapes) ** 2 * sizes).sum(axis=2)
    best = losses.argmin(axis=1)
    return np.stack([b[np.arange(len(b)), best], EXPONENTS[best]], axis=1)


def _scored(features, y, group, splits):
    """Return the mean size of each part, (s,), and whether each held-out image is right, (splits, n, s)."""
    from sklearn.pipeline import make_pipeline
    from threadpoolctl import threadpool_limits

    from helpers.strategies import LinearProbe

    _, *probe = LinearProbe().pipeline()
    sizes, right = np.zeros(len(SHARES)), np.zeros((len(splits), len(y), len(SHARES)))
    rng = np.random.default_rng(0)
    with threadpool_limits(1, "blas"):  # on problems as small as these, threads wait for each other
        for number, (rows, held_out) in ((k, fold) for k, split in enumerate(splits) for fold in split):
            order = rows[np.argsort(rng.permutation(group.max() + 1)[group[rows]], kind="stable")]
            for k, share in enumerate(SHARES):
                part = _first(order, y, share)
                model = make_pipeline(*probe).fit(features[part], y[part])
                right[number, held_out, k] = model.predict(features[held_out]) == y[held_out]
                sizes[k] += len(part)
    return sizes / sum(map(len, splits)), right


def _first(order, y, share):
    """The first images of each class, at least one of each."""
    members = [order[y[order] == name] for name in np.unique(y)]
    return np.concatenate([part[: max(1, round(share * len(part)))] for part in members])


def _weighted(right, group):
    """Return accuracies with random weights of the groups, (samples, s); a right and a wrong one join."""
    rng = np.random.default_rng(0)
    weights = rng.standard_exponential((SAMPLES, group.max() + 1))[:, group]
    one_right, one_wrong = rng.standard_exponential((2, SAMPLES, 1))
    return (weights @ right + one_right) / (weights.sum(axis=1, keepdims=True) + one_right + one_wrong)
