"""Check of exercise 07.5: freeze first blocks until training fits into the memory."""

import itertools
from collections.abc import Iterator

from helpers.exercises.attempts import Failed, attempt, shown
from helpers.networks.backbones import Backbone, block_of, fresh
from helpers.networks.backend import keras
from helpers.networks.hardware import predict_memory
from helpers.networks.heads import classifier

BATCH = 32
# image size, how many blocks must be frozen, and whether they then need exactly the given memory
TRIES = ((32, 2, False), (64, 1, False), (32, 0, False), (64, 3, False), (32, 1, True))


def _is_frozen(layer):
    return not layer.trainable_weights


def _number(layer):
    """Return the number of a layer's block, 0 for a layer outside of all blocks."""
    return int((block_of(layer.name) or "block0")[5:])


def _freeze(base, count):
    base.trainable = True
    for layer in base.layers:
        layer.trainable = _number(layer) > count


def needed(model: keras.Model, base: keras.Model, size: int, count: int) -> float:
    """Return the memory in MiB while all blocks train, except for the first ones.

    Args:
        model: from `helpers.networks.heads.classifier`.
        base: its backbone; its layers are frozen or not afterwards.
        size: height and width of the images in pixels.
        count: how many blocks are frozen.
    """
    _freeze(base, count)
    return predict_memory(model, size, BATCH)["sum"]


def _limit(size, count, exact):
    """Return a memory that is enough if so many blocks are frozen, but not with one less."""
    network = _network()
    fits = needed(*network, size, count)
    if exact:
        return fits
    return (fits + (needed(*network, size, count - 1) if count else fits + 1)) / 2


def _network():
    base = fresh(Backbone("shapes"))
    return classifier(base, classes=5), base


def fitting(answer: object) -> str | None:
    """Check `freeze_until_it_fits(model, base, image_size, batch_size, mib)` on a small network."""
    if not callable(answer):
        return "Give the function itself, without calling it: answer = freeze_until_it_fits."
    for size, count, exact in TRIES:
        limit = _limit(size, count, exact)
        model, base = _network()
        if count % 2:
            base.trainable = False
        call = f"freeze_until_it_fits(model, base, {size}, {BATCH}, {limit:.1f})"
        try:
            given = attempt(answer, model, base, size, BATCH, limit, slow=True)
        except Failed as failure:
            return f"{call} {failure}."
        if problem := _wrong_count(given, count, exact) or next(_wrong_layers(model, base, count), None):
            return f"{call}: {problem}"
    return None


def _wrong_count(given, count, exact):
    if not (type(given) in (int, float) or hasattr(given, "dtype")) or given != given:
        return f"returns {shown(given)}, but the number of frozen blocks is expected."
    if given == count:
        return None
    if given < count:
        return f"returns {shown(given)}. Then training still takes more than the given MiB."
    if exact and given == count + 1:
        return (
            f"returns {shown(given)}, but with {count} frozen, training needs exactly the given MiB. It may "
            "need at most as much, so this fits."
        )
    return f"returns {shown(given)}, but fewer frozen blocks are enough: freeze one after the other."


def _wrong_layers(model, base, count) -> Iterator[str]:
    for layer in base.layers:
        wanted = _number(layer) <= count
        if isinstance(layer, keras.layers.Conv2D) and _is_frozen(layer) != wanted:
            yield (
                f"returns {count}, which is right, but afterwards {layer.name} is "
                f"{'frozen' if _is_frozen(layer) else 'trainable'}. Freeze exactly the first blocks; inside "
                "a frozen model, no layer trains."
            )
    if _is_frozen(model.layers[-1]):
        yield "the head is frozen, too. Change only the layers of base."


def halved(answer: object) -> str:
    """Return what halves the memory of training VGG16: a smaller batch, or frozen blocks."""
    base = fresh(Backbone("VGG16", weights="random"))
    model = classifier(base, classes=5)
    whole, trained = needed(model, base, 224, 0), model.count_params()
    batches = (b for b in range(BATCH, 0, -1) if predict_memory(model, 224, b)["sum"] <= whole / 2)
    batch = next(batches)
    blocks = next(count for count in itertools.count(1) if needed(model, base, 224, count) <= whole / 2)
    share = sum(weight.numpy().size for weight in model.trainable_weights) / trained
    return (
        f"All layers of VGG16, 224 pixels, batch size {BATCH}: {whole:,.0f} MiB. To halve this, freeze "
        f"{blocks} of its blocks, and {share:.0%} of the weights still train; or take batches of {batch}. "
        "The first blocks have few weights and large maps, and the maps fill the memory."
    )
