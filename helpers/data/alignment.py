"""Align pairs of images and measure how alike they are then: mirrored, turned, cropped or brightened copies.

A pair is aligned twice. The correlation of circles around the two centres gives the angle (Fourier transform
of polar images, as in Reddy & Chatterji 1996). Gauss-Newton steps then refine scale, angle, stretch and shift
(inverse compositional alignment, Baker & Matthews 2004). All pairs of a batch are aligned at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # what JPEG keeps at full resolution (ITU-R BT.601)
SIDE, COARSE_SIDE = 32, 16  # of the thumbnails, in pixels
RINGS, ANGLES = 12, 64  # of the polar images
RADIUS = 0.93  # of the disc that is compared; an image reaches from -1 to 1. Turned copies have empty corners
ZOOMS = (1.0, 0.88, 0.76, 0.66, 0.58)  # share of the other image's side that one may show, before refinement
PROMISING = 0.8  # correlation of the small thumbnails below which a pair is given up
LEAST_OVERLAP = 0.17  # share of the thumbnail that both images must show
BATCH = 256  # pairs aligned at once: small enough for the processor's cache


class Window(NamedTuple):
    """A part of an image, and the size to which it is reduced.

    Args:
        side: of the result, in pixels.
        zoom: share of the side that is shown.
        right: how far the centre of that part lies to the right, as a share of the width.
        down: how far it lies below the centre of the image, as a share of the height.

    Example:
        >>> Window(16)
        Window(side=16, zoom=1.0, right=0, down=0)
    """

    side: int
    zoom: float = 1.0
    right: float = 0
    down: float = 0


def thumbnails(X: Sequence[np.ndarray], windows: Sequence[Window]) -> list[np.ndarray]:
    """Reduce the luminance of images, or of parts of them, to small images.

    Args:
        X: uint8 (height, width, 3) each, all of one size.
        windows: the parts to show.

    Returns:
        For each window float32 (n, side, side), values 0..255.

    Example:
        >>> thumbnails(np.full((1, 64, 64, 3), 100, np.uint8), [Window(2)])[0].round().tolist()
        [[[100.0, 100.0], [100.0, 100.0]]]
    """
    height, width = X[0].shape[:2]
    matrices = [
        (_reduction(height, side, zoom, down), _reduction(width, side, zoom, right).T)
        for side, zoom, right, down in windows
    ]
    found = [np.empty((len(X), window.side, window.side), np.float32) for window in windows]
    for start in range(0, len(X), BATCH):
        block = slice(start, start + BATCH)
        luminance = np.asarray(X[block], np.float32) @ LUMA  # of large images, this takes most of the time
        for small, (rows, columns) in zip(found, matrices, strict=True):
            small[block] = rows @ luminance @ columns
    return found


def _reduction(size, side, zoom, move):
    """Return the matrix (side, size) that reduces a line of pixels: a triangle filter."""
    step = size * zoom / side
    centres = (np.arange(side) + 0.5) * step + size * ((1 - zoom) / 2 + move)
    distance = np.abs(np.arange(size) + 0.5 - centres[:, None])
    weights = np.clip(1 - distance / max(step, 1), 0, None)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Views:
    """What is compared of n images.

    Args:
        large: thumbnails, float32 (n, SIDE, SIDE).
        small: thumbnails, float32 (n, COARSE_SIDE, COARSE_SIDE).
        rings: spectra of the polar images (n, RINGS, ANGLES // 2 + 1), one array for each of ZOOMS.

    Example:
        >>> views(np.zeros((5, 64, 64, 3), np.uint8)).large.shape
        (5, 32, 32)
    """

    large: np.ndarray
    small: np.ndarray
    rings: tuple[np.ndarray, ...]


def views(X: Sequence[np.ndarray]) -> Views:
    """Compute what is compared of images.

    Args:
        X: uint8 (height, width, 3) each, all of one size.

    Example:
        >>> views(np.zeros((5, 64, 64, 3), np.uint8)).rings[0].shape
        (5, 12, 33)
    """
    small, *zoomed = thumbnails(X, [Window(COARSE_SIDE), *(Window(SIDE, zoom) for zoom in ZOOMS)])
    return Views(zoomed[0], small, tuple(map(_ring_spectra, zoomed)))


def _ring_spectra(small):
    """Return the Fourier transforms of circles around the centre, for images of unit variance."""
    radius = (np.arange(RINGS) + 0.5) / RINGS
    polar = (small.reshape(len(small), -1) @ _polar(radius)).reshape(-1, RINGS, ANGLES)
    area = (radius / radius.sum() / ANGLES).astype(np.float32)[:, None]  # of each sample
    polar -= (polar * area).sum(axis=(1, 2), keepdims=True)
    polar *= np.sqrt(area)
    polar /= np.maximum(np.linalg.norm(polar, axis=(1, 2), keepdims=True), 1e-3)
    return np.fft.rfft(polar, axis=2).astype(np.complex64)


def _polar(radius):
    """Return the matrix (SIDE * SIDE, RINGS * ANGLES) that samples circles, by linear interpolation."""
    angles = np.arange(ANGLES) * 2 * np.pi / ANGLES
    pixels = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = (RADIUS * np.outer(radius, turn(angles)).ravel() for turn in (np.cos, np.sin))
    wx, wy = (np.clip(1 - np.abs(place[:, None] - pixels) * SIDE / 2, 0, None) for place in (x, y))
    weights = (wy[:, :, None] * wx[:, None, :]).reshape(len(x), -1)
    return (weights / weights.sum(axis=1, keepdims=True)).T.astype(np.float32)


def best_turns(seen: Views, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the angle, mirrored or not, at which the circles of two images correlate best.

    Args:
        seen: the images.
        pairs: indices (m, 2).

    Returns:
        The correlations, float (m,), and matrices, float32 (m, 2, 3), that lead from places in the first
        image to places in the second one.
    """
    best, matrices = np.full(len(pairs), -1.0, np.float32), np.zeros((len(pairs), 2, 3), np.float32)
    for start in range(0, len(pairs), 4 * BATCH):
        block = slice(start, start + 4 * BATCH)
        first, second = pairs[block].T
        for found, matrix in _turns(seen.rings, first, second):
            better = found > best[block]
            best[block][better], matrices[block][better] = found[better], matrix[better]
    return best, matrices


def _turns(rings, first, second):
    """Yield the correlation and the matrix of each pair for each zoom of either image, mirrored or not."""
    to_mirrored = np.exp(-1j * np.pi * np.arange(ANGLES // 2 + 1)).astype(np.complex64)
    for k, zoom in enumerate(ZOOMS):
        for one, other, scale in ((k, 0, 1 / zoom), (0, k, zoom))[: 2 if k else 1]:
            a, b = rings[one][first], rings[other][second]
            for flip in (1, -1):
                spectrum = np.conj(a) if flip == 1 else a * np.conj(to_mirrored)
                curve = np.fft.irfft((spectrum * b).sum(axis=1), ANGLES, axis=1)
                step = curve.argmax(axis=1)
                cos, sin = (scale * turn(step * 2 * np.pi / ANGLES) for turn in (np.cos, np.sin))
                zero = np.zeros_like(cos)
                rows = [[flip * cos, -sin, zero], [flip * sin, cos, zero]]
                yield curve[np.arange(len(step)), step], np.moveaxis(np.array(rows, np.float32), 2, 0)


def likeness(seen: Views, pairs: np.ndarray, matrices: np.ndarray) -> Iterator[np.ndarray]:
    """Refine the alignment of pairs and measure how alike they are, batch by batch.

    Args:
        seen: the images.
        pairs: indices (m, 2).
        matrices: first guesses, of `best_turns`.

    Yields:
        float (at most BATCH,), in the order of the pairs: the mean of -ln(1 - r), with the correlations r of
        all pixels, of the smoothed images, and of their fine details. 0 without a plausible alignment.
    """
    for start in range(0, len(pairs), BATCH):
        block = slice(start, start + BATCH)
        (first, second), matrix = _smoother_first(seen.large, pairs[block], matrices[block])
        found = np.zeros(len(first))
        matrix = _refined(seen.small, first, second, matrix, steps=5)
        rest = np.flatnonzero(_correlation(*_overlaid(seen.small, first, second, matrix)) >= PROMISING)
        matrix = _refined(seen.large, first[rest], second[rest], matrix[rest], steps=4)
        plausible, bent = _bending(matrix)
        rest, matrix, bent = rest[plausible], matrix[plausible], bent[plausible]
        one, other, both = _overlaid(seen.large, first[rest], second[rest], matrix)
        smooth, smooth_other, rough, rough_other = (
            (blur @ part.reshape(-1, SIDE, SIDE) @ blur).reshape(len(part), SIDE * SIDE)
            for blur in _BLURS
            for part in (one, other)
        )
        scales = ((one, other), (smooth, smooth_other), (one - rough, other - rough_other))
        each = [-np.log(1 - _correlation(*scale, both).clip(-0.9, 0.99999)) for scale in scales]
        found[rest] = np.where(both.mean(axis=1) < LEAST_OVERLAP, 0, np.mean(each, axis=0) - 2 * bent)
        yield found.clip(0)


def _smoother_first(images, pairs, matrices):
    """Swap the images of pairs so that the sharper one is interpolated, which blurs it."""
    steps = np.abs(np.diff(images, axis=2)).sum(axis=(1, 2)) / images.std(axis=(1, 2)).clip(1e-3)
    swap = np.subtract(*steps[pairs].T) > 0
    pairs, matrices = pairs.copy(), matrices.copy()
    pairs[swap], matrices[swap] = pairs[swap, ::-1], _inverse(matrices[swap])[:, :2]
    return pairs.T, matrices


def _inverse(matrices):
    """Return the inverses of matrices (m, 2, 3), with their third row (m, 3, 3)."""
    last = np.tile(np.float32([[0, 0, 1]]), (len(matrices), 1, 1))
    return np.linalg.inv(np.concatenate([matrices, last], axis=1))


def _blur(sigma):
    """Return the matrix (SIDE, SIDE) that smooths a line of pixels by a Gaussian."""
    weights = np.exp(-0.5 * (np.subtract.outer(np.arange(SIDE), np.arange(SIDE)) / sigma) ** 2)
    return (weights / weights.sum(axis=1).max()).astype(np.float32)


_BLURS = _blur(1.2), _blur(2.5)


def _bending(matrices):
    """Return whether each matrix is that of a copy, and by how much it scales, as a natural logarithm.

    An upright copy may be cropped by a tenth on each side, or forced from 16:9 into a square, which stretches
    and moves it. One that is turned by any angle may show little more than half of the other's side, if its
    canvas was enlarged for the whole photograph; but it is not stretched.
    """
    linear = matrices[:, :, :2]
    high, low = np.linalg.svd(linear, compute_uv=False).T
    hand = np.sign(np.linalg.det(linear))
    sine, cosine = linear[:, 1, 0] - hand * linear[:, 0, 1], linear[:, 0, 0] + hand * linear[:, 1, 1]
    off = np.abs((np.degrees(np.arctan2(sine, cosine)) + 45) % 90 - 45)  # from the nearest quarter turn
    stretch, largest, most = np.where(off < 4, [[1.85], [1.9], [0.35]], [[1.08], [1.85], [0.17]])
    low = np.maximum(low, 1e-3)
    bent = np.maximum(np.abs(np.log(high)), np.abs(np.log(low)))
    shift = np.hypot(*matrices[:, :, 2].T) / np.sqrt(high * low) ** 0.5
    return (high / low < stretch) & (bent < np.log(largest)) & (shift < most), bent


def _places(side):
    """Return x and y of all pixels, from -1 to 1."""
    line = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    x, y = np.meshgrid(line, line)
    return x.ravel(), y.ravel()


def _overlaid(images, first, second, matrices):
    """Return the pixels of the first images, those of the second ones there, and where both have any."""
    side = images.shape[1]
    x, y = _places(side)
    there = matrices[:, :, :2] @ np.stack([x, y]) + matrices[:, :, 2:]
    both = (x**2 + y**2 <= RADIUS**2) & ((there**2).sum(axis=1) <= RADIUS**2)
    both = both.astype(np.float32)
    one = images[first].reshape(len(first), side * side)
    return _centred(one, both), _centred(_sampled(images, second, there), both), both


def _sampled(images, which, places):
    """Interpolate images linearly at places (m, 2, pixels)."""
    side = images.shape[1]
    at = ((places + 1) * (side / 2) - 0.5).clip(0, side - 1.001)
    whole = at.astype(np.int32)
    (fx, fy), (x, y) = np.moveaxis(at - whole, 1, 0), np.moveaxis(whole, 1, 0)
    corner = which[:, None] * side**2 + y * side + x
    flat = images.reshape(-1)
    top, bottom = (
        flat.take(corner + down) * (1 - fx) + flat.take(corner + down + 1) * fx for down in (0, side)
    )
    return top * (1 - fy) + bottom * fy


def _centred(values, mask):
    """Subtract the mean within the mask, and set the rest to 0."""
    total = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return (values - (values * mask).sum(axis=1, keepdims=True) / total) * mask


def _correlation(one, other, mask):
    one, other = _centred(one, mask), _centred(other, mask)
    size = (one**2).sum(axis=1) * (other**2).sum(axis=1)
    return (one * other).sum(axis=1) / np.sqrt(size + 1)


def _refined(images, first, second, matrices, steps):
    """Refine matrices by Gauss-Newton steps in scale, angle, stretch and shift."""
    side = images.shape[1]
    x, y = _places(side)
    dy, dx = (
        np.gradient(images[first], axis=axis).reshape(len(first), side**2) * (side / 2) for axis in (1, 2)
    )
    moves = np.stack([dx * x + dy * y, dy * x - dx * y, dx, dy, dx * x - dy * y], axis=1)
    # A stretch is found only if the image shows it well: a rod may be stretched along itself at no cost.
    damping = np.diag(np.float32([1e-3, 1e-3, 1e-3, 1e-3, 2e-2]))
    for _ in range(steps):
        one, other, both = _overlaid(images, first, second, matrices)
        gain = (one * other).sum(axis=1) / ((other**2).sum(axis=1) + 1e-3)
        inside = moves * both[:, None]
        normal = inside @ inside.transpose(0, 2, 1)
        size = np.trace(normal, axis1=1, axis2=2)[:, None, None] / len(damping)
        error = gain[:, None] * other - one
        target = inside @ error[:, :, None]
        step = np.linalg.solve(normal + damping * size + 1e-3 * np.eye(5, dtype=np.float32), target)
        matrices = _composed(matrices, step[:, :, 0].clip(-0.15, 0.15))
    return matrices


def _composed(matrices, step):
    """Undo a step before the matrices are applied."""
    scale, angle, right, down, stretch = step.T
    moved = np.array([[1 + scale + stretch, -angle, right], [angle, 1 + scale - stretch, down]])
    back = _inverse(np.moveaxis(moved, 2, 0).astype(np.float32))
    linear = matrices[:, :, :2] @ back[:, :2]
    linear[:, :, 2] += matrices[:, :, 2]
    return linear
