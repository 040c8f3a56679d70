"""Adam with two learning rates: a small one for the backbone, a larger one for the new head."""

from collections.abc import Sequence

from helpers.networks.backend import keras


@keras.saving.register_keras_serializable("helpers")
class LayerwiseAdam(keras.optimizers.Adam):
    """Adam with one learning rate for the backbone and another for the new head.

    The optimizer's learning rate is that of the head; the updates of all other weights are multiplied by
    `backbone_scale`. Source of discriminative learning rates: Howard & Ruder 2018, "ULMFiT".
    (`keras.optimizers.MultiOptimizer` does the same from Keras 3.15 on; Colab has 3.13.)

    Args:
        learning_rate: of the head.
        backbone_scale: learning rate of the backbone / learning rate of the head.

    Example:
        >>> LayerwiseAdam(learning_rate=3e-3, backbone_scale=0.1).get_config()["backbone_scale"]
        0.1
    """

    def __init__(self, learning_rate: float = 1e-3, backbone_scale: float = 0.1, **options) -> None:
        super().__init__(learning_rate=learning_rate, **options)
        self.backbone_scale = backbone_scale

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Note which variables belong to the head."""
        # Later calls may get raw backend variables without a path, so the order is kept.
        self._scales = [1.0 if v.path.startswith("head/") else self.backbone_scale for v in variables]
        super().build(variables)

    def update_step(
        self, gradient: keras.KerasTensor, variable: keras.Variable, learning_rate: keras.KerasTensor
    ) -> None:
        """Change a variable by its own learning rate."""
        scale = self._scales[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * scale)

    def get_config(self) -> dict:
        """Return the settings that Keras saves."""
        return {**super().get_config(), "backbone_scale": self.backbone_scale}
