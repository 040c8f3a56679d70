"""Exercises and quiz of notebook 04, the two approaches."""

import functools

from helpers.exercises.checks import Exercise, Question, choice, number
from helpers.studies.engine import statistics, tables


@functools.cache
def _trained_from_block2():
    from helpers.networks.backbones import Backbone, fresh
    from helpers.networks.heads import count_trainable, set_trainable_from

    return count_trainable(set_trainable_from(fresh(Backbone("shapes")), "block2"))


@functools.cache
def _alike():
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone
    from helpers.networks.features import CNNCodes
    from helpers.networks.transferability import cka

    X = builtin("new_shapes", 20, 0, 0).X_train
    one, two = (CNNCodes(Backbone(name), "block1_pool").fit_transform(X) for name in ("shapes", "photos"))
    return cka(one, two)


def _best_layer(answer):
    wanted = {"target": "micrographs", "source": "photos", "images": "50"}
    rows = [r for r in tables.read_results("layers") if all(r[k] == v for k, v in wanted.items())]
    layers = {r["layer"] for r in rows}
    means = {
        name: statistics.interval([float(r["accuracy"]) for r in rows if r["layer"] == name])[0]
        for name in layers
    }
    best = max(means, key=means.get)
    return choice(best, {name: f"{name} is not the best layer here." for name in layers - {best}})(answer)


EXERCISES = {
    "04.1": Exercise(
        check=number(_trained_from_block2, mistakes={0: "Then everything would be frozen."}),
        hints=(
            'set_trainable_from(fresh(Backbone("shapes")), "block2") freezes what comes before block 2.',
            "count_trainable(model) counts what is left to train.",
        ),
        solution="""
from helpers.models import Backbone, count_trainable, fresh, set_trainable_from

answer = count_trainable(set_trainable_from(fresh(Backbone("shapes")), "block2"))
""",
        wrong=(0, 4, "all"),
    ),
    "04.2": Exercise(
        check=number(_alike, tolerance=0.02, mistakes={1: "That would be one and the same representation."}),
        hints=(
            'CNNCodes(Backbone("shapes"), "block1_pool").fit_transform(X) gives the codes of one source.',
            "cka(one, two) compares them; the rows must come from the same pictures.",
        ),
        solution="""
from helpers.datasets import builtin
from helpers.features import CNNCodes
from helpers.models import Backbone
from helpers.transferability import cka

X = builtin("new_shapes", 20, 0, 0).X_train
one = CNNCodes(Backbone("shapes"), "block1_pool").fit_transform(X)
two = CNNCodes(Backbone("photos"), "block1_pool").fit_transform(X)
answer = cka(one, two)
""",
        wrong=(1, -1, "alike"),
    ),
    "04.3": Exercise(
        check=_best_layer,
        hints=(
            "Choose target micrographs, source photos and 50 images in the lab, and read its sentence.",
            'Or group experiments.read_results("layers") by layer, and take the largest mean.',
        ),
        solution="""
from helpers import experiments

wanted = {"target": "micrographs", "source": "photos", "images": "50"}
scores = {}
for row in experiments.read_results("layers"):
    if all(row[key] == value for key, value in wanted.items()):
        scores.setdefault(row["layer"], []).append(float(row["accuracy"]))
answer = max(scores, key=lambda layer: sum(scores[layer]))
""",
        wrong=("block9_pool", "the last", 3),
    ),
    "04.4": Exercise(
        check=choice(
            "no",
            {"yes": "Look again: is the source model's accuracy above that of the naive model?", "maybe": ""},
        ),
        hints=(
            "The lecture's condition: a source model has to be better than a naive one.",
            # given: exercise
            "Thirty per cent of ten classes right, and the naive model has thirty-one.",
        ),
        solution='answer = "no"',
        wrong=("yes", "maybe", 1),
    ),
}

QUIZ = (
    Question(
        "What are CNN codes?",
        {
            "Activations of a late layer, used as features": "The network stays as it is.",
            "The weights of the filters": "Those make the codes, from a picture.",
            "The names of the classes": "Those are labels.",
        },
        right="Activations of a late layer, used as features",
    ),
    Question(
        "Which layers change most when a network is fine-tuned?",
        {
            "The early ones": "They are general already: compare their CKA before and after.",
            "The late ones": "They know the source task, and have to learn another.",
            "All alike": "The figure says otherwise.",
        },
        right="The late ones",
    ),
    Question(
        "Why freeze early layers when there are few pictures?",
        {
            "They are slow": "They are, but that is not the reason.",
            "What they know is general": "Few pictures could only spoil it.",
            "They hold the class names": "The head does.",
        },
        right="What they know is general",
    ),
    Question(
        "When do you develop a source model yourself?",
        {
            "If no published one fits, but a related task has plenty of data": "The second approach.",
            "Always": "A good published model is cheaper.",
            "If the target has plenty of data": "Then you may not need a source at all.",
        },
        right="If no published one fits, but a related task has plenty of data",
    ),
    Question(
        "A source model is no better than a naive one on its own task. What do you do?",
        {
            "Transfer it, pre-trained is pre-trained": "It has learnt nothing worth transferring.",
            "Freeze more of it": "Then still more of what it has not learnt stays.",
            "Develop it further, or take another source": "It has to know something first.",
        },
        right="Develop it further, or take another source",
    ),
)
