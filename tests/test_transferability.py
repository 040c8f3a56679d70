import numpy as np
import pytest

from helpers.transferability import cka

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 20))


@pytest.mark.parametrize("debiased", [True, False])
def test_one_with_itself_also_rotated_scaled_and_moved(debiased):
    rotation, _ = np.linalg.qr(RNG.normal(size=(20, 20)))
    for other in (X, X @ rotation, 7 * X, X + 3):
        assert cka(X, other, debiased) == pytest.approx(1)


def test_symmetric_and_between_for_a_noisy_copy():
    noisy = X + RNG.normal(size=X.shape)
    assert cka(X, noisy) == pytest.approx(cka(noisy, X)) and 0.2 < cka(X, noisy) < 0.9


def test_debiased_is_about_zero_for_unrelated_ones_and_plain_is_not():
    pairs = [(RNG.normal(size=(40, 200)), RNG.normal(size=(40, 200))) for _ in range(20)]
    assert abs(np.mean([cka(a, b) for a, b in pairs])) < 0.02
    assert np.mean([cka(a, b, debiased=False) for a, b in pairs]) > 0.5


def test_plain_agrees_with_the_formula_for_features():
    a, b = X - X.mean(0), RNG.normal(size=(60, 7))
    b = b - b.mean(0)
    expected = np.linalg.norm(b.T @ a) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    assert cka(a, b, debiased=False) == pytest.approx(expected)


def test_debiased_is_unbiased():
    """The mean over samples does not depend on their size (the plain estimate's does)."""
    mixing = RNG.normal(size=(5, 30))

    def mean(n):
        values = []
        for _ in range(60):
            z = RNG.normal(size=(n, 5))
            values.append(cka(z, z @ mixing + 2 * RNG.normal(size=(n, 30))))
        return np.mean(values)

    assert mean(15) == pytest.approx(mean(150), abs=0.05)


def test_rows_must_fit():
    with pytest.raises(ValueError, match="60 and 59"):
        cka(X, X[1:])
