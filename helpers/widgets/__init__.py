"""The interactive labs. Only widgets that both ipywidgets 7.7 (Colab) and 8.1 know."""

from helpers.widgets.prediction import predict
from helpers.widgets.quizzes import quiz
from helpers.widgets.strategies import StrategyLab, strategy_lab

__all__ = ["StrategyLab", "predict", "quiz", "strategy_lab"]
