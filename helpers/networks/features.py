"""CNN codes: the activations of any layer of a frozen backbone, as scikit-learn features.

They are computed once and kept on disk, so that a head can be trained repeatedly in milliseconds.
Source: Razavian et al. 2014, "CNN features off-the-shelf".
"""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from helpers.data.validation import check_images, too_small
from helpers.environment import cache_dir

if TYPE_CHECKING:
    from helpers.networks.backbones import Backbone
    from helpers.networks.backend import keras


_CACHING = ContextVar("caching", default=True)


@contextlib.contextmanager
def uncached() -> Iterator[None]:
    """Compute all codes anew inside the `with` block: what is timed there must not depend on earlier runs.

    Example:
        >>> with uncached():
        ...     pass  # fit and time something
    """
    token = _CACHING.set(False)
    try:
        yield
    finally:
        _CACHING.reset(token)


class CNNCodes(TransformerMixin, BaseEstimator):
    """Turn images into the CNN codes of one layer.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: the name of a layer, such as "block3_pool"; None for the last one.
        pooling: "avg" or "max" over the image, or "grid" for averages over 2x2 parts of the image, which
            roughly keep positions (used for early layers).
        cache: whether to keep the codes on disk.

    Example:
        >>> from helpers.networks.backbones import Backbone
        >>> CNNCodes(Backbone("shapes")).fit_transform(np.zeros((2, 32, 32, 3), "uint8")).shape
        (2, 128)
    """

    def __init__(
        self, backbone: "Backbone", layer: str | None = None, pooling: str = "avg", cache: bool = True
    ) -> None:
        self.backbone = backbone
        self.layer = layer
        self.pooling = pooling
        self.cache = cache

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> Self:
        """Check the layer, the pooling and the size of the images; there is nothing to learn.

        Args:
            X: uint8 (n, height, width, 3).
            y: ignored.

        Raises:
            TypeError: If the backbone is not a Backbone, or X is not an array of integers.
            ValueError: If the layer or pooling is unknown, or the images in X are too small for the layer or
                have another shape.
        """
        from helpers.networks.backbones import check_backbone, shared

        X = check_images(X)
        names = check_backbone(self.backbone).layer_names
        if self.layer is not None and self.layer not in names:
            raise ValueError(
                f"Unknown layer {self.layer!r} of {self.backbone.name}. Use one of {', '.join(names)}."
            )
        self.layer_ = names[-1] if self.layer is None else self.layer
        self.image_shape_ = X.shape[1:]
        _model_to(self.backbone, self.layer_, self.pooling, self.image_shape_)  # kept for `transform`
        self.weights_digest_ = shared(self.backbone).weights_digest
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Compute the codes of images, or read them from the cache.

        Args:
            X: uint8 (n, height, width, 3), of the size that `fit` saw.

        Returns:
            float32 (n, channels), or (n, 4 * channels) for "grid".

        Raises:
            ValueError: If the images have another size, or the file of the backbone's weights has been
                overwritten since `fit`.
        """
        check_is_fitted(self)
        X = check_images(X)
        if X.shape[1:] != self.image_shape_:
            raise ValueError(
                f"These images have shape {X.shape[1:]}, but fit saw {self.image_shape_}. "
                "Resize them to the same size."
            )
        self.check_weights()
        if not (self.cache and _CACHING.get()):
            return self._compute(X)
        path = cache_dir() / f"{self._key(X)}.npy"
        codes = _read(path)
        if codes is None:
            codes = self._compute(X)
            _write(path, codes)
        return codes

    def check_weights(self) -> None:
        """Check that the backbone still has the weights that `fit` saw.

        Raises:
            ValueError: If the file of its weights has been overwritten since.
            OSError: If the file is missing.
        """
        from helpers.networks.backbones import shared

        if self.weights_digest_ != shared(self.backbone).weights_digest:
            raise ValueError(
                f"The weights of {self.backbone!r} are not those that fit saw. Restore the file, or call fit "
                "again."
            )

    def network(self) -> "keras.Model":
        """Return a copy of the backbone that computes the codes, all layers trainable."""
        from helpers.networks.backbones import fresh

        return fresh(self.backbone)

    def _compute(self, X):
        return extract(self.backbone, self.layer_, X, self.pooling)

    def _key(self, X):
        from helpers.networks.backbones import fingerprint

        digest = hashlib.sha256(np.ascontiguousarray(X))
        for part in (fingerprint(self.backbone), self.layer_, self.pooling, X.shape):
            digest.update(f"|{part}".encode())
        return digest.hexdigest()


def extract(
    backbone: "Backbone", layer: str, X: np.ndarray, pooling: str, batch_size: int = 64
) -> np.ndarray:
    """Run images through a frozen backbone up to a layer and pool its output.

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        layer: the name of the layer.
        X: uint8 (n, height, width, 3).
        pooling: "avg", "max" or "grid".
        batch_size: images per batch; it changes the memory needed, not the codes.

    Returns:
        The codes, float32 (n, features).
    """
    codes = _model_to(backbone, layer, pooling, X.shape[1:]).predict(X, batch_size=batch_size, verbose=0)
    return codes.astype("float32", copy=False)  # mixed precision gives 16 bits


def pooled(x: "keras.KerasTensor", pooling: str) -> "keras.KerasTensor":
    """Pool activations over the image, by layers of Keras alone.

    Args:
        x: activations (batch, rows, columns, channels).
        pooling: "avg", "max" or "grid", as for `CNNCodes`.

    Returns:
        Features (batch, channels), or (batch, 4 * channels) for "grid".

    Raises:
        ValueError: If the pooling is unknown.
    """
    from helpers.networks.backend import keras

    if pooling == "avg":
        return keras.layers.GlobalAveragePooling2D()(x)
    if pooling == "max":
        return keras.layers.GlobalMaxPooling2D()(x)
    if pooling == "grid":
        x = keras.layers.AdaptiveAveragePooling2D(2)(x)
        return keras.layers.Reshape((4 * x.shape[-1],))(x)
    raise ValueError(f"pooling must be 'avg', 'max' or 'grid'. Received: {pooling!r}")


def _model_to(backbone, layer, pooling, shape):
    """Return a model up to the layer that includes the pooling.

    There is one model per image size: with several sizes, Keras would not know the size when pooling.

    Raises:
        ValueError: If images of this shape are too small for the layer.
    """
    from helpers.networks.backbones import shared
    from helpers.networks.backend import keras

    source = shared(backbone)
    model, kept = source.model, source.submodels
    if (layer, pooling, shape) not in kept:
        inputs = keras.Input(shape)
        try:
            x = keras.Model(model.input, model.get_layer(layer).output)(inputs)
        except ValueError:  # raised by Keras if a convolution or pooling leaves no pixels
            x = None
        if x is None or min(x.shape[1:3]) < (2 if pooling == "grid" else 1):
            raise too_small(shape, f"layer {layer} of {backbone.name}")
        kept[layer, pooling, shape] = keras.Model(inputs, pooled(x, pooling))
    return kept[layer, pooling, shape]


def _read(path):
    """Return the stored codes, or None if the file is missing or damaged."""
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None


def _write(path, codes):
    """Write a temporary file, then rename it: readers see a complete file or none, even with many writers."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            temporary = file.name
            np.save(file, codes, allow_pickle=False)
        os.replace(temporary, path)
    except OSError:  # a full or read-only disk: the cache only saves time
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _sweep(folder, seconds=3600):
    """Remove the temporary files of killed writers; a running writer's file is never that old."""
    for left in folder.glob("*.part"):
        with contextlib.suppress(OSError):  # another process sweeps too
            if time.time() - left.stat().st_mtime > seconds:
                left.unlink()
