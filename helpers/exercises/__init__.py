"""Exercises that check themselves, quizzes, and predictions; one module per notebook."""

from helpers.exercises.checks import check
from helpers.exercises.prediction import predict
from helpers.exercises.quizzes import quiz

__all__ = ["check", "predict", "quiz"]
