"""Does fine-tuning suffer from the source's BatchNorm statistics where pictures differ much? (Notebook 06.)

The strategies of this series keep them, as the Keras guide advises. Here MobileNet is also fine-tuned as a
whole with BatchNorm that learns: each batch is normalised by its own statistics. On the validation pictures
of flowers (like ImageNet) and of blood cells (unlike), with 100 training pictures a class and two rates, from
scratch beside it. Needs the folder that `TRANSFER_DATA_DIR` names, as the study `board_photos` does.
"""

import numpy as np

from helpers import experiments
from helpers.datasets import n_per_class
from helpers.models import classifier, fresh, keras, set_trainable_from
from helpers.strategies import epochs_for
from helpers.studies import board_photos
from helpers.training import fit

SEEDS = 5
IMAGES, BATCH = 100, 16
TARGETS = ("flowers", "blood_cells")
WAYS = {  # does BatchNorm learn, and the rate of the backbone
    "kept, 3e-5": (False, 3e-5),
    "kept, 3e-4": (False, 3e-4),
    "learns, 3e-5": (True, 3e-5),
    "learns, 3e-4": (True, 3e-4),
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
    if way is None:
        data, backbone = board_photos.setting(cell["target"], "none")
        strategy = experiments.board_strategy({"strategy": "From scratch"}, backbone, BATCH)
        return {"accuracy": experiments.run(strategy, data, IMAGES, cell["seed"])["accuracy"]}
    batchnorm_learns, rate = way
    data, backbone = board_photos.setting(cell["target"], "MobileNet")
    X, y = n_per_class(data.X_train, data.y_train, IMAGES, cell["seed"])
    base = set_trainable_from(fresh(backbone), "all")
    if batchnorm_learns:
        for layer in base.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = True
                layer.momentum = 0.9  # what is stored for later has to follow within some hundred steps
    model = classifier(base, len(data.classes), seed=cell["seed"])
    fit(
        model,
        X,
        np.searchsorted(data.classes, y),
        epochs=epochs_for(len(X), BATCH),
        batch_size=BATCH,
        seed=cell["seed"],
        head_lr=3e-3,
        base_lr=rate,
    )
    guesses = model.predict(data.X_validation, batch_size=256, verbose=0).argmax(axis=1)
    return {"accuracy": float(np.mean(np.array(data.classes)[guesses] == data.y_validation))}
