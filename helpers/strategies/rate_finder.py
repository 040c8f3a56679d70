"""Find learning rates for a network: raise the rate at every step, and watch the loss."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.validation import check_images, check_integer, check_labels, too_small
from helpers.networks.backbones import Backbone, check_backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.hardware import compiled
from helpers.networks.heads import classifier, set_trainable_from, split_frozen
from helpers.networks.rates import Rates
from helpers.strategies.layerwise_adam import LayerwiseAdam
from helpers.strategies.trained_network import frozen_activations
from helpers.strategies.training import Batches

RATES = np.geomspace(1e-6, 1, 100)  # of the backbone, one per step
RATIO = 10  # the rate of the head / the rate of the backbone
NEW = 0.1  # weight of a new loss in the smoothed loss
DIVERGED = 4  # a test ends when the smoothed loss is this many times its minimum


@dataclass(frozen=True)
class RangeTest:
    """The losses of a network whose learning rate rises at every step.

    Args:
        rates: learning rate of each step, rising, float (steps,).
        losses: loss of each batch, float (steps,).

    Example:
        >>> test = RangeTest(np.geomspace(1e-5, 1, 6), np.array([2, 2, 1, 0.5, 9, 99]))
        >>> f"{test.suggestion:.0e}"
        '1e-03'
    """

    rates: np.ndarray
    losses: np.ndarray

    @property
    def smoothed(self) -> np.ndarray:
        """Exponentially weighted mean of the losses so far, float (steps,)."""
        return pd.Series(self.losses).ewm(alpha=NEW).mean().to_numpy()

    @property
    def suggestion(self) -> float:
        """The first rate at which the smoothed loss has done half of its fall to the minimum.

        Smaller rates teach the network little in the same number of steps; larger ones soon do harm. Other
        rules in use are a tenth of the rate with the lowest loss, and the middle of the valley (fastai).

        Raises:
            ValueError: If no loss is finite, or the smoothed loss never falls.
        """
        if not np.isfinite(self.losses).any():
            raise ValueError(
                "The range test has no finite loss, so it cannot suggest a learning rate. The loss was "
                "infinite or not a number from the first step on. Check the weights of the network for NaN, "
                "and its preprocessing for values out of range."
            )
        loss = self.smoothed
        lowest = int(np.argmin(loss))
        highest = int(np.argmax(loss[: lowest + 1]))
        if loss[lowest] >= loss[highest]:
            raise ValueError(
                f"The loss never fell: it was {loss[0]:.3g} at the first of {len(loss)} steps and "
                f"{loss[-1]:.3g} at the last. So the range test cannot suggest a learning rate. If the loss "
                f"rose, {self.rates[0]:.1g} is already too large: begin with a smaller rate. If it stayed "
                "the same, check that some layers are trainable."
            )
        half = (loss[highest] + loss[lowest]) / 2
        return float(self.rates[highest + np.argmax(loss[highest:] <= half)])


@dataclass(frozen=True)
class FoundRates:
    """What `find_rates` found.

    Args:
        head: the range test of a new head on the frozen backbone.
        backbone: the range test of the backbone, together with a new head whose rate is ten times as large.

    Example:
        >>> test = RangeTest(np.geomspace(1e-5, 1, 6), np.array([2, 2, 1, 0.5, 9, 99]))
        >>> FoundRates(head=test, backbone=test)
        Learning rates found: head 0.001, backbone 0.001.
    """

    head: RangeTest
    backbone: RangeTest

    @property
    def rates(self) -> Rates:
        """The suggested learning rates."""
        return Rates(self.head.suggestion, self.backbone.suggestion)

    def __repr__(self) -> str:
        return f"Learning rates found: head {self.rates.head:.1g}, backbone {self.rates.backbone:.1g}."


def find_rates(
    backbone: Backbone,
    X: np.ndarray,
    y: np.ndarray,
    from_block: str = "last",
    batch_size: int = 32,
    seed: int = 0,
) -> FoundRates:
    """Suggest learning rates for fine-tuning a backbone on these images, by two range tests.

    A range test raises the learning rate at every step, from far too small to too large, and ends when the
    loss diverges, after at most 100 steps. The first test trains a new head on the frozen backbone, the
    second one the backbone together with another new head. Source: Smith 2017, "Cyclical learning rates for
    training neural networks".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        X: training images, uint8 (n, height, width, 3).
        y: labels (n,), strings or numbers, of at least two classes.
        from_block: first block that will train, as for `helpers.strategies.FineTune`.
        batch_size: images per step.
        seed: of the head's weights and of the order of the images.

    Returns:
        The curves of both tests, and `.rates`. A range test gives the order of magnitude: choose between the
        suggestion, a third of it and three times as much on validation images.

    Raises:
        TypeError: backbone is not a Backbone, or X is not of integers.
        ValueError: X, y or a number is not as described, there is no such block, or the images are too small
            for the network.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 20, 0, 0)
        >>> found = find_rates(Backbone("shapes"), data.X_train, data.y_train)
        >>> 3e-5 < found.rates.backbone < 3e-3 and 1e-3 < found.rates.head < 1e-1
        True
    """
    check_backbone(backbone)
    check_integer("batch_size", batch_size, 1)
    check_integer("seed", seed, 0, 2**32 - 1)
    X = check_images(X)
    classes, y = np.unique(check_labels(X, y), return_inverse=True)
    if from_block is None:
        raise ValueError("from_block must be a block, 'last' or 'all'. Received: None")
    networks = [
        classifier(set_trainable_from(fresh(backbone), first), len(classes), seed=seed)
        for first in (None, from_block)
    ]
    head, both = (_losses(network, X, y, batch_size, seed) for network in networks)
    return FoundRates(RangeTest(RATIO * RATES[: len(head)], head), RangeTest(RATES[: len(both)], both))


def _losses(network, X, y, batch_size, seed):
    """The loss of every step while the learning rates of the head and of the backbone rise."""
    try:
        network.compute_output_shape((1, *X.shape[1:]))
    except ValueError as error:
        raise too_small(X.shape[1:], "this network") from error
    frozen, trained = split_frozen(network) or (None, network)
    trained.compile(
        LayerwiseAdam(RATIO * RATES[0], 1 / RATIO),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=compiled(),
    )
    batches = Batches(X if frozen is None else frozen_activations(frozen, X), y, batch_size, seed)
    losses: list[float] = []
    for step, rate in enumerate(RATES):
        epoch, batch = divmod(step, len(batches))
        if batch == 0:
            batches.shuffle(epoch)
        trained.optimizer.learning_rate = RATIO * rate
        loss = float(trained.train_on_batch(*batches[batch]))
        if not np.isfinite(loss):
            break
        losses.append(loss)
        smoothed = RangeTest(RATES, np.array(losses)).smoothed
        if smoothed[-1] > DIVERGED * smoothed.min():
            break
    return np.array(losses)
