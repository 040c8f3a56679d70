"""Check of exercise 03.3: targets that differ from a source in exactly one of the four parts."""

import functools

import numpy as np

from helpers.data.domains import Domain, Task
from helpers.data.image_sets import ImageSet, builtin
from helpers.findings.comparison import PARTS, Comparison, compare

FEWEST = 200  # images of a target; with fewer, a test may find nothing
_, MARGINAL, _, CONDITIONAL = PARTS
ADVICE = {
    PARTS[0]: "Keep images of 32 × 32 pixels with three colours.",
    MARGINAL: "Leave the images as they are.",
    PARTS[2]: "Use the same class names as before, all of them.",
    CONDITIONAL: (
        "Leave the labels as they are, and keep all images. If you have not changed labels: does your change "
        "turn one class into another one, or is it too weak?"
    ),
}


@functools.cache
def _images(seed: int) -> ImageSet:
    return builtin("shapes", 30, 0, 0, seed=seed)


def _source() -> tuple[Domain, Task]:
    return Domain(_images(0).X_train), Task(_images(0).y_train)


def two_targets(answer: object) -> str | None:
    """Check a pair of targets: the first differs from shapes in P(X) only, the second in P(Y|X) only."""
    if not (isinstance(answer, tuple) and len(answer) == 2 and all(map(_is_target, answer))):
        return 'Give two pairs, each with a Domain and a Task: check("03.3", other_images, other_labels).'
    problems = map(_problem, ("other_images", "other_labels"), answer, (MARGINAL, CONDITIONAL))
    return next(filter(None, problems), None)


def _is_target(pair):
    return isinstance(pair, tuple) and tuple(map(type, pair)) == (Domain, Task)


def _problem(name: str, target: tuple[Domain, Task], wanted: str) -> str | None:
    if len(target[0].X) < FEWEST:
        return f"{name} has {len(target[0].X)} images. Keep at least {FEWEST}: on few, a test finds nothing."
    found = compare(_source(), target)
    differing = found.differing()
    if more := [part for part in differing if part != wanted]:
        return f"{name}: {more[0]} differs, too. {ADVICE[more[0]]} {_evidence(found, more[0])}"
    if wanted not in differing:
        return (
            f"{name}: `compare` finds no difference in {wanted}. Change "
            f"{'the images' if wanted == MARGINAL else 'which image gets which label'} more, or in another "
            f"way. {_evidence(found, wanted)}"
        )
    compared = found[PARTS.index(CONDITIONAL)].differs is not None
    if not compared and not np.array_equal(target[1].y, _images(1).y_train):
        return (
            f"{name}: the images are so different that `compare` cannot check their labels, and these are "
            "not y_new. So there may be two changes. Keep y_new as it is."
        )
    return None


def _evidence(found: Comparison, part: str) -> str:
    return f"The evidence: {found[PARTS.index(part)].evidence}"
