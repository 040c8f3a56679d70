"""How many labelled images is a name worth? Captions against linear probes, with equal tuning.

After Radford et al. 2021, "Learning transferable visual models from natural language supervision". The target
is twelve combinations of a colour and a shape that the pair of an image and a text network has never seen
(`helpers.data.captioned`). With 0 images, the captions of the classes are the classifier. With more, linear
probes learn on the codes of the pair or of the shipped shapes network; a third way starts from the captions
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", start fine-tuning from such a head). Each
probe has the same values of C, and validation within the training images chooses one (`_choice`); with fewer
images per class than folds, it is the first value. Further targets show limits: the same classes by night,
with noise and blurred; and new shapes, whose names the text network does not know.

There is one shipped pair. The seeds vary the images, not the pair.
"""

import functools

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.preprocessing import StandardScaler

from helpers.data import captioned, synthetic
from helpers.data.shifts import SHIFTS
from helpers.networks import image_text
from helpers.networks.backbones import Backbone, load
from helpers.studies._choice import FOLDS, choose
from helpers.studies._networks import codes, linear

SEEDS = 10
SIZES = (1, 2, 5, 10, 20, 50)  # training images per class
TEST = 50  # images per class
ONE, NAMES = "one caption", "names"  # "a red star", or the mean of captions with all backgrounds
PAIR, SHAPES, STARTED = "probe on the pair", "probe on shapes", "probe from names"
CS = tuple({"C": C} for C in (0.1, 0.001, 0.01, 1.0, 10.0, 100.0, 1000.0))
HELD_OUT, SEEN, NEW = "held out", "seen", "new shapes"
SHIFTED = ("night", "noise", "blur")
NONE = "none"
# The nearest description in known words, declared before anything was measured.
CLOSEST = {
    "ellipse": "circle",
    "diamond": "square",
    "pentagon": "hexagon",
    "flower": "star",
    "letter_T": "cross",
    "half_disc": "crescent",
    "drop": "heart",
    "frame": "ring square",
    "gear": "ring hexagon",
    "letter_L": "arrow",
}


def cells() -> list[dict]:
    each = [(HELD_OUT, NONE, 0, ONE), (HELD_OUT, NONE, 0, NAMES), (SEEN, NONE, 0, NAMES)]
    each += [(HELD_OUT, NONE, size, way) for size in SIZES for way in (PAIR, SHAPES, STARTED)]
    each += [(HELD_OUT, shift, 0, NAMES) for shift in SHIFTED]
    each += [(HELD_OUT, shift, SIZES[-1], way) for shift in SHIFTED for way in (PAIR, SHAPES)]
    each += [(NEW, NONE, 0, NAMES)]
    each += [(NEW, NONE, size, way) for size in (1, 2, 5, 20) for way in (PAIR, SHAPES)]
    columns = ("target", "shift", "images", "way")
    return [dict(zip(columns, one, strict=True)) | {"seed": seed} for seed in range(SEEDS) for one in each]


def measure(cell: dict) -> dict:
    target, way, seed = cell["target"], cell["way"], cell["seed"]
    network = "shapes" if way == SHAPES else "pair"
    X_test, y_test = _codes(target, cell["shift"], "test", seed, network)
    if way in (ONE, NAMES):
        return {"C": np.nan, "accuracy": _share(X_test @ name_codes(target, way).T, y_test)}
    X, y = _codes(target, NONE, "train", seed, network)  # a shift is not known in training
    rows = np.arange(cell["images"] * len(np.unique(y)))
    names = image_text.scale() * name_codes(target, NAMES) if way == STARTED else None

    def learn(config, some):
        predict = _fitted(X[some], y[some], config["C"], names)
        return lambda others: predict(X[others]).argmax(axis=1)

    enough = cell["images"] >= FOLDS
    config = CS[choose(learn, rows, y[rows], CS, seed).number if enough else 0]
    return config | {"accuracy": _share(_fitted(X[rows], y[rows], config["C"], names)(X_test), y_test)}


def name_codes(target: str, way: str = NAMES) -> np.ndarray:
    """Return one text code per class, float32 (classes, code).

    Args:
        target: one of HELD_OUT, SEEN and NEW.
        way: NAMES for the mean over captions, ONE for a single short caption.
    """
    if target == NEW:
        pairs = [[(colour, words) for colour in captioned.COLOURS] for words in CLOSEST.values()]
    else:
        pairs = [[pair] for pair in _pairs(target)]
    if way == ONE:
        return image_text.text_codes([f"a {colour} {shape}" for ((colour, shape),) in pairs])
    sentences = [[text for pair in some for text in captioned.captions(*pair)] for some in pairs]
    texts = image_text.text_codes([text for some in sentences for text in some])
    means = texts.reshape(len(sentences), -1, texts.shape[1]).mean(axis=1)
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def _pairs(target):
    return {HELD_OUT: captioned.HELD_OUT, SEEN: captioned.SEEN}[target]


@functools.lru_cache(maxsize=16)
def _codes(target, shift, part, seed, network):
    """Codes of the images of a part, one image of each class after the other, and their class indices."""
    X, y = _images(target, seed)
    tested = TEST * len(np.unique(y))
    rows = slice(tested) if part == "test" else slice(tested, None)
    X = X[rows] if shift == NONE else SHIFTS[shift].images(X[rows], [seed, 0, 1])
    return image_text.image_codes(X) if network == "pair" else codes(load(Backbone("shapes")), X), y[rows]


@functools.lru_cache(maxsize=3)
def _images(target, seed):
    """Test images and then training images."""
    if target != NEW:
        return captioned.classes(_pairs(target), TEST + SIZES[-1], seed)
    names, colours = synthetic.CLASSES["new_shapes"], [*captioned.COLOURS]
    y = np.tile(np.arange(len(names)), TEST + SIZES[-1])
    colour = np.random.default_rng([seed, 1]).integers(0, len(colours), len(y))  # any, as in the captions
    pairs = [(one, name) for name in names for one in colours]
    return captioned.draw(pairs, y * len(colours) + colour, seed)[0], y


def _fitted(X, y, C, names=None):
    """A probe: from codes to one score per class, in the order of the class indices.

    With names, it starts from them: their logits are added to those of the probe, so that a small C leaves
    the captions as they are.
    """
    if names is None:
        return linear(1000, C).fit(X, y).decision_function
    scaler = StandardScaler().fit(X)
    shape, truth = (X.shape[1] + 1, len(names)), np.eye(len(names))[y]

    def features(some):
        return np.column_stack([scaler.transform(some), np.ones(len(some))])

    def loss(flat):
        weights = flat.reshape(shape)
        logits = X @ names.T + features(X) @ weights
        gradient = weights + C * features(X).T @ (softmax(logits, axis=1) - truth)
        return (flat @ flat) / 2 - C * np.sum(truth * log_softmax(logits, axis=1)), gradient.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return lambda some: some @ names.T + features(some) @ found.x.reshape(shape)


def _share(scores, y):
    return float(np.mean(scores.argmax(axis=1) == y))
