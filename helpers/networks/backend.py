"""Keras, obtained in one place: quiet at start-up, on TensorFlow or, where that is missing, on JAX."""

from typing import TYPE_CHECKING

from helpers.environment import load_keras

if TYPE_CHECKING:
    import keras
else:
    keras = load_keras()

__all__ = ["keras"]
