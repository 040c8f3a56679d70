"""Kill work in a separate process, to test what it leaves behind."""

import os
import signal
import threading
from collections.abc import Callable

from tqdm.auto import tqdm


def killed(work: Callable[[], object], wait: Callable[[], object]) -> bool:
    """Run work() in a fork and kill the fork after wait(); return False if work() had already ended."""
    child = os.fork()
    if child == 0:
        tqdm.set_lock(threading.RLock())  # forks share tqdm's lock, and a killed one never frees it
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
