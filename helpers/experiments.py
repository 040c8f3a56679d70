"""Runs strategies on targets over sizes and seeds, and sums up what came out.

`python -m helpers.experiments` regenerates datasets/results/scenarios.csv, the table behind the
2x2 board; it continues where it was stopped. Used in notebook 05.
"""

import csv
import math
import platform
import time
from pathlib import Path

import numpy as np

from helpers.datasets import ImageSet, builtin, n_per_class

RESULTS = Path(__file__).parents[1] / "datasets" / "results"
SMALL, LARGE = 10, 100
TARGETS = ("new_shapes", "micrographs")
TEXTBOOK = {
    ("new_shapes", SMALL): "Linear probe",
    ("new_shapes", LARGE): "Full fine-tune",
    ("micrographs", SMALL): "Earlier-layer SVM",
    ("micrographs", LARGE): "Full fine-tune",
}
FIELDS = (
    "target",
    "source",
    "strategy",
    "images",
    "seed",
    "accuracy",
    "seconds",
    "trainable_parameters",
    "versions",
)


def strategies(backbone) -> dict:
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


def run(strategy, data: ImageSet, images: int, seed: int, held_out: str = "validation", **watch) -> dict:
    """Fit one strategy on n images a class and score it once.

    Args:
        strategy: an estimator of `helpers.strategies`; fitted in place.
        data: the target.
        images: training images a class.
        seed: chooses the images and, where the strategy has one, its own randomness.
        held_out: "validation" while choosing; "test" only for a table that is never chosen from.
        **watch: `on_epoch`, `stop`, `validation` for strategies that train a network.

    Returns:
        accuracy (0..1), seconds (of fit) and trainable_parameters.
    """
    X, y = n_per_class(data.X_train, data.y_train, images, seed)
    if "seed" in strategy.get_params():
        strategy.set_params(seed=seed)
    started = time.perf_counter()
    strategy.fit(X, y, **watch)
    seconds = time.perf_counter() - started
    X_out, y_out = getattr(data, f"X_{held_out}"), getattr(data, f"y_{held_out}")
    return {
        "accuracy": float(strategy.score(X_out, y_out)),
        "seconds": seconds,
        "trainable_parameters": strategy.trainable_parameters_,
    }


def summary(rows: list[dict]) -> list[dict]:
    """Mean over seeds and the half width of its 95 % interval (Student's t; NaN for one run).

    Args:
        rows: dicts with target, source, strategy, images, seed and accuracy; any further
            "setting" tells runs of one strategy apart.

    Returns:
        One dict a group: its keys, mean, interval, runs, seconds (mean), best first.
    """
    from scipy.stats import t

    groups = {}
    for row in rows:
        key = tuple(row.get(k, "") for k in ("target", "source", "strategy", "setting"))
        groups.setdefault((*key, int(row["images"])), []).append(row)
    table = []
    for (target, source, strategy, setting, images), members in groups.items():
        scores = np.array([float(m["accuracy"]) for m in members])
        n = len(scores)
        half = t.ppf(0.975, n - 1) * scores.std(ddof=1) / math.sqrt(n) if n > 1 else math.nan
        table.append(
            {
                "target": target,
                "source": source,
                "strategy": strategy,
                "setting": setting,
                "images": images,
                "mean": float(scores.mean()),
                "interval": float(half),
                "runs": n,
                "seconds": float(np.mean([float(m["seconds"]) for m in members])),
            }
        )
    return sorted(table, key=lambda row: -row["mean"])


def read_results(name: str = "scenarios") -> list[dict]:
    """Rows of a results table; the lines that start with # tell where it comes from."""
    with open(RESULTS / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def verdicts(rows: list[dict]) -> list[str]:
    """Compare each cell's textbook strategy with the best other one, paired by seed.

    Args:
        rows: of the scenarios table.

    Returns:
        A line a cell: wins, ties (the 95 % interval of the mean difference holds zero) or loses.
    """
    lines = []
    for (target, images), textbook in TEXTBOOK.items():
        cell = [r for r in rows if (r["target"], int(r["images"])) == (target, images)]
        rivals = [row["strategy"] for row in summary(cell) if row["strategy"] != textbook]
        if not rivals:
            continue  # a table that is still being filled
        scores = {
            name: {r["seed"]: float(r["accuracy"]) for r in cell if r["strategy"] == name}
            for name in (textbook, rivals[0])
        }
        seeds = sorted(scores[textbook].keys() & scores[rivals[0]].keys())
        if not seeds:
            continue
        gaps = [
            {
                "target": target,
                "source": "",
                "strategy": "gap",
                "images": images,
                "seconds": 0,
                "accuracy": scores[textbook][s] - scores[rivals[0]][s],
            }
            for s in seeds
        ]
        (gap,) = summary(gaps)
        if not abs(gap["mean"]) > gap["interval"]:
            verdict = "ties with"
        else:
            verdict = "beats" if gap["mean"] > 0 else "loses to"
        lines.append(
            f"{target}, {images} a class: {textbook} {verdict} {rivals[0]} "
            f"({100 * gap['mean']:+.1f} ± {100 * gap['interval']:.1f} points, "
            f"{len(seeds)} seeds)"
        )
    return lines


def scenarios(seeds: int = 3, path: Path = RESULTS / "scenarios.csv") -> None:
    """Run every strategy in every cell of the 2x2 board, and append each run when it ends."""
    import keras
    import sklearn

    from helpers.models import Backbone

    versions = f"keras {keras.__version__} ({keras.backend.backend()}), scikit-learn {sklearn.__version__}"
    done = set()
    if path.is_file():
        with open(path, newline="") as file:
            rows = csv.DictReader(line for line in file if not line.startswith("#"))
            done = {(r["target"], r["strategy"], int(r["images"]), int(r["seed"])) for r in rows}
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "# Made by `python -m helpers.experiments`: built-in world, source model "
            f"'shapes', accuracy on the test split, {platform.machine()} CPU\n" + ",".join(FIELDS) + "\n"
        )
    backbone = Backbone("shapes")
    targets = {name: builtin(name) for name in TARGETS}
    for seed in range(seeds):
        for target, data in targets.items():
            for images in (SMALL, LARGE):
                for name, strategy in strategies(backbone).items():
                    if (target, name, images, seed) in done:
                        continue
                    row = {
                        "target": target,
                        "source": "shapes",
                        "strategy": name,
                        "images": images,
                        "seed": seed,
                        "versions": versions,
                        **run(strategy, data, images, seed, held_out="test"),
                    }
                    row["accuracy"] = round(row["accuracy"], 4)
                    row["seconds"] = round(row["seconds"], 2)
                    with open(path, "a", newline="") as file:
                        csv.DictWriter(file, FIELDS).writerow(row)
                    print(
                        target,
                        images,
                        name,
                        seed,
                        row["accuracy"],
                        f"{row['seconds']} s",
                        flush=True,
                    )


if __name__ == "__main__":
    scenarios()
