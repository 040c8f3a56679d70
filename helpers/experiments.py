"""Runs strategies on targets over sizes and seeds, keeps every run, and sums up what came out.

What is measured stands in `helpers/studies/`; this module completes their tables in
datasets/results/. Used in notebooks 01 to 06.
"""

import contextlib
import csv
import io
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers.datasets import ImageSet, n_per_class

if TYPE_CHECKING:
    from helpers.models import Backbone
    from helpers.strategies import Strategy

RESULTS = Path(__file__).parents[1] / "datasets" / "results"
PACKAGES = ("tensorflow", "jax", "keras", "numpy", "scikit-learn")
TRANSFERS = (
    "Linear probe",
    "Earlier-layer SVM",
    "Fine-tune",
    "Full fine-tune",
    "Probe, then fine-tune",
)
STRATEGIES = ("From scratch", *TRANSFERS)


def strategies(backbone: "Backbone") -> dict[str, "Strategy"]:
    """The six strategies on a backbone, by the name that figures and tables use."""
    from helpers import strategies as s

    return {
        "From scratch": s.FromScratch(),
        "Linear probe": s.LinearProbe(backbone),
        "Earlier-layer SVM": s.EarlierLayerSVM(backbone),
        "Fine-tune": s.FineTune(backbone),
        "Full fine-tune": s.FullFineTune(backbone),
        "Probe, then fine-tune": s.ProbeThenFineTune(backbone),
    }


def board_rows(sources: Sequence[str]) -> list[tuple[str, str]]:
    """(strategy, source) of the rows of one column of the board, "none" where no source is used."""
    alone = [("Nearest colours", "none"), ("From scratch", "none")]
    return alone + [(name, source) for source in sources for name in TRANSFERS]


def board_strategy(cell: dict, backbone: "Backbone", batch_size: int = 32) -> "Strategy":
    """The strategy of a cell of the board: one of the six, or the trivial baseline "Nearest colours"."""
    from helpers import strategies as s

    if cell["strategy"] == "Nearest colours":
        return s.NearestColours()
    strategy = strategies(backbone)[cell["strategy"]]
    return strategy.set_params(batch_size=batch_size) if "batch_size" in strategy.get_params() else strategy


def run(
    strategy: "Strategy", data: ImageSet, images: int, seed: int, held_out: str = "validation", **watch
) -> dict:
    """Fit one strategy on n images a class and score it once.

    Args:
        strategy: an estimator of `helpers.strategies`; fitted in place.
        data: the target.
        images: training images a class.
        seed: chooses the images and, where the strategy has one, its own randomness.
        held_out: "validation" while choosing; "test" only for a table that is never chosen from.
        **watch: `on_epoch`, `stop`, `validation` for strategies that train a network.

    Returns:
        accuracy (0..1; NaN for a run that was stopped), seconds (of fit) and trainable_parameters.
    """
    X, y = n_per_class(data.X_train, data.y_train, images, seed)
    if "seed" in strategy.get_params():
        strategy.set_params(seed=seed)
    started = time.perf_counter()
    strategy.fit(X, y, **watch)
    seconds = time.perf_counter() - started
    stop = watch.get("stop")
    if stop is not None and stop.is_set():  # half-trained: there is nothing worth the time of scoring
        accuracy = math.nan
    else:
        X_out, y_out = getattr(data, f"X_{held_out}"), getattr(data, f"y_{held_out}")
        accuracy = float(strategy.score(X_out, y_out))
    return {
        "accuracy": accuracy,
        "seconds": seconds,
        "trainable_parameters": strategy.trainable_parameters_,
    }


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half width of its 95 % interval (Student's t; NaN for a single value)."""
    from scipy.stats import t

    n = len(values)
    half = t.ppf(0.975, n - 1) * np.std(values, ddof=1) / math.sqrt(n) if n > 1 else math.nan
    return float(np.mean(values)), float(half)


def standard_error(share: float, pictures: float) -> float:
    """Of a share of so many pictures that are right (0..1): what another draw of them would change."""
    return math.sqrt(share * (1 - share) / pictures)


def means(rows: list[dict], by: str, column: str = "accuracy", **where: str) -> dict[str, float]:
    """Mean of a column for each value of another one.

    Args:
        rows: of a results table, all values text.
        by: the column whose values are told apart.
        column: whose mean is taken.
        where: values that other columns must have, such as target="new_shapes".

    Raises:
        ValueError: no row matches.

    Example:
        >>> means(read_results("layers"), "layer", target="micrographs")  # doctest: +SKIP
    """
    chosen = [row for row in rows if all(row[name] == value for name, value in where.items())]
    if not chosen:
        raise ValueError(f"No row has {where}: look at the values in the table.")
    values: dict[str, list[float]] = {}
    for row in chosen:
        values.setdefault(row[by], []).append(float(row[column]))
    return {name: float(np.mean(found)) for name, found in values.items()}


def by_seed(rows: list[dict], value: str = "accuracy", **where) -> dict[str, float]:
    """One column of a table by seed, from the rows in which other columns have the values named."""
    wanted = {key: str(v) for key, v in where.items()}
    return {r["seed"]: float(r[value]) for r in rows if all(str(r[k]) == v for k, v in wanted.items())}


def paired(one: dict[str, float], other: dict[str, float]) -> tuple[str, float, float]:
    """Compare two strategies seed by seed.

    Args:
        one, other: accuracy by seed; seeds that only one has are left out.

    Returns:
        "beats", "ties with" (the 95 % interval of the mean difference holds zero) or "loses to";
        the mean difference, and the half width of its interval.

    Raises:
        ValueError: fewer than two seeds in common; nothing can be said then.
    """
    common = sorted(one.keys() & other.keys())
    if len(common) < 2:
        raise ValueError(f"Two seeds in common are needed for an interval. Received: {len(common)}")
    mean, half = interval([one[seed] - other[seed] for seed in common])
    word = "ties with" if not abs(mean) > half else "beats" if mean > 0 else "loses to"
    return word, mean, half


def summary(rows: list[dict]) -> list[dict]:
    """Mean over seeds and the half width of its 95 % interval (Student's t; NaN for one run).

    Args:
        rows: dicts with target, source, strategy, images, seed and accuracy; any further
            "setting" tells runs of one strategy apart.

    Returns:
        One dict a group: its keys, mean, interval, runs, seconds (mean), best first.
    """
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        key = tuple(row.get(k, "") for k in ("target", "source", "strategy", "setting"))
        groups.setdefault((*key, int(row["images"])), []).append(row)
    table = []
    for (target, source, strategy, setting, images), members in groups.items():
        mean, half = interval([float(m["accuracy"]) for m in members])
        table.append(
            {
                "target": target,
                "source": source,
                "strategy": strategy,
                "setting": setting,
                "images": images,
                "mean": mean,
                "interval": half,
                "runs": len(members),
                "seconds": float(np.mean([float(m["seconds"]) for m in members])),
            }
        )
    return sorted(table, key=lambda row: -row["mean"])


def read_results(name: str, folder: Path | None = None) -> list[dict]:
    """Rows of a results table, all values as text; lines that start with # tell where it comes from.

    Raises:
        FileNotFoundError: the table has not been made; the message says how.
    """
    path = (folder or RESULTS) / f"{name}.csv"
    if not path.is_file():
        raise FileNotFoundError(f"There is no table {path}. Make it: python -m helpers.studies {name}")
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def complete(
    name: str,
    cells: Iterable[dict],
    measure: Callable[[dict], dict],
    folder: Path | None = None,
    jobs: int | None = None,
) -> None:
    """Measure the cells that a results table lacks; each joins it as soon as it is known.

    Killed at any time, a second call goes on: at most the cells that were in work are lost.
    Several processes share the work through joblib; on a cluster, wrap the call in
    `joblib.parallel_config(backend="dask")` with a `dask.distributed.Client` open.

    Args:
        name: of the table, datasets/results/NAME.csv.
        cells: what is varied, such as {"target": "micrographs", "images": 10, "seed": 0}.
        measure: from a cell to what is measured, such as {"accuracy": 0.8}; floats are rounded.
            With several processes it must be a function of a module.
        folder: of the table, where it is not datasets/results.
        jobs: processes; None is one, or what `parallel_config` says.

    Raises:
        ValueError: the table there has other columns than these cells, or than what was measured.
        RuntimeError: another process is at work on the table.
    """
    import filelock

    path = (folder or RESULTS) / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(f"{path}.lock", timeout=0):
            _complete(path, list(cells), measure, jobs)
    except filelock.Timeout as error:
        raise RuntimeError(f"Another process completes {path}: let it end, or stop it.") from error


def _complete(path, cells, measure, jobs):
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    done = _finished(path, cells)
    missing = [cell for cell in cells if tuple(map(str, cell.values())) not in done]
    work = Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch="2*n_jobs")
    finished = work(delayed(_measured)(measure, cell) for cell in missing)
    bar = tqdm(finished, path.stem, total=len(cells), initial=len(cells) - len(missing), unit="cell")
    columns = None
    for row in bar:
        if not path.is_file():
            _begin(path, row)
        elif columns is None:
            _append(path, _provenance(path.stem))
        columns = columns or _columns(path)
        if columns != list(row):
            raise ValueError(
                f"{path} has the columns {', '.join(columns)}, but these were measured: {', '.join(row)}. "
                "Move the file away to begin a new table."
            )
        _append(path, _line(row.values()))


def _columns(path):
    with open(path, newline="", encoding="utf-8") as file:
        return next(csv.reader(line for line in file if not line.startswith("#")))


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


def _begin(path, row):
    """Create a table with its line of columns, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(_provenance(path.stem) + _line(row), encoding="utf-8")
    os.replace(part, path)


def _finished(path, cells):
    """The cells that a table holds; a last line that a kill left incomplete, or a comment that no row
    follows, is cut off first."""
    if not path.is_file():
        return set()
    lines = path.read_bytes().splitlines(keepends=True)
    while lines and (lines[-1].startswith(b"#") or not lines[-1].endswith(b"\n")):
        lines.pop()
    if (whole := sum(map(len, lines))) < path.stat().st_size:
        os.truncate(path, whole)
    rows = read_results(path.stem, path.parent)
    if not rows:
        path.unlink()
    elif cells and not set(cells[0]) <= set(rows[0]):
        raise ValueError(
            f"{path} has the columns {', '.join(rows[0])}, but the cells vary {', '.join(cells[0])}. "
            "Move the file away to begin a new table."
        )
    return {tuple(row[key] for key in cells[0]) for row in rows if cells}


def _provenance(name):
    """Comment lines before the rows of one session: what made them, where, when, with what."""
    return (
        f"# Made by `python -m helpers.studies {name}`, {date.today()}, {platform.machine()} {_device()}\n"
        f"# Python {platform.python_version()}, {', '.join(_versions())}\n"
    )


def _device():
    """The GPU, where the network library has been loaded and sees one."""
    if "keras" not in sys.modules:
        return "CPU"
    from helpers import hardware

    return hardware.device_name() if hardware.has_gpu() else "CPU"


def _versions():
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):  # one network library is enough
            yield f"{package} {metadata.version(package)}"
