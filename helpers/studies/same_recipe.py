"""Negative transfer, with one recipe for both starts: the weights of a source, or random ones.

On the board, full fine-tuning and training from scratch have different configurations to choose from. Here
both have the same four: a rate of all layers, with augmentation and twice as many steps, or without.
BatchNorm learns in both. The choice is made as on the board, by validation within the training images.
"""

from helpers.studies._grids import FULL, SCRATCH, in_words
from helpers.studies._learners import accuracy, chosen, learner, pixels
from helpers.studies.board import drawn

SEEDS = 5
IMAGES = 100  # per class: the largest size of networks that train on built-in targets
TARGETS = ("micrographs", "streets_night")
STARTS = {"shapes": FULL, "none": SCRATCH}  # source -> the strategy of the board that starts there
PLAIN: dict[str, object] = {}
LONG: dict[str, object] = {"augment": True, "longer": 2}
RECIPES = tuple({"lr": lr, **more} for more in (PLAIN, LONG) for lr in (2e-3, 5e-4))


def cells() -> list[dict]:
    return [
        {"target": target, "source": source, "seed": seed}
        for seed in range(SEEDS)
        for target in TARGETS
        for source in STARTS
    ]


def measure(cell: dict) -> dict:
    target, source, seed = cell["target"], cell["source"], cell["seed"]
    train, test = (pixels(target, source, part) for part in ("train", "test"))
    rows, learn_config = drawn(train.y, IMAGES, seed), learner(target, source, STARTS[source], seed)

    def learn(recipe, some):
        return learn_config(config(recipe, source), some)

    recipe = RECIPES[chosen(learn, train, rows, RECIPES, seed).number]
    return {"recipe": in_words(recipe), "accuracy": accuracy(learn(recipe, rows), test)}


def config(recipe: dict, source: str) -> dict:
    """Return the configuration of the board that trains all layers by a recipe.

    Example:
        >>> config({"lr": 0.002}, "shapes")["base_lr"]
        0.002
    """
    if source == "none":
        return recipe
    more = {name: value for name, value in recipe.items() if name != "lr"}
    rates = {"head_lr": recipe["lr"], "base_lr": recipe["lr"]}
    return {**rates, "from_block": "all", "batchnorm": "learn", **more}
