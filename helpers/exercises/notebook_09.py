"""Exercises of notebook 09, after the lecture."""

from dataclasses import dataclass

import numpy as np

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice, function, network

# Exercise 09.2: what to tune, by what differs

PARTS = {
    "nothing": "Something differs here, and the network has not seen it. What does the comparison say?",
    "first block": "The first block meets the inputs. Are they what differs here, and nothing else?",
    "head": "The head gives features their labels. Do the features fit, and has it an output for each class?",
    "new head": "A new head forgets the old classes. Are the classes other ones here?",
    "first block and head": "That is two changes. Which of the two is needed here?",
}
RIGHT = {
    "drone by night": "first block",
    "renamed by a committee": "head",
    "other species": "new head",
    "night and renamed": "first block and head",
    "same camera, more images": "nothing",
}


def _tuned(name):
    return choice(RIGHT[name], {part: why for part, why in PARTS.items() if part != RIGHT[name]})


# Exercise 09.3: BatchNorm with the statistics of the target


def _normalised(x, scale, offset, axis: int | tuple[int, ...] = (0, 1, 2)):
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return scale * (x - mean) / np.sqrt(variance + 0.001) + offset


def _activations(seed, shape):
    return np.random.default_rng(seed).normal(3, 2, shape)


# Exercise 09.5: train BatchNorm and the head


def _network():
    from helpers.networks.backbones import Backbone, fresh
    from helpers.networks.heads import classifier

    return classifier(fresh(Backbone("shapes")), 10)


def _only_batchnorm(model):
    """Require that scale and offset of BatchNorm train, the head, and nothing else."""
    from helpers.exercises.designs import weighted_layers
    from helpers.networks.backend import keras

    *inside, head = weighted_layers(model)
    norms = [layer for layer in inside if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in inside:
        if layer not in norms and layer.trainable_weights:
            return f"{layer.name} still trains: set layer.trainable = False for all layers but BatchNorm."
    if not head.trainable_weights:
        return "The head is frozen, so it cannot learn the new classes."
    if still := [layer.name for layer in norms if not layer.trainable_weights]:
        return f"{still[0]} is frozen. Set base.trainable = True first, then go through its layers."
    return None if norms else "The network has no BatchNorm: use fresh(Backbone('shapes')) as the base."


# Exercise 09.6: a greedy soup


@dataclass(frozen=True)
class _Closeness:
    """Stands for a validation accuracy: 1 for the best weights, and less with the distance from them."""

    to: tuple[float, ...]

    def __call__(self, weights):
        return 1 / (1 + float(np.sum(np.abs(np.asarray(weights) - self.to))))


def _greedy_soup(networks, score, stop=False):
    kept: list = []
    for weights in sorted(networks, key=score, reverse=True):
        if not kept or score(np.mean([*kept, weights], axis=0)) >= score(np.mean(kept, axis=0)):
            kept.append(weights)
        elif stop:
            break
    return np.mean(kept, axis=0)


def _best_network(networks, score):
    return max(networks, key=score)


_POTS = (
    ([np.array([0.0, 2.0]), np.array([2.0, 0.0]), np.array([9.0, 9.0])], _Closeness((1.0, 1.0))),
    ([np.array([5.0]), np.array([0.6]), np.array([-0.7]), np.array([0.5])], _Closeness((0.0,))),
    ([np.array([1.0, 1.0, 1.0])], _Closeness((0.0, 0.0, 0.0))),
)

EXERCISES = {
    "09.1": Exercise(
        level="do it",
        kind="function",
        minutes=4,
        check=function(
            [
                (("block1_conv2", "block1"), True),
                (("block1_conv2_bn", "block1"), False),
                (("block2_conv1", "block1"), False),
                (("block12_conv1", "block1"), False),
                (("block12_conv1", "block12"), True),
                (("head", "block1"), False),
            ],
            name="trains",
            mistakes={
                lambda name, block: name.startswith(block): (
                    "BatchNorm keeps the statistics of the source, so its layers do not train."
                ),
                lambda name, block: name.startswith(block) and not name.endswith("_bn"): (
                    "The name of block 12 begins with that of block 1, too. What comes after the block?"
                ),
            },
        ),
        means="With such a function, a loop over the layers of any network is surgical fine-tuning.",
        hints=(
            "Text has the methods startswith and endswith; both return True or False.",
            "Two conditions, joined by and: how the name begins (with what follows the block), how it ends.",
        ),
        solution="""
def trains(name, block):
    return name.startswith(block + "_") and not name.endswith("_bn")


answer = trains
""",
        wrong=(lambda name, block: name.startswith(block), lambda name, block: True, "block1"),
    ),
    "09.2": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=6,
        check=cases({name: _tuned(name) for name in RIGHT}),
        means=(
            "You ask what differs before you ask what to tune. The table of the eight shifts is the evidence "
            "for it, and the judging shifts show where the rule fails."
        ),
        hints=(
            "For each case: are the inputs other ones? Are the classes other ones? Do the same inputs have "
            "other labels?",
            "Other inputs are met first, other labels last. If both differ, both ends have to follow. Only "
            "classes that the old head does not know need new outputs.",
        ),
        solution="""
answer = {
    "drone by night": "first block",
    "renamed by a committee": "head",
    "other species": "new head",
    "night and renamed": "first block and head",
    "same camera, more images": "nothing",
}
""",
        wrong=(dict(RIGHT, **{"other species": "head"}), dict.fromkeys(RIGHT, "head"), "first block"),
    ),
    "09.3": Exercise(
        level="do it",
        kind="function",
        minutes=8,
        check=function(
            [
                ((x, np.array(scale), np.array(offset)), _normalised(x, np.array(scale), np.array(offset)))
                for x, scale, offset in (
                    (_activations(0, (4, 2, 2, 1)), [1.0], [0.0]),
                    (_activations(1, (5, 3, 2, 2)), [2.0, 0.5], [1.0, -1.0]),
                    (np.full((2, 2, 2, 1), 7.0), [3.0], [0.25]),
                )
            ],
            name="adabn",
            mistakes={
                lambda x, scale, offset: _normalised(x, scale, offset, (1, 2)): (
                    "These are the statistics of each image. BatchNorm has one mean per channel, over all "
                    "images and positions."
                ),
                lambda x, scale, offset: _normalised(x, scale, offset, 0): (
                    "These are the statistics of each position. Average over rows and columns, too."
                ),
                lambda x, scale, offset: _normalised(x, 1, 0): "Scale and offset are missing.",
                lambda x, scale, offset: (
                    scale * (x - x.mean((0, 1, 2))) / (x.std((0, 1, 2)) + 0.001) + offset
                ): ("The 0.001 belongs to the variance, inside the square root."),
            },
        ),
        means=(
            "This is all of AdaBN: no label, no gradient, no learning rate. Each layer sees activations with "
            "the mean and variance that its weights were trained for."
        ),
        hints=(
            "Mean and variance are arrays with one number per channel. Over which axes of x are they taken?",
            "x.mean(axis=...) takes a tuple of axes: all but the last one. NumPy then repeats the numbers of "
            "the channels where they meet x.",
        ),
        solution="""
import numpy as np


def adabn(x, scale, offset):
    axes = (0, 1, 2)
    normal = (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + 0.001)
    return scale * normal + offset


answer = adabn
""",
        wrong=(
            lambda x, scale, offset: _normalised(x, scale, offset, (1, 2)),
            lambda x, scale, offset: _normalised(x, 1, 0),
            lambda x, scale, offset: x,
            3,
        ),
    ),
    "09.4": Exercise(
        level="vary it",
        kind="function",
        minutes=6,
        check=function(
            [
                (((3, 3, 3, 32), 4), 4 * (27 + 32)),
                (((3, 3, 96, 96), 1), 864 + 96),
                (((1, 1, 64, 128), 8), 8 * (64 + 128)),
                (((768, 768), 4), 4 * (768 + 768)),
            ],
            name="lora_weights",
            mistakes={
                lambda shape, rank: int(
                    np.prod(shape)
                ): "That is the full matrix. LoRA trains two thin ones.",
                lambda shape, rank: rank * sum(shape): (
                    "The rows of the matrix are a product: height times width times channels."
                ),
            },
        ),
        means="The count grows with the sum of the sides, not with their product: that is the saving.",
        hints=(
            "The last number of the shape is the columns. The rows are the product of all others.",
            "One thin matrix has as many rows as the kernel, the other one as many columns. The rank is the "
            "side that they share.",
        ),
        solution="""
import numpy as np


def lora_weights(shape, rank):
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    return rank * (rows + columns)


answer = lora_weights
""",
        wrong=(lambda shape, rank: int(np.prod(shape)), lambda shape, rank: rank * sum(shape), 4),
    ),
    "09.5": Exercise(
        level="vary it",
        kind="design",
        minutes=8,
        check=network(_only_batchnorm),
        means=(
            "BatchNorm and a new head change what every layer passes on. Compare their number with that of "
            "all weights: count_params() is on every layer."
        ),
        hints=(
            "Make the whole base trainable first, and then decide for each layer of the base.",
            "Which layers are BatchNorm? Ask isinstance for the class keras.layers.BatchNormalization.",
        ),
        solution="""
import keras
from helpers.networks.backbones import Backbone, fresh

base = fresh(Backbone("shapes"))
base.trainable = True
for layer in base.layers:
    layer.trainable = isinstance(layer, keras.layers.BatchNormalization)
pooling, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)
model = keras.Sequential([keras.Input((32, 32, 3)), base, pooling, head])

answer = model
""",
        wrong=("model", 3, lambda model: model),
    ),
    "09.6": Exercise(
        level="vary it",
        kind="function",
        minutes=10,
        check=function(
            [(networks, _greedy_soup(*networks)) for networks in _POTS],
            name="greedy_soup",
            mistakes={
                lambda networks, score: _greedy_soup(networks, score, stop=True): (
                    "A network that does not help is left out, but the next one may help."
                ),
                lambda networks, score: np.mean(networks, axis=0): (
                    "That is the uniform soup. A network comes in only if the score does not fall."
                ),
                _best_network: "That is the best single network. Now try to add the others, one by one.",
            },
        ),
        means=(
            "A greedy soup is never worse on the validation images than the best of its networks. And it "
            "costs what one network costs when it predicts."
        ),
        hints=(
            "Begin with an empty list of kept networks, and go through the networks from the best to the "
            "worst one.",
            "The function sorted takes a key and reverse=True. np.mean(a_list, axis=0) is a soup; "
            "compare its score with that of the soup without the new network.",
        ),
        solution="""
import numpy as np


def greedy_soup(networks, score):
    kept, best = [], -1
    for weights in sorted(networks, key=score, reverse=True):
        accuracy = score(np.mean(kept + [weights], axis=0))
        if accuracy >= best:
            kept, best = kept + [weights], accuracy
    return np.mean(kept, axis=0)


answer = greedy_soup
""",
        wrong=(lambda networks, score: np.mean(networks, axis=0), _best_network, "soup"),
    ),
}
