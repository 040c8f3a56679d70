"""The transfer strategies, as scikit-learn estimators: pictures in, class names out.

All take X uint8 (n, height, width, 3) and y (n,) of any labels, and work with `clone`,
`cross_val_score`, `learning_curve` and pickle. Preprocessing lives inside the model.
Used in notebooks 04 to 08.
"""

import math
import tempfile
import threading
from pathlib import Path

import numpy as np

from helpers.data.validation import check_images, too_small
from helpers.networks.backbones import Backbone, fresh, mini_vgg
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, count_trainable, set_trainable_from, split_frozen
from helpers.strategies.base import SHAPES, Strategy
from helpers.strategies.frozen import LinearProbe, dense_weights

# Below this many steps an optimizer has hardly moved, however few the pictures.
MIN_STEPS = 120
MOST_BYTES = 2**30  # of activations kept in memory; beyond, the frozen layers run in every epoch


class FineTune(Strategy):
    """Train a new head and the last blocks of the backbone together.

    BatchNorm keeps its source statistics. Two learning rates: a small one for the backbone,
    so that good features are not destroyed before the head has learnt (lecture, advice).

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
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
        from helpers.strategies.training import fit

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


def epochs_for(images: int, batch_size: int) -> int:
    """Epochs that make about MIN_STEPS steps, at least 8."""
    return max(8, round(MIN_STEPS / -(-images // batch_size)))


def _bytes_out(model, X):
    """Bytes that one picture's activations take, as 32-bit floats."""
    return 4 * math.prod(model.compute_output_shape((1, *X.shape[1:])))


def frozen_activations(
    model: keras.Model, X: np.ndarray, stop: threading.Event | None = None, batch_size: int = 64
) -> np.ndarray:
    """What the frozen part of a network makes of pictures: float32, computed once for all epochs.

    Args:
        model: the lower part, of `helpers.networks.heads.split_frozen`.
        X: uint8 (n, height, width, 3).
        stop: once it is set, the rest is zeros: training then ends at once.
        batch_size: pictures at once.
    """
    out = np.zeros((len(X), *model.compute_output_shape((1, *X.shape[1:]))[1:]), np.float32)
    for start in range(0, len(X), batch_size):
        if stop is not None and stop.is_set():
            break
        out[start : start + batch_size] = model.predict_on_batch(X[start : start + batch_size])
    return out


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
