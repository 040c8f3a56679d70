"""Predictions, exercises and quizzes; `notebook_NN` and `quiz_NN` belong to notebook NN."""

from helpers.exercises.checks import check
from helpers.exercises.concepts import concept_test
from helpers.exercises.handing_in import hand_in
from helpers.exercises.prediction import predict
from helpers.exercises.quizzes import quiz
from helpers.exercises.votes import class_votes

__all__ = ["check", "class_votes", "concept_test", "hand_in", "predict", "quiz"]
