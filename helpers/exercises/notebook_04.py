"""Exercises of notebook 04, the two approaches."""

import functools

import numpy as np

from helpers.exercises import layer_ties, winners
from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, number
from helpers.exercises.lazy import lazily

SEEDS = range(5)  # of the untrained networks in exercise 04.2


# Exercise 04.2


@functools.cache
def _similarities() -> tuple[float, ...]:
    """Return the CKA of block 1 of shapes with photos, then with each of the untrained networks."""
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone
    from helpers.networks.features import CNNCodes
    from helpers.networks.transferability import cka

    X = builtin("new_shapes", 20, 0, 0).X_train
    others = [Backbone("photos"), *(Backbone("MiniVGG", seed=seed) for seed in SEEDS)]
    shapes, *codes = (CNNCodes(b, "block1_pool").fit_transform(X) for b in (Backbone("shapes"), *others))
    return tuple(cka(shapes, other) for other in codes)


_CONCLUSION = choice(
    "it is no evidence",
    {
        "both learned the same first layers": (
            "A number is high or low only beside a baseline. What do networks reach that have learned "
            "nothing?"
        ),
        "training made the first layers less similar": (
            "The number lies within the range of the untrained networks, so it shows no difference at all."
        ),
        "CKA cannot compare two networks": (
            "It can: it compares how two networks arrange the same images, whatever their channels are."
        ),
    },
)


def _evidence(answer):
    if not isinstance(answer, dict) or answer.keys() != {"sources", "untrained", "conclusion"}:
        return 'Give a dict with the keys "sources", "untrained" and "conclusion".'
    if any(value is ... for value in answer.values()):
        return "There is still a ... in the dict: replace each of them."
    with_photos, *untrained = _similarities()
    if problem := number(with_photos, 0.02, {1: "These are the codes of one network, twice."})(
        answer["sources"]
    ):
        return f'"sources": {problem} Take the CNN codes of shapes and of photos, for the same images.'
    try:
        given = attempt(lambda: sorted(map(float, answer["untrained"])))
    except Failed as failure:
        return f'"untrained" must be a list of {len(SEEDS)} numbers; this one {failure}.'
    if len(given) != len(SEEDS) or not np.allclose(given, sorted(untrained), atol=0.02):
        return (
            f'"untrained" must be the {len(SEEDS)} CKAs of shapes with Backbone("MiniVGG", seed=0) to '
            f"seed={SEEDS[-1]}, in block1_pool. Received: {shown(answer['untrained'])}."
        )
    problem = _CONCLUSION(answer["conclusion"])
    return problem and f'Both measurements are right. "conclusion": {problem}'


EXERCISES = {
    "04.1": Exercise(
        level="vary it",
        kind="design",
        minutes=10,
        check=lazily("altering", "unfreezing"),
        means=(
            "These few lines are the core of every fine-tuning script. A frozen BatchNorm layer also keeps "
            "its averages, even while fit runs the model in training mode. And nothing takes effect before "
            "you compile again."
        ),
        hints=(
            "Inside a model whose trainable is False, no layer trains. So make the whole base trainable "
            "first, and then decide for each layer.",
            "The layers are in order. Find where the block begins: the first layer whose name starts with "
            "`first`. Freeze what comes before, and everything that is a BatchNormalization.",
        ),
        solution="""
import keras
import numpy as np


def unfreeze_from(base, first):
    base.trainable = True
    reached = False
    for layer in base.layers:
        reached = reached or layer.name.startswith(first)
        is_batchnorm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = reached and not is_batchnorm
    return sum(int(np.prod(weight.shape)) for weight in base.trainable_weights)


answer = unfreeze_from
""",
        wrong=(
            lambda base, first: 0,
            lambda base, first: setattr(base, "trainable", True),
            lambda base, first: setattr(base.get_layer(f"{first}_conv1"), "trainable", True),
            396288,
        ),
    ),
    "04.2": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=11,
        check=_evidence,
        means=(
            "Untrained first layers are as similar to those of shapes as the photo model is. All networks "
            "see the same pixels, which may be the reason. So this number does not show that "
            "early layers are general. A similarity needs a baseline."
        ),
        hints=(
            'CNNCodes(Backbone("shapes"), "block1_pool").fit_transform(X) gives the codes of one network; '
            "cka(one, other) compares two. All codes must come from the same images in the same order.",
            "Compare the number for the two sources with the range of the five numbers for the untrained "
            "networks: is it outside?",
        ),
        solution="""
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.networks.features import CNNCodes
from helpers.networks.transferability import cka

X = builtin("new_shapes", 20, 0, 0).X_train


def codes(backbone):
    return CNNCodes(backbone, "block1_pool").fit_transform(X)


shapes = codes(Backbone("shapes"))
answer = {
    "sources": cka(shapes, codes(Backbone("photos"))),
    "untrained": [cka(shapes, codes(Backbone("MiniVGG", seed=k))) for k in range(5)],
    "conclusion": "it is no evidence",
}
""",
        wrong=(
            0.7,
            {"sources": 0.7, "untrained": ..., "conclusion": "it is no evidence"},
            {"sources": 1.0, "untrained": [0.7] * 5, "conclusion": "it is no evidence"},
            {"sources": 0.7033, "untrained": [0.7] * 5, "conclusion": "both learned the same first layers"},
        ),
    ),
    "04.3": Exercise(
        level="do it",
        kind="function",
        minutes=13,
        check=layer_ties.tied,
        means=(
            "For micrographs and the source photos, layers of three blocks tie, and the last layer is not "
            "among them. So an earlier layer is better than the top layer, as the lecture says. Which one "
            "is best, five seeds do not show. A tie is no proof of equality: with more seeds, some layers "
            "may leave the set."
        ),
        hints=(
            "For one layer, the work is that of `gain` in exercise 02.1. What takes the place of probe and "
            "scratch here, and what do you do with the pair that `gain` returns?",
            "The best layer has no lower mean than any other, so the mean difference is never negative. "
            "Which end of its interval decides whether zero is inside?",
        ),
        solution="""
import math

from scipy.stats import t


def ties(scores):
    best = scores.mean().idxmax()
    tied = {best}
    for layer in scores.columns:
        difference = scores[best] - scores[layer]
        n = len(difference)
        half = t.ppf(0.975, n - 1) * difference.std() / math.sqrt(n)
        if difference.mean() <= half:
            tied.add(layer)
    return tied


answer = ties
""",
        wrong=(
            layer_ties.only_the_best,
            layer_ties.overlapping,
            layer_ties.lucky,
            lambda scores: scores.columns,
            "block3_conv1_relu",
        ),
    ),
    "04.4": Exercise(
        level="explain it",
        kind="function",
        minutes=11,
        check=winners.cursed,
        means=(
            "The highest of many uncertain numbers is high by luck, too: the winner's curse. So the best of "
            "twenty models beats the naive one on the images that chose it, although none of them does. "
            "Measure the chosen model again, on images that have chosen nothing."
        ),
        hints=(
            "rng.binomial(n, true) draws the number of right answers of all models once. Its argument size "
            "can draw all repetitions at once, one row for each.",
            "Which model wins a repetition? argmax finds its index. With it, look up two numbers: in what "
            "you have drawn, and in `true`. The means come last.",
        ),
        solution="""
import numpy as np


def chosen(true, n):
    rng = np.random.default_rng(0)
    found, real = [], []
    for _ in range(2000):
        accuracy = rng.binomial(n, true) / n
        best = accuracy.argmax()
        found.append(accuracy[best])
        real.append(true[best])
    return np.mean(found), np.mean(real)


answer = chosen
""",
        wrong=(
            lambda true, n: (max(true), max(true)),
            lambda true, n: (winners.chosen(true, n)[0], max(true)),
            lambda true, n: winners.chosen(true, n)[::-1],
            lambda true, n: winners.chosen(true, n)[0],
            lambda true, n: None,
            0.37,
        ),
    ),
    "04.5": Exercise(
        level="do it",
        kind="design",
        minutes=18,
        check=lazily("trained", "developed"),
        means=(
            "You have developed a source model, and it is worth transferring. It never saw one of the new "
            "shapes, yet its features beat those of an untrained network. Train the source on fewer "
            "images, and see what the target loses."
        ),
        hints=(
            "Two models share one `base`. The first has a head for the ten shapes and trains everything; the "
            "second has a head for the ten new shapes and trains only that.",
            "Per model: keras.Sequential of keras.Input, base, GlobalAveragePooling2D and Dense. Set "
            "base.trainable before you compile. Adam with 1e-3 and batches of 16 suit the source, Adam with "
            "1e-2 the new head.",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, fresh

source, target = builtin("shapes", 100, 0, 0), builtin("new_shapes", 20, 0, 0)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras.utils.set_random_seed(0)
base = fresh(Backbone("MiniVGG"))


def trained(data, rate, **options):
    pool, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)
    model = keras.Sequential([keras.Input((32, 32, 3)), base, pool, head])
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    labels = np.searchsorted(data.classes, data.y_train)
    model.fit(data.X_train, labels, verbose=0, **options)
    return model


base.trainable = True
source_model = trained(source, 1e-3, epochs=5, batch_size=16)
base.trainable = False
target_model = trained(target, 1e-2, epochs=20)
answer = (source_model, target_model)
""",
        wrong=(0.6, ("source_model", "target_model"), "model.fit(X, y)"),
    ),
}
