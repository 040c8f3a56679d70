"""Does a deep autoencoder describe digits better than a linear method, and do its codes find the classes?

Handwritten digits of 8x8 pixels are described by a few numbers, the code, and rebuilt from it; there are no
labels. The deep network is the one that notebook 01 writes in plain Keras; principal component analysis (PCA)
is the best linear method; "pixels" has no code. Scored on images that neither has seen: the mean squared
error per pixel (0..1), and how well k-means on the code finds the ten digits. Source: Hinton & Salakhutdinov
2006, "Reducing the dimensionality of data with neural networks".
"""

import functools

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from helpers.networks.backend import keras
from helpers.networks.basics import cluster_agreement
from helpers.networks.seeding import seeded

SEEDS = 5
CODES = (2, 8)  # numbers per image
TEST, EPOCHS, BATCH, RATE = 500, 50, 32, 2e-3


def cells() -> list[dict]:
    cells = [
        {"method": method, "code": code, "seed": seed}
        for seed in range(SEEDS)
        for code in CODES
        for method in ("autoencoder", "PCA")
    ]
    return cells + [{"method": "pixels", "code": 64, "seed": seed} for seed in range(SEEDS)]


def measure(cell: dict) -> dict:
    seed, size = cell["seed"], cell["code"]
    train, test, digits = _images(seed)
    if cell["method"] == "autoencoder":
        codes, rebuilt = _deep(train, test, size, seed)
    elif cell["method"] == "PCA":
        linear = PCA(size, random_state=seed).fit(train)
        codes = linear.transform(test)
        rebuilt = linear.inverse_transform(codes)
    else:
        codes = rebuilt = test
    return {
        "error": float(np.mean((rebuilt - test) ** 2)),
        "agreement": cluster_agreement(codes, digits, seed),
    }


@functools.lru_cache(maxsize=1)
def _images(seed):
    X, y = load_digits(return_X_y=True)
    train, test, _, digits = train_test_split(X / 16, y, test_size=TEST, random_state=seed)
    return train, test, digits


def _deep(train, test, size, seed):
    dense = keras.layers.Dense
    with seeded(seed):
        encoder = keras.Sequential([keras.Input((64,)), dense(128, "relu"), dense(64, "relu"), dense(size)])
        decoder = keras.Sequential(
            [keras.Input((size,)), dense(64, "relu"), dense(128, "relu"), dense(64, "sigmoid")]
        )
        autoencoder = keras.Sequential([encoder, decoder])
        autoencoder.compile(keras.optimizers.Adam(RATE), loss="mse")
        autoencoder.fit(train, train, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    codes = encoder.predict(test, verbose=0)
    return codes, decoder.predict(codes, verbose=0)
