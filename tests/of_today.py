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
