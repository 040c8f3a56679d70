"""Random seeds for a while: the reader's own random numbers continue as if nothing had happened."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np

from helpers.networks.backend import keras


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed what Keras draws inside a `with` block, then restore the random states of the caller.

    `keras.utils.set_random_seed` would leave Python's `random`, `np.random` and TensorFlow at the start of
    one and the same sequence, so that the reader's "random" subsets would all be the same one.

    Layers without a seed draw it from `random`. The order of the images in `Model.fit` comes from
    TensorFlow, or from `np.random` on JAX. Other threads draw from the same states, so keep the block
    short.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Example:
        >>> before = random.getstate()
        >>> with seeded(0):
        ...     first = random.random()
        >>> random.getstate() == before
        True
    """
    of_python, of_numpy = random.getstate(), np.random.get_state()
    try:
        random.seed(seed)
        np.random.seed(seed)
        with _tensorflow_seeded(seed):
            yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)


@contextlib.contextmanager
def _tensorflow_seeded(seed):
    """Exchange TensorFlow's global seed for a while.

    TensorFlow has no function that returns its random state, so this uses the context's own attributes.
    `tf.random.set_seed` would also restart all of the reader's random operations.
    """
    if keras.backend.backend() != "tensorflow":
        yield
        return
    from tensorflow.python.eager import context

    state = vars(context.context())
    before = {name: state.get(name) for name in ("_seed", "_rng")}  # without a seed, there is no generator
    state.update(_seed=seed, _rng=random.Random(seed))
    try:
        yield
    finally:
        state.update(before)
