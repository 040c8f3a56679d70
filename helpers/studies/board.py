"""The board: every strategy with four configurations, chosen within the training images.

Targets, their likeness to each source, and the four configurations of each strategy were declared and
committed before the first cell was measured (`_targets`, `_grids`). For each draw of training images,
`_choice` chooses one by validation within these images: three folds of up to 60 images, a held-out third of
more. The strategy is then fitted on all of them and scored on the test images, once. `chosen` counts from
1, the default; `validation_scores` has all four; `default_accuracy` is the test accuracy of the default,
for comparison. For 500 images per class the choice is made on the first 100 of them. Spoken digits validate
on other speakers than they learn from, as their test does.

Images: 32 pixels for shapes, 64 for photos and for networks from scratch on real targets, 160 for
MobileNet, 224 for VGG16. What stays frozen runs once per target (`_activations`). `Fine-tune` and `Probe,
then fine-tune` train MobileNet from block11 and VGG16 from block5 on; `Full fine-tune` trains all of
MobileNet.

Hours on one core, by the column `seconds`, in the order of `PLAN`:

    0.7  frozen strategies at the corners, all sources, with the passes through the frozen networks
    2.4  networks that train on built-in targets, corners, 5 seeds
    2.4  late blocks of MobileNet, corners, 3 seeds
    4.6  from scratch on real targets, corners, 3 seeds
    2.7  block5 of VGG16 after a probe, smallest corner, 3 seeds
    0.7  block5 of VGG16 after a probe, largest corner, 1 seed
    0.3  frozen strategies at the other sizes
    1.0  networks that train on built-in targets, 20 images per class, 5 seeds, from scratch 3
    1.7  the source that has learned without labels, corners

    16.6 in all

15.8 were planned, from the seconds of single fits, for more cells than these. A choice by three folds takes
12 fits, one by a held-out third takes 4 shorter ones, and one or two fits follow. The source that has learned
without labels (`simclr`) came later, with the grids of "shapes". Its `Full fine-tune` at the largest corner
was added when its other rows were known: the lecture's rule names it there, and was judged by the last block
in its place. What was measured anew (`_grids` says why) keeps its first seconds.

The corners are 5 images per class and the largest size up to 100. These cells were planned and dropped,
because the others took longer: at the largest corner `Fine-tune` of VGG16, seeds 1 and 2 of its `Probe, then
fine-tune`, `Full fine-tune` of MobileNet, and the last block of photos; with 20 images per class digits,
which a thumbnail nearly solves, and seeds 3 and 4 from scratch. These were never planned, for the same
reason: seeds 5 to 9 of the networks that train on built-in targets; built-in targets with 10, 50 and 500
images per class; seeds 3 and 4 on real targets; real targets between the corners; `Fine-tune` of VGG16 with 5
images per class; `Full fine-tune` of MobileNet with 5 images per class, of photos and of VGG16; `Probe, then
fine-tune` of photos.

A network that has trained leaves about 20 MB of memory behind. Start the command anew every hour;
no finished cell is lost. Needs the folder that `TRANSFER_DATA_DIR` names, except for the built-in targets.
"""

import gc
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.data.splits import n_per_class
from helpers.studies import _targets
from helpers.studies._grids import FINE_TUNE, FULL, LP_FT, PROBE, SCRATCH, SVM, grid, in_words
from helpers.studies._learners import accuracy, chosen, learner, pixels

CHOSEN_ON = 100  # images per class, at most: the choice for 500 is made on the first 100 of them
SEEDS = {True: 10, False: 5}  # of built-in and of real targets
SIZES = (5, 10, 20, 50, 100, 500)  # training images per class


def sizes(target: str) -> tuple[int, ...]:
    """Return the sizes that a target has images for."""
    return tuple(images for images in SIZES if images <= _targets.TARGETS[target].pool)


def corners(target: str) -> tuple[int, ...]:
    """Return the smallest size of a target, and the largest one up to 100 images per class."""
    return min(sizes(target)), max(images for images in sizes(target) if images <= CHOSEN_ON)


def _smallest(target):
    return corners(target)[:1]


def _largest(target):
    return corners(target)[1:]


def _others(target):
    return tuple(images for images in sizes(target) if images not in corners(target))


def _twenty(target):
    return () if target == "digits" else (20,)


def _new_shapes(target):
    return corners(target) if target == "new_shapes" else ()


class Step(NamedTuple):
    """Cells that are measured one after the other, target by target.

    Attributes:
        builtin: whether the targets are the built-in ones or the real ones.
        strategies: their names.
        sources: of the strategies.
        sizes: from a target to images per class.
        seeds: the seeds of these cells.

    Example:
        >>> len(PLAN[0].cells())  # four targets, ten seeds, two sizes, two strategies
        160
    """

    builtin: bool
    strategies: tuple[str, ...]
    sources: tuple[str, ...]
    sizes: Callable[[str], tuple[int, ...]]
    seeds: range

    def cells(self) -> list[dict]:
        """Return the cells in the order in which they are measured: source by source, then by target."""
        return [
            {"target": target, "source": source, "strategy": strategy, "images": images, "seed": seed}
            for source in self.sources
            for target, named in _targets.TARGETS.items()
            if named.is_builtin == self.builtin
            for seed in self.seeds
            for images in self.sizes(target)
            for strategy in self.strategies
        ]


FROZEN = (PROBE, SVM)


PLAN = (
    Step(True, FROZEN, ("shapes",), corners, range(SEEDS[True])),
    Step(False, FROZEN, _targets.PHOTOGRAPH_SOURCES, corners, range(SEEDS[False])),
    Step(True, (SCRATCH,), ("none",), corners, range(5)),
    Step(True, (FINE_TUNE, FULL, LP_FT), ("shapes",), corners, range(5)),
    Step(False, (FINE_TUNE, LP_FT), ("MobileNet",), corners, range(3)),
    Step(False, (SCRATCH,), ("none",), corners, range(3)),
    Step(False, (LP_FT,), ("VGG16",), _smallest, range(3)),
    Step(False, (LP_FT,), ("VGG16",), _largest, range(1)),
    Step(True, FROZEN, ("shapes",), _others, range(5)),
    Step(False, FROZEN, _targets.PHOTOGRAPH_SOURCES, _others, range(SEEDS[False])),
    Step(True, (SCRATCH,), ("none",), _twenty, range(3)),
    Step(True, (FINE_TUNE, FULL, LP_FT), ("shapes",), _twenty, range(5)),
    Step(True, FROZEN, ("simclr",), corners, range(SEEDS[True])),
    Step(True, (FINE_TUNE, LP_FT), ("simclr",), corners, range(3)),
    Step(True, (FINE_TUNE, LP_FT), ("simclr",), _new_shapes, range(3, 5)),
    Step(True, (FULL,), ("simclr",), _largest, range(3)),
)


def cells() -> list[dict]:
    return [cell for step in PLAN for cell in step.cells()]


def measure(cell: dict) -> dict:
    target, source, strategy, seed = (cell[name] for name in ("target", "source", "strategy", "seed"))
    started = time.process_time()
    train, test = (pixels(target, source, part) for part in ("train", "test"))
    rows, few = (drawn(train.y, images, seed) for images in (cell["images"], min(cell["images"], CHOSEN_ON)))
    configs, learn = grid(strategy, source), learner(target, source, strategy, seed)
    choice = chosen(learn, train, few, configs, seed)
    best = accuracy(learn(configs[choice.number], rows), test)
    default = best if choice.number == 0 else accuracy(learn(configs[0], rows), test)
    gc.collect()  # networks hold on to themselves
    return {
        "chosen": choice.number + 1,
        "configuration": in_words(configs[choice.number]),
        "validation_scores": " ".join(f"{score:.4f}" for score in choice.scores),
        "validated": choice.validated,
        "accuracy": best,
        "default_accuracy": default,
        "seconds": time.process_time() - started,
    }


def drawn(y: np.ndarray, images: int, seed: int) -> np.ndarray:
    """Return the rows of so many training images per class; those of fewer images are among them."""
    return n_per_class(np.arange(len(y)), y, images, seed)[0]
