"""A student's code in a check: it ends, it changes nothing, and what it prints stays short."""

import _thread
import builtins
import gc
import logging
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from helpers.exercises import attempts
from helpers.exercises.attempts import Failed, attempt, short_output, shown

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def short_limit(monkeypatch):
    monkeypatch.setattr(attempts, "SECONDS", 0.2)


def busy():
    while True:
        pass


def asleep():
    time.sleep(60)


def stubborn():
    while True:
        try:
            time.sleep(0.01)
        except:  # noqa: E722  (what a student writes)
            pass


def waiting():
    threading.Event().wait()


def printing():
    while True:
        print("x" * 1000)


@pytest.mark.parametrize("endless", [busy, asleep, stubborn, waiting, printing], ids=lambda f: f.__name__)
def test_a_function_that_never_returns_is_stopped(endless, short_limit, capsys):
    started = time.monotonic()
    with pytest.raises(Failed, match=r"does not return within 0\.2 s"), short_output():
        attempt(endless)
    assert time.monotonic() - started < 5
    assert len(capsys.readouterr().out) < 2200
    assert attempt(lambda: 1) == 1


def test_a_loop_without_an_end_does_not_go_on(short_limit):
    turns = []

    def count():
        while True:
            turns.append(1)

    with pytest.raises(Failed, match="does not return"):
        attempt(count)
    before = len(turns)
    time.sleep(0.1)
    assert len(turns) == before


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (SystemExit(), "raises SystemExit. Use return instead of exit()"),
        (KeyboardInterrupt(), "raises KeyboardInterrupt"),
        (GeneratorExit("bye"), "raises GeneratorExit: bye"),
        (MemoryError(), "raises MemoryError. The function needs more memory than this computer has"),
        (ValueError("x" * 10**6), "raises ValueError: xxx"),
        (StopIteration(), "raises StopIteration"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_exception_is_explained(error, reply):
    def try_it():
        raise error

    with pytest.raises(Failed) as failed:
        attempt(try_it)
    assert str(failed.value).startswith(reply) and len(str(failed.value)) < 300


def test_an_endless_recursion_is_explained():
    def again(n):
        return again(n + 1)

    with pytest.raises(Failed, match="RecursionError.*calls itself without end"):
        attempt(again, 0)


class Unspeakable(Exception):
    def __str__(self):
        raise self


def test_an_error_without_a_message_is_named():
    def try_it():
        raise Unspeakable

    with pytest.raises(Failed, match="raises Unspeakable"):
        attempt(try_it)


class Mute:
    def __repr__(self):
        raise SystemExit


class Lengthy:
    def __repr__(self):
        return "x" * 10**7


class Endless:
    def __repr__(self):
        while True:
            pass


def test_any_value_is_shown(short_limit):
    assert shown(Mute()) == "<Mute>" and shown(Endless()) == "<Endless>"
    assert len(shown(Lengthy())) == len(shown(10**10_000)) + len(shown(Lengthy())) - len("<int>") == 60
    assert shown({"a": [1]}) == "{'a': [1]}"


def spoil():
    random.seed(1)
    np.random.seed(1)
    np.seterr(all="raise")
    np.set_printoptions(precision=1)
    warnings.simplefilter("error")
    os.environ["STUDENT"] = "yes"
    os.environ.pop("PATH")
    os.chdir("/")
    logging.disable(logging.ERROR)
    gc.disable()
    matplotlib.rcParams["lines.linewidth"] = 99
    sys.modules["numpy"] = None
    sys.modules.pop("random")
    sys.path.insert(0, "/student")
    sys.setrecursionlimit(50)
    builtins.sum = builtins.len = builtins.isinstance = builtins.next = lambda *_: 0
    np.allclose = lambda *_: True
    sys.stdout = None
    random.random = np.random.rand = np.linalg.norm = lambda *_: 0


def test_the_state_of_python_and_its_libraries_is_restored(short_limit):
    def state():
        return (
            random.getstate(),
            np.random.get_state()[1].tolist(),
            np.geterr(),
            np.get_printoptions(),
            list(warnings.filters),
            dict(os.environ),
            os.getcwd(),
            [builtins.sum, builtins.len, builtins.isinstance, builtins.next, np.allclose, sys.stdout],
            [random.random, np.random.rand, np.linalg.norm],
            [sys.modules["numpy"], sys.modules["random"], *sys.path],
            [sys.getrecursionlimit(), logging.root.manager.disable, gc.isenabled()],
            matplotlib.rcParams["lines.linewidth"],
        )

    before = state()
    with short_output():
        attempt(spoil)
    assert state() == before
    with short_output(), pytest.raises(Failed, match="does not return"):
        attempt(lambda: (spoil(), busy()))
    assert state() == before


@pytest.mark.parametrize("endless", [busy, stubborn, asleep], ids=lambda f: f.__name__)
def test_a_student_can_interrupt_a_check(endless):
    started = time.monotonic()
    threading.Timer(0.2, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        attempt(endless)
    assert time.monotonic() - started < 3
    assert attempt(lambda: 1) == 1


def test_a_student_cannot_lower_the_depth_of_the_thread_that_waits():
    before = sys.getrecursionlimit()
    for limit, seen in [(50, before), (before + 100, before + 100)]:
        assert attempt(lambda: (sys.setrecursionlimit(limit), sys.getrecursionlimit())[1]) == seen  # noqa: B023
        assert sys.getrecursionlimit() == before


def test_only_the_beginning_of_the_output_is_shown(capsys):
    with short_output():
        for k in range(10_000):
            print(k)
        print("an error", file=sys.stderr)
    text = capsys.readouterr().out
    assert text.startswith("0\n1\n2\n") and len(text) < 2200
    assert "46,899 more characters were printed" in text


@pytest.mark.skipif(os.name == "nt", reason="a process on Windows cannot send Ctrl-C to another one")
def test_ctrl_c_stops_a_check_in_a_program():
    code = textwrap.dedent("""
        import time
        from helpers.exercises import check
        def first_gradient(*_):
            print("started", flush=True)
            time.sleep(60)
        import sys; sys.__stdout__.write("started\\n"); sys.__stdout__.flush()
        try:
            check("01.2", first_gradient)
        except KeyboardInterrupt:
            print("stopped")
    """)
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "started\n"
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[0].endswith("stopped\n")
