"""Does fine-tuning suffer from the source's BatchNorm statistics if the images differ much?

The strategies of this series keep these statistics, as the Keras guide advises. Here, MobileNet is also
fine-tuned as a whole with BatchNorm in training mode: each batch is normalised by its own statistics. Scored
on validation images of flowers (similar to ImageNet) and of plankton (different), with 100 training images
per class and two learning rates, beside training from scratch. Needs the folder that `TRANSFER_DATA_DIR`
names.
"""

from helpers.strategies import FromScratch, FullFineTune
from helpers.studies._photographs import SMALL, TINY, images, mobilenet
from helpers.studies.engine import runner

SEEDS = 4
IMAGES, BATCH, HEAD_RATE = 100, 16, 3e-3
TARGETS = ("flowers", "plankton")


WAYS = {  # what BatchNorm does, and the rate of the backbone
    "kept, 3e-5": ("keep", 3e-5),
    "kept, 3e-4": ("keep", 3e-4),
    "learns, 3e-5": ("learn", 3e-5),
    "learns, 3e-4": ("learn", 3e-4),
    "from scratch": None,
}


def cells() -> list[dict]:
    return [
        {"target": target, "way": way, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for way in WAYS
    ]


def measure(cell: dict) -> dict:
    way = WAYS[cell["way"]]
    data = images(cell["target"], SMALL if way else TINY)
    if way is None:
        strategy = FromScratch(batch_size=BATCH)
    else:
        batchnorm, rate = way
        strategy = FullFineTune(
            mobilenet(), base_lr=rate, head_lr=HEAD_RATE, batch_size=BATCH, batchnorm=batchnorm
        )
    return {"accuracy": runner.run(strategy, data, IMAGES, cell["seed"])["accuracy"]}
