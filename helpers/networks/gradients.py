"""Vanishing and exploding gradients in deep dense networks, term by term and layer by layer.

Plain NumPy, so that every step can be read.
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np

from helpers.data.validation import check_integer


def sigmoid(z: float | np.ndarray) -> float | np.ndarray:
    """Return 1 / (1 + e^-z), element by element."""
    return 1 / (1 + np.exp(-z))


ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {  # name -> the function and its slope
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
}
# name -> standard deviation for the numbers of inputs and outputs (Glorot & Bengio 2010; He et al. 2015)
INITIALISATIONS: dict[str, Callable[[int, int], float]] = {
    "normal, 0.01": lambda inputs, outputs: 0.01,
    "normal, 1": lambda inputs, outputs: 1.0,
    "Glorot": lambda inputs, outputs: (2 / (inputs + outputs)) ** 0.5,
    "He": lambda inputs, outputs: (2 / inputs) ** 0.5,
}


def chain(weights: Sequence[float], biases: Sequence[float], x: float, target: float) -> dict[str, float]:
    """Return the terms of the gradient dC/db1 in a network with one sigmoid neuron per layer.

    dC/db1 = σ'(z1) · w2 σ'(z2) · w3 σ'(z3) · w4 σ'(z4) · dC/da4, with C = (a4 - target)² / 2
    (Nielsen 2015, "Neural networks and deep learning", chapter 5).

    Args:
        weights: one weight per layer.
        biases: one bias per layer.
        x: the input.
        target: the desired output.

    Returns:
        The terms by name, from the first layer to the cost; their product is the gradient.

    Example:
        >>> list(chain([1, 1], [0, 0], x=1, target=0))
        ["σ'(z1)", 'w2', "σ'(z2)", '∂C/∂a2']
    """
    a, slopes = x, []
    for w, b in zip(weights, biases, strict=True):
        z = w * a + b
        a = float(sigmoid(z))
        slopes.append(a * (1 - a))
    terms = {"σ'(z1)": float(slopes[0])}
    for layer, (w, slope) in enumerate(zip(weights[1:], slopes[1:], strict=True), 2):
        terms[f"w{layer}"] = float(w)
        terms[f"σ'(z{layer})"] = float(slope)
    return terms | {f"∂C/∂a{len(slopes)}": float(a - target)}


def chain_by_autodiff(weights: Sequence[float], biases: Sequence[float], x: float, target: float) -> float:
    """Compute the gradient dC/db1 of `chain` by automatic differentiation, in double precision.

    Works with the TensorFlow and JAX backends of Keras.

    Args:
        weights: one weight per layer.
        biases: one bias per layer.
        x: the input.
        target: the desired output.
    """
    import keras

    def cost(bias):
        a = keras.ops.convert_to_tensor(x, "float64")
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            a = 1 / (1 + keras.ops.exp(-(w * a + (bias if layer == 0 else b))))
        return (a - target) ** 2 / 2

    if keras.backend.backend() == "jax":
        import jax

        before = jax.config.read("jax_enable_x64")
        jax.config.update("jax_enable_x64", True)
        try:
            return float(jax.grad(cost)(keras.ops.convert_to_tensor(biases[0], "float64")))
        finally:  # all other code uses single precision
            jax.config.update("jax_enable_x64", before)
    import tensorflow as tf

    bias = keras.ops.convert_to_tensor(biases[0], "float64")
    with tf.GradientTape() as tape:
        tape.watch(bias)
        value = cost(bias)
    return float(tape.gradient(value, bias))


def gradient_norms(
    depth: int, activation: str = "sigmoid", initialisation: str = "normal, 1", width: int = 32, seed: int = 0
) -> np.ndarray:
    """Compute the norm of the gradient of each layer's weights, before any training.

    A dense network classifies scikit-learn's ten handwritten digits; this is its first backward pass, on
    256 images.

    Args:
        depth: number of hidden layers, at least 1.
        activation: one of ACTIVATIONS.
        initialisation: one of INITIALISATIONS.
        width: neurons per hidden layer.
        seed: random seed of the weights.

    Returns:
        One norm per layer, first to last, float64 (depth + 1,).

    Raises:
        ValueError: If a name is unknown, depth or width is not an integer of at least 1, or the seed is not
            one of at least 0.

    Example:
        >>> norms = gradient_norms(depth=5, activation="sigmoid", initialisation="Glorot")
        >>> bool(norms[0] < norms[-1])
        True
    """
    depth, width = check_integer("depth", depth, 1), check_integer("width", width, 1)
    seed = check_integer("seed", seed, 0)
    f, slope = _named(ACTIVATIONS, "activation", activation)
    deviation = _named(INITIALISATIONS, "initialisation", initialisation)
    X, targets = _digits()
    rng = np.random.default_rng(seed)
    sizes = [X.shape[1], *[width] * depth, 10]
    weights = [
        rng.standard_normal((n, m)) * deviation(n, m) for n, m in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    activations, sums = [X], []
    for w in weights:
        sums.append(activations[-1] @ w)
        activations.append(f(sums[-1]))
    logits = sums[-1] - sums[-1].max(axis=1, keepdims=True)  # the last layer is softmax
    error = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) - targets) / len(X)
    norms = []
    for layer in reversed(range(len(weights))):
        norms.append(np.linalg.norm(activations[layer].T @ error))
        if layer:
            error = (error @ weights[layer].T) * slope(sums[layer - 1])
    return np.array(norms[::-1])


def _named(table, kind, name):
    if name not in table:
        raise ValueError(f"Unknown {kind} {name!r}. Use one of {', '.join(table)}.")
    return table[name]


@functools.cache
def _digits():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X[:256] / 8 - 1, np.eye(10)[y[:256]]
