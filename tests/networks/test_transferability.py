import numpy as np
import pytest

from helpers.networks.transferability import cka, h_score, leep, logme

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 20))


@pytest.mark.parametrize("debiased", [True, False])
def test_one_for_rotated_scaled_and_shifted_copies(debiased):
    rotation, _ = np.linalg.qr(RNG.normal(size=(20, 20)))
    for other in (X, X @ rotation, 7 * X, X + 3):
        assert cka(X, other, debiased) == pytest.approx(1)


def test_symmetric_and_between_for_a_noisy_copy():
    noisy = X + RNG.normal(size=X.shape)
    assert cka(X, noisy) == pytest.approx(cka(noisy, X)) and 0.2 < cka(X, noisy) < 0.9


def test_only_the_debiased_estimate_is_about_zero_for_unrelated_representations():
    pairs = [(RNG.normal(size=(40, 200)), RNG.normal(size=(40, 200))) for _ in range(20)]
    assert abs(np.mean([cka(a, b) for a, b in pairs])) < 0.02
    assert np.mean([cka(a, b, debiased=False) for a, b in pairs]) > 0.5


def test_biased_estimate_agrees_with_the_formula_for_features():
    a, b = X - X.mean(0), RNG.normal(size=(60, 7))
    b = b - b.mean(0)
    expected = np.linalg.norm(b.T @ a) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    assert cka(a, b, debiased=False) == pytest.approx(expected)


def test_debiased_is_unbiased():
    """The mean over samples does not depend on their size; that of the biased estimate does."""
    mixing = RNG.normal(size=(5, 30))

    def mean(n):
        values = []
        for _ in range(60):
            z = RNG.normal(size=(n, 5))
            values.append(cka(z, z @ mixing + 2 * RNG.normal(size=(n, 30))))
        return np.mean(values)

    assert mean(15) == pytest.approx(mean(150), abs=0.05)


def test_numbers_of_rows_must_agree():
    with pytest.raises(ValueError, match="60 and 59"):
        cka(X, X[1:])


# --- scores of a source model ---

Y = np.repeat([0, 1, 2], 20)
SEPARATED = X + 2 * np.eye(3, 20)[Y]


def evidence(codes, target):
    """Compute the log density of the labels under their marginal, N(0, codes codes^T / alpha + 1 / beta)."""
    from scipy.optimize import minimize
    from scipy.stats import multivariate_normal

    def negative(logs):
        covariance = codes @ codes.T * np.exp(-logs[0]) + np.eye(len(codes)) * np.exp(-logs[1])
        return -multivariate_normal.logpdf(target, np.zeros(len(codes)), covariance)

    return -minimize(negative, [0.0, 0.0], method="Nelder-Mead").fun


@pytest.mark.parametrize("codes", [X, SEPARATED, SEPARATED[:, :2]])
def test_logme_is_the_maximum_of_the_evidence(codes):
    expected = np.mean([evidence(codes, (Y == k).astype(float)) / len(codes) for k in range(3)])
    assert logme(codes, Y) == pytest.approx(expected, abs=1e-3)


def test_logme_ignores_rotation_and_scale_and_rewards_separated_classes():
    rotation, _ = np.linalg.qr(RNG.normal(size=(20, 20)))
    assert logme(5 * SEPARATED @ rotation, Y) == pytest.approx(logme(SEPARATED, Y), abs=1e-4)
    assert logme(SEPARATED, Y) > logme(X, Y) + 0.1


def test_leep_of_a_perfect_source_and_of_an_uninformative_one():
    sure = np.eye(3)[Y]
    assert leep(sure, Y) == pytest.approx(0)
    assert leep(sure[:, [2, 0, 1]], Y) == pytest.approx(0)  # the order of the source classes does not matter
    assert leep(np.full((60, 4), 0.25), Y) == pytest.approx(-np.log(3))


def test_leep_of_a_small_table_counted_by_hand():
    p = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    # P(a | source class 0) = 1.4 / 1.5; P(a | source class 1) = 0.6 / 1.5
    a = [0.8 * 1.4 / 1.5 + 0.2 * 0.6 / 1.5, 0.6 * 1.4 / 1.5 + 0.4 * 0.6 / 1.5]
    b = 0.1 * 0.1 / 1.5 + 0.9 * 0.9 / 1.5
    assert leep(p, ["a", "a", "b"]) == pytest.approx(np.mean(np.log([*a, b])))


def test_h_score_agrees_with_least_squares():
    """trace(cov^-1 cov of class means) is the explained sum of squares of whitened labels."""
    codes = SEPARATED - SEPARATED.mean(axis=0)
    labels = np.eye(3)[Y] / np.sqrt(20)
    fitted = codes @ np.linalg.lstsq(codes, labels, rcond=None)[0]
    assert h_score(SEPARATED, Y) == pytest.approx(np.sum(fitted**2))
    assert 0 < h_score(X, Y) < h_score(SEPARATED, Y) < 2


def test_h_score_ignores_linear_maps_and_is_constant_with_few_images():
    assert h_score(SEPARATED @ RNG.normal(size=(20, 20)), Y) == pytest.approx(h_score(SEPARATED, Y))
    few = RNG.normal(size=(12, 50))
    assert h_score(few, np.repeat([0, 1, 2], 4)) == pytest.approx(2)


@pytest.mark.parametrize("score", [logme, leep, h_score])
def test_scores_refuse_invalid_input(score):
    rows = np.full((60, 3), 1 / 3)
    with pytest.raises(ValueError, match="59"):
        score(rows, Y[1:])
    with pytest.raises(ValueError, match="class"):
        score(rows, np.zeros(60))
    with pytest.raises(ValueError, match=r"one row per image.*\(60,\)"):
        score(np.ones(60), Y)


@pytest.mark.parametrize(
    "bad, message", [(np.ones(5), r"one row per image.*\(5,\)"), (np.full((5, 2), np.nan), "10 NaN")]
)
def test_cka_refuses_invalid_input(bad, message):
    with pytest.raises(ValueError, match=message):
        cka(np.ones((5, 2)), bad)


def test_leep_refuses_logits():
    with pytest.raises(ValueError, match="softmax"):
        leep(X, Y)


@pytest.mark.parametrize("noise", [0, 1e-8, 1e-4])
def test_logme_rewards_features_that_explain_the_labels_exactly(noise):
    labels = np.arange(60) % 3
    exact = np.eye(3)[labels] + noise * np.random.default_rng(0).normal(size=(60, 3))
    assert logme(exact, labels) > logme(np.hstack([exact + RNG.normal(size=exact.shape)]), labels) + 1
