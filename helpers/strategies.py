"""The transfer strategies, as scikit-learn estimators: pictures in, class names out.

All take X uint8 (n, height, width, 3) and y (n,) of any labels, and work with `clone`,
`cross_val_score`, `learning_curve` and pickle. Preprocessing lives inside the model.
Used in notebooks 04 to 08.
"""

import math
import tempfile
import threading
from pathlib import Path
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted

from helpers import hardware
from helpers.features import CNNCodes
from helpers.models import (
    Backbone,
    block_of,
    classifier,
    count_trainable,
    fresh,
    keras,
    mini_vgg,
    set_trainable_from,
    split_frozen,
)
from helpers.validation import check_images, check_labels, too_small

SHAPES = Backbone("shapes")
# Below this many steps an optimizer has hardly moved, however few the pictures.
MIN_STEPS = 120
MOST_BYTES = 2**30  # of activations kept in memory; beyond, the frozen layers run in every epoch


class Strategy(ClassifierMixin, BaseEstimator):
    """Checks the input; a subclass learns in `_fit` and tells scores in `_scores`."""

    def fit(self, X: np.ndarray, y: np.ndarray, **watch) -> Self:
        """Learn from pictures.

        Args:
            X: uint8 (n, height, width, 3).
            y: labels (n,), strings or numbers, at least two kinds.
            **watch: for strategies that train a network: `validation=(X, y)`, `on_epoch`,
                `stop`, as in `helpers.training.fit`.

        Raises:
            ValueError: X or y is not what is said above, or the pictures are too small for the network;
                the message names the value.
        """
        X = check_images(X)
        y = check_labels(X, y)
        self._encoder = LabelEncoder().fit(y)
        self.classes_ = self._encoder.classes_
        self.image_shape_ = X.shape[1:]
        self._fit(X, self._encoder.transform(y), **watch)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the most likely label of each picture, (n,)."""
        return self.classes_[self.decision_scores(X).argmax(axis=1)]

    def decision_scores(self, X: np.ndarray) -> np.ndarray:
        """Return a score for each class, float (n, classes); the largest wins."""
        check_is_fitted(self, "classes_")
        X = check_images(X)
        if X.shape[1:] != self.image_shape_:
            raise ValueError(
                f"These pictures are {X.shape[1:]}, but fit saw {self.image_shape_}: "
                "resize them to the same size."
            )
        scores = np.asarray(self._scores(X))
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


class LinearProbe(Strategy):
    """Linear classifier on CNN codes: the backbone stays as it is (small and similar data).

    Source: the lecture's scenario 1; Razavian et al. 2014.

    Args:
        backbone: a `helpers.models.Backbone`.
        layer: whose codes; None is the last.
        C: inverse strength of the regularisation.
    """

    def __init__(self, backbone: Backbone = SHAPES, layer: str | None = None, C: float = 0.1) -> None:
        self.backbone = backbone
        self.layer = layer
        self.C = C

    def pipeline(self) -> Pipeline:
        """The unfitted scikit-learn pipeline: CNN codes, standardisation, classifier."""
        return make_pipeline(
            CNNCodes(self.backbone, self.layer),
            StandardScaler(),
            LogisticRegression(C=self.C, tol=1e-3, max_iter=1000),
        )

    def _fit(self, X, y, **watch):
        self.model_ = self.pipeline().fit(X, y)
        self.trainable_parameters_ = self.model_[-1].coef_.size + self.model_[-1].intercept_.size

    def _scores(self, X):
        return self.model_.decision_function(X)


class EarlierLayerSVM(Strategy):
    """Support vector machine on an earlier layer (small and different data).

    Late layers know the source task; early ones know edges and textures. The lecture's
    scenario 3. Four quarters of the picture are averaged apart.

    Args:
        backbone: a `helpers.models.Backbone`.
        layer: whose activations; None is the end of the middle block (block2 of four).
        C: inverse strength of the regularisation.
    """

    def __init__(self, backbone: Backbone = SHAPES, layer: str | None = None, C: float = 0.01) -> None:
        self.backbone = backbone
        self.layer = layer
        self.C = C

    def pipeline(self) -> Pipeline:
        """The unfitted scikit-learn pipeline: CNN codes, standardisation, classifier."""
        layer = self.layer or _middle(self.backbone)
        return make_pipeline(CNNCodes(self.backbone, layer, "grid"), StandardScaler(), LinearSVC(C=self.C))

    def _fit(self, X, y, **watch):
        self.model_ = self.pipeline().fit(X, y)
        self.trainable_parameters_ = self.model_[-1].coef_.size + self.model_[-1].intercept_.size

    def _scores(self, X):
        return self.model_.decision_function(X)


def _middle(backbone):
    """The last layer of the middle block."""
    if not backbone.blocks:
        raise ValueError(f"The layers of {backbone.name!r} tell of no blocks: name one with layer=...")
    block = backbone.blocks[(len(backbone.blocks) - 1) // 2]
    return [name for name in backbone.layer_names if block_of(name) == block][-1]


class NearestColours(Strategy):
    """Nearest neighbours on colour histograms: what colour alone can do, without any network.

    The trivial baseline that every other strategy has to beat.

    Args:
        neighbours: how many vote.
    """

    def __init__(self, neighbours: int = 5) -> None:
        self.neighbours = neighbours

    def _fit(self, X, y, **watch):
        self.model_ = KNeighborsClassifier(min(self.neighbours, len(X))).fit(_histograms(X), y)
        self.trainable_parameters_ = 0

    def _scores(self, X):
        return self.model_.predict_proba(_histograms(X))


def _histograms(X, steps=8):
    """Share of the pixels in each of 8 steps of red, green and blue, float (n, 24)."""
    which = X.reshape(len(X), -1, 3) // (256 // steps)
    return np.concatenate([(which == k).mean(axis=1) for k in range(steps)], axis=1)


class FineTune(Strategy):
    """Train a new head and the last blocks of the backbone together.

    BatchNorm keeps its source statistics. Two learning rates: a small one for the backbone,
    so that good features are not destroyed before the head has learnt (lecture, advice).

    Args:
        backbone: a `helpers.models.Backbone`.
        from_block: first block that trains, such as "block4"; "last" is the last quarter of the
            blocks, "all" all of them, None none (only the head trains).
        base_lr: learning rate of the backbone.
        head_lr: learning rate of the head.
        epochs: passes; None takes as many as give about 120 steps, at least 8.
        batch_size: pictures a step.
        seed: of the head's weights and the order.
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        from_block: str | None = "last",
        base_lr: float = 3e-4,
        head_lr: float = 3e-3,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
    ) -> None:
        self.backbone = backbone
        self.from_block = from_block
        self.base_lr = base_lr
        self.head_lr = head_lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.seed = seed

    def _fit(self, X, y, **watch):
        base = set_trainable_from(fresh(self.backbone), self.from_block)
        self.model_ = classifier(base, len(self.classes_), seed=self.seed)
        self._train(X, y, self.head_lr, self.base_lr, **watch)

    def _train(self, X, y, head_lr, base_lr, validation=None, on_epoch=None, stop=None):
        from helpers.training import fit

        if validation is not None:
            validation = (check_images(validation[0]), self._encoder.transform(validation[1]))
        try:
            self.model_.compute_output_shape((1, *X.shape[1:]))
        except ValueError as error:
            raise too_small(X.shape[1:], "this network") from error
        self.trainable_parameters_ = count_trainable(self.model_)
        self.epochs_ = self.epochs or epochs_for(len(X), self.batch_size)
        model, X, validation = self._without_frozen_part(X, validation, stop)
        self.history_ = fit(
            model,
            X,
            y,
            epochs=self.epochs_,
            batch_size=self.batch_size,
            seed=self.seed,
            head_lr=head_lr,
            base_lr=base_lr,
            validation=validation,
            on_epoch=on_epoch,
            stop=stop,
        )

    def _without_frozen_part(self, X, validation, stop):
        """Send the pictures through the frozen layers once, not once an epoch; the rest then trains."""
        frozen, trained = split_frozen(self.model_) or (None, self.model_)
        pictures = len(X) + (0 if validation is None else len(validation[0]))
        if frozen is None or _bytes_out(frozen, X) * pictures > MOST_BYTES:
            return self.model_, X, validation
        X = frozen_activations(frozen, X, stop)
        return trained, X, validation and (frozen_activations(frozen, validation[0], stop), validation[1])

    def _scores(self, X):
        return self.model_.predict(X, batch_size=256, verbose=0)

    def __getstate__(self):
        state = super().__getstate__()
        if "model_" in state:  # the network travels as a .keras file, not as Python objects
            state = {**state, "model_": _to_bytes(state["model_"])}
        return state

    def __setstate__(self, state):
        if isinstance(state.get("model_"), bytes):
            state = {**state, "model_": _from_bytes(state["model_"])}
        super().__setstate__(state)


class FullFineTune(FineTune):
    """Fine-tune the whole network (large data; the lecture's scenarios 2 and 4)."""

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        base_lr: float = 3e-4,
        head_lr: float = 3e-3,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
    ) -> None:
        super().__init__(backbone, "all", base_lr, head_lr, epochs, batch_size, seed)


class ProbeThenFineTune(FineTune):
    """LP-FT: start the head from a linear probe, then fine-tune gently.

    Source: Kumar et al. 2022, "Fine-tuning can distort pretrained features".
    Arguments as for `FineTune`; the head starts from the probe, so head_lr may be small.
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        from_block: str | None = "all",
        base_lr: float = 3e-4,
        head_lr: float = 3e-4,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        C: float = 0.1,
    ) -> None:
        super().__init__(backbone, from_block, base_lr, head_lr, epochs, batch_size, seed)
        self.C = C

    def _fit(self, X, y, **watch):
        base = set_trainable_from(fresh(self.backbone), self.from_block)
        self.model_ = classifier(base, len(self.classes_), seed=self.seed)
        probe = LinearProbe(self.backbone, C=self.C).fit(X, y)
        self.model_.get_layer("head").set_weights(dense_weights(*probe.model_[1:]))
        self._train(X, y, self.head_lr, self.base_lr, **watch)


class FromScratch(FineTune):
    """The same MiniVGG with random weights: what the target data alone can teach.

    Args:
        lr: learning rate of all layers. BatchNorm learns from the target's own batches.
        epochs, batch_size, seed: as for `FineTune`.
    """

    def __init__(
        self, lr: float = 2e-3, epochs: int | None = None, batch_size: int = 32, seed: int = 0
    ) -> None:
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.seed = seed

    def _fit(self, X, y, **watch):
        self.model_ = classifier(mini_vgg(self.seed), len(self.classes_), seed=self.seed)
        self._train(X, y, self.lr, self.lr, **watch)


def dense_weights(scaler: StandardScaler, linear: LogisticRegression | LinearSVC) -> list[np.ndarray]:
    """Kernel and bias of a Dense layer that scores as a `StandardScaler` and a linear classifier do.

    Returns:
        float (features, classes) and (classes,).
    """
    kernel, bias = linear.coef_.T, linear.intercept_
    if len(linear.classes_) == 2:  # one score for two classes: half for one, half against
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2
    kernel = kernel / scaler.scale_[:, None]
    return [kernel, bias - scaler.mean_ @ kernel]


def epochs_for(images: int, batch_size: int) -> int:
    """Epochs that make about MIN_STEPS steps, at least 8."""
    return max(8, round(MIN_STEPS / -(-images // batch_size)))


def _bytes_out(model, X):
    """Bytes that one picture's activations take, as 32-bit floats."""
    return 4 * math.prod(model.compute_output_shape((1, *X.shape[1:])))


def frozen_activations(
    model: keras.Model, X: np.ndarray, stop: threading.Event | None = None, batch_size: int = 64
) -> np.ndarray:
    """What the frozen part of a network makes of pictures, computed once for all epochs.

    It is float32 in the computer's memory; or, where `helpers.hardware.stays_on_card`, in the GPU's, in the
    precision of the network, which halves it in mixed precision.

    Args:
        model: the lower part, of `helpers.models.split_frozen`.
        X: uint8 (n, height, width, 3).
        stop: once it is set, the rest is zeros: training then ends at once.
        batch_size: pictures at once.
    """
    if hardware.stays_on_card(_bytes_out(model, X) * len(X)):
        return _activations_on_card(model, X, stop, batch_size)
    out = np.zeros((len(X), *model.compute_output_shape((1, *X.shape[1:]))[1:]), np.float32)
    for start in range(0, len(X), batch_size):
        if stop is not None and stop.is_set():
            break
        out[start : start + batch_size] = model.predict_on_batch(X[start : start + batch_size])
    return out


def _activations_on_card(model, X, stop, batch_size):
    """The same under JAX: nothing is waited for; the last batch is filled up, so that one shape compiles."""
    import jax

    if "_forward" not in model.__dict__:  # a second call must not compile anew
        hardware.quick_pooling(model)
        model.__dict__["_forward"] = jax.jit(lambda weights, x: model.stateless_call(*weights, x)[0])
    weights = [[w.value for w in part] for part in (model.trainable_variables, model.non_trainable_variables)]
    out = []
    for start in range(0, len(X), batch_size):
        if stop is not None and stop.is_set():
            break
        batch = X[start : start + batch_size]
        short = batch_size - len(batch)
        filled = jax.numpy.pad(batch, [(0, short)] + [(0, 0)] * (X.ndim - 1)) if short else batch
        out.append(model.__dict__["_forward"](weights, filled)[: len(batch)])
    missing = len(X) - sum(map(len, out))
    if missing:
        shape = model.compute_output_shape((1, *X.shape[1:]))[1:]
        out.append(jax.numpy.zeros((missing, *shape), model.compute_dtype))
    return jax.numpy.concatenate(out)


def _to_bytes(model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def _from_bytes(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(data)
        return keras.saving.load_model(path, compile=False, safe_mode=True)
