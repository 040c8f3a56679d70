"""The interactive labs. They use only widgets that exist in both ipywidgets 7.7 (Colab) and 8.1."""

from helpers.widgets.strategies import StrategyLab, strategy_lab

__all__ = ["StrategyLab", "strategy_lab"]
