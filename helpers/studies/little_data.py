"""Traditional learning breaks down with little data.

All runs take about the same number of steps, so that small training sets are not trained less.
"""

from helpers import strategies
from helpers.data.image_sets import builtin

SEEDS = 3
STEPS = 250
SIZES = (5, 20, 100)
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
    epochs = max(1, round(STEPS / -(-len(data.X_train) // 32)))
    model = strategies.FromScratch(epochs=epochs, seed=cell["seed"]).fit(data.X_train, data.y_train)
    return {"accuracy": float(model.score(data.X_test, data.y_test))}
