"""The interactive labs. They use only widgets that both ipywidgets 7.7 (Colab) and 8.1 have."""

from helpers.widgets.strategies import StrategyLab, strategy_lab

__all__ = ["StrategyLab", "strategy_lab"]
