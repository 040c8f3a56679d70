"""What the studies of VGG16 on real images share: images of 224 pixels, and the features of all layers."""

import functools
import hashlib
import os

import numpy as np

from helpers.data.folders import load_folder
from helpers.environment import cache_dir
from helpers.networks.backbones import fingerprint, load
from helpers.networks.backend import keras
from helpers.networks.imagenet import vgg16_with_weights as backbone
from helpers.studies._photographs import root

SIZE = 224  # pixels; the size of VGG16's source images
LIKENESS = {  # stated before anything was measured
    "flowers": "similar",  # photographs; ImageNet contains a daisy class
    "trashnet": "similar",  # photographs of objects
    "pacs_sketch": "different",  # line drawings
    "plankton": "different",  # grey shadow images
    "spoken_digits": "different",  # spectrograms
}
MOST = {"train": 100, "test": 50}  # images per class that are read, always the same ones
LAYERS = tuple(
    f"block{block}_{part}"
    for block, convolutions in enumerate((2, 2, 3, 3, 3), 1)
    for part in (*(f"conv{k}" for k in range(1, convolutions + 1)), "pool")
)


@functools.lru_cache(maxsize=1)
def images(target: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return X uint8 (n, 224, 224, 3) and y str (n,) of "train" or "test"."""
    X, y, _ = load_folder(root() / target / part, SIZE, MOST[part])
    return X, y


@functools.lru_cache(maxsize=2)
def features(target: str, part: str) -> dict[str, np.ndarray]:
    """Return the features of every layer, averaged over each quarter of the image, float32 (n, 4 * channels).

    One pass through the network gives all layers. It takes about 0.3 s per image on one core, so that the
    features are kept in the cache folder.
    """
    return _stored("vgg16_layers", target, part, _every_layer)


@functools.lru_cache(maxsize=2)
def activations(target: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return block4_pool, float16 (n, 14, 14, 512), and labels: block5 and a head can be trained on them.

    The pass through blocks 1 to 4 takes as long as that of `features`, so that its result is kept as well.
    """
    stored = _stored("vgg16_block4", target, part, _block4)
    return stored["block4_pool"], stored["y"]


def _stored(name, target, part, compute):
    """What `compute` makes of the images, and their labels y, from the cache folder where it has them."""
    X, y = images(target, part)
    key = hashlib.sha256(X.tobytes() + fingerprint(backbone()).encode()).hexdigest()[:32]
    path = cache_dir() / f"{name}_{key}.npz"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}.part.npz")  # another process may write the same
        np.savez(beside, y=y, **compute(X))
        beside.replace(path)
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _block4(X, batch_size=32):
    model = load(backbone())
    block4 = keras.Model(model.input, model.get_layer("block4_pool").output)
    out = np.empty((len(X), *block4.compute_output_shape((1, SIZE, SIZE, 3))[1:]), np.float16)
    for start in range(0, len(X), batch_size):
        out[start : start + batch_size] = block4.predict_on_batch(X[start : start + batch_size])
    return {"block4_pool": out}


def _every_layer(X, batch_size=16):
    model = load(backbone())
    pool = keras.layers.AdaptiveAveragePooling2D(2)
    inputs = keras.Input((SIZE, SIZE, 3))
    activations = keras.Model(model.input, [model.get_layer(name).output for name in LAYERS])(inputs)
    pooled = keras.Model(inputs, [keras.layers.Reshape((4 * a.shape[-1],))(pool(a)) for a in activations])
    return dict(zip(LAYERS, pooled.predict(X, batch_size=batch_size, verbose=0), strict=True))
