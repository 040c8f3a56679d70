"""How much smaller should the learning rate of the backbone be than that of the head?

Scored on validation images, since learning rates are chosen by it.
"""

from helpers import strategies
from helpers.data.image_sets import builtin
from helpers.studies.engine import runner

SEEDS = 5
HEAD_RATES = (3e-4, 3e-3)
RATIOS = (0.001, 0.01, 0.1, 1.0, 10.0)
IMAGES = 20


def cells() -> list[dict]:
    return [
        {"head_rate": rate, "ratio": ratio, "seed": seed}
        for seed in range(SEEDS)
        for rate in HEAD_RATES
        for ratio in RATIOS
    ]


def measure(cell: dict) -> dict:
    data = builtin("new_shapes", IMAGES, 50, 0, cell["seed"])
    validation = data.X_validation, data.y_validation
    rate = cell["head_rate"]
    strategy = strategies.FineTune(from_block="all", base_lr=rate * cell["ratio"], head_lr=rate)
    try:
        result = runner.run(strategy, data, IMAGES, cell["seed"], validation=validation)
    except ValueError:  # the loss was no longer a number: as good as guessing
        return {"accuracy": 1 / len(data.classes), "curve": ""}
    curve = " ".join(f"{value:.3f}" for value in strategy.history_["val_accuracy"])
    return {"accuracy": result["accuracy"], "curve": curve}
