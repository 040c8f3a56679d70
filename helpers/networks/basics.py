"""Small networks for handwritten digits: effects of depth, structure, optimiser and activation.

The digits are the 1,797 images of scikit-learn (UCI, Alpaydin & Kaynak 1998).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.data.validation import check_integer, check_positive
from helpers.environment import load_keras
from helpers.networks.transferability import labelled

if TYPE_CHECKING:
    import keras

Digits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # X_train, y_train, X_test, y_test
SIDE = 12  # pixels; the digits of 8x8 pixels are placed on a field of 12x12


def digits(n_train: int, seed: int = 0, shift: bool = True) -> Digits:
    """Load handwritten digits, each at a random position in a field of 12x12 pixels.

    Args:
        n_train: number of training images, 10 to 1297; 500 others are the test set.
        seed: random seed of the images and positions.
        shift: False places all digits in the centre.

    Returns:
        X_train float32 (n_train, 12, 12, 1) with values 0..1, y_train int (n_train,), X_test, y_test.

    Raises:
        ValueError: If n_train is not between 10 and 1297.

    Example:
        >>> X_train, y_train, X_test, y_test = digits(100)
        >>> X_train.shape, X_test.shape
        ((100, 12, 12, 1), (500, 12, 12, 1))
    """
    from sklearn.datasets import load_digits

    images, y = load_digits(return_X_y=True)
    n_train = check_integer("n_train", n_train, 10, len(y) - 500)
    rng = np.random.default_rng(seed)
    X = np.zeros((len(y), SIDE, SIDE, 1), np.float32)
    places = rng.integers(0, SIDE - 7, (len(y), 2)) if shift else np.full((len(y), 2), 2)
    for field, image, (top, left) in zip(X, images.reshape(-1, 8, 8) / 16, places, strict=True):
        field[top : top + 8, left : left + 8, 0] = image
    order = rng.permutation(len(y))
    test, train = order[:500], order[500 : 500 + n_train]
    return X[train], y[train], X[test], y[test]


def dense_net(
    widths: Sequence[int] = (64,),
    activation: str = "relu",
    seed: int = 0,
    initialisation: str = "glorot_uniform",
) -> "keras.Model":
    """Build a fully connected network from (12, 12, 1) to 10 logits.

    Args:
        widths: neurons of each hidden layer.
        activation: of the hidden layers.
        seed: random seed of the weights.
        initialisation: of the hidden layers' weights: the name of a Keras initialiser.

    Example:
        >>> dense_net(widths=(64,)).count_params()
        9930
    """
    from helpers.networks.seeding import seeded

    layers = load_keras().layers
    with seeded(seed):
        hidden = [
            layers.Dense(width, activation=activation, kernel_initializer=initialisation) for width in widths
        ]
        return _sequential([layers.Flatten(), *hidden, layers.Dense(10)])


def conv_net(widths: Sequence[int] = (8, 16), activation: str = "relu", seed: int = 0) -> "keras.Model":
    """Build a convolutional network from (12, 12, 1) to 10 logits: 3x3 filters, each followed by pooling.

    Args:
        widths: filters of each convolution.
        activation: of the convolutions.
        seed: random seed of the weights.

    Example:
        >>> conv_net(widths=(8, 16)).count_params()
        2698
    """
    from helpers.networks.seeding import seeded

    layers = load_keras().layers
    with seeded(seed):
        steps = []
        for width in widths:
            steps += [layers.Conv2D(width, 3, padding="same", activation=activation), layers.MaxPooling2D(2)]
        return _sequential([*steps, layers.Flatten(), layers.Dense(10)])


def _sequential(steps):
    keras = load_keras()
    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), *steps])


def train(
    model: "keras.Model",
    data: Digits,
    optimiser: str = "Adam",
    rate: float = 3e-3,
    epochs: int = 20,
    seed: int = 0,
) -> dict[str, list]:
    """Train a network on the digits.

    Args:
        model: from `dense_net` or `conv_net`; it changes.
        data: from `digits`; the test images are only evaluated.
        optimiser: "SGD", "momentum" or "Adam".
        rate: the learning rate.
        epochs: passes over the training images.
        seed: random seed of their order.

    Returns:
        The history: lists of loss, accuracy, val_loss and val_accuracy, one value per epoch.

    Raises:
        ValueError: If the optimiser is unknown, the rate is not a finite number above 0, or epochs is not an
            integer of at least 1.

    Example:
        >>> history = train(dense_net(), digits(50), epochs=2)
        >>> len(history["val_accuracy"])
        2
    """
    from helpers.networks.seeding import seeded

    keras = load_keras()
    makers = {
        "SGD": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "Adam": lambda: keras.optimizers.Adam(rate),
    }
    if optimiser not in makers:
        raise ValueError(f"Unknown optimiser {optimiser!r}. Use one of {', '.join(makers)}.")
    check_integer("epochs", epochs, 1)
    check_positive("rate", rate)
    X, y, X_test, y_test = data
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(makers[optimiser](), loss, metrics=["accuracy"])
    with seeded(seed):
        fitted = model.fit(X, y, epochs=epochs, batch_size=32, validation_data=(X_test, y_test), verbose=0)
    return fitted.history


def cluster_agreement(features: np.ndarray, labels: np.ndarray, seed: int = 0) -> float:
    """Measure how well k-means finds the classes without labels: the adjusted Rand index.

    Source: Hubert & Arabie 1985, "Comparing partitions".

    Args:
        features: (n, features).
        labels: true classes (n,), which determine the number of clusters and the score.
        seed: random seed of the initial centres.

    Returns:
        1 for perfect agreement, about 0 for chance; 0 if all rows are equal.

    Raises:
        ValueError: If features has values that are not finite, or there is not one label per row, of at
            least two classes, and not one class per row.

    Example:
        >>> cluster_agreement(np.array([[0.0], [0.1], [5.0], [5.1]]), np.array([0, 0, 1, 1]))
        1.0
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    features, labels = labelled("features", features, labels)
    clusters = KMeans(len(np.unique(labels)), n_init=5, random_state=seed).fit_predict(features)
    return float(adjusted_rand_score(labels, clusters))
