"""Augmentation layers that compile on every backend, used by `helpers.networks.heads.classifier`."""

from helpers.networks.backend import keras

ops = keras.ops


@keras.saving.register_keras_serializable("helpers")
class RandomShift(keras.layers.Layer):
    """Shift every image by a random number of whole pixels during training; edge pixels are repeated.

    Pixels are not interpolated, so the fine texture of an image is preserved. (Keras' own RandomTranslation
    does not compile with XLA, without which a GPU loses most of its speed.)

    Args:
        most: the largest shift as a fraction of height and width.
        seed: random seed.
        **options: the usual arguments of a Keras layer, such as `name`.

    Example:
        >>> images = keras.random.uniform((4, 32, 32, 3))
        >>> tuple(RandomShift(0.1)(images, training=True).shape)
        (4, 32, 32, 3)
    """

    def __init__(self, most: float = 0.1, seed: int | None = None, **options) -> None:
        super().__init__(**options)
        self.most, self.seed = most, seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Shift a batch of images (batch, height, width, channels) if training."""
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
        """Return the arguments of the layer, for saving it."""
        return {**super().get_config(), "most": self.most, "seed": self.seed}
