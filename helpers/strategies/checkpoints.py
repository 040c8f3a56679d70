"""A training run on disk after every epoch, so that an interrupt costs at most one epoch."""

import json
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class State:
    """Everything that the rest of a run depends on.

    Args:
        settings: what identifies the run; a checkpoint continues only with the same settings.
        history: of the epochs so far.
        batch_size: in use; smaller than in the settings if memory ran out.
        finished: whether the run has ended, after all epochs or by early stopping.
        stopping: wait, best and best_epoch of early stopping.
        model, optimizer, best: their variables in order, random seeds included; `best` are the weights
            that early stopping goes back to.

    Example:
        >>> import tempfile
        >>> state = State({"epochs": 8}, {"loss": [0.7]}, batch_size=32, model=[np.zeros(3)])
        >>> folder = Path(tempfile.mkdtemp())
        >>> write(folder / "run.npz", state)
        >>> read(folder / "run.npz", {"epochs": 8}).history
        {'loss': [0.7]}
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
    """Write a state so that a kill at any time leaves either the old file or the new one.

    Args:
        path: of the file; its folder is created if missing.
        state: of the run.
    """
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
    """Return the state that a file holds, or None if there is no file.

    Args:
        path: of the file.
        settings: what identifies the run that wants to continue.

    Raises:
        ValueError: a folder, not a checkpoint file, or one of a run with other settings.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder. Pass a file, such as {str(path / 'run.npz')!r}.")
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
            f"{str(path)!r} is not a checkpoint file ({str(error)[:80]}). Delete it to start again."
        ) from error
    settings = json.loads(json.dumps(settings))
    if other := {k: (state.settings.get(k), v) for k, v in settings.items() if state.settings.get(k) != v}:
        differences = ", ".join(f"{name} was {before} and is {now}" for name, (before, now) in other.items())
        raise ValueError(
            f"The checkpoint {str(path)!r} belongs to another run: {differences}. Delete it to start again, "
            "or pass another file."
        )
    return state


def content(*arrays: np.ndarray) -> int:
    """Return a checksum of shapes and values, which differs from one data set to another."""
    total = 0
    for array in arrays:
        total = zlib.crc32(np.ascontiguousarray(array).data, zlib.crc32(str(np.shape(array)).encode(), total))
    return total
