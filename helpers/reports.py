"""What is in a set of pictures: classes, sizes, duplicates, and a trivial baseline. Used in notebook 08."""

import hashlib
import html
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from helpers.datasets import ImageSet


@dataclass(frozen=True)
class Report:
    """One fact a line; shows itself as a table."""

    rows: tuple[tuple[str, str], ...]

    def __repr__(self):
        return "\n".join(f"{name}: {value}" for name, value in self.rows)

    def _repr_html_(self):
        body = "".join(
            f"<tr><th scope=row style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for name, value in self.rows
        )
        return f"<table aria-label='Summary of the pictures'><tbody>{body}</tbody></table>"


def report(data: ImageSet, folder: Path | None = None) -> Report:
    """Sum up a set of pictures.

    Args:
        data: the set, as `helpers.datasets.from_folder` reads it.
        folder: where it came from; adds the sizes of the original files.
    """
    parts = {part: getattr(data, f"y_{part}") for part in ("train", "validation", "test")}
    counts = Counter(np.concatenate(list(parts.values())).tolist())
    total, most, fewest = sum(counts.values()), max(counts.values()), min(counts.values())
    same, leaks = duplicates(data)
    rows = [
        ("pictures", f"{total} in {len(counts)} classes ({most} in the largest, {fewest} in the smallest)"),
        ("splits", ", ".join(f"{part} {len(y)}" for part, y in parts.items())),
        ("classes", ", ".join(f"{name} {count}" for name, count in sorted(counts.items())[:20])),
        ("files skipped", f"{len(data.skipped)}" + "".join(f"; {line}" for line in data.skipped[:5])),
        (
            "exact duplicates",
            f"{same} pictures, {leaks} of them in two splits" + (" (a leak!)" if leaks else ""),
        ),
        ("always the largest class", f"{most / total:.0%} right"),
        ("nearest colours", f"{colour_baseline(data):.0%} of the validation pictures right"),
    ]
    if folder is not None and (sizes := original_sizes(folder)):
        rows.insert(1, ("original sizes", ", ".join(f"{w} x {h}: {n}" for (w, h), n in sizes.most_common(4))))
    return Report(tuple(rows))


def original_sizes(folder: Path, most: int = 500) -> Counter:
    """How often each (width, height) occurs among the first pictures of a folder."""
    sizes = Counter()
    for path in sorted(Path(folder).rglob("*"))[: 4 * most]:
        if path.suffix.lower() in Image.registered_extensions() and sum(sizes.values()) < most:
            try:
                with Image.open(path) as image:
                    sizes[image.size] += 1
            except Exception:  # a broken file: `from_folder` names it
                continue
    return sizes


def duplicates(data: ImageSet) -> tuple[int, int]:
    """Pictures that are the same pixel by pixel: how many too many, and how many of them across splits."""
    places = {}
    for part in ("train", "validation", "test"):
        for picture in getattr(data, f"X_{part}"):
            places.setdefault(hashlib.sha256(picture.tobytes()).digest(), []).append(part)
    groups = [parts for parts in places.values() if len(parts) > 1]
    return sum(len(g) - 1 for g in groups), sum(len(g) - 1 for g in groups if len(set(g)) > 1)


def colour_baseline(data: ImageSet) -> float:
    """Validation accuracy of nearest neighbours on colour histograms: what colour alone can do."""
    from helpers.strategies import NearestColours

    model = NearestColours().fit(data.X_train, data.y_train)
    return float(model.score(data.X_validation, data.y_validation))
