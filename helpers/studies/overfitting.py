"""Capacity and data: training and test accuracy of dense nets on digits."""

from helpers.networks import basics

SEEDS = 3
WIDTHS = (2, 8, 32, 128, 512)
SIZES = (50, 200, 1000)
STEPS = 600


def cells() -> list[dict]:
    return [
        {"width": width, "images": n, "seed": seed}
        for seed in range(SEEDS)
        for n in SIZES
        for width in WIDTHS
    ]


def measure(cell: dict) -> dict:
    n = cell["images"]
    model = basics.dense_net((cell["width"],), seed=cell["seed"])
    epochs = max(20, STEPS // -(-n // 32))
    history = basics.train(model, basics.digits(n, cell["seed"]), epochs=epochs, seed=cell["seed"])
    return {
        "parameters": model.count_params(),
        "training": history["accuracy"][-1],
        "test": history["val_accuracy"][-1],
    }
