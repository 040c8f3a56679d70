"""How much memory training takes: predicted from the layers, measured on a GPU. Used in notebook 07."""

import numpy as np

from helpers.models import keras


def has_gpu() -> bool:
    """Does Keras see a GPU?"""
    return any(not device.startswith("cpu") for device in keras.distribution.list_devices())


def predict_memory(model, image_size: int, batch_size: int, bytes_each: int = 4) -> dict[str, float]:
    """Memory of one training step with Adam, in MiB.

    Weights are kept once; trainable ones also as a gradient and two moments. The activations of
    every layer are kept for the backward pass from the first trainable layer on; before it, only
    the largest pair lives at a time. What a library keeps beside that is not counted.

    Args:
        model: of `helpers.models.classifier`.
        image_size: side of the pictures.
        batch_size: pictures a step.
        bytes_each: 4 for float32, 2 for the activations of mixed precision.

    Returns:
        weights, gradients and moments, activations, and their sum.
    """
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    everything = sum(int(np.prod(w.shape)) for w in model.weights)
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    layers = [layer for layer in backbone.layers if not isinstance(layer, keras.layers.InputLayer)]
    every_output = keras.Model(backbone.input, [layer.output for layer in layers])
    shapes = every_output.compute_output_shape((1, image_size, image_size, 3))
    values = [int(np.prod(shape[1:])) for shape in shapes]
    trained_from = next((k for k, la in enumerate(layers) if la.trainable_weights), len(layers))
    pairs = [one + next_one for one, next_one in zip(values, values[1:], strict=False)]
    kept = sum(values[trained_from:])
    activations = batch_size * max(kept, max(pairs)) * bytes_each
    table = {
        "weights": everything * 4,
        "gradients and moments": trained * 12,
        "activations": activations,
    }
    return {name: size / 2**20 for name, size in (table | {"sum": sum(table.values())}).items()}


def measured_memory() -> float | None:
    """Most memory that this process has had on its GPU, in MiB; None without a GPU."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if not tf.config.list_physical_devices("GPU"):
            return None
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
    import jax

    statistics = jax.local_devices()[0].memory_stats()
    return statistics["peak_bytes_in_use"] / 2**20 if statistics else None


def mixed_precision() -> str:
    """Compute in 16 bits where a GPU gains from it; returns the policy that is now in force."""
    if has_gpu():
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    return keras.mixed_precision.global_policy().name
