"""A training run on disk after every epoch, so that an interrupt costs one epoch at most.

Used by `helpers.strategies.training.fit`, and so in notebook 07.
"""

import json
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class State:
    """All that the rest of a run depends on.

    settings: of the run; a checkpoint goes on only with the same ones.
    history: of the epochs so far.
    batch_size: in force; smaller than asked for where memory ran out.
    finished: are all epochs done, or was the run stopped early?
    stopping: wait, best and best_epoch of early stopping.
    model, optimizer, best: their variables in order, random seeds included; `best` are the weights
        that early stopping goes back to.
    """

    settings: dict
    history: dict[str, list[float]]
    batch_size: int
    finished: bool = False
    stopping: dict = field(default_factory=dict)
    model: list[np.ndarray] = field(default_factory=list)
    optimizer: list[np.ndarray] = field(default_factory=list)
    best: list[np.ndarray] = field(default_factory=list)


ARRAYS = ("model", "optimizer", "best")


def write(path: str | os.PathLike, state: State) -> None:
    """Write beside, then rename: killed at any time, the file is the old one or the new one."""
    path = Path(path).expanduser()
    record = {name: value for name, value in vars(state).items() if name not in ARRAYS}
    arrays = {f"{name}.{k}": a for name in ARRAYS for k, a in enumerate(getattr(state, name))}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        np.savez(file, record=np.array(json.dumps(record)), **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def read(path: str | os.PathLike, settings: dict) -> State | None:
    """Return the state that a file holds, None where there is no file.

    Raises:
        ValueError: no checkpoint, or one of a run with other settings.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            state = State(**json.loads(str(stored["record"])))
            for name in ARRAYS:
                count = sum(key.startswith(f"{name}.") for key in stored)
                setattr(state, name, [stored[f"{name}.{k}"] for k in range(count)])
    except Exception as error:  # foreign bytes make numpy, zipfile and json raise many kinds
        raise ValueError(
            f"{str(path)!r} is no checkpoint ({str(error)[:80]}). Delete it to begin again."
        ) from error
    settings = json.loads(json.dumps(settings))
    if other := {k: (state.settings.get(k), v) for k, v in settings.items() if state.settings.get(k) != v}:
        told = ", ".join(f"{name} was {before} and is {now}" for name, (before, now) in other.items())
        raise ValueError(
            f"The checkpoint {str(path)!r} belongs to another run: {told}. Delete it to begin again, "
            "or give another file."
        )
    return state


def content(*arrays) -> int:
    """A short sum of what arrays hold; it tells one data set from another."""
    total = 0
    for array in arrays:
        total = zlib.crc32(np.ascontiguousarray(array).data, zlib.crc32(str(np.shape(array)).encode(), total))
    return total
