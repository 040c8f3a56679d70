"""A recording of training: what a network does with the same validation images, step by step."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np

from helpers.environment import ROOT

FILE = ROOT / "datasets" / "replay.npz"


@dataclass(frozen=True, eq=False)
class Recording:
    """What happened while a network trained in several ways.

    Attributes:
        ways: of training, text (ways,).
        steps: number of training steps before each record, int (records,).
        classes: of each validation image, text (images,).
        codes: projected on the two directions in which those of the source vary most, float16 (ways, records,
            images, 2).
        accuracy: on the validation images, float32 (ways, records).
        similarity: CKA of each block with the source, float32 (ways, records, blocks).

    Example:
        >>> Recording.load().codes.shape
        (3, 21, 200, 2)
    """

    ways: np.ndarray
    steps: np.ndarray
    classes: np.ndarray
    codes: np.ndarray
    accuracy: np.ndarray
    similarity: np.ndarray

    def save(self, path: Path = FILE) -> None:
        """Write a compressed file."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """Read what `save` has written.

        Raises:
            FileNotFoundError: there is no such file; the message says how to make it.
        """
        if not path.is_file():
            raise FileNotFoundError(f"There is no recording {path}. Make it: python -m helpers replay")
        with np.load(path) as stored:
            return cls(**stored)
