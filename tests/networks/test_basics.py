import numpy as np
import pytest

from helpers.networks import basics


def test_digits_are_disjoint_and_repeatable():
    X, y, X_test, y_test = basics.digits(100, seed=1)
    assert X.shape == (100, 12, 12, 1) and X_test.shape == (500, 12, 12, 1) and X.dtype == np.float32
    assert 0 <= X.min() and X.max() == 1 and set(y) == set(range(10))
    np.testing.assert_array_equal(X, basics.digits(100, seed=1)[0])
    training = {image.tobytes() for image in X}
    assert not training & {image.tobytes() for image in X_test}


def test_without_shift_all_digits_are_centred():
    X, *_ = basics.digits(50, shift=False)
    assert X[:, :2].max() == X[:, -2:].max() == X[:, :, :2].max() == 0
    assert basics.digits(50)[0][:, 0].max() > 0


@pytest.mark.parametrize("n", [0, 1298])
def test_digits_names_the_limits(n):
    with pytest.raises(ValueError, match="1297"):
        basics.digits(n)


def test_parameters_of_the_networks():
    assert basics.dense_net((32,)).count_params() == (144 + 1) * 32 + 33 * 10
    assert basics.conv_net((4, 8)).count_params() == 10 * 4 + 37 * 8 + (3 * 3 * 8 + 1) * 10


def test_training_learns_and_repeats():
    data = basics.digits(200, shift=False)
    first, second = (basics.train(basics.dense_net((32,), seed=2), data, epochs=10) for _ in range(2))
    assert first["val_accuracy"][-1] > 0.7 and first == second and len(first["loss"]) == 10


def test_unknown_optimiser():
    with pytest.raises(ValueError, match="SGD, momentum, Adam"):
        basics.train(basics.dense_net(), basics.digits(20), "Newton")


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"epochs": -1}, {"rate": 0}, {"rate": float("nan")}])
def test_settings_that_train_nothing_are_named(settings):
    net = basics.dense_net(seed=0)
    with pytest.raises(ValueError, match=f"^{next(iter(settings))} must be"):
        basics.train(net, basics.digits(20), **settings)


def test_cluster_agreement():
    labels = np.repeat([0, 1, 2], 20)
    rng = np.random.default_rng(0)
    apart = np.eye(3)[labels] * 10 + rng.normal(0, 1, (60, 3))
    assert basics.cluster_agreement(apart, labels) == 1
    assert abs(basics.cluster_agreement(rng.normal(0, 1, (60, 3)), labels)) < 0.15
