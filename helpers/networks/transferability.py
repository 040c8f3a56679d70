"""Measures of similarity between representations, and scores of transferability."""

import warnings

import numpy as np

from helpers.data.validation import check_features, check_labels

SMALLEST = 1e-12  # norm of a kernel whose largest entries are about 1; below, there is only rounding


def cka(a: np.ndarray, b: np.ndarray, debiased: bool = True) -> float:
    """Compute the linear centred kernel alignment (CKA), a similarity of two representations.

    CKA does not change under rotation or uniform scaling. Source: Kornblith et al. 2019, "Similarity of
    neural network representations revisited". The debiased estimate (Song et al. 2012) does not grow with
    the number of features; it can be slightly below 0.

    Args:
        a: the first representation, float (n, p).
        b: the second representation of the same inputs in the same order, float (n, q).
        debiased: False for the biased estimate, which is at least 0.

    Returns:
        1 for equal representations, about 0 for unrelated ones.

    Raises:
        ValueError: If a and b differ in the number of rows, have fewer than 4, or have values that are not
            finite; or if one of them distinguishes no images, so that no similarity is defined.

    Example:
        >>> a = np.random.default_rng(0).normal(size=(50, 3))
        >>> rotated = a[:, ::-1]
        >>> round(cka(a, rotated), 6)
        1.0
    """
    a, b = _centred(check_features("a", a)), _centred(check_features("b", b))
    if len(a) != len(b) or len(a) < 4:
        raise ValueError(
            f"a and b must have the same number of rows, at least 4. Received: {len(a)} and {len(b)}."
        )
    kernels = [x @ x.T for x in (a, b)]
    product = _hsic if debiased else lambda k, m: float(np.sum(k * m))
    norms = [product(k, k) for k in kernels]
    for name, rows, norm in zip("ab", (a, b), norms, strict=True):
        if norm < SMALLEST:
            why = (
                "all its rows are equally similar, or differ only beside much larger values"
                if rows.any()
                else "all its rows are equal"
            )
            raise ValueError(
                f"CKA is not defined: {name} distinguishes no images, because {why}. Choose another layer, "
                "or take other or more images."
            )
    return float(product(*kernels) / np.sqrt(norms[0] * norms[1]))


def _hsic(k, m):
    """Estimate the Hilbert-Schmidt independence criterion without bias, up to a constant factor."""
    n = len(k)
    k, m = (x - np.diag(np.diag(x)) for x in (k, m))
    rows = k.sum(axis=0) @ m.sum(axis=0)
    return float(np.sum(k * m) + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * rows / (n - 2))


def logme(features: np.ndarray, labels: np.ndarray) -> float:
    """Compute LogME, the logarithm of the maximum evidence of Bayesian linear models.

    One model per class separates it from the others; the precisions of noise and prior maximise the
    evidence of the labels (scikit-learn's `BayesianRidge` with flat priors). Source: You et al. 2021,
    "LogME: practical assessment of pre-trained models for transfer learning".

    Args:
        features: CNN codes of the target's training images, float (n, features).
        labels: their classes (n,), at least two.

    Returns:
        The log evidence, averaged over images and classes; higher predicts better transfer. It does not
        change when all features are multiplied by a number.

    Raises:
        ValueError: If features and labels differ in length, there is only one class, or one per image, or
            a value is not finite.

    Example:
        >>> labels = np.repeat([0, 1], 50)
        >>> noise = np.random.default_rng(0).normal(size=(100, 3))
        >>> logme(noise + 3 * labels[:, None], labels) > logme(noise, labels)
        True
    """
    from sklearn.linear_model import BayesianRidge

    features, labels = labelled("features", features, labels)
    targets = [labels == k for k in np.unique(labels)]
    if not features.any():  # no weights can explain anything: only the noise is left
        return float(np.mean([-(np.log(2 * np.pi * np.mean(y)) + 1) / 2 for y in targets]))
    features = features / np.abs(features).max()
    # Flat, except for a lower bound of the noise: without it, a perfect fit has no finite evidence.
    flat = dict.fromkeys(("alpha_1", "lambda_1", "lambda_2"), 0.0) | {"alpha_2": 1e-12}
    model = BayesianRidge(compute_score=True, fit_intercept=False, tol=1e-6, max_iter=1000, **flat)
    scores = [model.fit(features, y).scores_[-1] for y in targets]
    return float(np.mean(scores) / len(features))


def leep(source_probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Compute LEEP, the log expected empirical prediction: how well source *classes* predict target classes.

    Source: Nguyen et al. 2020, "LEEP: a new measure to evaluate transferability of learned
    representations".

    Args:
        source_probabilities: predictions of the source model, with its own head, for the target's training
            images, float (n, source classes); each row sums to 1.
        labels: target classes (n,), at least two.

    Returns:
        The mean log likelihood of the labels, at most 0; higher predicts better transfer.

    Raises:
        ValueError: If rows and labels differ in length, there is only one class, or one per image, a value
            is not finite, or a row does not sum to 1.

    Example:
        >>> leep(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), ["cat", "cat", "dog"])
        0.0
    """
    p, labels = labelled("source_probabilities", source_probabilities, labels)
    if (p < 0).any() or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            "Each row of source_probabilities must sum to 1, without negative values. Received: sums from "
            f"{p.sum(axis=1).min():.3g} to {p.sum(axis=1).max():.3g}. Apply softmax to logits first."
        )
    _, y = np.unique(labels, return_inverse=True)
    together = np.stack([p[y == k].sum(axis=0) for k in range(y.max() + 1)])
    target_given_source = together / np.maximum(together.sum(axis=0), np.finfo(float).tiny)
    return float(np.mean(np.log(np.sum(p * target_given_source[y], axis=1))))


def h_score(features: np.ndarray, labels: np.ndarray) -> float:
    """Compute the H-score: the spread of the class means relative to the spread of all features.

    If the features distinguish every image from all others, as a rule with fewer images than features, it
    equals the number of classes minus 1 for any labels, and so has no meaning: a warning says so. Source:
    Bao et al. 2019, "An information-theoretic approach to transferability in task transfer learning".

    Args:
        features: CNN codes of the target's training images, float (n, features).
        labels: their classes (n,), at least two.

    Returns:
        A value from 0 (equal class means) to the number of classes minus 1; higher predicts better
        transfer.

    Raises:
        ValueError: If features and labels differ in length, there is only one class, or one per image, or
            a value is not finite.

    Example:
        >>> round(h_score([[0.0], [0.0], [1.0], [1.0]], [0, 0, 1, 1]), 6)
        1.0
    """
    features, labels = labelled("features", features, labels)
    features = _centred(features)
    if np.linalg.matrix_rank(features) == len(features) - 1:
        warnings.warn(
            f"The H-score has no meaning for {len(features)} images with {features.shape[1]} features: it is "
            f"{len(np.unique(labels)) - 1} for any labels. Take more images than features, or use logme.",
            stacklevel=2,
        )
    means = np.empty_like(features)
    for k in np.unique(labels):
        means[labels == k] = features[labels == k].mean(axis=0)
    return float(np.trace(np.linalg.pinv(features.T @ features, hermitian=True) @ (means.T @ means)))


def _centred(rows):
    """Rows minus their mean, in units of the largest value, so that squares neither overflow nor vanish."""
    rows = rows / (np.abs(rows).max() or 1.0)
    rows = rows - rows[0]  # exactly zero where all rows are equal
    rows = rows / (np.abs(rows).max() or 1.0)
    return rows - rows.mean(axis=0)


def labelled(name: str, rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of numbers and their labels if a score of both can have a meaning.

    Args:
        name: of the rows, for the error messages.
        rows: (n, features).
        labels: classes (n,).

    Raises:
        ValueError: If a row or label cannot be used, or there are fewer than two classes, or one per row.
    """
    rows = check_features(name, rows)
    labels = check_labels(rows, labels, (name, "labels"))
    if len(np.unique(labels)) == len(labels):
        raise ValueError(
            f"labels has {len(labels)} classes for {len(labels)} images, so no two images have the same "
            "class. Pass classes, not names or measured values of the single images."
        )
    return rows, labels
