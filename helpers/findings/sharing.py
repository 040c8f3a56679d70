"""A class measures together: each run is a short line to paste; many lines give confidence intervals.

No server is needed: students copy the lines of their Strategy Lab into the class chat or a shared document,
and anyone pastes all of them into `class_board()`. A line looks like

    labrun;0.9.0;new_shapes;built-in shapes;Linear probe;block4_pool;5;0;0.8990#880d1b84

version of the series; target; source; strategy; setting; images per class; seed; validation accuracy;
checksum. Lines of older versions have neither the first word nor the version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

import helpers
from helpers.findings import lines
from helpers.strategies import registry

MOST_IMAGES = 100_000  # per class; more is a mistake, and would compress the axis of a chart
WAY = ["strategy", "source", "setting"]
KIND, OLDER = "labrun", "older"
FIELDS = ("target", "source", "strategy", "setting", "images", "seed", "accuracy")


@dataclass(frozen=True, eq=False)
class Merged:
    """The result of merging pasted lines.

    Args:
        results: one row per run, as in `StrategyLab.results`; the same run counts once.
        repeated: number of duplicate lines.
        conflicting: "line: reason" for each line with another accuracy of a run that is already counted.
        refused: "line: reason" for each line that cannot be read.
        other_versions: of the series, from which counted lines come: "older" or a number.

    Example:
        >>> merge("hello").refused
        ('hello: this is not a result of the Strategy Lab: copy the whole line, with its checksum',)
    """

    results: pd.DataFrame
    repeated: int
    conflicting: tuple[str, ...]
    refused: tuple[str, ...]
    other_versions: tuple[str, ...]


def to_line(result: Mapping) -> str:
    """Write one run of the Strategy Lab as a line to paste.

    Args:
        result: target, source, strategy, setting, images, seed and accuracy (0..1), such as a row of
            `StrategyLab.results`.

    Example:
        >>> run = {"target": "new_shapes", "source": "built-in shapes", "strategy": "Linear probe"}
        >>> to_line(run | {"setting": "block4_pool", "images": 5, "seed": 0, "accuracy": 0.899})
        'labrun;0.9.0;new_shapes;built-in shapes;Linear probe;block4_pool;5;0;0.8990#880d1b84'
    """
    values = (result[key] for key in FIELDS[:-1])
    return lines.encode([KIND, helpers.__version__, *values, f"{result['accuracy']:.4f}"])


def from_line(line: str) -> dict:
    """Read one line: the values of `FIELDS`, and the version of the series.

    Raises:
        ValueError: the line is damaged, or contains an impossible value; the message names the remedy.
    """
    named, what = line.strip().startswith(f"{KIND};"), "a result of the Strategy Lab"
    texts = lines.decode(line, len(FIELDS) + 2 * named, what)
    version, texts = (texts[1], texts[2:]) if named else (OLDER, texts)
    values: dict[str, Any] = {"version": version} | dict(zip(FIELDS, texts, strict=True))
    try:
        values |= {"images": int(values["images"]), "seed": int(values["seed"])}
        values["accuracy"] = float(values["accuracy"])
    except ValueError:
        raise ValueError("images, seed and accuracy must be numbers: copy the line again") from None
    if values["strategy"] not in (*registry.names(), *registry.names_after_lecture()):
        raise ValueError(f"there is no strategy {values['strategy']!r}")
    if not (0 <= values["accuracy"] <= 1 and 1 <= values["images"] <= MOST_IMAGES and values["seed"] >= 0):
        raise ValueError(
            f"accuracy must be between 0 and 1, images between 1 and {MOST_IMAGES:,}, the seed 0 or more"
        )
    return values


def merge(text: str) -> Merged:
    """Combine pasted lines; empty lines, and what a chat writes beside a line, are skipped.

    All values but the accuracy identify a run. The same run from two students counts once: repeating a seed
    must not make an interval narrower than it is. If two accuracies of a run differ, the first line counts,
    and the other one is listed, for the class to find out which of them is right.

    Args:
        text: one line per run, as `to_line` writes it.
    """
    runs: dict[tuple, dict] = {}
    repeated, conflicting = 0, []
    found, refused = lines.read(lines.pieces(text, KIND), from_line)
    for line, values in found:
        first = runs.setdefault(tuple(values[name] for name in FIELDS[:-1]), values)
        if first["accuracy"] != values["accuracy"]:
            conflicting.append(f"{line}: a line above says {first['accuracy']:.4f} of the same run")
        elif first is not values:
            repeated += 1
    results = pd.DataFrame([*runs.values()], columns=FIELDS).assign(seconds=float("nan"))
    others = {values["version"] for _, values in found} - {helpers.__version__}
    return Merged(results, repeated, tuple(conflicting), tuple(refused), tuple(sorted(others)))


def most_measured(results: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of the source and setting with which each strategy has most runs; of equals, the first.

    The number of runs decides, never their accuracy, so that a lucky run cannot represent a strategy.

    Args:
        results: runs of one target, as in `Merged`.
    """
    runs = results.groupby(WAY, sort=False).size()
    chosen = runs.groupby("strategy", sort=False).idxmax()
    return results[results.set_index(WAY).index.isin(chosen)]
