import numpy as np
import pytest

from helpers.networks import descent


def test_slope_is_the_gradient_of_the_surface():
    rng = np.random.default_rng(0)
    for x, y in rng.normal(0, 1, (20, 2)):
        h = 1e-6
        numeric = [
            (descent.surface(x + h, y) - descent.surface(x - h, y)) / (2 * h),
            (descent.surface(x, y + h) - descent.surface(x, y - h)) / (2 * h),
        ]
        np.testing.assert_allclose(descent.slope(np.array([x, y])), numeric, atol=1e-5)


@pytest.mark.parametrize("name", ["SGD", "momentum", "Adam"])
def test_paths_agree_with_keras(name):
    import keras

    rate, steps = 0.1, 10
    optimiser = {
        "SGD": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "Adam": lambda: keras.optimizers.Adam(rate, epsilon=1e-8),
    }[name]()
    point = keras.Variable(np.array(descent.START, "float32"))
    optimiser.build([point])
    for _ in range(steps):
        gradient = descent.slope(keras.ops.convert_to_numpy(point).astype(float)).astype("float32")
        optimiser.apply([keras.ops.convert_to_tensor(gradient)])
    reached = keras.ops.convert_to_numpy(point)
    np.testing.assert_allclose(descent.path(name, rate, steps)[-1], reached, atol=2e-3)


def test_a_path_ends_when_the_rate_is_too_high():
    path = descent.path("SGD", 1.0, 60)
    assert len(path) < 61 and np.isfinite(path).all()


def test_momentum_and_adam_go_further_than_sgd():
    height = {name: descent.surface(*descent.path(name, 0.1, 60)[-1]) for name in descent.OPTIMISERS}
    assert height["momentum"] < height["SGD"] and height["Adam"] < height["SGD"]


def test_unknown_optimiser():
    with pytest.raises(ValueError, match="SGD, momentum, Adam"):
        descent.path("Newton", 0.1)


@pytest.mark.parametrize(
    "rate, steps, word",
    [
        (float("nan"), 9, "rate"),
        (float("inf"), 9, "rate"),
        (0, 9, "rate"),
        (0.1, 0, "steps"),
        (0.1, -1, "steps"),
    ],
)
def test_unusable_numbers_are_named(rate, steps, word):
    with pytest.raises(ValueError, match=f"^{word} must be"):
        descent.path("SGD", rate, steps)
