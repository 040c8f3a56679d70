"""Results tables: one CSV file per study, completed row by row and read as a pandas DataFrame.

`helpers/studies/` says what is measured; this module keeps the tables in datasets/results/.
"""

import contextlib
import csv
import io
import os
import platform
import sys
from collections.abc import Callable, Iterable
from datetime import date
from importlib import metadata
from pathlib import Path

import pandas as pd

from helpers.environment import ROOT

RESULTS = ROOT / "datasets" / "results"
PACKAGES = ("tensorflow", "jax", "keras", "numpy", "scikit-learn")
# These columns are always text, even if all values look like numbers.
TEXT = ("target", "source", "strategy", "layer", "way", "frozen", "curve")
# The same for columns of one table: stages of training make an image size such as "192+224".
TEXT_OF_TABLE = {"photo_accuracy": ("image_size",), "photo_splits": ("image_size",)}


def read_results(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read the results table of a study.

    Args:
        name: of the table, datasets/results/NAME.csv.
        folder: of the table, where it is not datasets/results.

    Returns:
        One row per run. Columns of numbers are int64 or float64, all others text, where "none" is a word
        like any other. `.attrs["provenance"]` holds the lines that say which command made the rows, when
        and with which versions.

    Raises:
        FileNotFoundError: the table has not been made; the message says how.
        ValueError: the file has no rows, a line has too few or too many cells, or a column mixes numbers
            with text.

    Example:
        >>> runs = read_results("board").query("target == 'micrographs' and images == 5")
        >>> runs[runs["source"] == "shapes"].groupby("strategy")["accuracy"].mean().idxmax()
        'Probe, then fine-tune'
    """
    path = (folder or RESULTS) / f"{name}.csv"
    if not path.is_file():
        raise FileNotFoundError(f"There is no table {path}. Make it: python -m helpers study {name}")
    comments, lines = _split(path)
    _check_cells(path, lines, name)
    text = (*TEXT, *TEXT_OF_TABLE.get(name, ()))
    table = pd.read_csv(
        io.StringIO("".join(lines)),
        dtype=dict.fromkeys(text, str),
        keep_default_na=False,
        na_values=["nan"],  # what Python writes for a float that is missing
    )
    for column in table.columns.difference(text):
        _check_types(path, table[column])
    table.attrs["provenance"] = [line.removeprefix("#").strip() for line in comments]
    return table


def _split(path):
    """The comments of a table, and its other lines without the empty ones."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    comments = [line for line in lines if line.startswith("#")]
    return comments, [line for line in lines if not line.startswith("#")]


def _check_cells(path, lines, name):
    """Check that there are rows, and that each has a cell for every column."""
    columns, *rows = csv.reader(lines) if lines else [[]]
    if not rows:
        raise ValueError(f"{path} has no rows. Delete it and make it again: python -m helpers study {name}")
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            raise ValueError(
                f"{_place(path, number)}: there are {len(columns)} columns, but this line has {len(row)} "
                f"cells, {', '.join(row)}. Correct or delete this line."
            )


def _check_types(path, values):
    """Check that the values of a column are all numbers or all text."""
    numbers = pd.to_numeric(values, errors="coerce").notna()
    words = ~numbers & values.notna()
    if numbers.any() and words.any():
        odd = (words if words.sum() <= numbers.sum() else numbers).idxmax()
        raise ValueError(
            f"{_place(path, odd)}: the column {values.name!r} mixes numbers with text. Received: "
            f"{values[odd]!r}. Correct or delete this line."
        )


def _place(path, row):
    """The file and the line of a row, for an error message."""
    with open(path, encoding="utf-8") as file:
        lines = [number for number, line in enumerate(file, 1) if line.strip() and line[0] != "#"]
    return f"{path}, line {lines[row + 1]}"  # the first names the columns


def complete(
    name: str,
    cells: Iterable[dict],
    measure: Callable[[dict], dict],
    folder: Path | None = None,
    jobs: int | None = None,
    command: str | None = None,
) -> None:
    """Measure the cells that a results table lacks, and append each row as soon as it is measured.

    A second call continues a run that was killed: only the cells in progress are measured again. Several
    processes share the work through joblib; on a cluster, wrap the call in
    `joblib.parallel_config(backend="dask")` with a `dask.distributed.Client` open.

    Args:
        name: of the table, datasets/results/NAME.csv.
        cells: what is varied, such as {"target": "micrographs", "images": 10, "seed": 0}.
        measure: from a cell to what is measured, such as {"accuracy": 0.8}; floats are rounded.
            With several processes it must be a function of a module.
        folder: of the table, where it is not datasets/results.
        jobs: number of processes; None is one, or what `parallel_config` says.
        command: the command that the table names in its comments; None is `python -m helpers study NAME`.

    Raises:
        ValueError: the columns of the table differ from those of the cells or of the measurement.
        RuntimeError: another process is completing the table.
    """
    import filelock

    path = (folder or RESULTS) / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(f"{path}.lock", timeout=0):
            _complete(path, list(cells), measure, jobs, command or f"python -m helpers study {name}")
    except filelock.Timeout as error:
        raise RuntimeError(
            f"Another process is writing to {path}. Wait until it finishes, or stop it."
        ) from error


def _complete(path, cells, measure, jobs, command):
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    stored = _finished(path, cells)
    missing = [cell for cell in cells if tuple(map(str, cell.values())) not in stored]
    work = Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch="2*n_jobs")
    finished = work(delayed(_measured)(measure, cell) for cell in missing)
    done = len(cells) - len(missing)
    columns = None
    with tqdm(desc=path.stem, total=len(cells), initial=done, unit="cell", leave=False) as bar:
        for row in finished:
            if not path.is_file():
                _begin(path, row, command)
            elif columns is None:
                _append(path, _provenance(command))
            columns = columns or _columns(path)
            if columns != list(row):
                raise ValueError(
                    f"{path} has the columns {', '.join(columns)}, but these were measured: "
                    f"{', '.join(row)}. Move the file away to start a new table."
                )
            _append(path, _line(row.values()))
            bar.update()
        bar.leave = True  # an error clears the bar, so that its message stands alone


def _columns(path):
    return next(csv.reader(_split(path)[1]))


def _measured(measure, cell):
    measured = {k: round(v, 5) if isinstance(v, float) else v for k, v in measure(cell).items()}
    return cell | measured


def _line(values):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _append(path, text):
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def _begin(path, row, command):
    """Create a table with its line of columns, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(_provenance(command) + _line(row), encoding="utf-8")
    os.replace(part, path)


def _finished(path, cells):
    """The cells that a table holds, as text, because pandas would turn "0.10" into 0.1.

    A last line that a kill left incomplete, and comments that no row follows, are cut off first.
    """
    if not path.is_file():
        return set()
    lines = path.read_bytes().splitlines(keepends=True)
    while lines and (lines[-1].startswith(b"#") or not lines[-1].endswith(b"\n")):
        lines.pop()
    if (whole := sum(map(len, lines))) < path.stat().st_size:
        os.truncate(path, whole)
    rows = [*csv.DictReader(_split(path)[1])]
    if not rows:
        path.unlink()
    elif cells and not set(cells[0]) <= set(rows[0]):
        raise ValueError(
            f"{path} has the columns {', '.join(rows[0])}, but the cells vary {', '.join(cells[0])}. "
            "Move the file away to start a new table."
        )
    return {tuple(row[key] for key in cells[0]) for row in rows if cells}


def _provenance(command):
    """Comment lines before the rows of one session: command, date, machine and versions."""
    return (
        f"# Made by `{command}`, {date.today()}, {platform.machine()} {_device()}\n"
        f"# Python {platform.python_version()}, {', '.join(_versions())}\n"
    )


def _device():
    """The GPU, where the network library has been loaded and sees one."""
    if "keras" not in sys.modules:
        return "CPU"
    from helpers.networks import hardware

    return hardware.device_name() if hardware.has_gpu() else "CPU"


def _versions():
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):  # one network library is enough
            yield f"{package} {metadata.version(package)}"
