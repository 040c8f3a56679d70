"""What does each stage of the recipe add with VGG16, from 5 to 100 images per class? At 224 px, on a CPU.

Targets: flowers, which are similar to the source, and sketches, which are not (`_vgg16.LIKENESS`); trashnet
and plankton join them with 40 images per class. The strategies, on the same images for each seed:

- Linear probe: logistic regression on the CNN codes (block5_pool, averaged over the image).
- Earlier-layer SVM: an SVM on one of the four layers that are best in the study `vgg16_layers`.
- Head only: the first stage of the recipe. Layer normalisation, dropout and a linear layer learn on the CNN
  codes, with Adam.
- Head, then block5: the second stage. Block5 joins the trained head, and both learn with a small rate, from
  the stored activations of block4.
- From scratch: MiniVGG on images of 64 pixels, from random weights.
- VGG16 from scratch: only where Keras finds a GPU.

The recipe trains here for a fixed number of steps on all images that were drawn, without early stopping.

The probe and the SVM choose C and the layer by three-fold cross-validation on the training images, for each
run. The settings of the recipe are fixed for all runs. They were chosen with 40 images per class of flowers,
on draws of training images that are not reported (seeds from 100 on), by the accuracy on training images
that were not drawn. Four draws chose the head. One draw chose the rate of block5, with a head without layer
normalisation: 1e-4 lowered the accuracy below that of the head, and 3e-5 raised it. This head was also
measured on the test images of the flowers, before the four draws showed that layer normalisation divides the
validation loss by three. MiniVGG has the default rate of `FromScratch`.

The test images are scored once in each run. `validation_accuracy` is the accuracy on up to 20 training images
per class that were not drawn; nothing in a run is chosen by it. With 100 images per class all seeds draw the
same images, because no more are read, so that only the training differs. Smaller draws overlap. So the
intervals are too narrow for another sample of images, and all runs share one test set.

A run of block5 takes about 65 s of processor time; the pass through blocks 1 to 4, a quarter of a second per
image, is made once. An epoch of VGG16 from random weights takes about 25 s of processor time for 200 images,
which would make hours per run: this strategy waits for a GPU.

Needs the folder that `TRANSFER_DATA_DIR` names.
"""

import functools
from collections.abc import Callable

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from helpers.data.folders import load_folder
from helpers.data.splits import n_per_class
from helpers.networks import hardware
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.heads import set_trainable_from
from helpers.networks.seeding import seeded
from helpers.strategies import FromScratch, FullFineTune
from helpers.strategies.registry import EARLIER_LAYER_SVM, FROM_SCRATCH, LINEAR_PROBE
from helpers.studies import _vgg16
from helpers.studies._photographs import root

SEEDS = 5
CORNERS, BETWEEN = (40, 5, 100), (20, 10)  # images per class
HEAD, BLOCK5, VGG16_SCRATCH = "Head only", "Head, then block5", "VGG16 from scratch"
TARGETS = ("flowers", "pacs_sketch")
MORE_TARGETS = ("trashnet", "plankton")  # with 40 images per class
PROBE_C = (0.001, 0.01, 0.1, 1.0)
SVM_C = (0.001, 0.01, 0.1)
SVM_LAYERS = ("block4_conv3", "block4_pool", "block5_conv1", "block5_conv2")
BATCH, DROPOUT = 32, 0.5
HEAD_RATE, HEAD_STEPS = 3e-3, 140
BLOCK5_RATE, BLOCK5_STEPS = 3e-5, 63
SCRATCH_RATE, SCRATCH_SIZE = 2e-3, 64
VGG16_SCRATCH_RATE = 1e-4
VALIDATION = 20  # images per class, at most


def cells() -> list[dict]:
    shared = (LINEAR_PROBE.name, HEAD, BLOCK5)
    strategies: tuple[str, ...] = (*shared, EARLIER_LAYER_SVM.name, FROM_SCRATCH.name)
    if hardware.has_gpu():
        strategies += (VGG16_SCRATCH,)
    plan: list[tuple[str, tuple[int, ...], tuple[str, ...]]] = [
        *((target, CORNERS[:1], strategies) for target in TARGETS),
        *((target, CORNERS[1:], strategies) for target in TARGETS),
        *((target, CORNERS[:1], shared) for target in MORE_TARGETS),
        *((target, BETWEEN, strategies) for target in TARGETS),
    ]
    return [
        {"target": target, "images": images, "seed": seed, "strategy": strategy}
        for target, sizes, chosen in plan
        for images in sizes
        for seed in range(SEEDS)
        for strategy in chosen
    ]


def measure(cell: dict) -> dict:
    score = _LEARNERS[cell["strategy"]](cell["target"], cell["images"], cell["seed"])
    _, not_drawn = drawn(cell["target"], cell["images"], cell["seed"])
    test = np.arange(len(_vgg16.images(cell["target"], "test")[1]))
    return {
        "validation_accuracy": score("train", not_drawn) if len(not_drawn) else float("nan"),
        "accuracy": score("test", test),
    }


def drawn(target: str, images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the training images, and up to 20 others per class that validate."""
    y = labels(target, "train")
    rows = np.arange(len(y))
    chosen, _ = n_per_class(rows, y, images, seed)
    more, _ = n_per_class(rows, y, min(images + VALIDATION, np.bincount(y).min()), seed)
    return chosen, np.setdiff1d(more, chosen)


@functools.lru_cache(maxsize=2)
def labels(target: str, part: str) -> np.ndarray:
    """Return the classes of `_vgg16.images` as indices."""
    return np.unique(_vgg16.activations(target, part)[1], return_inverse=True)[1]


def recipe(classes: int, seed: int) -> tuple[keras.Model, keras.Model]:
    """Return a head on CNN codes, and block5 with the same head on activations of block4; both untrained."""
    base = set_trainable_from(fresh(_vgg16.backbone()), "block5")
    block5 = keras.Model(base.get_layer("block4_pool").output, base.output)
    layers = keras.layers
    with seeded(seed):
        steps = [layers.LayerNormalization(), layers.Dropout(DROPOUT), layers.Dense(classes)]
        head = keras.Sequential([keras.Input(base.output_shape[-1:]), *steps])
    inputs = keras.Input(block5.input_shape[1:])
    codes = layers.GlobalAveragePooling2D()(block5(inputs))
    return head, keras.Model(inputs, head(codes))


def fit(
    model: keras.Model, X: np.ndarray, y: np.ndarray, rate: float, steps: int, seed: int, **options
) -> None:
    """Train with Adam for about so many steps, in whole epochs; the seed is that of the images' order."""
    epochs = max(1, round(steps / -(-len(X) // BATCH)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    with seeded(seed):
        model.fit(X.astype("float32"), y, batch_size=BATCH, epochs=epochs, verbose=0, **options)


@functools.lru_cache(maxsize=2)
def codes(target: str, part: str) -> np.ndarray:
    """Return block5_pool, averaged over the image, float32 (n, 512)."""
    _, model = recipe(2, 0)
    last = keras.Model(model.inputs, model.layers[-2].output)
    return _outputs(last, _vgg16.activations(target, part)[0])


def _outputs(model, X):
    """What a model makes of activations, a batch at a time: all of them in 32 bits would fill memory."""
    parts = [model.predict_on_batch(X[k : k + BATCH].astype("float32")) for k in range(0, len(X), BATCH)]
    return np.concatenate([np.asarray(part) for part in parts])


def _stages(target, images, seed, *, block5):
    """The recipe: the head, and block5 after it if wanted."""
    rows, _ = drawn(target, images, seed)
    y = labels(target, "train")
    head, model = recipe(int(y.max()) + 1, seed)
    fit(head, codes(target, "train")[rows], y[rows], HEAD_RATE, HEAD_STEPS, seed)
    if block5:
        X = _vgg16.activations(target, "train")[0][rows]
        fit(model, X, y[rows], BLOCK5_RATE, BLOCK5_STEPS, seed)
    network, inputs = (model, _activations) if block5 else (head, codes)

    def score(part, some):
        guesses = _outputs(network, inputs(target, part)[some]).argmax(axis=1)
        return float(np.mean(guesses == labels(target, part)[some]))

    return score


def _activations(target, part):
    return _vgg16.activations(target, part)[0]


def _probe(target, images, seed):
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    search = _search(pipeline, {"logisticregression__C": PROBE_C}, seed)
    rows, _ = drawn(target, images, seed)
    search.fit(codes(target, "train")[rows], labels(target, "train")[rows])
    return lambda part, some: float(search.score(codes(target, part)[some], labels(target, part)[some]))


def _svm(target, images, seed):
    rows, _ = drawn(target, images, seed)
    y = labels(target, "train")[rows]
    features = functools.partial(_vgg16.features, target)
    searches = {
        layer: _search(make_pipeline(StandardScaler(), LinearSVC()), {"linearsvc__C": SVM_C}, seed).fit(
            features("train")[layer][rows], y
        )
        for layer in SVM_LAYERS
    }
    best = max(searches, key=lambda layer: searches[layer].best_score_)
    return lambda part, some: float(
        searches[best].score(features(part)[best][some], labels(target, part)[some])
    )


def _search(pipeline, grid, seed):
    return GridSearchCV(pipeline, grid, cv=StratifiedKFold(3, shuffle=True, random_state=seed))


def _small_from_scratch(target, images, seed):
    return _strategy(FromScratch(lr=SCRATCH_RATE, seed=seed), target, images, seed, _small_images)


def _vgg16_from_scratch(target, images, seed):
    network = Backbone("VGG16", "random", seed=seed)
    strategy = FullFineTune(network, head_lr=VGG16_SCRATCH_RATE, base_lr=VGG16_SCRATCH_RATE, seed=seed)
    return _strategy(strategy, target, images, seed, lambda *where: _vgg16.images(*where)[0])


def _strategy(strategy, target, images, seed, inputs):
    rows, _ = drawn(target, images, seed)
    strategy.fit(inputs(target, "train")[rows], labels(target, "train")[rows])
    return lambda part, some: float(strategy.score(inputs(target, part)[some], labels(target, part)[some]))


@functools.lru_cache(maxsize=2)
def _small_images(target, part):
    """The images of `_vgg16.images`, read at 64 pixels."""
    return load_folder(root() / target / part, SCRATCH_SIZE, _vgg16.MOST[part])[0]


_LEARNERS: dict[str, Callable] = {
    LINEAR_PROBE.name: _probe,
    EARLIER_LAYER_SVM.name: _svm,
    HEAD: functools.partial(_stages, block5=False),
    BLOCK5: functools.partial(_stages, block5=True),
    FROM_SCRATCH.name: _small_from_scratch,
    VGG16_SCRATCH: _vgg16_from_scratch,
}
