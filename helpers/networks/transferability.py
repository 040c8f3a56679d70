"""How alike are representations, and how well does a layer transfer? Used in notebook 04."""

import numpy as np

from helpers.data.validation import check_labels


def cka(a: np.ndarray, b: np.ndarray, debiased: bool = True) -> float:
    """Linear centred kernel alignment: how alike two representations of the same inputs are.

    It ignores rotations and overall scale. Source: Kornblith et al. 2019, "Similarity of neural
    network representations revisited". The debiased estimate (Song et al. 2012) does not grow
    with the number of features; it may fall slightly below 0.

    Args:
        a, b: float (n, p) and (n, q), row i from the same input.
        debiased: False for the plain estimate, which is at least 0.

    Returns:
        1 for representations that are alike, about 0 for unrelated ones.

    Raises:
        ValueError: another number of rows, or fewer than 4.
    """
    if len(a) != len(b) or len(a) < 4:
        raise ValueError(
            f"a and b need the same number of rows, at least 4. Received: {len(a)} and {len(b)}."
        )
    kernels = [(x - x.mean(axis=0)) @ (x - x.mean(axis=0)).T for x in (np.asarray(v, float) for v in (a, b))]
    product = _hsic if debiased else lambda k, m: float(np.sum(k * m))
    scale = np.sqrt(max(product(kernels[0], kernels[0]), 0) * max(product(kernels[1], kernels[1]), 0))
    return float(product(*kernels) / scale) if scale > 0 else 0.0


def _hsic(k, m):
    """Unbiased estimate of the Hilbert-Schmidt independence criterion, up to a constant."""
    n = len(k)
    k, m = (x - np.diag(np.diag(x)) for x in (k, m))
    rows = k.sum(axis=0) @ m.sum(axis=0)
    return float(np.sum(k * m) + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * rows / (n - 2))


def logme(codes: np.ndarray, labels: np.ndarray) -> float:
    """Logarithm of maximum evidence: how well Bayesian linear models explain labels by CNN codes.

    Source: You et al. 2021, "LogME: practical assessment of pre-trained models for transfer
    learning". A model for each class tells it from the others; the strengths of noise and prior
    are those that make the labels most likely (scikit-learn's `BayesianRidge`, flat priors).

    Args:
        codes: float (n, features), of the target's training pictures.
        labels: (n,), at least two kinds.

    Returns:
        Log evidence, averaged over pictures and classes; higher promises more.

    Raises:
        ValueError: rows and labels do not fit, or there is one class only.
    """
    from sklearn.linear_model import BayesianRidge

    codes, labels = _checked(codes, labels)
    # Flat but for a floor of the noise: without it, codes that explain the labels exactly have no evidence.
    flat = dict.fromkeys(("alpha_1", "lambda_1", "lambda_2"), 0.0) | {"alpha_2": 1e-12}
    model = BayesianRidge(compute_score=True, fit_intercept=False, tol=1e-6, max_iter=1000, **flat)
    return float(np.mean([model.fit(codes, labels == k).scores_[-1] for k in np.unique(labels)]) / len(codes))


def leep(source_probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Log expected empirical prediction: how well the source's *classes* predict the target's.

    Source: Nguyen et al. 2020, "LEEP: a new measure to evaluate transferability of learned
    representations".

    Args:
        source_probabilities: float (n, source classes): what the source model, with its own head,
            says of the target's training pictures; each row sums to 1.
        labels: of the target, (n,), at least two kinds.

    Returns:
        Mean log likelihood of the labels, at most 0; higher promises more.

    Raises:
        ValueError: rows and labels do not fit, one class only, or rows that do not sum to 1.
    """
    p, labels = _checked(source_probabilities, labels)
    if (p < 0).any() or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise ValueError("Each row of source_probabilities has to sum to 1: apply softmax to logits first.")
    _, y = np.unique(labels, return_inverse=True)
    together = np.stack([p[y == k].sum(axis=0) for k in range(y.max() + 1)])
    target_given_source = together / np.maximum(together.sum(axis=0), np.finfo(float).tiny)
    return float(np.mean(np.log(np.sum(p * target_given_source[y], axis=1))))


def h_score(codes: np.ndarray, labels: np.ndarray) -> float:
    """H-score: how far apart the classes' mean codes lie, for the spread of all codes.

    Source: Bao et al. 2019, "An information-theoretic approach to transferability in task transfer
    learning". It says nothing with fewer pictures than features: it is then classes - 1 for any codes.

    Args:
        codes: float (n, features), of the target's training pictures.
        labels: (n,), at least two kinds.

    Returns:
        From 0 (class means agree) to classes - 1; higher promises more.

    Raises:
        ValueError: rows and labels do not fit, or there is one class only.
    """
    codes, labels = _checked(codes, labels)
    codes = codes - codes.mean(axis=0)
    means = np.empty_like(codes)
    for k in np.unique(labels):
        means[labels == k] = codes[labels == k].mean(axis=0)
    return float(np.trace(np.linalg.pinv(codes.T @ codes, hermitian=True) @ (means.T @ means)))


def _checked(rows, labels):
    rows = np.asarray(rows, float)
    if rows.ndim != 2:
        raise ValueError(f"Need one row of numbers a picture, (n, features). Received: shape {rows.shape}")
    return rows, check_labels(rows, labels)
