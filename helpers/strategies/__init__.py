"""How to transfer: the strategies as scikit-learn estimators, the fit loop, checkpoints, export.

`from helpers.strategies import LinearProbe, FineTune` is all that most code needs. The estimators are loaded
when they are asked for: Keras takes seconds to import, and figures only need the strategies' names.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.strategies.base import Strategy
    from helpers.strategies.frozen import EarlierLayerSVM, LinearProbe, NearestColours
    from helpers.strategies.trained import FineTune, FromScratch, FullFineTune, ProbeThenFineTune

__all__ = [
    "EarlierLayerSVM",
    "FineTune",
    "FromScratch",
    "FullFineTune",
    "LinearProbe",
    "NearestColours",
    "ProbeThenFineTune",
    "Strategy",
]


def __getattr__(name: str) -> type:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module in ("base", "frozen", "trained"):
        found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
        if found is not None:
            return found
    raise AssertionError(name)
