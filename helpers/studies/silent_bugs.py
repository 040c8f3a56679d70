"""Learning curves of silent bugs, and of the healthy run."""

from helpers.strategies import silent_bugs

SEEDS = 5


def cells() -> list[dict]:
    return [{"case": name, "seed": seed} for seed in range(SEEDS) for name in silent_bugs.CASES]


def measure(cell: dict) -> dict:
    result = silent_bugs.train(cell["case"], cell["seed"])
    curves = {key: " ".join(f"{v:.3f}" for v in result[key]) for key in ("accuracy", "val_accuracy")}
    return {**curves, "test": result["test"]}
