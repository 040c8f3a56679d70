"""How transferable are the first blocks? Kept frozen or fine-tuned, for a near and a far target.

After Yosinski et al. 2014, "How transferable are features in deep neural networks?": the first blocks come
from the shapes model, all others start at random, and all that is not frozen trains at the same learning
rates. (Fine-tuning elsewhere in the series takes all blocks from the source.) Where all four blocks are
frozen, the head learns alone. It does so slowly, and its steps cost next to nothing: it takes `HEAD_ALONE`
times as many.
"""

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, block_of, fresh, mini_vgg
from helpers.networks.backend import keras
from helpers.networks.heads import classifier, split_frozen
from helpers.strategies.training import fit
from helpers.studies._networks import accuracy, indices

SEEDS = 5
IMAGES = 50
TARGETS = {"near": "new_shapes", "far": "micrographs"}
STEPS, BATCH, HEAD_ALONE = 120, 16, 10
HEAD_RATE, BASE_RATE = 3e-3, 1e-3  # the head alone, on frozen blocks, would hardly move at 1e-3
WAYS = {"scratch": (0,), "frozen": (1, 2, 3, 4), "tuned": (1, 2, 3, 4)}  # and how many blocks are taken


def cells() -> list[dict]:
    return [
        {"target": target, "way": way, "blocks": blocks, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for way, numbers in WAYS.items()
        for blocks in numbers
    ]


def measure(cell: dict) -> dict:
    data = builtin(TARGETS[cell["target"]], IMAGES, 0, 50, cell["seed"])
    network = mini_vgg(cell["seed"])
    source = fresh(Backbone("shapes"))
    taken = [f"block{k}" for k in range(1, cell["blocks"] + 1)]
    for layer in network.layers:
        if layer.weights and block_of(layer.name) in taken:
            layer.set_weights(source.get_layer(layer.name).get_weights())
            layer.trainable = cell["way"] != "frozen"
    model = classifier(network, len(data.classes), seed=cell["seed"])
    X, X_test = data.X_train, data.X_test
    if cell["way"] == "frozen" and (parts := split_frozen(model)):  # what never changes runs only once
        frozen, model = parts
        X, X_test = (frozen.predict(images, verbose=0) for images in (X, X_test))
    epochs = round(STEPS / -(-len(X) // BATCH))
    if cell["way"] == "frozen" and cell["blocks"] == WAYS["frozen"][-1]:
        epochs *= HEAD_ALONE
    y = indices(data, "train")
    fit(model, X, y, epochs=epochs, batch_size=BATCH, seed=cell["seed"], head_lr=HEAD_RATE, base_lr=BASE_RATE)
    result = accuracy(model, X_test, indices(data, "test"))
    keras.backend.clear_session(free_memory=False)
    return {"accuracy": result}
