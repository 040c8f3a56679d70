"""Traditional learning breaks down with little data. (Notebook 02.)"""

from helpers import strategies
from helpers.datasets import builtin

SEEDS = 3
SIZES = (5, 20, 100, 300)
TARGETS = ("new_shapes", "streets_day")


def cells() -> list[dict]:
    return [
        {"target": target, "images": n, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for n in SIZES
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], cell["images"], 0, 100, cell["seed"])
    model = strategies.FromScratch(seed=cell["seed"]).fit(data.X_train, data.y_train)
    return {"accuracy": float(model.score(data.X_test, data.y_test))}
