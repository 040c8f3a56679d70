"""Every study by name, and completing their tables."""

import importlib
import pkgutil
from collections.abc import Sequence

from helpers import studies
from helpers.studies.engine import tables


def names() -> list[str]:
    """Names of all studies: the modules of `helpers.studies`."""
    found = pkgutil.iter_modules(studies.__path__)
    return sorted(m.name for m in found if not m.ispkg and not m.name.startswith("_"))


def run(chosen: Sequence[str], jobs: int = 1) -> None:
    """Complete the tables of studies.

    Args:
        chosen: names; "all" means every study.
        jobs: number of processes.

    Raises:
        ValueError: unknown name.
    """
    known = names()
    if unknown := [name for name in chosen if name not in (*known, "all")]:
        raise ValueError(f"There is no study {unknown[0]!r}: use all or one of {', '.join(known)}.")
    for name in known if "all" in chosen else chosen:
        study = importlib.import_module(f"helpers.studies.{name}")
        tables.complete(name, study.cells(), study.measure, jobs=jobs)
