"""Check of exercise 02.3: what does a detector that learns the night forget of the day?"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from helpers.data.image_sets import ImageSet, builtin
from helpers.exercises.attempts import Failed, attempt, shown
from helpers.exercises.designs import accuracy_of, outputs
from helpers.networks.backend import keras
from helpers.studies.engine import tables

ALONE, HASTY, BOTH = "alone", "hasty", "both"
NAMES = (ALONE, HASTY, BOTH)
LOWEST_BY_DAY, LOWEST_AT_NIGHT = 0.85, 0.75  # untouched, it has 0.55 to 0.73 at night over four seeds
TIMES_LARGER = 5  # the rate of the hasty detector, at least; the task says ten
MOST_FORGOTTEN = 3  # times the loss of `detector`; after the night alone, it was 5 to 80 times as large
CLOSE = 0.6  # points: the accuracies are those of the same images


@functools.cache
def _streets(time: str) -> ImageSet:
    return builtin(f"streets_{time}", 1, 0, 200, seed=2)


def _accuracy(model: keras.Model, time: str) -> float:
    data = _streets(time)
    return accuracy_of(model, data.X_test, np.searchsorted(data.classes, data.y_test))


@functools.cache
def _seen_by_day() -> ImageSet:
    return builtin("streets_day", 300, 0, 0)


def _day_loss(model: keras.Model) -> float:
    """Return the loss on the day images that `detector` and `both` learn from."""
    data = _seen_by_day()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return float(loss(np.searchsorted(data.classes, data.y_train), model.predict(data.X_train, verbose=0)))


def lost_by_day(answer: Any) -> str | None:
    """Check the untouched detector, three that were trained further, and the points that each has lost."""
    if not (isinstance(answer, tuple) and len(answer) == 3):
        return 'Give three things: check("02.3", detector, further, lost).'
    detector, further, lost = answer
    if not isinstance(detector, keras.Model):
        return f"The first must be the untouched detector, a Keras model. Received: {shown(detector)}."
    for name, given in (("further", further), ("lost", lost)):
        if not (isinstance(given, dict) and given.keys() == set(NAMES)):
            return f"`{name}` must be a dict with the keys {', '.join(map(repr, NAMES))}."
    if pending := [name for name in NAMES if further[name] is ... or lost[name] is ...]:
        return f"Still with ...: {', '.join(map(repr, pending))}. Replace each ... by an answer."
    if wrong := [name for name in NAMES if not isinstance(further[name], keras.Model)]:
        return f"further[{wrong[0]!r}] must be a Keras model. Received: {shown(further[wrong[0]])}."
    return next(_problems(detector, further, lost), None)


def _problems(detector, further, lost) -> Iterator[str]:
    models = [detector, *further.values()]
    if len({id(model) for model in models}) < len(models):
        yield (
            "Two of the detectors are the same object, so training one has trained the other. Begin each "
            "with keras.models.clone_model(detector), and give the copy the weights of `detector`."
        )
    for model in models:
        if problem := outputs(2)(model):
            yield problem
    yield from _untrained(detector, further)
    slow, fast = (_rate(further[name]) for name in (ALONE, HASTY))
    if not slow or fast < TIMES_LARGER * slow:
        # given: exercise
        yield f"`hasty` needs ten times the learning rate of `alone`; the rates are {fast:g} and {slow:g}."
    if _moved(detector, further[HASTY]) <= _moved(detector, further[ALONE]):
        yield (
            "The weights of `hasty` have moved less than those of `alone`, although its steps are larger. "
            "Train it on the same images for as many epochs."
        )
    before = _day_loss(detector)
    for name in (ALONE, HASTY):
        if _day_loss(further[name]) < before:
            yield (
                f"On the day images that `detector` has learned from, `{name}` is surer than `detector`. So "
                "it has seen them again. Give its fit the night images alone."
            )
    for name in (ALONE, BOTH):
        night = _accuracy(further[name], "night")
        if night < LOWEST_AT_NIGHT:
            yield (
                f"At night, `{name}` has {night:.0%} on new images; the task asks for {LOWEST_AT_NIGHT:.0%}. "
                "Has the copy got the weights of `detector`? Are the night images among its training "
                "images, and were the epochs enough?"
            )
    if (day := _accuracy(further[BOTH], "day")) < LOWEST_BY_DAY:
        yield (
            f"By day, `both` has {day:.0%} on new images; the task asks for {LOWEST_BY_DAY:.0%}. Train it on "
            "the day and night images together, in small steps."
        )
    if _day_loss(further[BOTH]) > MOST_FORGOTTEN * before:
        yield (
            "On the day images that `detector` has learned from, `both` makes more mistakes, or is less "
            "sure. So it has not seen them again. Does fit get the images of the day and of the night?"
        )
    yield from _wrong_losses(detector, further, lost)


def _untrained(detector, further) -> Iterator[str]:
    shapes = [weight.shape for weight in detector.get_weights()]
    for name, model in further.items():
        if [weight.shape for weight in model.get_weights()] != shapes:
            yield f"`{name}` is no copy of `detector`. Make it with keras.models.clone_model(detector)."
        if not _moved(detector, model) or not _steps(model):
            yield f"`{name}` has not been trained further. Compile this copy and call its fit."


def _moved(detector, model):
    """Return how far the weights of a model are from those of the detector."""
    pairs = zip(detector.get_weights(), model.get_weights(), strict=True)
    return float(np.sqrt(sum(np.sum((old - new) ** 2) for old, new in pairs)))


def _steps(model):
    """Return how many steps the optimizer has made, 0 if the model was not compiled."""
    return int(getattr(getattr(model, "optimizer", None), "iterations", 0))


def _rate(model):
    """Return the learning rate of a model, 0 if it was not compiled."""
    rate = getattr(getattr(model, "optimizer", None), "learning_rate", 0)
    return round(float(keras.ops.convert_to_numpy(rate)), 6)


def losses(detector: keras.Model, further: dict[str, keras.Model]) -> dict[str, float]:
    """Return how many points of accuracy each detector has lost by day."""
    before = _accuracy(detector, "day")
    return {name: 100 * (before - _accuracy(further[name], "day")) for name in NAMES}


def _wrong_losses(detector, further, lost) -> Iterator[str]:
    for name, right in losses(detector, further).items():
        try:
            given = attempt(float, lost[name])
        except Failed:
            yield f"lost[{name!r}] must be one number, in points. Received: {shown(lost[name])}."
            return
        if abs(given - right) <= CLOSE:
            continue
        if abs(right) > 2 * CLOSE and abs(given + right) <= CLOSE:
            yield f"lost[{name!r}]: the sign. What is lost is the accuracy of `detector` minus the new one."
        if abs(right) > 2 * CLOSE and abs(100 * given - right) <= CLOSE:
            # given: exercise
            yield f"lost[{name!r}]: in points, please. A fall from 0.90 to 0.85 is 5 points."
        yield (
            f"lost[{name!r}] = {given:.3g}, but this detector has lost {right:.1f} points. Score both on the "
            "test images of the day that the task names, after all training."
        )


def what_was_forgotten(answer: Any) -> str:
    """Return what a correct answer of exercise 02.3 has found."""
    lost = losses(*answer[:2])
    runs = tables.read_results("day_night").pivot(index="seed", columns="way", values="by_day")
    falls = 100 * (runs["trained by day"] - runs["40 night images, day detector fine-tuned"])
    return (
        f"Points lost by day: alone {lost[ALONE]:.1f}, hasty {lost[HASTY]:.1f}, both {lost[BOTH]:.1f}. Over "
        f"the seeds of the figure, fine-tuning on the night lost {falls.min():.0f} to {falls.max():.0f}. "
        "Whether a network forgets depends on its steps and on the seed, and the night accuracy does not "
        "show it: score old images, too. Old images in the training set are the simplest remedy."
    )
