"""Exercises of notebook 02, what transfer learning is."""

import numpy as np

from helpers.exercises import constructions
from helpers.exercises.checks import Exercise
from helpers.exercises.kinds import cases, choice, function, one_after_the_other
from helpers.exercises.lazy import lazily, lazy_text
from helpers.studies.engine import tables
from helpers.studies.engine.statistics import interval, paired

PROBE, SCRATCH = [0.80, 0.84, 0.79, 0.86, 0.83], [0.45, 0.52, 0.41, 0.55, 0.47]
LITTLE = (0.9, 0.5, 10), (0.4, 0.15, 10)
TOGETHER = [0.5, 0.6, 0.7, 0.8, 0.9], [0.46, 0.55, 0.65, 0.75, 0.86]


def _gain(probe, scratch):
    return interval(probe - scratch)


def _gain_with(half):
    """Return a wrong `gain`: with another half width, a function of the two arrays."""
    return lambda probe, scratch: (np.mean(probe - scratch), half(probe, scratch))


def _without_root(probe, scratch):
    return interval(probe - scratch)[1] * len(probe) ** 0.5


def _normal(probe, scratch):
    return 1.96 * np.std(probe - scratch, ddof=1) / len(probe) ** 0.5


def _of_five(probe, scratch):
    return 2.776 * _scatter(probe, scratch) / len(probe) ** 0.5


def _with_two_mistakes(probe, scratch):
    return 1.96 * np.std(probe - scratch) / len(probe) ** 0.5


def _divided_by_n(probe, scratch):
    return interval(probe - scratch)[1] * ((len(probe) - 1) / len(probe)) ** 0.5


def _scatter(probe, scratch):
    return np.std(probe - scratch, ddof=1)


def _with_t(level, less, probe, scratch):
    import scipy.stats

    n = len(probe)
    return scipy.stats.t.ppf(level, n - less) * _scatter(probe, scratch) / n**0.5


def _unpaired(probe, scratch):
    return (interval(probe)[1] ** 2 + interval(scratch)[1] ** 2) ** 0.5


def _gain_case(probe, scratch):
    arrays = np.array(probe), np.array(scratch)
    return arrays, interval(arrays[0] - arrays[1])


def _verdict(one, other, column, better, worse, tie):
    """A check of what the runs of the study day_night say about two detectors."""
    names = {"beats": "better", "loses to": "worse", "ties with": "tie"}
    replies = {"better": better, "worse": worse, "tie": tie}

    def reply(answer):
        runs = tables.read_results("day_night").pivot(index="seed", columns="way", values=column)
        right = names[paired(runs[one], 0.5 + 0 * runs[one] if other is None else runs[other])[0]]
        return choice(right, {word: why for word, why in replies.items() if word != right})(answer)

    return reply


FROM_SCRATCH = "40 night images, from scratch"
FINE_TUNED = "40 night images, photo model fine-tuned"

EXERCISES = {
    "02.1": Exercise(
        level="do it",
        kind="function",
        minutes=14,
        check=one_after_the_other(
            function(
                [
                    _gain_case(PROBE, SCRATCH),
                    _gain_case([0.61, 0.58, 0.66], [0.60, 0.62, 0.59]),
                    _gain_case([0.5, 0.7, 0.6, 0.8], [0.8, 0.9, 0.7, 0.9]),
                ],
                name="gain",
                mistakes={
                    _gain_with(
                        _without_root
                    ): "Divide by the root of n: this half width is not that of the mean.",
                    _gain_with(_normal): "1.96 is for many seeds. With few, take t from scipy.stats.",
                    _gain_with(
                        _divided_by_n
                    ): "Use ddof=1 in the standard deviation: the mean is estimated, too.",
                    _gain_with(_of_five): "t depends on the number of seeds. Take it from scipy.stats.",
                    _gain_with(
                        _with_two_mistakes
                    ): "Take t from scipy.stats, not 1.96; and np.std needs ddof=1.",
                    _gain_with(_unpaired): (
                        "Take the differences seed by seed first, and then their standard deviation."
                    ),
                    _gain_with(
                        _scatter
                    ): "That is the scatter of single seeds. The interval is that of the mean.",
                    _gain_with(lambda *arrays: _scatter(*arrays) / len(arrays[0]) ** 0.5): (
                        "That is the standard error of the mean. Multiply it by t."
                    ),
                    lambda probe, scratch: interval(scratch - probe): "The gain is probe minus scratch.",
                    lambda probe, scratch: np.mean(
                        probe - scratch
                    ): "Return two numbers: the mean and the half.",
                    lambda probe, scratch: interval(probe - scratch)[
                        ::-1
                    ]: "First the mean, then the half width.",
                    _gain_with(lambda *arrays: 2 * interval(arrays[0] - arrays[1])[1]): (
                        "That is the whole width. The half width is asked for."
                    ),
                    _gain_with(lambda *arrays: _with_t(0.95, 1, *arrays)): (
                        # given: definition
                        "5 % are left out, half of them on each side: use 0.975."
                    ),
                    _gain_with(lambda *arrays: _with_t(0.975, 0, *arrays)): (
                        "The t of n values has n - 1 degrees of freedom."
                    ),
                    _gain_with(lambda *arrays: _scatter(*arrays) ** 2 / len(arrays[0]) ** 0.5): (
                        "That uses the variance without t. Take the standard deviation, and multiply by t."
                    ),
                    lambda probe, scratch: (
                        np.mean(probe - scratch) - interval(probe - scratch)[1],
                        np.mean(probe - scratch) + interval(probe - scratch)[1],
                    ): "These are the ends of the interval. Return its middle and its half width.",
                },
            ),
            constructions.overlapping,
            "gain, and two lists of accuracies",
        ),
        means=constructions.together,
        hints=(
            "First compute the array of differences, one per seed. Everything else uses only this array.",
            "np.std divides by n unless you give it ddof=1; which t belongs to the number of differences? "
            "For `runs`: the interval of the difference is narrow if all differences are nearly the same.",
        ),
        solution="""
import numpy as np
import scipy.stats


def gain(probe, scratch):
    differences = probe - scratch
    n = len(differences)
    t = scipy.stats.t.ppf(0.975, n - 1)
    return differences.mean(), t * np.std(differences, ddof=1) / n**0.5


runs = [0.5, 0.6, 0.7, 0.8, 0.9], [0.46, 0.55, 0.65, 0.75, 0.86]
answer = (gain, runs)
""",
        wrong=(
            (lambda probe, scratch: np.mean(probe - scratch), TOGETHER),
            (lambda probe, scratch: (np.mean(probe) - np.mean(scratch), np.std(probe - scratch)), TOGETHER),
            (_gain, (PROBE, SCRATCH)),
            (_gain, (PROBE, PROBE)),
            (_gain, ([0.8], [0.7])),
            _gain,
            (0.35, 0.04),
        ),
    ),
    "02.2": Exercise(
        level="vary it",
        kind="function",
        minutes=9,
        check=one_after_the_other(
            function(
                [
                    ((0.9, 0.6, 2), 0.75),
                    ((0.9, 0.6, 10), 0.375),
                    ((0.8, 0.8, 4), 0.0),
                    ((1.0, 0.5, 2), 1.0),
                    ((0.75, 0.3, 4), 0.9),
                ],
                name="share_lost",
                mistakes={
                    lambda day, night, classes: (
                        day - night
                    ): "That is the loss. Which fraction of what was learned?",
                    lambda day, night, classes: (day - night) / day: (
                        "Even a guess is sometimes right: subtract chance."
                    ),
                    lambda day, night, classes: (day - night) / (day - 0.5): (
                        "Chance is one half with two classes only. What is it with more?"
                    ),
                    lambda day, night, classes: 1 - constructions.share_lost(day, night, classes): (
                        "That is the fraction that is left."
                    ),
                    lambda day, night, classes: (day - night) / (1 - 1 / classes): (
                        "Divide by what this network has learned by day, not by all that can be learned."
                    ),
                    lambda day, night, classes: (day - night - 1 / classes) / (day - 1 / classes): (
                        "In a difference of two accuracies, chance is gone already. Subtract it only below "
                        "the line."
                    ),
                    lambda day, night, classes: 100 * constructions.share_lost(day, night, classes): (
                        "Return a fraction from 0 to 1."
                    ),
                },
            ),
            constructions.more_points,
            "share_lost, and two networks",
        ),
        means=constructions.little_to_lose,
        hints=(
            "How often is a guess right with so many classes? Only the accuracy above it was learned.",
            "Divide what is lost at night by what was learned by day; where does chance matter? For `pair`, "
            "let the second network know little by day.",
        ),
        solution="""
def share_lost(day, night, classes):
    chance = 1 / classes
    return (day - night) / (day - chance)


pair = (0.9, 0.5, 10), (0.4, 0.15, 10)
answer = (share_lost, pair)
""",
        wrong=(
            (lambda day, night, classes: day - night, LITTLE),
            (lambda day, night, classes: (day - night) / day, LITTLE),
            (constructions.share_lost, ((0.9, 0.6, 10), (0.9, 0.6, 2), (1, 1, 2))),
            (constructions.share_lost, ((0.9, 0.8, 10), (0.9, 0.6, 2))),
            (constructions.share_lost, ((0.9, 0.5, 10), (0.4, 0.05, 10))),
            constructions.share_lost,
            0.3,
        ),
    ),
    "02.3": Exercise(
        level="vary it",
        kind="design",
        minutes=35,
        check=lazily("forgetting", "lost_by_day"),
        means=lazy_text("forgetting", "what_was_forgotten"),
        hints=(
            "The three copies differ in two things only: which images they see, and the learning rate. A "
            "function with these as arguments can make all three.",
            "keras.models.clone_model copies the layers, but not the weights: set them. "
            "np.concatenate([a, b]) puts the images or labels of two sets into one array.",
        ),
        solution="""
import keras
import numpy as np

from helpers.data.image_sets import builtin

old, new = builtin("streets_day", 300, 0, 0), builtin("streets_night", 20, 0, 0, seed=1)
y_old, y_new = (np.searchsorted(d.classes, d.y_train) for d in (old, new))
layers = keras.layers
keras.utils.set_random_seed(0)
detector = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
for filters in (16, 32, 64):
    detector.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
    detector.add(layers.MaxPooling2D())
detector.add(layers.GlobalMaxPooling2D())
detector.add(layers.Dense(2))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
detector.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
detector.fit(old.X_train, y_old, epochs=20, verbose=0)


def train_further(X, y, rate, **options):
    model = keras.models.clone_model(detector)
    model.set_weights(detector.get_weights())
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.fit(X, y, verbose=0, **options)
    return model


both = np.concatenate([old.X_train, new.X_train]), np.concatenate([y_old, y_new])
further = {
    "alone": train_further(new.X_train, y_new, 0.001, epochs=20, batch_size=8),
    "hasty": train_further(new.X_train, y_new, 0.01, epochs=20, batch_size=8),
    "both": train_further(*both, 0.001, epochs=10),
}
day = builtin("streets_day", 1, 0, 200, seed=2)
y_day = np.searchsorted(day.classes, day.y_test)
before = detector.evaluate(day.X_test, y_day, verbose=0)[1]
lost = {
    name: 100 * (before - model.evaluate(day.X_test, y_day, verbose=0)[1])
    for name, model in further.items()
}
answer = (detector, further, lost)
""",
        wrong=(
            0.8,
            "detector",
            ("detector", {"alone": 1, "hasty": 2, "both": 3}, {"alone": 1, "hasty": 2, "both": 3}),
        ),
    ),
    "02.4": Exercise(
        level="explain it",
        kind="diagnosis",
        minutes=10,
        check=cases(
            {
                "night detector against day detector": _verdict(
                    "trained by night",
                    "trained by day",
                    "by_night",
                    better="Look at the interval again.",
                    worse="Which of the two has seen night images?",
                    tie="Is zero inside of the interval? Take the differences seed by seed.",
                ),
                "few images from scratch against a coin": _verdict(
                    FROM_SCRATCH,
                    None,
                    "by_night",
                    better="The mean is above one half. But is the whole interval?",
                    worse="Is the whole interval of the difference below zero?",
                    tie="Is zero inside of the interval?",
                ),
                "photo model against from scratch": _verdict(
                    FINE_TUNED,
                    FROM_SCRATCH,
                    "by_night",
                    better="Look at the interval again.",
                    worse="The sign: the first one minus the second one.",
                    tie="Is zero inside of the interval?",
                ),
                "photo model against day detector": _verdict(
                    FINE_TUNED,
                    "trained by day",
                    "by_night",
                    better="The sign: the first one minus the second one.",
                    worse="Its mean is lower. But does the interval of the difference contain zero?",
                    tie="Look at the interval again.",
                ),
            }
        ),
        means=(
            "The surprise is the last case: its mean is lower, and yet five seeds do not settle it, "
            "because the day detector varies so much from seed to seed at night. More seeds may settle it."
        ),
        hints=(
            "The table at_night has one row per seed and one column per detector. Pass two of its columns to "
            "your function gain.",
            "If the interval from mean - half to mean + half contains zero, it is a tie. For the coin, the "
            "second column is the number 0.5.",
        ),
        solution="""
from helpers.studies import read_results
from helpers.studies.engine.statistics import paired

runs = read_results("day_night").pivot(index="seed", columns="way", values="by_night")
few = "40 night images, "
pairs = {
    "night detector against day detector": ("trained by night", "trained by day"),
    "photo model against from scratch": (few + "photo model fine-tuned", few + "from scratch"),
    "photo model against day detector": (few + "photo model fine-tuned", "trained by day"),
}
words = {"beats": "better", "loses to": "worse", "ties with": "tie"}
answer = {name: words[paired(runs[a], runs[b])[0]] for name, (a, b) in pairs.items()}
coin = 0.5 + 0 * runs[few + "from scratch"]
answer["few images from scratch against a coin"] = words[paired(runs[few + "from scratch"], coin)[0]]
""",
        wrong=(
            dict.fromkeys(
                (
                    "night detector against day detector",
                    "few images from scratch against a coin",
                    "photo model against from scratch",
                    "photo model against day detector",
                ),
                "better",
            ),
            {
                "night detector against day detector": "better",
                "few images from scratch against a coin": "tie",
                "photo model against from scratch": "better",
                "photo model against day detector": "worse",
            },
            "tie",
        ),
    ),
}
