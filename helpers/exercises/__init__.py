"""Predictions, exercises that check themselves, and quizzes; one `notebook_NN` module per notebook."""

from helpers.exercises.checks import check
from helpers.exercises.prediction import predict
from helpers.exercises.quizzes import quiz

__all__ = ["check", "predict", "quiz"]
