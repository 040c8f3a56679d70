"""Check of exercise 03.3: targets that differ from a source in exactly one of the four parts."""

import functools

import numpy as np

from helpers.data.domains import Domain, Task
from helpers.data.image_sets import ImageSet, builtin
from helpers.findings.comparison import OVERLAP, PARTS, Comparison, compare, labelling_test, numbers

FEWEST = 200  # images of a target; with fewer, a test may find nothing
LEARNABLE = 0.5  # accuracy on unseen images; guessing has 0.1, and the source has 0.98
_, MARGINAL, _, CONDITIONAL = PARTS
ADVICE = {
    PARTS[0]: "Keep images of 32 × 32 pixels with three colours.",
    MARGINAL: "Leave the images as they are.",
    PARTS[2]: "Use the same class names as before, all of them.",
    CONDITIONAL: "Leave the labels as they are, and keep all images.",
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
    kept = np.array_equal(target[1].y, _images(1).y_train)
    if more := [part for part in differing if part != wanted]:
        advice = _unknown_images(found) if more[0] == CONDITIONAL and kept else ADVICE[more[0]]
        return f"{name}: {more[0]} differs, too. {advice} {_evidence(found, more[0])}"
    if wanted not in differing:
        return f"{name}: {_too_little(target, wanted, kept)} {_evidence(found, wanted)}"
    if wanted != MARGINAL:
        return None
    if found[PARTS.index(CONDITIONAL)].differs is None and not kept:
        return (
            f"{name}: the images are so different that `compare` cannot check their labels, and these are "
            "not y_new. So there may be two changes. Keep y_new as it is."
        )
    if not (learned := _learned(target)) >= LEARNABLE:
        return (
            f"{name}: the labels can hardly be learned from these images. A classifier that learns from half "
            f"of them has an accuracy of {learned:.0%} on the others; it should have {LEARNABLE:.0%}. So "
            "P(Y|X) differs, too. Keep the order of the images, and keep the shapes visible."
        )
    return None


def _learned(target: tuple[Domain, Task]) -> float:
    """Return the accuracy on one half of a target of a classifier that has learned from the other half."""
    rows, y = numbers(target[0]), target[1].y
    return labelling_test(rows, y, rows, y)[2]


def _unknown_images(found: Comparison) -> str:
    """Return advice for a target that has the labels of before, where `compare` finds other ones."""
    return (
        "The labels are y_new. Either your change turns one class into another one, or the source "
        "classifier does not know the new images, and its mistakes look like other labels. Try a weaker "
        "change or another one. Or change all images more: from an area under the curve of "
        f"{OVERLAP} on, `compare` does not ask for labels. "
        f"{_evidence(found, MARGINAL)}"
    )


def _too_little(target: tuple[Domain, Task], wanted: str, kept: bool) -> str:
    found = f"`compare` finds no difference in {wanted}."
    if wanted == MARGINAL:
        return f"{found} Change the images more, or in another way."
    if not kept and not (learned := _learned(target)) >= LEARNABLE:
        return (
            "Nobody can learn random labels. You have changed P(Y|X), but `compare` asks classifiers, and "
            f"one that learns your labels has an accuracy of {learned:.0%} on unseen images. So the test is "
            "blind to this change. Make one that a classifier can learn: one rule for all images of a class."
        )
    return f"{found} Change which image gets which label more, by a rule that a classifier can learn."


def _evidence(found: Comparison, part: str) -> str:
    return f"Evidence: {found[PARTS.index(part)].evidence}"
