"""Exercises of notebook 09, after the lecture."""

import operator

import numpy as np

from helpers.exercises import adapting, prompts, ranks, soups
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice, function, network
from helpers.exercises.lazy import lazily, lazy_text

# Exercise 09.2: rows without names

CAUSES = {
    "the inputs": "With other inputs alone, the head knows the answers once the features are mended.",
    "the classes": "Other classes: the new head is random, so the untouched network is as good as chance.",
    "the labels": "Other labels for the same images: a new head is enough, and the old one is always wrong.",
    "the inputs and the labels": "If both differ, no single part is enough. Is one enough here?",
    "hardly anything": "Then the untouched network would be nearly as good as any other. Is it?",
}
RIGHT = {
    "A": "the classes",
    "B": "the inputs",
    "C": "the inputs",
    "D": "the labels",
    "E": "hardly anything",
    "F": "the inputs and the labels",
}
EITHER = {"E": "the inputs"}  # right, too: these images differ, although it hardly matters
UNTOUCHED = (
    "Look at the untouched network: with other labels it would be right nowhere, and with joined classes as "
    "often as chance. Which change of the images can a new head mend?"
)
NEARLY_RIGHT = (
    "The untouched network is right for most images of this row. With other labels it would be right "
    "nowhere, and with joined classes as often as chance. How much is there to mend?"
)


def _cause(row):
    right = {RIGHT[row], EITHER.get(row, RIGHT[row])}
    replies = {cause: why for cause, why in CAUSES.items() if cause not in right}
    shared = {"C": UNTOUCHED, "E": NEARLY_RIGHT}
    return choice(right, dict.fromkeys(replies, shared[row]) if row in shared else replies)


NEEDED = {1: 1, 3: 3, 50: 9}  # exercise 09.4

EXERCISES = {
    "09.1": Exercise(
        level="do it",
        kind="design",
        minutes=12,
        check=lazily("parts", "one_block"),
        means=lazy_text("parts", "tuned_block"),
        hints=(
            "Two things decide whether a layer of the backbone trains: the name of its block, and whether it "
            "is a BatchNormalization. And the head is a layer of the model, too.",
            "The order is: network, source weights, tune_only, compile, fit. In the cell that tuned one "
            "block by night, what must change for blurred images, and what for a block12?",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.shifts import SHIFTS, Shift
from helpers.networks.backbones import Backbone, fresh

pooling, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)
base = fresh(Backbone("shapes"))
tuned = keras.Sequential([keras.Input((32, 32, 3)), base, pooling, head])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
keras.utils.set_random_seed(0)
base.trainable = False  # a source classifier, as in the notebook
tuned.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
X_source, y_source = Shift("none").draw(30, seed=1)
names, labels = np.unique(y_source, return_inverse=True)
tuned.fit(X_source, labels, epochs=6, verbose=0)


def tune_only(model, block):
    base = model.layers[0]
    base.trainable = True
    for layer in base.layers:
        is_norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = layer.name.startswith(block + "_") and not is_norm
    model.layers[-1].trainable = False


X, y = SHIFTS["blur"].draw(10, seed=0)
tune_only(tuned, "block1")
tuned.compile(keras.optimizers.Adam(0.002), loss, metrics=["accuracy"])
tuned.fit(X, np.searchsorted(names, y), epochs=8, batch_size=20, verbose=0)
answer = (tune_only, tuned)
""",
        wrong=((lambda model, block: None, "tuned"), "block1", lambda model, block: None),
    ),
    "09.2": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=8,
        check=cases({row: _cause(row) for row in RIGHT}),
        means=(
            "A joins the classes in threes, B is fog, C is upside down, D passes names on, E is pixelated "
            "(so both answers count), and F exchanges labels by night. The surprise is C: only the inputs "
            "differ, and yet the head mends it, because features stay useful upside down. 'Other inputs, "
            "first block' needs inputs that confuse early layers."
        ),
        hints=(
            # given: exercise
            "Begin with the untouched network (nothing): at 0 %, about as good as a coin among the classes, "
            "better, or nearly right? Each of these says something else about the labels.",
            "Then compare the columns of each row: does tuning a single part reach what tuning all layers "
            "reaches, and which part is it? Find a row of the heat map above that looks alike.",
        ),
        solution="""
answer = {
    "A": "the classes",
    "B": "the inputs",
    "C": "the inputs",
    "D": "the labels",
    "E": "hardly anything",
    "F": "the inputs and the labels",
}
""",
        wrong=(
            dict(RIGHT, C="the labels"),
            dict(RIGHT, A="the labels"),
            dict.fromkeys(RIGHT, "the inputs"),
            "the inputs",
        ),
    ),
    "09.3": Exercise(
        level="do it",
        kind="function",
        minutes=12,
        check=adapting.in_a_row,
        means=(
            "This is AdaBN: no label, no gradient, no learning rate. One pass adapts all layers, in their "
            "order: the statistics of a layer depend on how those before it were adapted. With few images, "
            "new statistics are uncertain, and a mix with the old ones can be safer."
        ),
        hints=(
            "What does the second layer see at prediction: the output of the old first layer, or of the "
            "adapted one? Its new statistics have to describe that.",
            "Each channel has one mean: x.mean(axis=...) takes a tuple of axes. Mix first means and "
            "variances, and normalise afterwards, once per layer.",
        ),
        solution="""
import numpy as np


def adabn(x, layers, share):
    for weights, old_mean, old_variance, scale, offset in layers:
        x = x @ weights
        mean = (1 - share) * old_mean + share * x.mean(axis=(0, 1, 2))
        variance = (1 - share) * old_variance + share * x.var(axis=(0, 1, 2))
        x = scale * (x - mean) / np.sqrt(variance + 0.001) + offset
        x = np.maximum(x, 0)
    return x


answer = adabn
""",
        wrong=(*list(adapting.MISTAKES)[:4], lambda x, layers, share: x, 3),
    ),
    "09.4": Exercise(
        level="vary it",
        kind="function",
        minutes=13,
        check=ranks.CHECK,
        means=(
            "One image changes a head by one product of its features and its errors: rank 1. So a step on "
            "few images has a low rank, without LoRA. And ten classes never give rank 10: softmax makes the "
            "errors of an image add up to zero. This may be one reason why thin matrices lose little."
        ),
        hints=(
            "np.linalg.svd has an argument that leaves out the two matrices of directions, compute_uv. "
            "np.cumsum gives all partial sums of the squares at once.",
            "For `head_ranks`: the gradient of a dense layer is a sum over the images of a column (features) "
            "times a row (errors). Look at the sum of the ten columns, too: what do errors add up to?",
        ),
        solution="""
import numpy as np

from helpers.exercises.ranks import head_change


def rank_needed(change, share):
    squares = np.linalg.svd(change, compute_uv=False) ** 2
    kept = np.cumsum(squares) / np.sum(squares)
    return int(np.argmax(kept >= share)) + 1


head_ranks = {n: rank_needed(head_change(n), 0.999999) for n in (1, 3, 50)}
answer = (rank_needed, head_ranks)
""",
        wrong=(
            (lambda change, share: ranks.rank_needed(change, share, power=1), NEEDED),
            (lambda change, share: ranks.rank_needed(change, share, more=0), NEEDED),
            (lambda change, share: np.linalg.matrix_rank(change), NEEDED),
            (ranks.rank_needed, {1: 1, 3: 3, 50: 10}),
            (ranks.rank_needed, {1: 10, 3: 10, 50: 10}),
            ranks.rank_needed,
            4,
        ),
    ),
    "09.5": Exercise(
        level="vary it",
        kind="design",
        minutes=12,
        check=network(lazily("parts", "batchnorm_and_head")),
        means=lazy_text("parts", "trained_share"),
        hints=(
            "Make the whole base trainable first, and then decide for each layer of the base. All this comes "
            "before compile.",
            "Ask isinstance for the class keras.layers.BatchNormalization. The labels become numbers with "
            "np.searchsorted; the rate can be as large as for a head.",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone, fresh

few_data = builtin("new_shapes", 10, 0, 0)
y_few = np.searchsorted(few_data.classes, few_data.y_train)
keras.utils.set_random_seed(0)
base = fresh(Backbone("shapes"))
base.trainable = True
for layer in base.layers:
    layer.trainable = isinstance(layer, keras.layers.BatchNormalization)
pooling, head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)
model = keras.Sequential([keras.Input((32, 32, 3)), base, pooling, head])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
model.fit(few_data.X_train, y_few, epochs=15, batch_size=16, verbose=0)
answer = model
""",
        wrong=("model", 3, lambda model: model),
    ),
    "09.6": Exercise(
        level="vary it",
        kind="function",
        minutes=10,
        check=function(
            [(networks, soups.greedy_soup(*networks)) for networks in soups.POTS],
            name="greedy_soup",
            mistakes={
                lambda networks, score: soups.greedy_soup(networks, score, stop=True): (
                    "A network that does not help is left out, but the next one may help."
                ),
                lambda networks, score: soups.greedy_soup(networks, score, better=operator.gt): (
                    "You ask that the score rises. A network may stay if the score does not fall."
                ),
                soups.by_halves: (
                    "(soup + network) / 2 gives the last network as much weight as all others together. Keep "
                    "a list of the networks, and take the mean of them all."
                ),
                soups.against_the_best: (
                    "Compare with the soup so far, which may be better than the best single network."
                ),
                soups.in_their_order: "Begin with the best network: sort by score, from high to low.",
                lambda networks, score: score(soups.greedy_soup(networks, score)): (
                    "Return the weights of the soup, not its score."
                ),
                lambda networks, score: np.mean(networks, axis=0): (
                    "That is the uniform soup. A network comes in only if the score does not fall."
                ),
                soups.best_network: "That is the best single network. Now try to add the others, one by one.",
            },
        ),
        means=(
            "A greedy soup is never worse on the validation images than the best of its networks, and it "
            "costs what one network costs when it predicts. But it can be worse than the soup of all: try "
            # given: exercise
            "the networks 1, 2 and -3.1, and -abs(weights) as their score."
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
        wrong=(
            lambda networks, score: np.mean(networks, axis=0),
            soups.best_network,
            soups.by_halves,
            "soup",
        ),
    ),
    "09.7": prompts.EXERCISE,
}
