"""Augmentation that every backend compiles: layers that `helpers.networks.heads.classifier` uses."""

from helpers.networks.backend import keras

ops = keras.ops


@keras.saving.register_keras_serializable("helpers")
class RandomShift(keras.layers.Layer):
    """Moves every picture by whole pixels at random, while training only; edges are repeated.

    No pixel is blended with its neighbours, so that the grain of a picture stays. (Keras' own
    RandomTranslation does not compile with XLA, which costs a GPU most of its speed.)

    Args:
        most: largest shift, as a share of height and width.
        seed: of the shifts.
    """

    def __init__(self, most: float = 0.1, seed: int | None = None, **options) -> None:
        super().__init__(**options)
        self.most, self.seed = most, seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        if not training:
            return x
        for axis in (1, 2):
            size = x.shape[axis] or ops.shape(x)[axis]
            reach = ops.cast(self.most * ops.cast(size, "float32"), "int32")
            shift = keras.random.uniform((ops.shape(x)[0], 1), -1, 1, seed=self.seeds)
            shift = ops.cast(ops.round(shift * ops.cast(reach, "float32")), "int32")
            rows = ops.clip(ops.arange(size, dtype="int32")[None] + shift, 0, size - 1)
            x = ops.take_along_axis(x, ops.expand_dims(rows, (3 - axis, 3)), axis)
        return x

    def get_config(self) -> dict:
        return {**super().get_config(), "most": self.most, "seed": self.seed}
