"""Compare training algorithms: SGD, momentum and Adam on one deep net."""

from helpers.networks import basics

SEEDS = 5
RUNS = (("SGD", 0.01), ("SGD", 0.1), ("momentum", 0.01), ("Adam", 0.001))


def cells() -> list[dict]:
    return [{"optimiser": name, "rate": rate, "seed": seed} for seed in range(SEEDS) for name, rate in RUNS]


def measure(cell: dict) -> dict:
    model = basics.dense_net((32,) * 4, seed=cell["seed"])
    data = basics.digits(1000, cell["seed"], shift=False)
    history = basics.train(model, data, cell["optimiser"], cell["rate"], seed=cell["seed"])
    return {
        "accuracy": history["val_accuracy"][-1],
        "curve": " ".join(f"{value:.4f}" for value in history["loss"]),
    }
