"""Kill work at random moments: `python killing.py WORK FOLDER KILLS SEED` prints the results as JSON.

This is a separate program because forking is safe only before a network library starts its threads.
"""

import contextlib
import json
import os
import random
import sys
import time
from pathlib import Path

import filelock  # noqa: F401 - before the forks, which would each load these libraries again
import joblib  # noqa: F401
import numpy as np
import tqdm.auto  # noqa: F401

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from forking import killed

from helpers.networks import features
from helpers.strategies import checkpoints
from helpers.studies.engine import tables

CELLS = [{"target": f"t{k % 3}", "seed": k} for k in range(60)]


def cache(folder: Path, kills: int, rng: random.Random) -> dict:
    """Rewrite one entry again and again; its values are the number of the write."""
    path, done = folder / "codes.npy", folder / "done"
    writes = made = partial = 0
    while made < kills or writes <= 50 or not partial:  # a busy computer needs more kills
        beginning, made = writes, made + 1

        def work(first=beginning):
            for number in range(first + 1, first + 10_000):
                features._write(path, np.full((500, 256), number, np.int64))
                done.write_text(str(number))

        assert killed(work, lambda: time.sleep(rng.uniform(0.002, 0.03)))
        finished = int(done.read_text() or 0) if done.exists() else 0
        stored = np.load(path, allow_pickle=False) if path.exists() else np.zeros((500, 256), np.int64)
        assert stored.shape == (500, 256) and len(np.unique(stored)) == 1, "corrupt"
        assert stored[0, 0] >= finished, f"write {finished} was complete, but {stored[0, 0]} is stored"
        writes = max(writes, int(stored[0, 0]))
        partial = len(list(folder.glob("*.part")))
    return {"kills": made, "writes": writes, "partial": partial}


def training(folder: Path, kills: int, rng: random.Random) -> dict:
    """Write a checkpoint after every epoch; each attempt continues where the last one was killed."""
    path, done, settings = folder / "run.npz", folder / "done", {"seed": 1}

    def work():
        state = checkpoints.read(path, settings) or checkpoints.State(settings, {"loss": []}, 8)
        while True:
            state.history["loss"].append(0.5)
            epochs = len(state.history["loss"])
            state.model = [np.full((200, 100), epochs), np.full(7, epochs)]
            checkpoints.write(path, state)
            done.write_text(str(epochs))

    epochs = made = 0
    while made < kills or epochs <= 20:
        made += 1
        assert killed(work, lambda: time.sleep(rng.uniform(0.002, 0.08)))
        finished = int(done.read_text() or 0) if done.exists() else 0
        state = checkpoints.read(path, settings)
        epochs = len(state.history["loss"]) if state else 0
        assert epochs >= finished, f"epoch {finished} was saved, but the checkpoint has {epochs}"
        assert not state or all((a == epochs).all() for a in state.model), "corrupt"
    return {"kills": made, "epochs": epochs}


def grid(folder: Path, kills: int, rng: random.Random) -> dict:
    """Kill the completion of a table again and again; check each complete table, then start a new one."""
    path, calls = folder / "table.csv", folder / "calls"
    done, complete, kills_here = 0, 0, 0

    def work():
        tables.complete("table", CELLS, measure, folder)

    def measure(cell):
        with calls.open("a") as log:
            log.write(f"{cell['seed']}\n")
        time.sleep(0.0003)
        return {"square": cell["seed"] ** 2, "text": "x" * 200}

    while done < kills or kills_here or complete < 2:  # a busy computer needs more kills
        before = _finished(path)
        if killed(work, lambda: time.sleep(rng.uniform(0.002, 0.06))):
            done, kills_here = done + 1, kills_here + 1
        after = _finished(path)
        assert after[: len(before)] == before, "a finished line was lost"
        if len(after) == len(CELLS):
            _check(folder, kills_here)
            complete, kills_here = complete + 1, 0
            path.unlink()
            calls.unlink()
    return {"kills": done, "tables": complete}


def _finished(path):
    """Return the complete lines of cells in a table."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return [line for line in lines if line[:2] in (b"t0", b"t1", b"t2") and line.endswith(b"\n")]


def _check(folder, kills):
    rows = tables.read_results("table", folder)
    assert sorted(rows["seed"]) == list(range(len(CELLS)))
    assert (rows["square"] == rows["seed"] ** 2).all() and (rows["text"] == "x" * 200).all()
    calls = (folder / "calls").read_text().splitlines()
    assert len(calls) <= len(CELLS) + kills, "only cells in progress may be measured again"


if __name__ == "__main__":
    kind, place, count, seed = sys.argv[1:]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):  # progress bars
        try:
            seen = {"cache": cache, "training": training, "grid": grid}[kind](
                Path(place), int(count), random.Random(int(seed))
            )
        except AssertionError as error:
            seen = {"error": str(error)}
    print(json.dumps(seen))
