"""How to transfer: the strategies as scikit-learn estimators, the fit loop, checkpoints, export.

`from helpers.strategies import LinearProbe, FineTune` is all that most code needs. The classes are loaded on
first use: importing Keras takes seconds, and figures need only the names in `helpers.strategies.registry`.
"""

from typing import TYPE_CHECKING

from helpers.strategies import registry

if TYPE_CHECKING:
    from helpers.strategies.base import Strategy as Strategy
    from helpers.strategies.frozen import EarlierLayerSVM as EarlierLayerSVM
    from helpers.strategies.frozen import LinearProbe as LinearProbe
    from helpers.strategies.frozen import NearestColours as NearestColours
    from helpers.strategies.rate_finder import find_rates as find_rates
    from helpers.strategies.trained import FineTune as FineTune
    from helpers.strategies.trained import FromScratch as FromScratch
    from helpers.strategies.trained import FullFineTune as FullFineTune
    from helpers.strategies.trained import ProbeThenFineTune as ProbeThenFineTune


def __getattr__(name: str) -> object:
    """Load a strategy's class, the base class `Strategy` or `find_rates` on first use."""
    if name == "Strategy":
        from helpers.strategies.base import Strategy

        return Strategy
    if name == "find_rates":
        from helpers.strategies.rate_finder import find_rates

        return find_rates
    for entry in registry.entries():
        if entry.estimator.endswith(f":{name}"):
            return entry.load()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
