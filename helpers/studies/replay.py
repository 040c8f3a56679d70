"""What does fine-tuning do to the features, step by step? Full fine-tuning, a linear probe, and LP-FT.

After Kumar et al. 2022, "Fine-tuning can distort pretrained features and underperform out-of-distribution".
The shipped shapes network learns micrographs with a new head. The head trains alone (linear probe), with all
layers (full fine-tuning), or with all layers after a probe (LP-FT). The learning rates are those of the
strategies of these names. Every second step, `record` notes the codes of 200 validation images, the accuracy
on them, and the similarity (CKA) of each block with the source. The table has the last step for several
seeds, and datasets/replay.npz all recorded steps of the first seed (`python -m helpers replay`).
"""

import functools
import threading
from collections.abc import Callable

import numpy as np
from sklearn.decomposition import PCA

from helpers.data.image_sets import builtin
from helpers.networks.backend import keras
from helpers.networks.rates import rates_of
from helpers.networks.transferability import cka
from helpers.strategies.frozen import dense_weights
from helpers.strategies.head2toe import block_ends
from helpers.studies import _surgery
from helpers.studies._networks import indices, linear
from helpers.studies.engine.recording import FILE as FILE
from helpers.studies.engine.recording import Recording

SEEDS = 5
TARGET, IMAGES, VALIDATION = "micrographs", 20, 40  # images per class
FULL, PROBE, LP_FT = WAYS = ("full fine-tuning", "linear probe", "LP-FT")
EVERY = 2  # steps between two records
RATES = rates_of("shapes")
_ALONE = threading.Lock()  # all recordings train the same network


def cells() -> list[dict]:
    return [{"way": way, "seed": seed} for seed in range(SEEDS) for way in WAYS]


def measure(cell: dict) -> dict:
    recording, way = _recorded(cell["seed"]), WAYS.index(cell["way"])
    blocks = zip(_surgery.BLOCKS, recording.similarity[way, -1], strict=True)
    accuracy = recording.accuracy[way]
    return {
        "first_accuracy": float(accuracy[0]),
        "accuracy": float(accuracy[-1]),
        **{block: float(similarity) for block, similarity in blocks},
    }


def record(seed: int, on_progress: Callable[[float], None] = lambda share: None) -> Recording:
    """Train in all ways, and record. A recording that runs already is awaited.

    Args:
        seed: of the images, of their order, and of a new head.
        on_progress: called now and then with the share that is done, 0..1.
    """
    with _ALONE:
        return _record(seed, on_progress)


def _record(seed, on_progress):
    data = builtin(TARGET, IMAGES, VALIDATION, 0, seed)
    network, observer = _network(len(data.classes))
    network.restart(_surgery.new_head(len(data.classes), seed))
    source = observer.predict(data.X_validation, verbose=0)
    projection, truth = PCA(2).fit(source[-1]), indices(data, "validation")
    steps, films = range(0, _surgery.EPOCHS * -(-len(data.X_train) // _surgery.BATCH) + 1, EVERY), []
    for head, rates in _starts(observer, data, seed):
        film: list[tuple] = []
        films.append(film)

        def note(done, film=film):
            if done in steps:
                blocks = observer.predict(data.X_validation, verbose=0)
                guesses = network.model.get_layer("head")(blocks[-1])
                right = np.mean(np.argmax(guesses, axis=1) == truth)
                film.append((projection.transform(blocks[-1]), right, [*map(cka, source, blocks)]))
                on_progress(sum(map(len, films)) / (len(WAYS) * len(steps)))

        network.restart(head)
        note(0)
        network.train(data.X_train, indices(data, "train"), rates, seed, note)
    codes, accuracy, similarity = (
        np.array([[record[part] for record in film] for film in films], kind)
        for part, kind in enumerate(("float16", "float32", "float32"))
    )
    ways = np.array(WAYS)
    return Recording(ways, np.array(steps), data.y_validation, codes, accuracy, similarity)


def _starts(observer, data, seed):
    """The head and the learning rates with which each way starts, in the order of WAYS."""
    new = _surgery.new_head(len(data.classes), seed)
    codes = observer.predict(data.X_train, verbose=0)[-1]
    probe = dense_weights(*linear(1000).fit(codes, indices(data, "train")))
    return (
        (new, {"rate": RATES.backbone, "head_rate": RATES.head}),
        (new, {"rate": 0.0, "head_rate": RATES.head}),
        (probe, {"rate": RATES.backbone, "head_rate": RATES.backbone}),
    )


@functools.cache
def _network(classes):
    """A network, and a model that shares its weights: from pixels to the codes at the end of each block."""
    network = _surgery.prepared(_surgery.ALL, classes)
    backbone = network.model.layers[1]
    ends = [backbone.get_layer(name).output for name in block_ends(_surgery.SOURCE)]
    return network, keras.Model(backbone.input, [keras.ops.mean(end, axis=(1, 2)) for end in ends])


@functools.lru_cache(maxsize=1)
def _recorded(seed):
    return record(seed)
