"""Compare architectures: parameters and accuracy of dense and convolutional nets on shifted digits."""

from helpers.networks import basics

SEEDS = 5
NETS = {
    "dense 32": lambda seed: basics.dense_net((32,), seed=seed),
    "dense 128": lambda seed: basics.dense_net((128,), seed=seed),
    "dense 512": lambda seed: basics.dense_net((512,), seed=seed),
    "convolutional 4, 8": lambda seed: basics.conv_net((4, 8), seed=seed),
    "convolutional 8, 16": lambda seed: basics.conv_net((8, 16), seed=seed),
    "convolutional 16, 32": lambda seed: basics.conv_net((16, 32), seed=seed),
}


def cells() -> list[dict]:
    return [{"net": net, "seed": seed} for seed in range(SEEDS) for net in NETS]


def measure(cell: dict) -> dict:
    model = NETS[cell["net"]](cell["seed"])
    history = basics.train(model, basics.digits(1000, cell["seed"]), seed=cell["seed"])
    return {"parameters": model.count_params(), "accuracy": history["val_accuracy"][-1]}
