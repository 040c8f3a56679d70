"""How many blocks should stay frozen? Accuracy of fine-tuning the others.

Where all four blocks are frozen, the head learns alone. It does so slowly, and its steps cost next to
nothing: it takes `HEAD_ALONE` times as many.
"""

from helpers import strategies
from helpers.data.image_sets import builtin
from helpers.strategies.trained_network import epochs_for
from helpers.studies.engine import runner

SEEDS = 5
TARGETS = ("new_shapes", "micrographs")
SIZES = (10, 50)
HEAD_RATE, BASE_RATE = 3e-3, 3e-4
HEAD_ALONE = 10
FIRST_TRAINED = ("all", "block2", "block3", "block4", None)  # by the number of frozen blocks, 0 to 4


def cells() -> list[dict]:
    return [
        {"target": target, "images": n, "frozen": frozen, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for n in SIZES
        for frozen in (*range(len(FIRST_TRAINED)), "scratch")
    ]


def measure(cell: dict) -> dict:
    data = builtin(cell["target"], cell["images"], 0, 200, cell["seed"])
    if cell["frozen"] == "scratch":
        strategy = strategies.FromScratch()
    else:
        first = FIRST_TRAINED[cell["frozen"]]
        strategy = strategies.FineTune(from_block=first, base_lr=BASE_RATE, head_lr=HEAD_RATE)
        if first is None:
            images = cell["images"] * len(data.classes)
            strategy.set_params(epochs=HEAD_ALONE * epochs_for(images, strategy.batch_size))
    return runner.run(strategy, data, cell["images"], cell["seed"], held_out="test")
