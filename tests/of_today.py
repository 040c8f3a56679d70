"""What is tried today, where trying everything takes too long: other things every day."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

T = TypeVar("T")


def share(things: Iterable[T], days: int) -> list[T]:
    """Return every `days`-th thing, one at least; in so many days, each has its turn."""
    things = [*things]
    days = min(days, len(things))
    return things[date.today().toordinal() % days :: days]


# These train VGG16 for minutes, so one of them runs a day.
WITH_VGG16 = ("benchmark, jax", "benchmark, tensorflow", "notebook 07")


def is_turn_of(name: str) -> bool:
    """Return whether a test that trains VGG16 runs today."""
    return WITH_VGG16.index(name) == date.today().toordinal() % len(WITH_VGG16)
