"""Small nets for handwritten digits: what depth, structure, optimiser and activation do.

Used in notebook 01. The digits are scikit-learn's 1,797 real ones (UCI, Alpaydin & Kaynak 1998).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.environment import load_keras

if TYPE_CHECKING:
    import keras

Digits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # X_train, y_train, X_test, y_test
SIDE = 12  # the 8x8 digits are laid somewhere on a 12x12 field


def digits(n_train: int, seed: int = 0, shift: bool = True) -> Digits:
    """Real handwritten digits, each laid at a random place on a field of 12x12 pixels.

    Args:
        n_train: training pictures, at most 1297; 500 others are for testing.
        seed: chooses pictures and places.
        shift: False lays all in the middle.

    Returns:
        X_train float32 (n_train, 12, 12, 1) with values 0..1, y_train int (n_train,), X_test, y_test.

    Raises:
        ValueError: n_train is not between 10 and 1297.
    """
    from sklearn.datasets import load_digits

    pictures, y = load_digits(return_X_y=True)
    most = len(y) - 500
    if not 10 <= n_train <= most:
        raise ValueError(f"n_train must be between 10 and {most}. Received: {n_train!r}")
    rng = np.random.default_rng(seed)
    X = np.zeros((len(y), SIDE, SIDE, 1), np.float32)
    places = rng.integers(0, SIDE - 7, (len(y), 2)) if shift else np.full((len(y), 2), 2)
    for field, picture, (top, left) in zip(X, pictures.reshape(-1, 8, 8) / 16, places, strict=True):
        field[top : top + 8, left : left + 8, 0] = picture
    order = rng.permutation(len(y))
    test, train = order[:500], order[500 : 500 + n_train]
    return X[train], y[train], X[test], y[test]


def dense_net(widths: Sequence[int] = (64,), activation: str = "relu", seed: int = 0) -> "keras.Model":
    """A fully connected Keras model from (12, 12, 1) to 10 logits; `widths` of its hidden layers."""
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(width, activation=activation) for width in widths]
    return keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), *hidden, keras.layers.Dense(10)]
    )


def conv_net(widths: Sequence[int] = (8, 16), activation: str = "relu", seed: int = 0) -> "keras.Model":
    """A convolutional Keras model from (12, 12, 1) to 10 logits: 3x3 filters, pooled in between."""
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    steps = []
    for width in widths:
        steps += [keras.layers.Conv2D(width, 3, padding="same", activation=activation)]
        steps += [keras.layers.MaxPooling2D(2)]
    return keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), *steps, keras.layers.Flatten(), keras.layers.Dense(10)]
    )


def train(
    model: "keras.Model", data: Digits, optimiser: str = "Adam", rate: float = 3e-3, epochs: int = 20
) -> dict[str, list]:
    """Train on the digits and return the history: loss, accuracy, val_accuracy by epoch.

    Args:
        model: `dense_net` or `conv_net`.
        data: what `digits` returns; the test pictures are only watched.
        optimiser: "SGD", "momentum" or "Adam".
        rate: its learning rate.
        epochs: passes over the training pictures.
    """
    keras = load_keras()
    makers = {
        "SGD": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "Adam": lambda: keras.optimizers.Adam(rate),
    }
    if optimiser not in makers:
        raise ValueError(f"Unknown optimiser {optimiser!r}: use one of {', '.join(makers)}.")
    X, y, X_test, y_test = data
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(makers[optimiser](), loss, metrics=["accuracy"])
    fitted = model.fit(
        X, y, epochs=epochs, batch_size=32, validation_data=(X_test, y_test), validation_freq=1, verbose=0
    )
    return fitted.history


def cluster_agreement(features: np.ndarray, labels: np.ndarray, seed: int = 0) -> float:
    """How well k-means, which gets no labels, finds the classes: adjusted Rand index.

    Args:
        features: (n, features).
        labels: true classes (n,); they choose the number of clusters, and judge.
        seed: of the starting centres.

    Returns:
        1 for perfect agreement, about 0 for chance (Hubert & Arabie 1985).
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    clusters = KMeans(len(np.unique(labels)), n_init=5, random_state=seed).fit_predict(features)
    return float(adjusted_rand_score(labels, clusters))
