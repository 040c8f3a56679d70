"""Exercises of notebook 02, what transfer learning is."""

import functools

from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import choice, function, number
from helpers.studies.engine import tables


def _loss():
    runs = tables.read_results("day_night").query("way == 'trained by day'")
    return (runs["by_day"] - runs["by_night"]).mean()


@functools.cache
def _probe_by_night():
    from helpers.data.image_sets import builtin
    from helpers.networks.backbones import Backbone
    from helpers.strategies import LinearProbe

    data = builtin("streets_night", 20, 0, 200)
    probe = LinearProbe(Backbone("photos"), "block3_pool").fit(data.X_train, data.y_train)
    return probe.score(data.X_test, data.y_test)


EXERCISES = {
    "02.1": Exercise(
        level="do it",
        kind="choice",
        minutes=1,
        check=choice(
            "target",
            {
                "source": "The photographs from the internet are the source: the model learned from them.",
                "domain": "Source and target each have a domain. Which of the two are the leaves?",
            },
        ),
        means="The target is where the model has to work, and where labels are few.",
        hints=(
            "The source is where the model learned; the target is where it has to work well.",
            "You want the model to work well on the leaves.",
        ),
        solution='answer = "target"',
        wrong=("source", "domain", "leaf"),
    ),
    "02.2": Exercise(
        level="do it",
        kind="number",
        minutes=3,
        check=number(
            _loss,
            tolerance=0.005,
            mistakes={0.0: "The detector does lose accuracy at night: compare the two columns."},
        ),
        means="This loss is the cost of the domain shift: the validation images by day could not show it.",
        hints=(
            "runs.query(\"way == 'trained by day'\") selects the rows of this detector.",
            'runs["by_day"] - runs["by_night"] is the loss of each seed; .mean() averages it.',
        ),
        solution="""
from helpers.studies import read_results

runs = read_results("day_night").query("way == 'trained by day'")
answer = (runs["by_day"] - runs["by_night"]).mean()
""",
        wrong=(0.0, 1.0, "much"),
    ),
    "02.3": Exercise(
        level="explain it",
        kind="function",
        minutes=4,
        check=function([((0.9, 0.6), 0.75), ((0.8, 0.8), 0.0), ((1.0, 0.5), 1.0)], name="share_lost"),
        means="Two accuracies are comparable only above chance: a small drop can be most of the skill.",
        hints=(
            "With two classes, guessing gives 0.5; only the accuracy above it was learned.",
            "Learned by day: day - 0.5. Lost at night: day - night. Divide lost by learned.",
        ),
        solution="""
def share_lost(day, night):
    return (day - night) / (day - 0.5)


answer = share_lost
""",
        wrong=(lambda day, night: day - night, 0.3),
    ),
    "02.4": Exercise(
        level="vary it",
        kind="number",
        minutes=4,
        check=number(_probe_by_night, tolerance=0.01, mistakes={0.5: "That is chance level; run the probe."}),
        means="A probe on a model that has seen no street is a first baseline for every other adaptation.",
        hints=(
            'Call builtin("streets_night", 20, 0, 200), then LinearProbe(Backbone("photos"), "block3_pool").',
            "Fit it on X_train and y_train, and score it on X_test and y_test.",
        ),
        solution="""
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.strategies import LinearProbe

data = builtin("streets_night", 20, 0, 200)
probe = LinearProbe(Backbone("photos"), "block3_pool").fit(data.X_train, data.y_train)
answer = probe.score(data.X_test, data.y_test)
""",
        wrong=(0.5, 1.0, 0.69, "dark"),
    ),
}
