"""Checks of exercises 07.1 and 07.5: where the work of VGG16 is, and which batch fits into memory."""

import itertools
from typing import TYPE_CHECKING

from helpers.exercises.attempts import Failed, attempt

if TYPE_CHECKING:
    import keras

RESERVE = 0.8  # the predicted memory may take this share
CHANNELS = {  # of VGG16, before and after each convolution
    "block1": (3, 64, 64),
    "block2": (64, 128, 128),
    "block3": (128, 256, 256, 256),
    "block4": (256, 512, 512, 512),
    "block5": (512, 512, 512, 512),
}


def shares(side: int) -> dict[str, float]:
    """Return the share of each block in the multiplications of VGG16, or in its weights.

    Args:
        side: of the image in pixels; 0 for the weights.

    Example:
        >>> round(shares(224)["block5"], 3), round(shares(0)["block5"], 3)
        (0.09, 0.481)
    """
    work = {}
    for number, (block, channels) in enumerate(CHANNELS.items()):
        positions = (side // 2**number) ** 2 or 1
        work[block] = positions * sum(9 * a * b for a, b in itertools.pairwise(channels))
    return {block: count / sum(work.values()) for block, count in work.items()}


def work(answer: object) -> str | None:
    """Check a dict of the shares of the multiplications."""
    right, of_weights = shares(224), shares(0)
    if not isinstance(answer, dict) or answer.keys() != right.keys():
        return 'Give a dict with the keys "block1" to "block5": the first six letters of a layer name.'
    try:
        given = attempt(lambda: {block: float(answer[block]) for block in right})
    except Failed as failure:
        return f"Give a fraction for each block; this answer {failure}."
    if not abs(sum(given.values()) - 1) < 0.01:
        return (
            f"The fractions add up to {sum(given.values()):.3g}, not to 1: divide by the sum over all blocks."
        )
    wrong = [block for block in right if not abs(given[block] - right[block]) < 0.005]
    if not wrong:
        return None
    if all(abs(given[block] - of_weights[block]) < 0.005 for block in right):
        return (
            "These are the fractions of the weights. A weight is used once at every position of its feature "
            "map, so multiply by rows and columns of the layer's output."
        )
    word = "high" if given[wrong[0]] > right[wrong[0]] else "low"
    return (
        f"{len(right) - len(wrong)} of 5 blocks are right; {wrong[0]} is too {word}. Per convolution, "
        "multiply rows, columns, filters, 3 · 3 and the channels of its input, for images of 224 pixels."
    )


def largest(model: "keras.Model", size: int, gib: float, share: float = RESERVE) -> int:
    """Return the largest batch whose predicted memory fits; every image takes the same memory.

    Args:
        model: from `helpers.networks.heads.classifier`.
        size: height and width of the images in pixels.
        gib: memory of the GPU in GiB.
        share: how much of it the predicted memory may take.
    """
    from helpers.networks.hardware import predict_memory  # loads Keras

    one, two = (predict_memory(model, size, count)["sum"] for count in (1, 2))
    return max(0, int((share * gib * 1024 - one) // (two - one)) + 1)


def batches(answer: object) -> str | None:
    """Check `largest_batch(model, image_size, gib)`, on a small network."""
    from helpers.networks.backbones import Backbone, fresh
    from helpers.networks.heads import classifier

    if not callable(answer):
        return "Give the function itself, without calling it: answer = largest_batch."
    model = classifier(fresh(Backbone("shapes")), classes=5)
    for size, gib in ((32, 0.05), (64, 0.05), (32, 0.03), (32, 0.005)):
        call = f"largest_batch(model, {size}, {gib})"
        try:
            given = attempt(lambda size=size, gib=gib: int(answer(model, size, gib)), slow=True)
        except Failed as failure:
            return f"{call} {failure}."
        wanted = largest(model, size, gib)
        if given == wanted:
            continue
        known = {
            largest(model, size, gib, 1): "You fill the whole memory: the libraries need some, too.",
            largest(model, size, gib / 1.024): "One GiB is 1024 MiB.",
            wanted + 1: "This batch is just too large.",
            wanted - 1: "One image more still fits.",
        }
        if not wanted:
            known = {given: "Not even one image fits: return 0."}
        return f"{call} returns {given}, but {wanted} is expected. {known.get(given, '')}".strip()
    return None


def fits(answer: object) -> str:
    """Return what the function of exercise 07.5 says about VGG16 on a GPU with 16 GiB."""
    from helpers.networks.backbones import Backbone, fresh
    from helpers.networks.heads import classifier, set_trainable_from
    from helpers.networks.seeding import seeded

    with seeded(0):
        base = fresh(Backbone("VGG16", weights="random"))
        model = classifier(base, classes=5)
    whole = largest(model, 224, 16)
    set_trainable_from(base, "block5")
    return (
        f"On a GPU with 16 GiB, a batch of {whole} images of 224 pixels fits while all of VGG16 trains, and "
        f"{largest(model, 224, 16)} while block5 trains. Only activations grow with the batch, so halving it "
        "helps when memory runs out. More epochs or another rate change nothing."
    )
