import math

import numpy as np
import pytest

from helpers.networks import gradients

NET = {"weights": [0.9, -1.2, 0.7, 1.4], "biases": [0.1, 0.3, -0.2, 0.05], "x": 0.8, "target": 1.0}


def test_the_product_of_the_terms_is_the_gradient_of_autodiff():
    rng = np.random.default_rng(0)
    for _ in range(20):
        net = {
            "weights": rng.normal(0, 2, 4),
            "biases": rng.normal(0, 1, 4),
            "x": rng.normal(),
            "target": 1.0,
        }
        product = math.prod(gradients.chain(**net).values())
        assert product == pytest.approx(gradients.chain_by_autodiff(**net), rel=1e-6)


def test_the_terms_are_those_of_the_lecture_in_order():
    names = list(gradients.chain(**NET))
    assert names == ["σ'(z1)", "w2", "σ'(z2)", "w3", "σ'(z3)", "w4", "σ'(z4)", "∂C/∂a4"]
    assert all(0 < v <= 0.25 for k, v in gradients.chain(**NET).items() if k.startswith("σ"))


def test_sigmoid_gradients_vanish_and_relu_with_he_keeps_them():
    sigmoid = gradients.gradient_norms(10, "sigmoid", "Glorot")
    relu = gradients.gradient_norms(10, "ReLU", "He")
    assert sigmoid.shape == relu.shape == (11,)
    assert sigmoid[0] < 1e-4 * sigmoid[-1]
    assert relu[0] > 0.1 * relu[-1]


@pytest.mark.parametrize("activation", gradients.ACTIVATIONS)
def test_norms_agree_with_finite_differences(activation):
    f, slope = gradients.ACTIVATIONS[activation]
    z = np.array([-1.3, -0.2, 0.4, 2.0])
    np.testing.assert_allclose((f(z + 1e-6) - f(z - 1e-6)) / 2e-6, slope(z), atol=1e-6)


def test_norms_agree_with_autodiff():
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("compares with TensorFlow's tape")
    import tensorflow as tf

    X, targets = gradients._digits()
    rng = np.random.default_rng(3)
    sizes = [64, 32, 32, 10]
    weights = [
        tf.Variable(rng.standard_normal((n, m)) * (2 / (n + m)) ** 0.5)
        for n, m in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    with tf.GradientTape() as tape:
        a = tf.constant(X)
        for w in weights[:-1]:
            a = tf.tanh(a @ w)
        cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, a @ weights[-1]))
    expected = [float(tf.norm(g)) for g in tape.gradient(cost, weights)]
    np.testing.assert_allclose(gradients.gradient_norms(2, "tanh", "Glorot", seed=3), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "arguments, word",
    [
        ((0,), "depth"),
        ((3, "step"), "activation"),
        ((3, "tanh", "zeros"), "initialisation"),
        ((3, "tanh", "He", 0), "width"),
        ((3, "tanh", "He", 8, -1), "seed"),
    ],
)
def test_bad_arguments_are_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        gradients.gradient_norms(*arguments)


def test_glorot_is_between_inputs_and_outputs():
    deviation = gradients.INITIALISATIONS["Glorot"]
    assert deviation(64, 32) == deviation(32, 64) == pytest.approx((2 / 96) ** 0.5)


def test_autodiff_does_not_change_the_default_precision():
    from helpers.networks.backend import keras

    gradients.chain_by_autodiff(**NET)
    assert keras.backend.standardize_dtype(keras.ops.convert_to_tensor([0.5]).dtype) == "float32"
