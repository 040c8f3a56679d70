"""L2-SP: full fine-tuning with a penalty on the distance from the source weights."""

from helpers.networks.backbones import Backbone
from helpers.networks.backend import keras
from helpers.strategies.base import SHAPES
from helpers.strategies.trained import FullFineTune


class L2SP(FullFineTune):
    """Fine-tune the whole network, and pull its backbone towards the weights of the source.

    The loss has an additional term, strength / 2 times the squared distance of the backbone's weights from
    those of the source. The new head has no source, so nothing pulls it. Source: Li et al. 2018, "Explicit
    inductive bias for transfer learning with convolutional networks".

    Args:
        strength: of the pull. The best one depends on the target; choose it on validation images. In the
            study `l2_sp`, validation preferred this default to 1 in most runs; a tenth of it hardly pulls.
        backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm: as for `FullFineTune`.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 10, 5, 0)
        >>> tuned = L2SP(strength=0.1, epochs=1).fit(data.X_train, data.y_train)
        >>> len(tuned.history_["loss"])
        1
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        strength: float = 0.1,
        base_lr: float | None = None,
        head_lr: float | None = None,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        batchnorm: str = "keep",
    ) -> None:
        super().__init__(backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm)
        self.strength = strength

    def _network(self, X, y):
        model = super()._network(X, y)
        pull(model.layers[1], self.strength)
        return model


def pull(backbone: keras.Model, strength: float | keras.Variable) -> None:
    """Add a penalty to the loss of a network: its distance from the weights that it has now.

    Args:
        backbone: whose trainable weights are pulled; a model that contains it has the penalty, too.
        strength: of the penalty, strength / 2 times the sum of the squared differences; a variable can change
            later (with TensorFlow; a step that JAX has compiled keeps the first value).

    Example:
        >>> from helpers.networks.backbones import fresh
        >>> network = fresh(SHAPES)
        >>> pull(network, 0.1)
        >>> sum(map(float, network.losses))
        0.0
    """
    for weight in backbone.trainable_weights:
        weight.regularizer = _Spring(keras.ops.copy(weight.value), strength)


class _Spring(keras.regularizers.Regularizer):
    def __init__(self, start, strength):
        self.start, self.strength = start, strength

    def __call__(self, now):
        return self.strength / 2 * keras.ops.sum(keras.ops.square(now - self.start))
