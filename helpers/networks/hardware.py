"""The cost of training, predicted from the layers and measured; precision and compilation for a GPU.

Works with the TensorFlow and JAX backends of Keras.
"""

import contextlib
import functools
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from helpers.data.validation import check_integer
from helpers.networks import backbones, heads
from helpers.networks.backend import keras


def has_gpu() -> bool:
    """Return whether Keras finds a GPU or TPU."""
    return any(not device.startswith("cpu") for device in keras.distribution.list_devices())


def device_name() -> str:
    """Return the name of the GPU, such as "NVIDIA H100 80GB HBM3", or the type and cores of the CPU."""
    if not has_gpu():
        return f"{platform.machine()} CPU, {os.cpu_count()} cores"
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        card = tf.config.list_physical_devices("GPU")[0]
        return tf.config.experimental.get_device_details(card).get("device_name", "GPU")
    import jax

    return jax.local_devices()[0].device_kind


def capability() -> tuple[int, int]:
    """Return the compute capability of the first NVIDIA GPU: T4 (7, 5), A100 (8, 0); (0, 0) without one."""
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
    """Return the dtype policy of Keras that is fastest on a GPU.

    From Ampere on, GPUs support bfloat16, which has the range of float32 and needs no special care. A T4
    supports only float16, whose small gradients underflow, so Keras scales the loss. Older GPUs gain
    nothing from 16 bits.

    Args:
        card: the compute capability of the GPU, from `capability`.

    Example:
        >>> precision_for((8, 0)), precision_for((7, 5)), precision_for((0, 0))
        ('mixed_bfloat16', 'mixed_float16', 'float32')
    """
    return "mixed_bfloat16" if card >= (8, 0) else "mixed_float16" if card >= (7, 0) else "float32"


def mixed_precision(policy: str | None = None) -> str:
    """Set the dtype policy of Keras: 16 bits if the GPU gains from them.

    Models that already exist keep their precision, so call this first.

    Args:
        policy: a policy, such as "mixed_bfloat16"; None chooses it for the GPU.

    Returns:
        The name of the policy that is set.
    """
    keras.config.set_dtype_policy(policy or precision_for(capability()))
    backbones.forget()
    return keras.config.dtype_policy().name


def compiled() -> bool | str:
    """Return `jit_compile` for `model.compile`: "auto" on a GPU or JAX, else False.

    On a CPU, compiling takes too long; JAX is slow without it. "auto" excludes models with layers that XLA
    does not support.
    """
    return "auto" if has_gpu() or keras.backend.backend() == "jax" else False


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error of TensorFlow, JAX or NumPy means that memory ran out."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"ResourceExhaustedError", "MemoryError"}) or "RESOURCE_EXHAUSTED" in str(error)


def _layers(model, image_size):
    """List (layer, output shape for one image), from preprocessing to logits."""
    backbone = next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)
    if backbone is None:
        raise ValueError(
            f"The model must be a classifier on a backbone, as helpers.networks.heads.classifier returns it. "
            f"Received: {model.name!r}."
        )
    layers = [layer for layer in backbone.layers if not isinstance(layer, keras.layers.InputLayer)]
    image_size = check_integer("image_size", image_size, 1)
    every_output = keras.Model(backbone.input, [layer.output for layer in layers])
    shapes = every_output.compute_output_shape((1, image_size, image_size, 3))
    top = [layer for layer in model.layers[model.layers.index(backbone) + 1 :] if layer.weights]
    return [*zip(layers, shapes, strict=True), *((layer, tuple(layer.output.shape)) for layer in top)]


def predict_memory(model: keras.Model, image_size: int, batch_size: int) -> dict[str, float]:
    """Predict the memory of one training step with Adam.

    Weights are stored once, in 32 bits; trainable weights also need a gradient and two moments. From the
    first trainable layer on, all activations are stored for the backward pass; before it, only the largest
    pair of successive activations exists at a time. An activation takes 2 bytes in mixed precision, else 4.
    Additional memory of the library is not counted.

    Args:
        model: from `helpers.networks.heads.classifier`.
        image_size: height and width of the images in pixels.
        batch_size: images per step.

    Returns:
        MiB of "weights", "gradients and moments", "activations", and their "sum".

    Raises:
        ValueError: The model is not such a classifier, or a number is not an integer of at least 1.

    Example:
        >>> from helpers.networks.backbones import Backbone, fresh
        >>> model = heads.classifier(fresh(Backbone("shapes")), classes=5)
        >>> round(predict_memory(model, image_size=32, batch_size=8)["weights"], 2)  # 464,869 weights
        1.77
    """
    batch_size = check_integer("batch_size", batch_size, 1)
    bytes_each = 4 if keras.config.dtype_policy().compute_dtype == "float32" else 2
    trained = heads.count_trainable(model)
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
    """Count the multiplications and additions of one training step for one image.

    The product of a layer's inputs and weights costs the same in the forward pass, for the gradient of the
    weights, and for the gradient of the inputs. The first trainable layer does not need the last one, and
    the frozen layers before it need neither gradient. Other operations are ignored.

    Args:
        model: from `helpers.networks.heads.classifier`.
        image_size: height and width of the images in pixels.

    Returns:
        The operations of "frozen" (forward through the layers before the first trainable one), "forward"
        (the other layers) and "backward".
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
    """Measure the operations per second of large matrix products: an upper bound of training speed.

    Args:
        dtype: of the matrices; None for the dtype in which models compute.
        size: rows of the square matrices; None for 8192 on a GPU and 512 on a CPU.
        repeats: matrix products per measurement; the best of five measurements counts.
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
        return float(keras.ops.convert_to_numpy(keras.ops.cast(x[0, 0], "float32")))  # waits for the GPU

    product()
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - started)
    return 2.0 * size**3 * repeats / min(seconds)


@dataclass
class Cost:
    """The measured cost of a computation.

    Args:
        seconds: the time.
        memory: the peak GPU memory in MiB; None without a GPU.

    Example:
        >>> print(Cost(seconds=2.5, memory=812.0))
        2.5 s, at most 812 MiB
    """

    seconds: float = 0.0
    memory: float | None = None

    def __str__(self):
        return f"{self.seconds:.1f} s" + ("" if self.memory is None else f", at most {self.memory:,.0f} MiB")


@dataclass(frozen=True)
class Forecast:
    """The predicted cost of one epoch.

    Args:
        memory: in MiB, from `predict_memory`.
        seconds: the shortest possible time.

    Example:
        >>> print(Forecast({"weights": 2.0, "gradients and moments": 6.0, "activations": 50.0}, seconds=0.25))
        8 MiB for weights, 50 MiB for activations, at least 0.25 s per epoch
    """

    memory: dict[str, float]
    seconds: float

    def __str__(self):
        weights = self.memory["weights"] + self.memory["gradients and moments"]
        return (
            f"{weights:,.0f} MiB for weights, {self.memory['activations']:,.0f} MiB for activations, "
            f"at least {self.seconds:.2f} s per epoch"
        )

    def beside(self, cost: Cost, epochs: int) -> str:
        """Compare the prediction with the measured cost of some epochs."""
        least = self.seconds * epochs
        return (
            f"predicted: {self.memory['sum']:,.0f} MiB, at least {least:.1f} s for {epochs} epochs\n"
            f"measured:  {cost}, {least / cost.seconds:.0%} of the peak speed"
            f"{' (memory is measured on a GPU only)' if cost.memory is None else ''}"
        )


def forecast(model: keras.Model, image_size: int, batch_size: int, images: int) -> Forecast:
    """Predict the memory of a step, and the time of an epoch at the speed of a large matrix product.

    Args:
        model: from `helpers.networks.heads.classifier`.
        image_size: height and width of the images in pixels.
        batch_size: images per step.
        images: images per epoch.

    Raises:
        ValueError: The model is not such a classifier, or a number is not an integer of at least 1.

    Example:
        >>> from helpers.networks import backbones, heads
        >>> model = heads.classifier(backbones.mini_vgg(), classes=3)
        >>> few, many = (forecast(model, 32, batch_size, images=1000) for batch_size in (8, 64))
        >>> many.memory["activations"] / few.memory["activations"]
        8.0
    """
    work = check_integer("images", images, 1) * sum(count_operations(model, image_size).values())
    return Forecast(predict_memory(model, image_size, batch_size), work / matrix_speed())


@contextlib.contextmanager
def meter() -> Iterator[Cost]:
    """Measure the time and peak GPU memory of a `with` block (on JAX, the peak since the process started).

    Example:
        >>> with meter() as cost:
        ...     time.sleep(0.01)
        >>> cost.seconds >= 0.01
        True
    """
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
