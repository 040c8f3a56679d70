"""Check of exercise 05.4: the layer by cross-validation, on three draws of training images."""

import functools

from sklearn.model_selection import cross_val_score

from helpers.data.image_sets import builtin
from helpers.exercises.attempts import shown
from helpers.strategies import EarlierLayerSVM
from helpers.studies.engine.statistics import nearly_best, standard_error

DRAWS = (2, 3, 4)  # with them, no layer is within two images of the border
LAYERS = tuple(f"block{number}_pool" for number in range(1, 5))
IMAGES = 20  # per class, of five classes


@functools.cache
def accuracies(draw: int) -> dict[str, float]:
    """Return the cross-validated accuracy of each layer on one draw."""
    data = builtin("micrographs", IMAGES, 0, 0, seed=draw)
    return {
        layer: cross_val_score(EarlierLayerSVM(layer=layer), data.X_train, data.y_train, cv=3).mean()
        for layer in LAYERS
    }


def good(draw: int) -> list[str]:
    """Return the best layer, followed by those within one standard error of it."""
    return nearly_best(accuracies(draw), 5 * IMAGES, errors=1)


def chosen(answer: object) -> str | None:
    """Check a pair: a dict from each draw to its good layers, and the layers that no draw rules out."""
    if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], dict)):
        return "Give two answers: a dict from each seed to a set of layers, and the set of layers to keep."
    sets, kept = answer
    if missing := [draw for draw in DRAWS if draw not in sets]:
        return f"Seeds without layers: {', '.join(map(str, missing))}. The seeds are whole numbers."
    for name, given in ((f"Seed {draw}", sets[draw]) for draw in DRAWS):
        if problem := _not_layers(given):
            return f"{name}: {problem}"
    for draw in DRAWS:
        if problem := _wrong_set(set(sets[draw]), draw):
            return f"Seed {draw}: {problem}"
    if problem := _not_layers(kept):
        return f"The layers to keep: {problem}"
    if set(kept) != set.intersection(*(set(good(draw)) for draw in DRAWS)):
        return "The sets are right. Keep a layer only if it is in all of them, even if it is never the best."
    return None


def _not_layers(given):
    if not isinstance(given, set | frozenset | list | tuple):
        return f"give a set of names, such as {{'block1_pool'}}. Received: {shown(given)}."
    if unknown := [name for name in given if not (type(name) is str and name in LAYERS)]:
        return f"{shown(unknown[0])} is not one of {', '.join(LAYERS)}."
    return None


def _wrong_set(given, draw):
    found, (best, *tied) = accuracies(draw), good(draw)
    wanted = {best, *tied}
    if given == wanted:
        return None
    if given == {best}:
        return f"{best} has the highest accuracy, but another layer is within one standard error of it."
    layer = next(name for name in LAYERS if name in given ^ wanted)
    return (
        f"{layer} {'is missing' if layer in wanted else 'does not belong here'}. Cross-validation with three "
        f"folds (cv=3) gives it {found[layer]:.2f}, and {found[best]:.2f} to the best layer; one "
        f"standard error of that is {standard_error(found[best], 5 * IMAGES):.3f}. Is n the number of all "
        "training images?"
    )


def stable(answer: object) -> str:
    """Say which layer leads on each draw, and how clearly."""
    words = []
    for draw in DRAWS:
        first, *tied = good(draw)
        words.append(f"{first} {f'in a tie of {1 + len(tied)}' if tied else 'alone'}")
    return (
        f"First on the three draws: {', '.join(words)}. One draw would have shown a clear winner, or another "
        "winner. A tie says: take the layer that suits you, or look at more images. No validation or test "
        "image was needed."
    )
