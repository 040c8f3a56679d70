"""Compare activations: how a deep dense net learns with sigmoid, tanh and ReLU."""

from helpers.networks import basics

SEEDS = 5
DEPTHS = (2, 8)
ACTIVATIONS = ("sigmoid", "tanh", "relu")


def cells() -> list[dict]:
    return [
        {"depth": depth, "activation": activation, "seed": seed}
        for seed in range(SEEDS)
        for depth in DEPTHS
        for activation in ACTIVATIONS
    ]


def measure(cell: dict) -> dict:
    model = basics.dense_net((32,) * cell["depth"], cell["activation"], cell["seed"])
    data = basics.digits(1000, cell["seed"], shift=False)
    history = basics.train(model, data, rate=1e-3, seed=cell["seed"])
    return {
        "accuracy": history["val_accuracy"][-1],
        "curve": " ".join(f"{value:.3f}" for value in history["val_accuracy"]),
    }
