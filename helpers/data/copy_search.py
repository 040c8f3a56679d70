"""Search images for pairs that are copies of each other: candidates first, then each pair is verified.

How alike two different images can be depends on the set: spectrograms, or the images of a fixed camera, share
a layout. So a pair counts only if it is more alike than an image and its third most similar one usually are.
Several copies of one image are alike, too, but they stand alone: they do not count as usual.
The study `near_copies` measures both kinds of errors; `DESIGN` there names the sets that chose the constants.
"""

import itertools
from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from helpers.data.alignment import BATCH, SIDE, Views, Window, best_turns, likeness, thumbnails, views
from helpers.data.folders import MANY

AROUND = 8  # candidates for each image at each zoom, by circles around the centre
BEST = 4  # of them, those that are aligned in full
UPRIGHT = 4  # candidates for each image by gradients
LEAST_TURN = 0.3  # correlation of the circles of a candidate
LEAST = 3.1  # likeness of copies; 3.1 means correlations of 0.955
AHEAD = 1.3  # by how much copies are more alike than other images of the set
COMMON = 0.5  # share of the likeness to the third most similar image that is put down to the set
FAMILY = 12  # the most copies of one image that stand alone
DENSE = 0.8  # share of the pairs of such copies that must be alike
USUAL = 0.9  # quantile over the images that represents the set
FLAT = 1.0  # standard deviation of luminance below which an image shows nothing to compare
SPARSE = 10  # pixels of a thumbnail; a few spots of light can be laid over those of any other image
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
    large, *parts = thumbnails(X, (Window(SIDE), *WINDOWS))
    shown = np.flatnonzero((parts[0].std(axis=(1, 2)) >= FLAT) & (_spread(large) >= SPARSE))
    if len(shown) < 2:
        return np.empty((0, 2), int)
    seen = views([X[k] for k in shown.tolist()])
    pairs, found = _measured(seen, [_gradients(part[shown]) for part in parts])
    pairs, found = _completed(seen, pairs, found)
    usual = COMMON * _usual(len(shown), pairs, found)
    bar = max(LEAST, AHEAD + float(np.quantile(usual, USUAL)))
    return shown[pairs[found - usual[pairs].max(axis=1) >= bar]]


def _spread(images):
    """Return how many pixels make up the contrast of each image: the participation ratio, float (n,)."""
    power = (images - images.mean(axis=(1, 2), keepdims=True)) ** 2
    return power.sum(axis=(1, 2)) ** 2 / np.maximum((power**2).sum(axis=(1, 2)), 1e-9)


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
    straight = _pairs([_nearest(gradients, gradients[0], min(UPRIGHT, few))])
    pairs = np.concatenate([around[keep], straight])
    starts = np.concatenate([starts[keep], _upright(len(straight))])
    total = -(-len(pairs) // BATCH)
    batches = tqdm(likeness(seen, pairs, starts), "Comparing", total, leave=False, disable=n < MANY)
    found = np.concatenate(list(batches))
    pairs, place = np.unique(pairs, axis=0, return_inverse=True)
    best = np.zeros(len(pairs))
    np.maximum.at(best, place.ravel(), found)
    return pairs, best


def _families(n, pairs):
    """Number the sets of images that pairs connect, int (n,); a set too large for copies is divided."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), bool), pairs.T), shape=(n, n))
    number = connected_components(graph, directed=False)[1]
    large = np.bincount(number)[number] > min(FAMILY, max(2, n // 4))
    return np.where(large, n + np.arange(n), number)


def _completed(seen, pairs, found):
    """Measure the pairs, too, whose images are of one family, but no candidates."""
    family = _families(len(seen.large), pairs[found >= LEAST])
    order = np.argsort(family, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(family[order])) + 1)
    inside = {pair for each in members for pair in itertools.combinations(each.tolist(), 2)}
    more = np.array(sorted(inside - set(map(tuple, pairs.tolist()))), int).reshape(-1, 2)
    if not len(more):
        return pairs, found
    starts = best_turns(seen, more)[1], _upright(len(more))
    measured = [np.concatenate(list(likeness(seen, more, start))) for start in starts]
    return np.concatenate([pairs, more]), np.concatenate([found, np.maximum(*measured)])


def _upright(m):
    """Return matrices, float32 (m, 2, 3), that leave every place where it is."""
    return np.tile(np.eye(2, 3, dtype=np.float32), (m, 1, 1))


def _rank(n, pairs, values):
    """Return the place of each pair among those of its first image, and of its second one, best first."""
    own, value = pairs.T.ravel(), np.tile(values, 2)
    order = np.lexsort((-value, own))
    rank = np.empty(len(own), int)
    rank[order] = np.arange(len(own)) - np.searchsorted(own[order], own[order])
    return rank.reshape(2, -1).T


def _usual(n, pairs, values):
    """Return how alike each image and its third most similar one are, float (n,); 0 without a third one.

    In a family of copies, the most similar image outside takes the place of the third one.
    """
    close = pairs[values >= LEAST]
    family = _families(n, close)
    size, links = np.bincount(family)[family], np.bincount(close.ravel(), minlength=n)
    whole = np.bincount(family, links)[family] >= DENSE * size * (size - 1)
    place = np.where(whole, np.maximum(2, size - 1), 2)
    usual = np.zeros(n)
    row, side = np.nonzero(_rank(n, pairs, values) == place[pairs])
    usual[pairs[row, side]] = values[row]
    return usual
