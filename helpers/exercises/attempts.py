"""Run a student's code in an exercise check: with a time limit, without lasting effects, with short output.

The code runs in its own thread, so that the check can stop waiting for it, on every system. Python cannot
kill a thread, but it can raise an exception in it. Code that catches this exception, or that stays inside a C
function, keeps running in the background.
"""

import builtins
import contextlib
import ctypes
import gc
import io
import logging
import math
import os
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers.plots.style import own_settings

SECONDS = 5.0  # most answers to the exercises need milliseconds
SLOW = 4
PRINTED = 2000  # characters of the output of a student's code
# A student may replace their names, as in `builtins.sum = ...`.
MODULES = (builtins, math, os, random, sys, threading, time, np, np.linalg, np.random)
ADVICE = {
    "RecursionError": ". The function calls itself without end",
    "MemoryError": ". The function needs more memory than this computer has",
    "SystemExit": ". Use return instead of exit()",
}


class Failed(Exception):
    """The student's code raised an exception or did not return; the message says which of the two."""


class Late(Failed):
    """The student's code did not return in time."""


class _Stop(SystemExit):  # a thread that ends with SystemExit prints nothing
    """Ends a student's code."""


def attempt(call: Callable, *arguments: Any, slow: bool = False) -> Any:
    """Call a student's function, and return its result.

    Afterwards, the settings and random states of `unchanged`, the names of `MODULES` and the imported
    modules are as before.

    Args:
        call: the function.
        *arguments: its arguments; the function can change them, so pass copies.
        slow: whether it may take `SLOW` times as long, because it builds or uses a network.

    Raises:
        Failed: The function raised an exception (also SystemExit), or did not return within `SECONDS`.
        KeyboardInterrupt: The student interrupted the check.

    Example:
        >>> attempt(math.sqrt, 4)
        2.0
        >>> attempt(lambda: [1, 2].index(3))
        Traceback (most recent call last):
        helpers.exercises.attempts.Failed: raises ValueError: 3 is not in list
    """
    outcome: dict[str, Any] = {}
    changeable = [sys.modules, *map(vars, MODULES)]
    names, depth = [(now, dict(now)) for now in changeable], sys.getrecursionlimit()
    set_depth = sys.setrecursionlimit
    done = threading.Lock()
    done.acquire()
    # A lower limit holds for all threads: this one could then not even call `set_depth`, or stop the other.
    sys.setrecursionlimit = lambda limit: set_depth(limit) if limit > depth else None

    def run():
        try:
            outcome["result"] = call(*arguments)
        except BaseException as error:
            outcome["raised"] = error.__class__.__name__
            try:
                outcome["message"] = f": {error}"
            except BaseException:  # the message is the student's code, too
                pass
        finally:  # first, because everything else needs them
            set_depth(depth)
            _put_back(names)
            done.release()

    worker = threading.Thread(target=run, daemon=True)
    seconds = SECONDS * (SLOW if slow else 1)
    with unchanged():
        worker.start()
        returned = False
        try:
            returned = _wait(done, seconds)
        finally:  # also after Ctrl-C, or Interrupt in a notebook
            if not returned:
                set_depth(depth)
                _stop(worker, done)
                _put_back(names)
    if not returned:
        raise Late(f"does not return within {seconds:g} s")
    if name := outcome.get("raised"):
        message = outcome.get("message", "").rstrip(": .")  # nothing is left of an empty one
        raise Failed(f"raises {name}{shortened(message, 200)}{ADVICE.get(name, '')}")
    return outcome["result"]


def _wait(done, seconds):
    """Return whether a lock was released in time. On Windows, Ctrl-C waits for the end of `acquire`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done.acquire(timeout=0.05):
            return True
    return False


def _stop(worker, done):
    """Raise `_Stop` in a thread, more than once, because code with `except:` catches it."""
    for _ in range(20):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(_Stop))
        if done.acquire(timeout=0.01):
            return


def _put_back(names):
    for now, before in names:
        now.update(before)


@contextlib.contextmanager
def unchanged() -> Iterator[None]:
    """Restore random states and settings: of Python, NumPy and matplotlib, the environment, the folder.

    Example:
        >>> with unchanged():
        ...     old = np.seterr(all="raise")
        >>> np.geterr() == old
        True
    """
    of_python, of_numpy = random.getstate(), np.random.get_state()
    folder, variables, path = os.getcwd(), dict(os.environ), list(sys.path)
    collects, silenced = gc.isenabled(), logging.root.manager.disable
    try:
        with np.errstate(), np.printoptions(), warnings.catch_warnings(), own_settings():
            yield
    finally:
        sys.path[:] = path
        (gc.enable if collects else gc.disable)()
        logging.disable(silenced)
        random.setstate(of_python)
        np.random.set_state(of_numpy)
        os.chdir(folder)
        if os.environ != variables:
            os.environ.clear()
            os.environ.update(variables)


class _Beginning(io.TextIOBase):
    """A text file that keeps the first characters only."""

    def __init__(self):
        self.text, self.left_out = "", 0

    def write(self, text: str) -> int:
        kept = text[: PRINTED - len(self.text)]
        self.text += kept
        self.left_out += len(text) - len(kept)
        return len(text)


@contextlib.contextmanager
def short_output() -> Iterator[None]:
    """Print the beginning of what is printed within, at the end.

    Example:
        >>> with short_output():
        ...     print("Hello")
        Hello
    """
    output = _Beginning()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            yield
    finally:
        print(output.text, end="")
        if output.left_out:
            print(f"\n[{output.left_out:,} more characters were printed; they are not shown.]")


def shown(value: object) -> str:
    """Return a value as a short text for a reply, whatever the value is.

    Example:
        >>> shown([1, 2])
        '[1, 2]'
        >>> shown((np.float64(0.5), np.mean([1, 2])))
        '(0.5, 1.5)'
    """
    try:
        return attempt(lambda: shortened(" ".join(repr(_without_types(value))[:1000].split()), 60))
    except Failed:
        return f"<{type(value).__name__}>"


def _without_types(value):
    """Return what NumPy writes as np.float64(0.5) as a plain number, also inside of a tuple."""
    if type(value) is tuple:
        return tuple(map(_without_types, value))
    return value.item() if isinstance(value, np.generic) else value


def shortened(text: str, longest: int) -> str:
    """Return a text with at most so many characters.

    Example:
        >>> shortened("a long text", 9)
        'a long...'
    """
    return text if len(text) <= longest else text[: longest - 3] + "..."
