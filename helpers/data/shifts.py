"""Four kinds of shift between a source and a target, as pure functions of images and labels.

The target is the source task, shapes, with one change: of its inputs (the same scenes in other light or
sharpness), of its features (the same shapes in another style), of its label space (classes regrouped) or of
its conditional distribution (labels exchanged). The kinds follow Lee et al. 2023, "Surgical fine-tuning
improves adaptation to distribution shifts"; their output-level shifts are split into label and conditional,
as in Pan & Yang 2010.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.data import synthetic
from helpers.data.splits import n_per_class
from helpers.data.validation import check_images, check_integer

KINDS = ("input", "feature", "label", "conditional")
Seed = int | Sequence[int]
Change = Callable[[np.ndarray, Seed], np.ndarray]  # from images and a seed to images


def noise(X: np.ndarray, seed: Seed = 0, strength: float = 100) -> np.ndarray:
    """Add Gaussian noise, as of a sensor in poor light.

    Args:
        X: uint8 (n, height, width, 3).
        seed: of the noise.
        strength: standard deviation of the noise, in steps of 0..255.

    Returns:
        uint8 images of the same shape.

    Example:
        >>> bool(noise(np.full((1, 8, 8, 3), 128, "uint8")).std() > 60)
        True
    """
    X = check_images(X)
    rng = np.random.default_rng(seed)
    return _pixels(X + strength * rng.standard_normal(X.shape, dtype=np.float32))


def colour_cast(X: np.ndarray, gains: Sequence[float] | np.ndarray = (1.0, 0.4, 0.1)) -> np.ndarray:
    """Multiply each channel by a gain, as light of another colour does.

    Args:
        X: uint8 (n, height, width, 3).
        gains: of red, green and blue; the default is warm light.

    Returns:
        uint8 images of the same shape.

    Example:
        >>> colour_cast(np.full((1, 1, 1, 3), 200, "uint8")).ravel().tolist()
        [200, 80, 20]
    """
    return _pixels(check_images(X) * np.asarray(gains, np.float32))


def blur(X: np.ndarray, radius: float = 2.0) -> np.ndarray:
    """Blur images with a Gaussian, as a lens out of focus does.

    Args:
        X: uint8 (n, height, width, 3).
        radius: standard deviation of the Gaussian, in pixels.

    Returns:
        uint8 images of the same shape.

    Example:
        >>> image = np.zeros((1, 9, 9, 3), "uint8")
        >>> image[:, 4, 4] = 255
        >>> int(blur(image, radius=1).max()) < 60
        True
    """
    from scipy.ndimage import gaussian_filter

    return _pixels(gaussian_filter(check_images(X).astype(np.float32), (0, radius, radius, 0)))


def night(X: np.ndarray, seed: Seed = 0, light: float = 0.2) -> np.ndarray:
    """Darken images, tint them blue and add a little noise.

    Args:
        X: uint8 (n, height, width, 3).
        seed: of the noise.
        light: brightness that remains, 0..1.

    Returns:
        uint8 images of the same shape.

    Example:
        >>> night(np.full((50, 8, 8, 3), 250, "uint8")).mean(axis=(0, 1, 2)).round(-1).tolist()
        [40.0, 40.0, 60.0]
    """
    return noise(colour_cast(X, light * np.array([0.8, 0.85, 1.15])), seed, strength=6)


def regrouped(y: np.ndarray) -> np.ndarray:
    """Join the classes in pairs, in alphabetical order: another label space.

    Args:
        y: class names, str (n,).

    Returns:
        Names of the new classes, str (n,); with an odd number of classes, the last one stays alone.

    Example:
        >>> regrouped(np.array(["arrow", "circle", "cross"])).tolist()
        ['arrow or circle', 'arrow or circle', 'cross']
    """
    names = np.unique(y).tolist()
    pairs = [names[k : k + 2] for k in range(0, len(names), 2)]
    new = {name: " or ".join(pair) for pair in pairs for name in pair}
    return np.array([new[name] for name in y.tolist()])


def exchanged(y: np.ndarray) -> np.ndarray:
    """Exchange the labels of the first and the last class in alphabetical order, and so on.

    Inputs and label space stay the same. The same image gets another label.

    Args:
        y: class names, str (n,).

    Returns:
        Class names, str (n,); with an odd number of classes, the middle one keeps its label.

    Example:
        >>> exchanged(np.array(["arrow", "circle", "cross", "circle"])).tolist()
        ['cross', 'circle', 'arrow', 'circle']
    """
    names, which = np.unique(y, return_inverse=True)
    return names[::-1][which]


@dataclass(frozen=True)
class Shift:
    """One change of the source task.

    Args:
        kind: one of KINDS.
        style: in which shapes are drawn.
        images: changes the images, if it does.
        labels: changes the labels, if it does.

    Example:
        >>> Shift("conditional", labels=exchanged).draw(2, seed=0)[0].shape
        (20, 32, 32, 3)
    """

    kind: str
    style: str = "filled"
    images: Change | None = None
    labels: Callable[[np.ndarray], np.ndarray] | None = None

    def draw(self, n: int, seed: Seed) -> tuple[np.ndarray, np.ndarray]:
        """Draw images of the target.

        Args:
            n: images of each class of the source.
            seed: of the images; shifts of the same style show the same scenes.

        Returns:
            X uint8 (10 * n, 32, 32, 3) and class names y, str (10 * n,).
        """
        n = check_integer("n", n, 1)
        X, y = synthetic.shapes(20 * n + 200, seed, self.style)
        X, y = n_per_class(X, np.array(synthetic.CLASSES["shapes"])[y], n, 0)
        if self.images is not None:
            X = self.images(X, [*np.atleast_1d(seed), 0, 1])  # not the random numbers of the scenes
        return X, y if self.labels is None else self.labels(y)


SHIFTS = {
    "noise": Shift("input", images=noise),
    "colour cast": Shift("input", images=lambda X, seed: colour_cast(X)),
    "blur": Shift("input", images=lambda X, seed: blur(X)),
    "night": Shift("input", images=night),
    "dashed": Shift("feature", style="dashed"),
    "patterned": Shift("feature", style="patterned"),
    "regrouped": Shift("label", labels=regrouped),
    "exchanged": Shift("conditional", labels=exchanged),
}


def _pixels(X):
    return np.clip(X, 0, 255).round().astype(np.uint8)
