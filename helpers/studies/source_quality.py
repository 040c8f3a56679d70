"""Does a better source model give a better target model?

One network learns the ten shapes; after 0, 1, 3 and 8 epochs its features are used for two targets. The
lecture's condition, a source model better than a naive one, is checked on the source: against logistic
regression on pixels. Kornblith et al. 2019, "Do better ImageNet models transfer better?", ask the same about
ImageNet.
"""

import functools

from helpers.data.image_sets import builtin
from helpers.networks.backbones import mini_vgg
from helpers.networks.backend import keras
from helpers.networks.batchnorm import recompute_batchnorm
from helpers.networks.heads import classifier
from helpers.networks.seeding import seeded
from helpers.studies._networks import accuracy, codes, indices, linear

SEEDS = 3
EPOCHS = (0, 1, 3, 8)
TARGETS = ("new_shapes", "micrographs")
SOURCE_IMAGES, TARGET_IMAGES = 200, 20  # per class
BATCH, RATE = 32, 1e-3
LINEAR_STEPS = 300


def cells() -> list[dict]:
    return [
        {"target": target, "epochs": epochs, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for epochs in EPOCHS
    ]


def measure(cell: dict) -> dict:
    naive, stages = _source(cell["seed"])
    weights, source_accuracy = stages[cell["epochs"]]
    network = mini_vgg()
    network.set_weights(weights)
    data = _target(cell["target"], cell["seed"])
    probe = linear(LINEAR_STEPS).fit(codes(network, data.X_train), data.y_train)
    return {
        "naive_on_source": naive,
        "source_accuracy": source_accuracy,
        "accuracy": float(probe.score(codes(network, data.X_test), data.y_test)),
    }


@functools.lru_cache(maxsize=1)
def _target(name, seed):
    return builtin(name, TARGET_IMAGES, 0, 60, seed)


@functools.lru_cache(maxsize=1)
def _source(seed):
    """Accuracy of the naive model on the source, and by epochs the backbone's weights and accuracy."""
    data = builtin("shapes", SOURCE_IMAGES, 0, 60, seed)
    pixels = [X.reshape(len(X), -1) for X in (data.X_train, data.X_test)]
    naive = float(linear(LINEAR_STEPS).fit(pixels[0], data.y_train).score(pixels[1], data.y_test))
    network = mini_vgg(seed)
    model = classifier(network, len(data.classes), seed=seed)
    model.compile(keras.optimizers.Adam(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    stages, y, trained = {}, indices(data, "train"), 0
    with seeded(seed):  # of the order of the images
        for epochs in EPOCHS:
            model.fit(data.X_train, y, batch_size=BATCH, initial_epoch=trained, epochs=epochs, verbose=0)
            trained = epochs
            recompute_batchnorm(model, data.X_train)
            stages[epochs] = network.get_weights(), accuracy(model, data.X_test, indices(data, "test"))
    return naive, stages
