"""Where a notebook runs: its folders, a quiet Keras, Colab or not, and what the computer offers."""

import contextlib
import importlib.util
import logging
import os
import platform
import sys
import threading
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

import platformdirs

from helpers import __version__

ROOT = Path(__file__).parents[1]  # of the series: notebooks, datasets and docs are beside the package

_ONE_AT_A_TIME = threading.RLock()


def cache_dir() -> Path:
    """Return the cache folder: the environment variable TRANSFER_CACHE_DIR, else the user's cache."""
    chosen = os.environ.get("TRANSFER_CACHE_DIR") or platformdirs.user_cache_dir("deep-transfer-learning")
    return Path(chosen).expanduser()


def in_colab() -> bool:
    """Return True in Google Colab."""
    return "google.colab" in sys.modules


def runs_in_background() -> bool:
    """Return whether long work can run in a thread while widgets stay responsive.

    True in JupyterLab, Notebook and VS Code. False in Colab, which does not update widgets from a
    thread after its cell has ended: there, work blocks the cell, and Colab's stop button interrupts it.
    """
    return not in_colab()


def load_keras() -> ModuleType:
    """Import Keras without its start-up messages and return it.

    Where TensorFlow is not installed but JAX is, Keras runs on JAX.
    """
    if not _installed("tensorflow") and _installed("jax"):
        os.environ.setdefault("KERAS_BACKEND", "jax")
    logger = logging.getLogger("tensorflow")
    chosen = logger.level  # by the reader; TensorFlow sets another level when it is imported in a notebook
    with silent_native_log():
        import keras

        keras.ops.zeros(1)  # the first array makes TensorFlow look for a GPU and log about it
    if chosen == logging.NOTSET:
        logger.setLevel(logging.ERROR)  # its advice, such as on retracing, is for authors of training loops
    return keras


def _installed(package):
    return importlib.util.find_spec(package) is not None


def report() -> str:
    """Describe this computer: versions, processor cores, and a GPU if there is one.

    Example:
        >>> print(report())
        Deep Transfer Learning, Hands On ...
        Python ..., keras ...
        ... processor cores, ...
    """
    keras = load_keras()
    names = [device for device in keras.distribution.list_devices() if not device.startswith("cpu")]
    names_of_packages = ("keras", keras.backend.backend(), "ipywidgets")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names_of_packages)
    return (
        f"Deep Transfer Learning, Hands On {__version__}\n"
        f"Python {platform.python_version()}, {versions}\n"
        f"{os.cpu_count()} processor cores, "
        f"{', '.join(names) or 'no GPU (none is needed before notebook 07)'}"
    )


@contextlib.contextmanager
def silent_native_log() -> Iterator[None]:
    """Hide what C++ code writes to standard error, such as TensorFlow's start-up messages.

    Students without a GPU should not be greeted by "Could not find cuda drivers", nor see the error
    "oneDNN supports DT_INT64 only on platforms with AVX-512" later. Python exceptions and warnings
    are not affected.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _ONE_AT_A_TIME:  # standard error belongs to the whole process
        saved = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(nowhere)
