"""How the board fits one configuration of a strategy on some training images of a target.

The frozen part of a network runs once per target (`_activations`), not once per fit. Otherwise, a default
configuration is what its strategy in `helpers.strategies` does; tests compare the two.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from helpers.networks.backbones import fresh, mini_vgg
from helpers.networks.backend import keras
from helpers.networks.batchnorm import recompute_batchnorm
from helpers.networks.heads import classifier, set_trainable_from, split_frozen
from helpers.strategies.frozen import dense_weights
from helpers.strategies.layerwise_adam import LayerwiseAdam
from helpers.strategies.training import Batches
from helpers.studies import _targets
from helpers.studies._activations import stored
from helpers.studies._choice import Choice, choose
from helpers.studies._grids import LP_FT, PROBE, SOURCES, SVM, backbone
from helpers.studies._networks import linear

SCRATCH_SIZE = {True: 32, False: 64}  # of images of built-in and of real targets
BUILTIN_BATCH = 32

PredictPart = Callable[[str, np.ndarray], np.ndarray]  # from "train" or "test" and rows to class indices
LearnPart = Callable[[Mapping, np.ndarray], PredictPart]  # from a configuration and training rows


def learner(target: str, source: str, strategy: str, seed: int) -> LearnPart:
    """Return the function that fits a configuration of this strategy on rows of the training images.

    It returns a function that predicts the class indices of rows of the training or the test images. Only
    images and labels of the training rows are learned from.
    """

    def learn(config, rows):
        if strategy in (PROBE, SVM):
            return _linear(target, source, config, rows)
        return _network(target, source, strategy, config, rows, seed)

    return learn


def chosen(
    learn: LearnPart, train: _targets.Images, rows: np.ndarray, grid: Sequence[Mapping], seed: int
) -> Choice:
    """Choose a configuration as `_choice.choose` does, for a learner that is told the part.

    Args:
        learn: see `learner`.
        train: the training images. Groups of images stay together.
        rows: of those that may be learned from and predicted, int (n,).
        grid: the configurations, the default first.
        seed: of the folds.
    """

    def within(config, some):
        predict = learn(config, some)
        return lambda others: predict("train", others)

    groups = None if train.groups is None else train.groups[rows]
    return choose(within, rows, train.y[rows], grid, seed, groups)


def accuracy(predict: PredictPart, test: _targets.Images) -> float:
    """Return the share of the test images that are predicted correctly."""
    return float(np.mean(predict("test", np.arange(len(test.y))) == test.y))


def pixels(target: str, source: str, part: str) -> _targets.Images:
    """Return the images of "train" or "test" at the size that this source takes."""
    size = SCRATCH_SIZE[_targets.TARGETS[target].is_builtin] if source == "none" else SOURCES[source].size
    return _targets.images(target, part, size)


def _linear(target, source, config, rows):
    name = f"grid {config['layer']}" if "layer" in config else "codes"
    model = _classifier(config)
    model.fit(_taken(target, source, "train", name, rows), pixels(target, source, "train").y[rows])
    return lambda part, some: model.predict(_taken(target, source, part, name, some))


def _classifier(config) -> Pipeline:
    if "layer" in config:
        return make_pipeline(StandardScaler(), LinearSVC(C=config["C"], random_state=0))
    return linear(1000, config["C"])


def _taken(target, source, part, name, rows):
    return stored(target, source, part)[name][rows].astype(np.float32)


def _network(target, source, strategy, config, rows, seed):
    y = pixels(target, source, "train").y
    model = _model(source, config, len(np.unique(y)), seed)
    if strategy == LP_FT:
        probe = _classifier({"C": config["C"]}).fit(_taken(target, source, "train", "codes", rows), y[rows])
        model.get_layer("head").set_weights(_head(probe, model.output_shape[-1]))
    frozen, trained = split_frozen(model) or (None, model)

    def inputs(part, some):
        if frozen is None:
            return pixels(target, source, part).X[some]
        return _taken(target, source, part, frozen.layers[-1].name, some)

    if not _trained(
        trained, inputs("train", rows), y[rows], _settings(target, source, config, len(rows)), seed
    ):
        return lambda part, some: np.zeros(len(some), int)  # as good as a network that always guesses
    return lambda part, some: _predicted(trained, inputs(part, some))


def _trained(model, X, y, settings, seed):
    """Train as `helpers.strategies.training.fit` does, with the same batches, and return whether it worked.

    Without `Model.fit`, which takes longer to start each epoch than a few small images take to learn from.
    """
    optimizer = LayerwiseAdam(settings["head_lr"], settings["base_lr"] / settings["head_lr"])
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    batches, loss = Batches(X, y, settings["batch_size"], seed), 0.0
    for epoch in range(settings["epochs"]):
        batches.shuffle(epoch)
        for number in range(len(batches)):
            loss = model.train_on_batch(*batches[number])
    recompute_batchnorm(model, X)
    return bool(np.isfinite(loss))


def _predicted(model, X, batch_size=64):
    parts = [model.predict_on_batch(X[k : k + batch_size]) for k in range(0, len(X), batch_size)]
    return np.concatenate(parts).argmax(axis=1)


def _model(source, config, classes, seed):
    """A classifier that has not been trained on the target; what it keeps frozen comes from the source."""
    if source == "none":
        base = mini_vgg(seed)
    else:
        learn = config.get("batchnorm") == "learn"
        base = set_trainable_from(fresh(backbone(source)), config["from_block"], batchnorm=learn)
    return classifier(base, classes, seed=seed, augment=config.get("augment", False))


def _head(probe, classes):
    """Kernel and bias of a head that scores as the probe does; a class that it has not seen scores lowest."""
    kernel, bias = dense_weights(*probe)
    if (seen := probe.classes_).tolist() == [*range(classes)]:
        return [kernel, bias]
    whole, low = np.zeros((len(kernel), classes)), np.full(classes, bias.min())
    whole[:, seen], low[seen] = kernel, bias
    return [whole, low]


def _settings(target, source, config, images):
    builtin = _targets.TARGETS[target].is_builtin
    named = SOURCES["photos" if source == "none" else source]
    batch = BUILTIN_BATCH if builtin else named.batch
    epochs = max(named.epochs, round(named.steps / -(-images // batch))) * config.get("longer", 1)
    base = config["lr"] if source == "none" else config["base_lr"]
    return {
        "epochs": epochs,
        "batch_size": batch,
        "base_lr": base,
        "head_lr": config.get("head_lr", base),
    }
