"""Greedy soups for exercise 09.6: the right one, typical wrong ones, and networks to try them on."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Score = Callable[[np.ndarray], float]
Networks = Sequence[np.ndarray]


@dataclass(frozen=True)
class _Closeness:
    """Stands for a validation accuracy: 1 for the best weights, and less with the distance from them."""

    to: tuple[float, ...]

    def __call__(self, weights: np.ndarray) -> float:
        return 1 / (1 + float(np.sum(np.abs(np.asarray(weights) - self.to))))


# Pairs of networks and a score.
POTS = (
    ([np.array([0.0, 2.0]), np.array([2.0, 0.0]), np.array([9.0, 9.0])], _Closeness((1.0, 1.0))),
    ([np.array([5.0]), np.array([0.6]), np.array([-0.7]), np.array([0.5])], _Closeness((0.0,))),
    ([np.array([1.0, 1.0, 1.0])], _Closeness((0.0, 0.0, 0.0))),
    (  # all three are kept, each with the same weight
        [np.array([3.0, 0.0, 0.0]), np.array([0.0, 3.2, 0.0]), np.array([0.0, 0.0, 3.4])],
        _Closeness((1.0, 1.0, 1.0)),
    ),
    ([np.array([5.0, -2.0]), np.array([1.0, 2.0])], _Closeness((0.0, 0.0))),  # no better together
)


def greedy_soup(
    networks: Networks, score: Score, stop: bool = False, better: Callable = operator.ge
) -> np.ndarray:
    """Return the mean of the networks that are kept (Wortsman et al. 2022, "Model soups").

    Args:
        networks: weights, arrays of one shape.
        score: the validation accuracy of some weights.
        stop: whether to stop at the first network that is left out, which is wrong.
        better: compares the score with a network to the score without it.

    Example:
        >>> greedy_soup(*POTS[0]).tolist()
        [1.0, 1.0]
    """
    return _soup(sorted(networks, key=score, reverse=True), score, stop, better)


def _soup(networks, score, stop=False, better=operator.ge):
    kept: list[np.ndarray] = []
    for weights in networks:
        if not kept or better(score(np.mean([*kept, weights], axis=0)), score(np.mean(kept, axis=0))):
            kept.append(weights)
        elif stop:
            break
    return np.mean(kept, axis=0)


def in_their_order(networks: Networks, score: Score) -> np.ndarray:
    """Return a soup that does not begin with the best network."""
    return _soup(networks, score)


def best_network(networks: Networks, score: Score) -> np.ndarray:
    """Return the weights of the best single network."""
    return max(networks, key=score)


def by_halves(networks: Networks, score: Score) -> np.ndarray:
    """Return a soup to which each network comes with half of the weight, however many there are."""
    first, *others = sorted(networks, key=score, reverse=True)
    for weights in others:
        new = (first + weights) / 2
        first = new if score(new) >= score(first) else first
    return first


def against_the_best(networks: Networks, score: Score) -> np.ndarray:
    """Return a soup of all networks with which it is not worse than the best single network."""
    best = score(best_network(networks, score))
    kept: list[np.ndarray] = []
    for weights in sorted(networks, key=score, reverse=True):
        if score(np.mean([*kept, weights], axis=0)) >= best:
            kept.append(weights)
    return np.mean(kept, axis=0)
