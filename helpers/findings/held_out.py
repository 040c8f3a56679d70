"""What cross-validation says about a few images: each is classified by a model that has not seen it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.findings.reports import accuracy_in_words, accuracy_interval

MOST_NAMED = 5  # mistakes in a sentence


class HeldOut(NamedTuple):
    """Images with the answers of models that have not seen them.

    Attributes:
        truth: class names, str (n,).
        predicted: the most probable classes, str (n,).
        probability: of the predicted class, float (n,).
        names: of the images, n.

    Example:
        >>> truth, probabilities = np.array(["cup", "glass"]), np.array([[0.9, 0.1], [0.6, 0.4]])
        >>> held_out(truth, probabilities, ["1.jpg", "2.jpg"]).predicted.tolist()
        ['cup', 'cup']
    """

    truth: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    names: tuple[str, ...]

    @property
    def wrong(self) -> np.ndarray:
        """Whether the answer is wrong, bool (n,)."""
        return self.truth != self.predicted

    @property
    def order(self) -> np.ndarray:
        """Positions of the images, int (n,): the surest mistakes first, the surest correct answers last."""
        return np.argsort(np.where(self.wrong, -self.probability, self.probability), kind="stable")

    @property
    def headline(self) -> str:
        """How many answers are correct, and the confidence interval of the accuracy."""
        correct, images = int(np.sum(~self.wrong)), len(self.truth)
        low, high = accuracy_interval(correct, images)
        return f"{correct} of {images} correct, 95 % confidence interval {low:.0%} to {high:.0%}"

    def in_words(self) -> str:
        """Return the accuracy, what it proves, and the mistakes, as sentences.

        The models of a cross-validation share most of their images. So their answers are not independent, and
        the interval is somewhat too narrow.
        """
        images, largest = len(self.truth), np.unique(self.truth, return_counts=True)[1].max()
        low, _ = accuracy_interval(int(np.sum(~self.wrong)), images)
        proof = (
            "This does not show that the model is better than guessing."
            if low <= largest / images
            else "On other such images, the accuracy is probably somewhere in this interval."
        )
        return f"{accuracy_in_words(self.truth, self.predicted, 'Held-out')}. {proof} {self._mistakes()}"

    def _mistakes(self):
        places = [k for k in self.order if self.wrong[k]]
        if not places:
            return "There are no mistakes."
        named = "; ".join(
            f"{self.names[k]} is {self.truth[k]}, predicted as {self.predicted[k]} "
            f"(probability {self.probability[k]:.0%})"
            for k in places[:MOST_NAMED]
        )
        more = f"; and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        return f"Mistakes: {named}{more}."


def held_out(truth: np.ndarray, probabilities: np.ndarray, names: Sequence[str]) -> HeldOut:
    """Take the most probable class of each image as its answer.

    Args:
        truth: class names, str (n,).
        probabilities: of the classes in sorted order, float (n, classes), such as those of scikit-learn's
            `cross_val_predict`.
        names: of the images, n.

    Raises:
        ValueError: If the probabilities have another shape, or are not numbers from 0 to 1.
    """
    classes, probabilities = np.unique(truth), np.asarray(probabilities)
    if probabilities.shape != (expected := (len(truth), len(classes))):
        raise ValueError(
            f"There must be a probability for each image and class, shape {expected}. Received: shape "
            f"{probabilities.shape}. Use cross_val_predict with method='predict_proba'."
        )
    if not np.all((probabilities >= 0) & (probabilities <= 1)):
        raise ValueError("Probabilities must be numbers from 0 to 1. Use method='predict_proba'.")
    best = probabilities.argmax(axis=1)
    return HeldOut(truth, classes[best], probabilities.max(axis=1), tuple(names))
