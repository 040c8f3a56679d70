import numpy as np
import pytest

from helpers.networks.basics import cluster_agreement
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


def test_h_score_ignores_linear_maps():
    assert h_score(SEPARATED @ RNG.normal(size=(20, 20)), Y) == pytest.approx(h_score(SEPARATED, Y))


@pytest.mark.parametrize("features", [59, 60, 90])
def test_h_score_warns_of_features_with_which_any_labels_have_the_highest_score(features, recwarn):
    assert h_score(RNG.normal(size=(60, 57)), Y) < 2
    assert h_score(np.pad(SEPARATED, ((0, 0), (0, features))), Y) == pytest.approx(h_score(SEPARATED, Y))
    assert not recwarn.list
    with pytest.warns(UserWarning, match=f"60 images with {features} features: it is 2 for any labels"):
        assert h_score(RNG.normal(size=(60, features)), Y) == pytest.approx(2)


@pytest.mark.parametrize("score", [logme, leep, h_score])
def test_scores_refuse_invalid_input(score):
    rows = np.full((60, 3), 1 / 3)
    with pytest.raises(ValueError, match="59"):
        score(rows, Y[1:])
    with pytest.raises(ValueError, match="class"):
        score(rows, np.zeros(60))


NOT_FEATURES = {
    "NaN": (np.where(X == X[3, 5], np.nan, X), "1 NaN or infinite"),
    "infinity": (np.where(X == X[3, 5], np.inf, X), "1 NaN or infinite"),
    "maps": (X.reshape(60, 2, 2, 5), r"\(60, 2, 2, 5\).*mean"),
    "one row": (X[0], r"\(20,\)"),
    "no rows": (X[:0], r"\(0, 20\)"),
    "no columns": (X[:, :0], r"\(60, 0\)"),
    "words": (X.astype(str).tolist() + [["x"] * 20], "could not convert"),
    "ragged": ([[1.0], [1.0, 2.0]], "array of numbers"),
    "nothing": (None, "one row per image"),
    "complex": (X + 1j, "complex"),
    "masked": (np.ma.masked_array(X, X > 2), "masked"),
}
ONE_ARGUMENT = {
    "a": lambda rows: cka(rows, X),
    "b": lambda rows: cka(X, rows, debiased=False),
    "features": lambda rows: logme(rows, Y),
    "source_probabilities": lambda rows: leep(rows, Y),
    "features ": lambda rows: h_score(rows, Y),
    "features  ": lambda rows: cluster_agreement(rows, Y),
}


@pytest.mark.parametrize("kind", NOT_FEATURES)
@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_what_are_no_features_is_refused_by_the_name_of_the_argument(name, kind):
    rows, message = NOT_FEATURES[kind]
    with pytest.raises(ValueError, match=f"^{name.strip()} .*{message}"):
        ONE_ARGUMENT[name](rows)


@pytest.mark.parametrize("score", [logme, leep, h_score, cluster_agreement])
@pytest.mark.parametrize(
    "labels",
    [Y[1:], Y[:, None], 0 * Y, np.where(Y, Y, np.nan), [None, *Y[1:]], np.ma.masked_array(Y, Y == 0)],
    ids=str,
)
def test_what_are_no_labels_is_refused_by_the_name_of_the_argument(score, labels):
    with pytest.raises(ValueError, match="labels .*(Received|Remove)"):
        score(np.full((60, 4), 0.25), labels)


@pytest.mark.parametrize("score", [logme, leep, h_score, cluster_agreement])
def test_one_class_per_image_is_refused(score):
    with pytest.raises(ValueError, match="60 classes for 60 images"):
        score(np.full((60, 4), 0.25), RNG.normal(size=60))


@pytest.mark.parametrize("debiased", [True, False])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e-300, -1e300])
def test_cka_of_representations_that_distinguish_nothing_is_not_defined(constant, debiased):
    with pytest.raises(ValueError, match="not defined: b distinguishes no images.*rows are equal"):
        cka(X, np.full((60, 3), constant), debiased)


def test_cka_of_images_that_are_all_equally_similar_is_not_defined():
    """The debiased estimate subtracts exactly what they have in common; the biased one is 1."""
    with pytest.raises(ValueError, match="not defined: a distinguishes no images"):
        cka(np.eye(5), np.eye(5))
    assert cka(np.eye(5), np.eye(5), debiased=False) == pytest.approx(1)


def test_cka_says_that_one_row_is_so_large_that_the_others_do_not_count():
    with pytest.raises(ValueError, match="not defined: a .*much larger"):
        cka(np.vstack([1e9 * X[:1], X[1:]]), X)


SCALES = [1e-300, 1e-90, 1e-20, 1e-3, 1e3, 1e20, 1e90, 1e300]


@pytest.mark.filterwarnings("ignore:The H-score has no meaning")
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shape", [(60, 20), (60, 90)])
def test_no_score_depends_on_the_scale_of_the_features(scale, shape):
    codes = np.random.default_rng(1).normal(size=shape) + np.eye(3, shape[1])[Y]
    for score in (lambda x: logme(x, Y), lambda x: h_score(x, Y), lambda x: cka(x, X)):
        assert score(scale * codes) == pytest.approx(score(codes), rel=1e-4)


@pytest.mark.parametrize("dtype", ["float16", "float32", "uint8", bool])
def test_features_of_any_numeric_type_are_those_numbers(dtype):
    codes = (np.abs(SEPARATED) > 1).astype(dtype)
    for score in (lambda x: logme(x, Y), lambda x: h_score(x, Y), lambda x: cka(x, X)):
        assert score(codes) == score(codes.astype("float64"))


@pytest.mark.parametrize("constant", [0.0, 0.1, 1.0, 1e-300, 1e300])
def test_features_that_are_all_equal_have_a_finite_score_below_every_informative_one(constant):
    codes = np.full((60, 3), constant)
    assert h_score(codes, Y) == pytest.approx(0, abs=1e-9)
    noise = -(np.log(2 * np.pi / 3) + 1) / 2  # the density of the labels if no weight explains anything
    assert logme(0 * codes, Y) == pytest.approx(noise)
    assert noise - 1e-9 <= logme(codes, Y) < logme(SEPARATED, Y)


def test_dead_and_repeated_units_change_no_score():
    more = np.hstack([SEPARATED, np.zeros((60, 2)), np.full((60, 1), 0.1)])
    assert h_score(more, Y) == pytest.approx(h_score(SEPARATED, Y))
    assert cka(more, X) == pytest.approx(cka(SEPARATED, X))
    twice = np.hstack([SEPARATED, SEPARATED])
    assert h_score(twice, Y) == pytest.approx(h_score(SEPARATED, Y))
    assert logme(twice, Y) == pytest.approx(logme(SEPARATED, Y), abs=1e-4)


def test_leep_refuses_logits():
    with pytest.raises(ValueError, match="softmax"):
        leep(X, Y)


@pytest.mark.parametrize("noise", [0, 1e-8, 1e-4])
def test_logme_rewards_features_that_explain_the_labels_exactly(noise):
    labels = np.arange(60) % 3
    exact = np.eye(3)[labels] + noise * np.random.default_rng(0).normal(size=(60, 3))
    assert logme(exact, labels) > logme(np.hstack([exact + RNG.normal(size=exact.shape)]), labels) + 1
