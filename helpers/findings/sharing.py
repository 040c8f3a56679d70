"""A class measures together: each run is a short line to paste, many lines are real error bars.

No server: students copy the lines of their Strategy Lab into the class chat or a shared document, and
anybody pastes all of them into `class_board()` of notebook 05. A line looks like

    new_shapes;shapes;Linear probe;last layer;10;3;0.8930#5f2c1a09

target; source; strategy; setting; images a class; seed; accuracy on validation pictures; checksum.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from helpers.strategies.registry import STRATEGIES

MOST_IMAGES = 100_000  # a class; more is a slip, and would squeeze a chart's axis
FIELDS = ("target", "source", "strategy", "setting", "images", "seed", "accuracy")


@dataclass(frozen=True)
class Merged:
    """What came out of many pasted lines.

    Args:
        results: a dict a run, as `StrategyLab.results` holds them; the same run counts once.
        repeated: how many lines told of a run that another line had told of before, alike.
        conflicting: "line: reason" of each line that told of such a run with another accuracy.
        refused: "line: reason" of each line that was not counted.
    """

    results: tuple[dict, ...]
    repeated: int
    conflicting: tuple[str, ...]
    refused: tuple[str, ...]


def to_line(result: dict) -> str:
    """Write one run of the Strategy Lab as a line to paste.

    Args:
        result: with target, source, strategy, setting, images, seed and accuracy (0..1).
    """
    texts = [quote(str(result[key]), safe=" ,/()") for key in FIELDS[:4]]
    body = ";".join([*texts, str(result["images"]), str(result["seed"]), f"{result['accuracy']:.4f}"])
    if body.startswith(" "):  # of a target: spaces around a line are lost where it is pasted
        body = quote(" ") + body[1:]
    return f"{body}#{_checksum(body)}"


def from_line(line: str) -> dict:
    """Read one line.

    Raises:
        ValueError: it is damaged, or says what cannot be; the message tells what and what to do.
    """
    body, mark, checksum = line.strip().rpartition("#")
    if not mark or body.count(";") != len(FIELDS) - 1:
        raise ValueError("this is no result of the Strategy Lab: copy the whole line, with its checksum")
    if checksum != _checksum(body):
        raise ValueError("the checksum does not fit, a character was lost or changed: copy the line again")
    values: dict[str, Any] = dict(zip(FIELDS, map(unquote, body.split(";")), strict=True))
    try:
        values |= {"images": int(values["images"]), "seed": int(values["seed"])}
        values["accuracy"] = float(values["accuracy"])
    except ValueError:
        raise ValueError("images, seed and accuracy must be numbers: copy the line again") from None
    if values["strategy"] not in STRATEGIES:
        raise ValueError(f"there is no strategy {values['strategy']!r}")
    if not (0 <= values["accuracy"] <= 1 and 1 <= values["images"] <= MOST_IMAGES and values["seed"] >= 0):
        raise ValueError(
            f"accuracy must lie between 0 and 1, images between 1 and {MOST_IMAGES:,}, the seed not below 0"
        )
    return values


def merge(text: str) -> Merged:
    """Combine pasted lines; empty lines are passed over.

    A run is told by all but its accuracy. The same run from two students counts once, so that repeating a
    seed does not make an interval narrower than it is. Where the two disagree, the line above counts, and
    the other one is listed: somebody has to look which of them is right.
    """
    runs: dict[tuple, dict] = {}
    repeated, conflicting, refused = 0, [], []
    for line in filter(str.strip, text.splitlines()):
        try:
            values = from_line(line)
        except ValueError as error:
            refused.append(f"{line.strip()[:60]}: {error}")
            continue
        first = runs.setdefault(tuple(values[name] for name in FIELDS[:-1]), values)
        if first["accuracy"] != values["accuracy"]:
            conflicting.append(f"{line.strip()}: a line above says {first['accuracy']:.4f} of the same run")
        elif first is not values:
            repeated += 1
    results = tuple(run | {"seconds": float("nan")} for run in runs.values())
    return Merged(results, repeated, tuple(conflicting), tuple(refused))


def most_measured(results: Sequence[dict]) -> list[dict]:
    """The runs of each strategy's source and setting that have most runs; of equals, the first.

    Chosen by the number of runs and never by what they scored, so that no lucky run stands for a strategy.

    Args:
        results: of one target, as in `Merged`.
    """
    runs = Counter(map(_way, results))
    chosen = {way[0]: way for way, _ in reversed(runs.most_common())}
    return [result for result in results if chosen[result["strategy"]] == _way(result)]


def _way(result):
    return result["strategy"], result["source"], result["setting"]


def _checksum(body):
    return f"{zlib.crc32(body.encode()):08x}"
