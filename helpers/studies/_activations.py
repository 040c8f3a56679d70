"""What a frozen source model makes of a target: computed once, kept in the cache folder, read from there.

One pass gives all that the board needs: the activations before each block from which training starts,
the CNN codes of the last layer, and those of the layers of the SVM (averaged over each quarter of the image).
VGG16 takes about 0.12 s per image of 224 pixels on one core, MobileNet 0.004 s per image of 160.
"""

import functools
import hashlib
import os

import numpy as np

from helpers.environment import cache_dir
from helpers.networks.backbones import block_of, fingerprint, shared
from helpers.networks.backend import keras
from helpers.networks.features import pooled
from helpers.studies import _targets
from helpers.studies._grids import SOURCES, backbone

BATCH = 32


def before(source: str, block: str) -> str:
    """Return the layer whose output a block takes; the frozen part ends with it.

    Example:
        >>> before("photos", "block4")
        'block3_pool'
    """
    names = [layer.name for layer in shared(backbone(source)).model.layers]
    first = next(k for k, name in enumerate(names) if block_of(name) == block)
    return names[first - 1]


@functools.lru_cache(maxsize=4)
def stored(target: str, source: str, part: str) -> dict[str, np.ndarray]:
    """Return what the frozen source model makes of the images of "train" or "test".

    Returns:
        "codes" float16 (n, channels); "grid LAYER" float16 (n, 4 * channels) for each layer of the SVM;
        "LAYER" float16 (n, rows, columns, channels) for each layer before a block that trains. Arrays are
        mapped from their files.
    """
    model = shared(backbone(source)).model
    X = _targets.images(target, part, SOURCES[source].size).X
    key = hashlib.sha256(np.ascontiguousarray(X).data)
    key.update(fingerprint(backbone(source)).encode())
    folder = cache_dir() / "board" / key.hexdigest()[:32]
    wanted = _outputs(source, model)
    paths = {name: folder / f"{name.replace(' ', '_')}.npy" for name in wanted}
    if not all(path.is_file() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        _compute(model, wanted, X, paths)
    return {name: np.load(path, mmap_mode="r", allow_pickle=False) for name, path in paths.items()}


def _outputs(source, model):
    named = SOURCES[source]

    def output(layer):
        return model.get_layer(layer).output

    blocks = {named.late, named.lp_ft_from} - {"all"}
    return (
        {"codes": pooled(model.output, "avg")}
        | {f"grid {layer}": _grid(output(layer)) for layer in named.layers}
        | {layer: output(layer) for layer in sorted(before(source, block) for block in blocks)}
    )


def _grid(x):
    """The averages over the four quarters, as layers that need no fixed image size."""
    return keras.layers.Flatten()(keras.layers.AdaptiveAveragePooling2D(2)(x))


def _compute(model, wanted, X, paths):
    """Write each output to a file of its own, which gets its name when it is complete."""
    network = keras.Model(model.input, [*wanted.values()])
    arrays, parts = [], [path.with_suffix(f".{os.getpid()}.part") for path in paths.values()]
    for start in range(0, len(X), BATCH):
        found = network.predict_on_batch(X[start : start + BATCH])
        if not arrays:
            arrays = [
                np.lib.format.open_memmap(part, "w+", np.float16, (len(X), *values.shape[1:]))
                for part, values in zip(parts, found, strict=True)
            ]
        for array, values in zip(arrays, found, strict=True):
            array[start : start + BATCH] = values
    for array, part, path in zip(arrays, parts, paths.values(), strict=True):
        array.flush()
        part.replace(path)
