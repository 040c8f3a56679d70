"""Exercises of notebook 04, the two approaches."""

import functools

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, number
from helpers.studies.engine import tables


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
    runs = tables.read_results("layers").query("target == 'micrographs' and source == 'photos'")
    mean = runs.query("images == 50").groupby("layer")["accuracy"].mean()
    others = {name: f"{name} is not the best layer here." for name in mean.index.drop(mean.idxmax())}
    return choice(mean.idxmax(), others)(answer)


EXERCISES = {
    "04.1": Exercise(
        kind="number",
        minutes=3,
        check=number(_trained_from_block2, mistakes={0: "Then everything would be frozen."}),
        means="Freezing block 1 saves few parameters: most of them are in the late blocks.",
        hints=(
            'set_trainable_from(fresh(Backbone("shapes")), "block2") freezes everything before block 2.',
            "count_trainable(model) counts the trainable parameters.",
        ),
        solution="""
from helpers.networks.backbones import Backbone, fresh
from helpers.networks.heads import count_trainable, set_trainable_from

answer = count_trainable(set_trainable_from(fresh(Backbone("shapes")), "block2"))
""",
        wrong=(0, 4, "all"),
    ),
    "04.2": Exercise(
        kind="number",
        minutes=5,
        check=number(_alike, tolerance=0.02, mistakes={1: "Then both representations would be the same."}),
        means="The two sources see new images in a similar way in their first block.",
        hints=(
            'CNNCodes(Backbone("shapes"), "block1_pool").fit_transform(X) returns the codes of one source.',
            "cka(one, two) compares them; the rows of both must come from the same images.",
        ),
        solution="""
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.networks.features import CNNCodes
from helpers.networks.transferability import cka

X = builtin("new_shapes", 20, 0, 0).X_train
one = CNNCodes(Backbone("shapes"), "block1_pool").fit_transform(X)
two = CNNCodes(Backbone("photos"), "block1_pool").fit_transform(X)
answer = cka(one, two)
""",
        wrong=(1, -1, "alike"),
    ),
    "04.3": Exercise(
        kind="choice",
        minutes=4,
        check=_best_layer,
        means="The best layer is a result of measurement: it depends on the source and the target.",
        hints=(
            "In the lab, choose micrographs, photos and 50 images per class. Read the text below the figure.",
            'Or compute it: .query(...) selects the runs, and .groupby("layer")["accuracy"] groups them.',
        ),
        solution="""
from helpers.studies import read_results

runs = read_results("layers").query("target == 'micrographs' and source == 'photos' and images == 50")
answer = runs.groupby("layer")["accuracy"].mean().idxmax()
""",
        wrong=("block9_pool", "the last", 3),
    ),
    "04.4": Exercise(
        kind="choice",
        minutes=3,
        check=choice(
            "no",
            {
                "yes": "Look again: is the source model better than the naive model?",
                "maybe": "Decide: transfer, or not?",
            },
        ),
        means="A source model that is no better than a naive one has little to give.",
        hints=(
            "The lecture's condition: a source model must be better than a naive model.",
            # given: exercise
            "The source model reaches 30 %, and the naive model 31 %.",
        ),
        solution='answer = "no"',
        wrong=("yes", "maybe", 1),
    ),
}
