"""Checks that load Keras only when an answer comes, so that nothing else waits for it."""

import importlib
from collections.abc import Callable

from helpers.exercises.kinds import Check


def lazily(module: str, name: str) -> Check:
    """Return a check that another module has, and import that module when an answer is checked.

    New layers draw random numbers, so the check runs with a seed of its own: those of the student continue as
    if nothing had happened.

    Args:
        module: a module of `helpers.exercises`.
        name: the check in it: a function from an answer to None or a reply.

    Example:
        >>> lazily("workflow_check", "missing")(0.9)
        'Give your Keras model and its history: check("07.6", model, history).'
    """
    return _call(module, name)


def lazy_text(module: str, name: str) -> Callable[[object], str]:
    """Return a function that says what a correct answer means, and that loads Keras only then.

    Args:
        module: a module of `helpers.exercises`.
        name: the function in it, from an answer to a text.

    Example:
        >>> lazy_text("memory", "halved")(None)
        'All layers of VGG16, ...'
    """
    return _call(module, name)


def _call(module, name):
    def called(answer):
        from helpers.networks.seeding import seeded

        found = importlib.import_module(f"helpers.exercises.{module}")
        with seeded(0):
            return getattr(found, name)(answer)

    return called
