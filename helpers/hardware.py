"""What training costs: predicted from the layers, then measured; precision and compilation that fit a GPU.

Works on Keras' TensorFlow and JAX backends. Used in notebook 07.
"""

import contextlib
import functools
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from helpers import models
from helpers.models import keras

MOST_ON_CARD = 2**30  # bytes of pictures that are kept in a GPU's memory


def has_gpu() -> bool:
    """Does Keras see a GPU (or a TPU)?"""
    return any(not device.startswith("cpu") for device in keras.distribution.list_devices())


def device_name() -> str:
    """What Keras computes on, such as "NVIDIA H100 80GB HBM3"; for a CPU its kind and cores."""
    if not has_gpu():
        return f"{platform.machine()} CPU, {os.cpu_count()} cores"
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        card = tf.config.list_physical_devices("GPU")[0]
        return tf.config.experimental.get_device_details(card).get("device_name", "GPU")
    import jax

    return jax.local_devices()[0].device_kind


def capability() -> tuple[int, int]:
    """Generation of the first NVIDIA GPU, its "compute capability": T4 (7, 5), A100 (8, 0); else (0, 0)."""
    try:
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            card = tf.config.list_physical_devices("GPU")[0]
            return tuple(tf.config.experimental.get_device_details(card)["compute_capability"])
        import jax

        major, minor = jax.local_devices()[0].compute_capability.split(".")
        return int(major), int(minor)
    except (AttributeError, IndexError, KeyError, ValueError):
        return 0, 0


def precision_for(card: tuple[int, int]) -> str:
    """The Keras policy that a generation of GPUs gains from.

    From Ampere on, bfloat16 has the range of float32 and needs no care. A T4 has only float16,
    whose small gradients vanish: there Keras scales the loss up. Older cards gain nothing.

    >>> precision_for((8, 0)), precision_for((7, 5)), precision_for((0, 0))
    ('mixed_bfloat16', 'mixed_float16', 'float32')
    """
    return "mixed_bfloat16" if card >= (8, 0) else "mixed_float16" if card >= (7, 0) else "float32"


def mixed_precision(policy: str | None = None) -> str:
    """Compute in 16 bits where the GPU gains from it; returns the policy that is now in force.

    Models that were built before keep their precision: call it first.

    Args:
        policy: of Keras, such as "mixed_bfloat16"; None chooses by the card.
    """
    keras.config.set_dtype_policy(policy or precision_for(capability()))
    models.load.cache_clear()
    models.fingerprint.cache_clear()
    return keras.config.dtype_policy().name


def compiled() -> bool | str:
    """`jit_compile` for `model.compile`: XLA on a GPU, none on a CPU, where compiling takes too long.

    JAX is slow without it. "auto" leaves out models with layers that XLA does not know.
    """
    return "auto" if has_gpu() or keras.backend.backend() == "jax" else False


def stays_on_card(bytes_taken: float) -> bool:
    """Are so many bytes sent to the GPU once, not batch by batch? Under JAX only."""
    return keras.backend.backend() == "jax" and has_gpu() and bytes_taken <= MOST_ON_CARD


def on_card(X: np.ndarray) -> np.ndarray:
    """Pictures where they are learnt from: in the GPU's memory, where they stay there; else as they are."""
    if not stays_on_card(X.nbytes):
        return X
    import jax

    return jax.device_put(X)


def rows_of(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """X[rows]; in a GPU's memory in one step, not several."""
    return X[rows] if isinstance(X, np.ndarray) else _take()(X, rows)


@functools.cache
def _take():
    import jax

    return jax.jit(lambda X, rows: X[rows])


def quick_pooling(model: keras.Model) -> None:
    """Make max pooling over 2 x 2 quick to learn through: on a GPU under JAX, elsewhere it is already.

    XLA's gradient of a pooling scatters, which takes long; that of a maximum compares. The results are the
    same. The gradient is shared where several of the four are largest; a pooling gives it to one of them.

    Args:
        model: its layers change, in this process: nothing of it is saved.
    """
    if keras.backend.backend() != "jax" or not has_gpu():
        return
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.MaxPooling2D):
            kind = (layer.pool_size, layer.strides, layer.padding, layer.data_format)
            if kind == ((2, 2), (2, 2), "valid", "channels_last"):
                layer.call = _largest_of_four


def _largest_of_four(x):
    _, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return keras.ops.max(keras.ops.reshape(x, (-1, height // 2, 2, width // 2, 2, channels)), axis=(2, 4))


def out_of_memory(error: BaseException) -> bool:
    """Does an error of TensorFlow, JAX or numpy say that memory ran out?"""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"ResourceExhaustedError", "MemoryError"}) or "RESOURCE_EXHAUSTED" in str(error)


def _layers(model, image_size):
    """(layer, shape of its output for one picture), from pixels to logits; the preprocessing included."""
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    layers = [layer for layer in backbone.layers if not isinstance(layer, keras.layers.InputLayer)]
    every_output = keras.Model(backbone.input, [layer.output for layer in layers])
    shapes = every_output.compute_output_shape((1, image_size, image_size, 3))
    top = [layer for layer in model.layers[model.layers.index(backbone) + 1 :] if layer.weights]
    return [*zip(layers, shapes, strict=True), *((layer, tuple(layer.output.shape)) for layer in top)]


def predict_memory(model: keras.Model, image_size: int, batch_size: int) -> dict[str, float]:
    """Memory of one training step with Adam, in MiB.

    Weights are kept once, in 32 bits; trainable ones also as a gradient and two moments. The
    activations of every layer are kept for the backward pass from the first trainable layer on;
    before it, only the largest pair lives at a time. They take 2 bytes each in mixed precision,
    else 4. What a library keeps beside that is not counted.

    Args:
        model: of `helpers.models.classifier`.
        image_size: side of the pictures.
        batch_size: pictures a step.

    Returns:
        weights, gradients and moments, activations, and their sum.
    """
    bytes_each = 4 if keras.config.dtype_policy().compute_dtype == "float32" else 2
    trained = models.count_trainable(model)
    everything = sum(int(np.prod(w.shape)) for w in model.weights)
    steps = _layers(model, image_size)
    values = [int(np.prod(shape[1:])) for _, shape in steps]
    first = next((k for k, (layer, _) in enumerate(steps) if layer.trainable_weights), len(steps))
    pairs = [one + next_one for one, next_one in zip(values, values[1:], strict=False)]
    table = {
        "weights": everything * 4,
        "gradients and moments": trained * 12,
        "activations": batch_size * max(sum(values[first:]), max(pairs)) * bytes_each,
    }
    return {name: size / 2**20 for name, size in (table | {"sum": sum(table.values())}).items()}


def count_operations(model: keras.Model, image_size: int) -> dict[str, float]:
    """Multiplications and additions of one training step, for one picture.

    A layer's product of inputs and weights costs the same forward, for the gradient of its weights,
    and for the gradient of its inputs; the last is not needed by the first layer that trains, and
    the last two not by frozen layers before it. Everything but such products is left out.

    Args:
        model: of `helpers.models.classifier`.
        image_size: side of the pictures.

    Returns:
        frozen (forward through the layers before the first that trains), forward (the rest), backward.
    """
    costs = [
        (2.0 * sum(np.prod(w.shape) for w in la.weights if len(w.shape) > 1) * np.prod(shape[1:-1]), la)
        for la, shape in _layers(model, image_size)
    ]
    first = next((k for k, (_, layer) in enumerate(costs) if layer.trainable_weights), len(costs))
    trained, rest = costs[first:], costs[first + 1 :]
    of_weights = sum(cost for cost, layer in trained if layer.trainable_weights)
    return {
        "frozen": float(sum(cost for cost, _ in costs[:first])),
        "forward": float(sum(cost for cost, _ in trained)),
        "backward": float(of_weights + sum(cost for cost, _ in rest)),
    }


def matrix_speed(dtype: str | None = None, size: int | None = None, repeats: int = 20) -> float:
    """Operations a second of large matrix products here, the best of five tries: what nothing else exceeds.

    Args:
        dtype: None is the one that models compute in.
        size: of the square matrices; None is 8192 on a GPU, 512 on a CPU.
        repeats: products in one try.
    """
    return _matrix_speed(
        dtype or keras.config.dtype_policy().compute_dtype, size or (8192 if has_gpu() else 512), repeats
    )


@functools.lru_cache
def _matrix_speed(dtype, size, repeats):
    numbers = np.random.default_rng(0).standard_normal((size, size)).astype("float32") / size**0.5
    matrix = keras.ops.cast(keras.ops.convert_to_tensor(numbers), dtype)

    def product():
        x = matrix
        for _ in range(repeats):
            x = keras.ops.matmul(x, matrix)
        return float(keras.ops.convert_to_numpy(keras.ops.cast(x[0, 0], "float32")))  # waits for the card

    product()
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - started)
    return 2.0 * size**3 * repeats / min(seconds)


@dataclass
class Cost:
    """Seconds that passed, and the most GPU memory in use, in MiB (None without a GPU)."""

    seconds: float = 0.0
    memory: float | None = None

    def __str__(self):
        return f"{self.seconds:.1f} s" + ("" if self.memory is None else f", {self.memory:,.0f} MiB at most")


@dataclass(frozen=True)
class Forecast:
    """What an epoch will take: memory in MiB, as `predict_memory` gives it, and seconds at least."""

    memory: dict[str, float]
    seconds: float

    def __str__(self):
        weights = self.memory["weights"] + self.memory["gradients and moments"]
        return (
            f"{weights:,.0f} MiB for weights, {self.memory['activations']:,.0f} MiB for activations, "
            f"at least {self.seconds:.2f} s an epoch"
        )

    def beside(self, cost: Cost, epochs: int) -> str:
        """Set what was measured over some epochs beside it."""
        least = self.seconds * epochs
        return (
            f"predicted: {self.memory['sum']:,.0f} MiB, at least {least:.1f} s for {epochs} epochs\n"
            f"measured:  {cost}, {least / cost.seconds:.0%} of the peak speed"
            f"{' (memory is measured on a GPU only)' if cost.memory is None else ''}"
        )


def forecast(model: keras.Model, image_size: int, batch_size: int, pictures: int) -> Forecast:
    """Memory of a step, and the time of an epoch at the speed of a large matrix product here.

    Args:
        model: of `helpers.models.classifier`.
        image_size: side of the pictures.
        batch_size: pictures a step.
        pictures: of an epoch.
    """
    work = pictures * sum(count_operations(model, image_size).values())
    return Forecast(predict_memory(model, image_size, batch_size), work / matrix_speed())


@contextlib.contextmanager
def meter() -> Iterator[Cost]:
    """Measure time and GPU memory of a `with` block (JAX tells the most since the process began)."""
    if keras.backend.backend() == "tensorflow" and has_gpu():
        import tensorflow as tf

        tf.config.experimental.reset_memory_stats("GPU:0")
    cost, started = Cost(), time.perf_counter()
    yield cost
    cost.seconds, cost.memory = time.perf_counter() - started, _peak_memory()


def _peak_memory():
    if not has_gpu():
        return None
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
    import jax

    statistics = jax.local_devices()[0].memory_stats()
    return statistics["peak_bytes_in_use"] / 2**20 if statistics else None
