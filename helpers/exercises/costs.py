"""Check of exercise 07.1: where the work of VGG16 is."""

import itertools

from helpers.exercises.attempts import Failed, attempt

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
