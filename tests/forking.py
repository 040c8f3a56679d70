"""Kills work in a process of its own, for the tests of what a kill leaves behind."""

import os
import signal
import threading
from collections.abc import Callable

from tqdm.auto import tqdm


def killed(work: Callable[[], object], wait: Callable[[], object]) -> bool:
    """Run work() in a fork and kill that after wait(); False where it had ended before."""
    child = os.fork()
    if child == 0:
        tqdm.set_lock(threading.RLock())  # its own one is shared by forks, and nobody frees it after a kill
        try:
            work()
        finally:
            os._exit(0)
    try:
        wait()
    finally:
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status)
