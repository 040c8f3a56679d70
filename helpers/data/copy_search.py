"""Search images for pairs that are copies of each other: candidates first, then each pair is verified.

How alike two different images can be depends on the set: spectrograms, or the images of a fixed camera, share
a layout. So a pair counts only if it is more alike than an image and its third most similar one usually are.
The study `near_copies` measures both kinds of errors; `DESIGN` there names the sets that chose the constants.
"""

from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from helpers.data.alignment import BATCH, Views, Window, best_turns, likeness, thumbnails, views
from helpers.data.folders import MANY

AROUND = 8  # candidates for each image at each zoom, by circles around the centre
BEST = 4  # of them, those that are aligned in full
UPRIGHT = 4  # candidates for each image by gradients
LEAST_TURN = 0.3  # correlation of the circles of a candidate
LEAST = 3.1  # likeness of copies; 3.1 means correlations of 0.955
AHEAD = 1.3  # by how much copies are more alike than other images of the set
COMMON = 0.5  # share of the likeness to the third most similar image that is put down to the set
USUAL = 0.9  # quantile over the images that represents the set
FLAT = 1.0  # standard deviation of luminance below which an image shows nothing to compare
GRADIENT_SIDE = 10
SHIFTS = (0, 0), (-0.04, -0.04), (-0.04, 0.04), (0.04, -0.04), (0.04, 0.04)
WINDOWS = (  # the image, and parts of it that a cropped copy may show
    Window(GRADIENT_SIDE),
    *(Window(GRADIENT_SIDE, 0.9, *shift) for shift in SHIFTS),
)
HARMONICS = 12
BLOCK = 512  # images compared with all others at once


def alike_pairs(X: Sequence[np.ndarray]) -> np.ndarray:
    """Return the pairs of images that are copies of each other, int (m, 2), the smaller index first.

    Args:
        X: uint8 (height, width, 3) each, all of one size, no two of them equal.

    Example:
        >>> X = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3), np.uint8)
        >>> X[3] = X[1, :, ::-1]
        >>> alike_pairs(X).tolist()
        [[1, 3]]
    """
    if len(X) < 2:
        return np.empty((0, 2), int)
    parts = thumbnails(X, WINDOWS)
    shown = np.flatnonzero(parts[0].std(axis=(1, 2)) >= FLAT)
    if len(shown) < 2:
        return np.empty((0, 2), int)
    seen = views([X[k] for k in shown.tolist()])
    pairs, found = _measured(seen, [_gradients(part[shown]) for part in parts])
    usual = COMMON * _third(len(shown), pairs, found)
    bar = max(LEAST, AHEAD + float(np.quantile(usual, USUAL)))
    return shown[pairs[found - usual[pairs].max(axis=1) >= bar]]


def _similar_around(seen, k):
    """Return the pairs of images whose circles around the centre are most alike, at any angle."""
    spectra = [np.abs(rings[:, :, :HARMONICS]).reshape(len(rings), -1) for rings in seen.rings]
    # Whatever varies little in this set counts more. The root keeps noise from deciding.
    mean, scale = spectra[0].mean(axis=0), np.sqrt(spectra[0].std(axis=0) + 1e-4)
    queries = [(each - mean) / scale for each in spectra]
    return _pairs([_nearest([query], queries[0], k) for query in queries])


def _gradients(small):
    rows = np.concatenate([np.diff(small, axis=k).reshape(len(small), -1) for k in (1, 2)], axis=1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-3)


def _nearest(queries, known, k):
    """Return the k rows of `known` that are nearest to each row of any query, without the row itself."""
    lengths = (known**2).sum(axis=1) / 2
    found = np.empty((len(known), k), int)
    for start in range(0, len(known), BLOCK):
        block = slice(start, start + BLOCK)
        nearness = queries[0][block] @ known.T
        for query in queries[1:]:
            np.maximum(nearness, query[block] @ known.T, out=nearness)
        nearness -= lengths
        rows = np.arange(len(nearness))
        nearness[rows, start + rows] = -np.inf
        found[block] = np.argpartition(nearness, -k, axis=1)[:, -k:]
    return found


def _pairs(found):
    """Return each pair once, the smaller index first."""
    n, k = found[0].shape
    similar = np.concatenate([each.ravel() for each in found])
    own = np.tile(np.repeat(np.arange(n), k), len(found))
    keys = np.unique(np.minimum(own, similar) * n + np.maximum(own, similar))
    return np.stack(np.divmod(keys, n), axis=1)


def _measured(seen: Views, gradients):
    """Return the similar pairs, and how alike they are when they are aligned.

    Candidates are alike around the centre, or by the gradients of the image or of a part (WINDOWS).
    """
    n, few = len(seen.large), len(seen.large) - 1
    around = _similar_around(seen, min(AROUND, few))
    turned, starts = best_turns(seen, around)
    keep = (turned > LEAST_TURN) & (_rank(n, around, turned).min(axis=1) < BEST)
    upright = _pairs([_nearest(gradients, gradients[0], min(UPRIGHT, few))])
    pairs = np.concatenate([around[keep], upright])
    starts = np.concatenate([starts[keep], np.tile(np.eye(2, 3, dtype=np.float32), (len(upright), 1, 1))])
    total = -(-len(pairs) // BATCH)
    batches = tqdm(likeness(seen, pairs, starts), "Comparing", total, leave=False, disable=n < MANY)
    found = np.concatenate(list(batches))
    pairs, place = np.unique(pairs, axis=0, return_inverse=True)
    best = np.zeros(len(pairs))
    np.maximum.at(best, place.ravel(), found)
    return pairs, best


def _rank(n, pairs, values):
    """Return the place of each pair among those of its first image, and of its second one, best first."""
    own, value = pairs.T.ravel(), np.tile(values, 2)
    order = np.lexsort((-value, own))
    rank = np.empty(len(own), int)
    rank[order] = np.arange(len(own)) - np.searchsorted(own[order], own[order])
    return rank.reshape(2, -1).T


def _third(n, pairs, values):
    """Return how alike each image and its third most similar one are, float (n,); 0 without a third one."""
    third = np.zeros(n)
    place, side = np.nonzero(_rank(n, pairs, values) == 2)
    third[pairs[place, side]] = values[place]
    return third
