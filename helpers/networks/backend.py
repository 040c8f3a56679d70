"""Keras, imported in one place: without start-up messages, on TensorFlow or, if that is missing, on JAX."""

from typing import TYPE_CHECKING

from helpers.environment import load_keras

if TYPE_CHECKING:
    import keras
else:
    keras = load_keras()

__all__ = ["keras"]
