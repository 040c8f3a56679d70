"""How alike are representations, and how well does a layer transfer? Used in notebook 04."""

import numpy as np


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
