"""What a library function must leave as it was: the settings and random states of the whole process."""

import contextlib
import locale
import logging
import os
import random
import signal
import socket
import sys
import warnings
from collections.abc import Iterator

import matplotlib
import numpy as np
from PIL import Image, ImageFile


def global_state() -> dict[str, object]:
    """Return the global state by name, in values that `==` compares."""
    kind, keys, *rest = np.random.get_state()
    loggers = {name: logging.getLogger(name) for name in (None, "helpers", "matplotlib", "tensorflow")}
    found = {
        "random": random.getstate(),
        "np.random": (kind, keys.tolist(), *rest),
        "warnings filters": list(warnings.filters),
        "warnings hook": warnings.showwarning,
        "np.seterr": np.geterr(),
        "np.set_printoptions": np.get_printoptions(),
        "matplotlib settings": dict(matplotlib.rcParams),
        "locale": locale.setlocale(locale.LC_ALL),
        "working folder": os.getcwd(),
        "environment": dict(os.environ),
        "logging": {name: (found.level, list(found.handlers)) for name, found in loggers.items()},
        "sys.path": list(sys.path),
        "interrupt": signal.getsignal(signal.SIGINT),
        "socket timeout": socket.getdefaulttimeout(),
        "Pillow": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
    }
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        found["open figures"] = pyplot.get_fignums()
    if pandas := sys.modules.get("pandas"):
        names = ("display.max_rows", "display.max_columns", "display.width", "mode.copy_on_write")
        found["pandas"] = [pandas.get_option(name) for name in names]
    if "keras" in sys.modules:
        found |= _of_keras()
    return found


def _of_keras():
    import keras
    from keras.src.backend.common import global_state as kept

    found = {
        "Keras' settings": (
            keras.config.dtype_policy().name,
            keras.config.floatx(),
            keras.config.image_data_format(),
            keras.config.is_traceback_filtering_enabled(),
        ),
        "Keras' seed": (kept.get_global_attribute("global_random_seed"), _number_of_draws(kept)),
    }
    if keras.backend.backend() == "tensorflow":
        from tensorflow.python.eager import context

        generator = getattr(context.context(), "_rng", None)
        found["TensorFlow's seed"] = context.global_seed(), generator and generator.getstate()
    return found


def _number_of_draws(kept):
    generator = kept.get_global_attribute("global_seed_generator")
    return None if generator is None else np.asarray(generator.state).tolist()


def changes(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Return the names of what differs."""
    return [name for name in before if before[name] != after[name]]


@contextlib.contextmanager
def unchanged(*allowed: str) -> Iterator[None]:
    """Fail if the block changes the global state, except the named parts."""
    before = global_state()
    yield
    changed = [name for name in changes(before, global_state()) if name not in allowed]
    assert not changed, f"changed: {', '.join(changed)}"
