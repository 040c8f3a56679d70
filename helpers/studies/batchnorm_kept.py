"""Does fine-tuning suffer from the source's BatchNorm statistics if the images differ much?

The strategies of this series keep these statistics, as the Keras guide advises. Here, MobileNet is also
fine-tuned as a whole with BatchNorm in training mode: each batch is normalised by its own statistics. Scored
on validation images of flowers (similar to ImageNet) and of blood cells (different), with 100 training images
per class and two learning rates, beside training from scratch. Needs the folder that `TRANSFER_DATA_DIR`
names, as the study `board_photos` does.
"""

from helpers.networks.backbones import fresh
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, set_trainable_from
from helpers.strategies import FromScratch, FullFineTune
from helpers.studies import board_photos
from helpers.studies.engine import runner

SEEDS = 5
IMAGES, BATCH, HEAD_RATE = 100, 16, 3e-3
TARGETS = ("flowers", "blood_cells")


class BatchNormLearns(FullFineTune):
    """Full fine-tuning in which BatchNorm does not keep the source's statistics.

    Example:
        >>> BatchNormLearns(base_lr=3e-5).base_lr
        3e-05
    """

    def _network(self, X, y):
        base = set_trainable_from(fresh(self.backbone), "all")
        for layer in base.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = True
                layer.momentum = 0.9  # what is stored for later has to follow within some hundred steps
        return classifier(base, len(self.classes_), seed=self.seed)


WAYS = {  # strategy, and the rate of its backbone
    "kept, 3e-5": (FullFineTune, 3e-5),
    "kept, 3e-4": (FullFineTune, 3e-4),
    "learns, 3e-5": (BatchNormLearns, 3e-5),
    "learns, 3e-4": (BatchNormLearns, 3e-4),
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
    data, backbone = board_photos.setting(cell["target"], "MobileNet" if way else "none")
    if way is None:
        strategy = FromScratch(batch_size=BATCH)
    else:
        fine_tune, rate = way
        strategy = fine_tune(backbone, base_lr=rate, head_lr=HEAD_RATE, batch_size=BATCH)
    return {"accuracy": runner.run(strategy, data, IMAGES, cell["seed"])["accuracy"]}
