"""CNN codes of a backbone whose BatchNorm statistics are those of the target: AdaBN for frozen backbones."""

import hashlib
from typing import TYPE_CHECKING, Self

import numpy as np

from helpers.networks.features import CNNCodes

if TYPE_CHECKING:
    from helpers.networks.backend import keras


class AdaptedCodes(CNNCodes):
    """Turn images into CNN codes; `fit` replaces BatchNorm's statistics by those of the images that it sees.

    No labels are used. Source: Li et al. 2017, "Revisiting batch normalization for practical domain
    adaptation".

    Args:
        backbone, layer, pooling, cache: as for `helpers.networks.features.CNNCodes`.

    Example:
        >>> from helpers.data.synthetic import streets
        >>> from helpers.networks.backbones import Backbone
        >>> AdaptedCodes(Backbone("photos")).fit_transform(streets(50, night=True)[0]).shape
        (50, 128)
    """

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> Self:
        """Compute the statistics of images of the target.

        Args:
            X: uint8 (n, height, width, 3).
            y: ignored.

        Raises:
            TypeError, ValueError: As for `CNNCodes.fit`, or the backbone has no BatchNorm.
        """
        from helpers.networks.batchnorm import adapt_batchnorm

        super().fit(X, y)
        network = super().network()
        adapt_batchnorm(network, X)
        self.weights_ = network.get_weights()
        return self

    def network(self) -> "keras.Model":
        """Return a copy of the backbone with the statistics of the target."""
        network = super().network()
        network.set_weights(self.weights_)
        return network

    def _compute(self, X):
        from helpers.networks.backend import keras
        from helpers.networks.features import pooled

        network = self.network()
        x = pooled(network.get_layer(self.layer_).output, self.pooling)
        return (
            keras.Model(network.input, x).predict(X, batch_size=64, verbose=0).astype("float32", copy=False)
        )

    def _key(self, X):
        digest = hashlib.sha256(super()._key(X).encode())
        for weights in self.weights_:
            digest.update(np.ascontiguousarray(weights))
        return digest.hexdigest()
