"""Checks that load Keras only when an answer comes, so that nothing else waits for it."""

import importlib

from helpers.exercises.kinds import Check


def lazily(module: str, name: str) -> Check:
    """Return a check that another module has, and import that module when an answer is checked.

    Args:
        module: a module of `helpers.exercises`.
        name: the check in it: a function from an answer to None or a reply.

    Example:
        >>> lazily("workflow_check", "missing")(0.9)
        'Give your Keras model and its history: check("07.6", model, history).'
    """

    def check(answer):
        return getattr(importlib.import_module(f"helpers.exercises.{module}"), name)(answer)

    return check
