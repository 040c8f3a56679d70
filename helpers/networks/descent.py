"""Gradient descent on a two-dimensional loss surface: SGD, momentum, Adam.

The update rules follow the papers, in plain NumPy.
"""

import numpy as np

from helpers.data.validation import check_integer, check_positive

OPTIMISERS = ("SGD", "momentum", "Adam")
START = (-1.7, -0.9)


def surface(x: float | np.ndarray, y: float | np.ndarray) -> float | np.ndarray:
    """Return the loss at (x, y): a long, narrow, curved valley with its minimum, 0, at the origin."""
    return 0.05 * x**2 + 2 * (y - 0.15 * x**2) ** 2


def slope(point: np.ndarray) -> np.ndarray:
    """Return the gradient of `surface` at a point, float64 (2,)."""
    x, y = point
    across = 4 * (y - 0.15 * x**2)
    return np.array([0.1 * x - 0.3 * x * across, across])


def path(optimiser: str, rate: float, steps: int = 60) -> np.ndarray:
    """Compute the path of an optimiser from START.

    SGD; momentum with 0.9 (Polyak 1964); Adam with its default constants (Kingma & Ba 2015). A path ends
    when it leaves the square of -10 to 10.

    Args:
        optimiser: one of OPTIMISERS.
        rate: the learning rate.
        steps: number of steps.

    Returns:
        The points, float64 (at most steps + 1, 2).

    Raises:
        ValueError: If the optimiser is unknown, the rate is not a finite number above 0, or steps is not an
            integer of at least 1.

    Example:
        >>> path("Adam", rate=0.1, steps=2).round(1).tolist()
        [[-1.7, -0.9], [-1.6, -0.8], [-1.5, -0.7]]
    """
    if optimiser not in OPTIMISERS:
        raise ValueError(f"Unknown optimiser {optimiser!r}. Use one of {', '.join(OPTIMISERS)}.")
    check_positive("rate", rate)
    check_integer("steps", steps, 1)
    points = [np.array(START)]
    first, second = np.zeros(2), np.zeros(2)
    for step in range(1, steps + 1):
        gradient = slope(points[-1])
        if optimiser == "SGD":
            move = gradient
        elif optimiser == "momentum":
            first = 0.9 * first + gradient
            move = first
        else:
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient**2
            move = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        points.append(points[-1] - rate * move)
        if np.abs(points[-1]).max() > 10:
            break
    return np.array(points)
