"""Generate the built-in image sets with NumPy alone: unlimited, seeded, nothing to download.

Every image is 32x32 RGB. A shape is a *signed distance* to an outline (negative inside),
turned into a soft mask, filled with a textured colour and placed on a textured background.
All functions are vectorised over the batch: arrays have shape (n, 32, 32).
"""

import math
from collections.abc import Sequence

import numpy as np

from helpers.data.validation import check_integer

SIZE = 32
CLASSES = {
    "shapes": (
        "circle",
        "square",
        "triangle",
        "star",
        "cross",
        "ring",
        "heart",
        "crescent",
        "hexagon",
        "arrow",
    ),
    "new_shapes": (
        "ellipse",
        "diamond",
        "pentagon",
        "flower",
        "letter_T",
        "half_disc",
        "drop",
        "frame",
        "gear",
        "letter_L",
    ),
    "micrographs": ("round_cell", "crescent_cell", "granular_cell", "lobed_cell", "dividing_cell"),
    "streets": ("empty", "pedestrian"),
}
STYLES = ("filled", "dashed", "patterned")  # of shapes
TEXTURES = ("plain", "stripes", "dots")
_CHUNK = 250  # images drawn at once: small enough for the processor's cache


# --- signed distances: (u, v) are coordinates in units of the shape's radius; v points down ---


def _polygon(u, v, sides, turn=0.0):
    angle = np.arctan2(v, u) + turn
    step = 2 * np.pi / sides
    inner = np.cos(np.pi / sides)
    return np.hypot(u, v) * np.cos((angle + step / 2) % step - step / 2) - inner


def _petals(u, v, count, depth, turn=0.0):
    return np.hypot(u, v) - (1 - depth + depth * np.cos(count * np.arctan2(v, u) + turn))


def _box(u, v, width, height):
    return np.maximum(np.abs(u) - width, np.abs(v) - height)


def _disc(u, v, radius=1.0):
    return np.hypot(u, v) - radius


def _star(u, v):
    angle = np.arctan2(v, u) + np.pi / 2
    step = 2 * np.pi / 5
    fold = np.abs((angle + step / 2) % step - step / 2)
    return np.hypot(u, v) * np.cos(np.pi / 5 - fold * 0.9 + 0.55) - 0.42


def _heart(u, v):
    lobes = np.minimum(_disc(u - 0.45, v + 0.3, 0.52), _disc(u + 0.45, v + 0.3, 0.52))
    point = np.maximum(np.abs(u) * 0.75 + v * 0.66 - 0.62, -v - 0.3)
    return np.minimum(lobes, point)


def _drop(u, v):
    cone = np.maximum(np.abs(u) * 0.87 - (v + 1.0) * 0.42, v - 0.1)
    return np.minimum(_disc(u, v - 0.35, 0.62), cone)


_OUTLINES = {
    "circle": lambda u, v: _disc(u, v, 0.9),
    "square": lambda u, v: _box(u, v, 0.78, 0.78),
    "triangle": lambda u, v: _polygon(u, v, 3, np.pi / 2),
    "star": _star,
    "cross": lambda u, v: np.minimum(_box(u, v, 0.95, 0.3), _box(u, v, 0.3, 0.95)),
    "ring": lambda u, v: np.abs(np.hypot(u, v) - 0.7) - 0.24,
    "heart": _heart,
    "crescent": lambda u, v: np.maximum(_disc(u, v, 0.95), -_disc(u - 0.45, v, 0.75)),
    "hexagon": lambda u, v: _polygon(u, v, 6),
    "arrow": lambda u, v: np.minimum(
        _box(u + 0.35, v, 0.6, 0.2), np.maximum(np.abs(v) - 0.75 * (0.95 - u), 0.1 - u)
    ),
    "ellipse": lambda u, v: _disc(u, v * 2.0, 0.98),
    "diamond": lambda u, v: np.abs(u) * 1.5 + np.abs(v) - 0.98,
    "pentagon": lambda u, v: _polygon(u, v, 5, np.pi / 2),
    "flower": lambda u, v: _petals(u, v, 5, 0.25),
    "letter_T": lambda u, v: np.minimum(_box(u, v + 0.65, 0.85, 0.25), _box(u, v - 0.1, 0.25, 0.8)),
    "half_disc": lambda u, v: np.maximum(_disc(u, v, 0.95), v),
    "drop": _drop,
    "frame": lambda u, v: np.abs(np.maximum(np.abs(u), np.abs(v)) - 0.65) - 0.2,
    "gear": lambda u, v: np.maximum(_petals(u, v, 9, 0.14), -_disc(u, v, 0.3)),
    "letter_L": lambda u, v: np.minimum(_box(u + 0.5, v, 0.25, 0.9), _box(u - 0.05, v - 0.65, 0.8, 0.25)),
}


def _grid():
    axis = np.arange(SIZE, dtype=np.float32)
    return np.meshgrid(axis, axis)


def _column(rng, low, high, n):
    """Draw n uniform numbers of shape (n, 1, 1), which broadcast over pixels."""
    return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)


def _coverage(distance, softness):
    return np.clip(0.5 - distance / softness, 0, 1)


def _texture(rng, n, kind=None):
    """Draw a plain area (kind 0), stripes (1) or dots (2), in [-1, 1]: (n, 32, 32)."""
    x, y = _grid()
    turn, pitch = _column(rng, 0, np.pi, n), _column(rng, 0.7, 1.8, n)
    along = (np.cos(turn) * x + np.sin(turn) * y) * pitch + _column(rng, 0, 6.3, n)
    across = (np.cos(turn) * y - np.sin(turn) * x) * pitch
    kind = rng.integers(0, len(TEXTURES), (n, 1, 1)) if kind is None else kind[:, None, None]
    stripes = np.sin(along)
    return np.where(kind == 0, 0, np.where(kind == 1, stripes, stripes * np.sin(across)))


def _paint(rng, n, strength, colour=None, texture=None):
    """Draw a colour (n, 1, 1, 3), and the same colour with a texture (n, 32, 32, 3), in 0..1."""
    if colour is None:
        colour = rng.uniform(0.05, 0.95, (n, 1, 1, 3)).astype(np.float32)
    tint = rng.uniform(-strength, strength, (n, 1, 1, 3)).astype(np.float32)
    return colour, colour + tint * _texture(rng, n, texture)[..., None]


def _finish(rng, image, noise):
    grain = rng.standard_normal(image.shape, dtype=np.float32) * noise
    return (np.clip(image + grain, 0, 1) * 255).astype(np.uint8)


def draw_shapes(
    rng: np.random.Generator,
    y: np.ndarray,
    names: Sequence[str],
    style: str = "filled",
    colour: np.ndarray | None = None,
    background: np.ndarray | None = None,
) -> np.ndarray:
    """Return images of shapes, uint8 (n, 32, 32, 3): y (n,) are indices into names of outlines.

    Colours of the shapes and textures of the backgrounds are random unless they are given: colour, float32
    (n, 3) in 0..1; background, indices into TEXTURES, int (n,).
    """
    n = len(y)
    x_pixel, y_pixel = _grid()
    radius = _column(rng, 8, 13, n)
    turn = _column(rng, -0.45, 0.45, n)
    dx = (x_pixel - 15.5 - _column(rng, -4, 4, n)) / radius
    dy = (y_pixel - 15.5 - _column(rng, -4, 4, n)) / radius
    u, v = np.cos(turn) * dx + np.sin(turn) * dy, np.cos(turn) * dy - np.sin(turn) * dx
    distance = np.empty_like(u)
    for index, name in enumerate(names):
        chosen = y == index
        distance[chosen] = _OUTLINES[name](u[chosen], v[chosen])
    pixels = distance * radius
    if style == "dashed":  # 12 dashes around the middle of the shape, one pixel inside its outline
        pixels = np.where(np.sin(12 * np.arctan2(dy, dx)) > 0, np.abs(pixels + 0.5) - 0.5, SIZE)
    mask = _coverage(pixels, 1.3)[..., None]
    back_colour, back = _paint(rng, n, 0.25, texture=background)
    fore_colour, fore = _paint(rng, n, 0.3) if colour is None else _paint(rng, n, 0.1, colour[:, None, None])
    # A shape in the colour of its background would be invisible: push such pairs apart.
    apart = np.abs(fore_colour - back_colour).max(-1, keepdims=True) < 0.35
    if colour is None:
        fore = np.where(apart, (fore + 0.5) % 1.0, fore)
    else:
        back = np.where(apart, back + np.where(fore_colour < 0.5, 0.5, -0.5), back)
    if style == "patterned":
        board = (x_pixel // 2 + y_pixel // 2) % 2 - 0.5
        fore = back + 0.3 * board[None, ..., None]
    return _finish(rng, back + mask * (fore - back), 0.05)


def _draw_micrographs(rng, y):
    """Draw stained blood smears: a pale background with red cells, one stained cell in the middle."""
    n = len(y)
    x, yy = _grid()
    stain = rng.uniform(-0.06, 0.06, (n, 1, 1, 3)).astype(np.float32)
    image = np.array([0.93, 0.86, 0.88], np.float32) + stain + np.zeros((n, SIZE, SIZE, 1), np.float32)
    image = image * (1 - 0.05 * _column(rng, 0, 1, n) * np.hypot(x - 16, yy - 16) / 16)[..., None]
    for _ in range(3):  # red cells: a disc, paler in the middle
        px, py = _column(rng, 0, 32, n), _column(rng, 0, 32, n)
        r = np.hypot(x - px, yy - py)
        size = _column(rng, 4, 6, n)
        depth = _coverage(r - size, 1.5) * (0.6 + 0.4 * np.clip(r / size, 0, 1))
        image = image - (depth * 0.3)[..., None] * np.array([0.1, 0.75, 0.6], np.float32)
    turn = _column(rng, 0, 6.3, n)
    dx = x - 15.5 - _column(rng, -3, 3, n)
    dy = yy - 15.5 - _column(rng, -3, 3, n)
    u, v = np.cos(turn) * dx + np.sin(turn) * dy, np.cos(turn) * dy - np.sin(turn) * dx
    wobble = 1 + 0.06 * np.cos(3 * np.arctan2(v, u) + turn * 5)
    body = _coverage(np.hypot(u, v) - _column(rng, 9.5, 12, n) * wobble, 1.5)
    plasma = rng.uniform(0, 1, (n, 1, 1, 1)).astype(np.float32)
    bluish, pinkish = (
        np.array([0.74, 0.74, 0.88], np.float32),
        np.array([0.86, 0.72, 0.80], np.float32),
    )
    image = image + body[..., None] * (bluish + plasma * (pinkish - bluish) - image)

    size = _column(rng, 0.8, 1.15, n)
    u, v = u / size, v / size
    granules = np.sin(u * 2.3 + turn * 9) * np.sin(v * 2.3 - turn * 7)
    nucleus = np.select(
        [(y == k)[:, None, None] for k in range(5)],
        [
            _disc(u, v, 6.3),
            np.maximum(_disc(u, v, 6.8), -_disc(u - 3.6, v, 4.6)),
            np.minimum(_disc(u - 1.5, v, 4.6), 2.2 - 5 * granules + 2.5 * (np.hypot(u, v) > 8.5)),
            np.minimum.reduce(
                [_disc(u - 3.4, v - 1.5, 2.9), _disc(u + 3.4, v - 1.5, 2.9), _disc(u, v + 3.2, 2.9)]
            ),
            np.minimum(np.hypot((u - 3.6) * 1.3, v * 0.8) - 3.6, np.hypot((u + 3.6) * 1.3, v * 0.8) - 3.6),
        ],
    )
    dye = np.array([0.42, 0.22, 0.58], np.float32) + stain
    chromatin = 0.05 * np.sin(u * 1.9 + turn * 3) * np.sin(v * 2.1)
    mask = _coverage(nucleus, 1.5)[..., None] * body[..., None]
    image = image + mask * (dye + chromatin[..., None] - image)
    return _finish(rng, image, 0.03)


def _draw_streets(rng, y, night):
    n = len(y)
    x, yy = _grid()
    horizon = _column(rng, 11, 16, n)
    sky = np.array([0.55, 0.75, 0.95], np.float32) + rng.uniform(-0.12, 0.12, (n, 1, 1, 3))
    road = np.array([0.42, 0.42, 0.44], np.float32) + rng.uniform(-0.1, 0.1, (n, 1, 1, 3))
    image = np.where((yy < horizon)[..., None], sky, road).astype(np.float32)
    for _ in range(4):  # houses with windows
        left, width, top = _column(rng, -4, 30, n), _column(rng, 5, 10, n), _column(rng, 1, 9, n)
        wall = rng.uniform(0.25, 0.8, (n, 1, 1, 3)).astype(np.float32)
        inside = (x >= left) & (x < left + width) & (yy >= top) & (yy < horizon)
        window = ((x - left) % 4 >= 2) & ((yy - top) % 4 >= 2)
        lit = (0.35 if night else -0.2) * window * (_column(rng, 0, 1, n) < 0.6)
        image = np.where(inside[..., None], wall + lit[..., None], image)
    middle = _column(rng, 8, 24, n)
    line = (
        (np.abs(x - middle - (yy - horizon) * _column(rng, -0.4, 0.4, n)) < 0.8)
        & (yy > horizon)
        & (yy % 5 < 3)
    )
    image = np.where(line[..., None], 0.9, image)
    # a lamp post or a tree trunk: thin and upright, but not a person
    pole, top = _column(rng, 0, 32, n), _column(rng, 4, 12, n)
    post = (np.abs(x - pole) < 0.8) & (yy > top) & (yy < horizon + 6)
    image = np.where((post & (_column(rng, 0, 1, n) < 0.7))[..., None], 0.25, image)

    height = _column(rng, 11, 17, n)
    px, feet = _column(rng, 5, 27, n), np.minimum(horizon + _column(rng, 7, 14, n), 31)
    u, v = (x - px) / height, (yy - feet) / height  # v: -1 at the crown of the head, 0 at the feet
    stride = _column(rng, 0.05, 0.16, n)
    head = np.hypot(u, v + 0.89) - 0.11
    trunk = _box(u, v + 0.58, 0.13, 0.2)
    legs = np.minimum(np.abs(u - stride * (v + 0.4) / 0.4), np.abs(u + stride * (v + 0.4) / 0.4)) - 0.06
    legs = np.maximum(legs, np.abs(v + 0.2) - 0.2)
    person = (y == 1)[:, None, None]
    skin = rng.uniform(0.35, 0.85, (n, 1, 1, 1)).astype(np.float32) * np.array([1, 0.8, 0.65], np.float32)
    coat, trousers = (rng.uniform(0.02, 0.9, (n, 1, 1, 3)).astype(np.float32) for _ in range(2))
    for part, colour in ((legs, trousers), (trunk, coat), (head, skin)):
        mask = (_coverage(part * height, 1.2) * person)[..., None]
        image = image + mask * (colour - image)
    if night:
        lamp = np.exp(-((x - pole) ** 2 + (yy - top) ** 2) / 150)[..., None]
        image = image * (0.45 + 0.5 * lamp) * np.array([0.8, 0.85, 1.15], np.float32)
        image = image + 0.25 * lamp * np.array([1.0, 0.85, 0.5], np.float32)
    return _finish(rng, image, 0.04)


def _batches(n, seed, classes, draw):
    n = check_integer("n", n, 1)
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    X = np.empty((n, SIZE, SIZE, 3), np.uint8)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        X[part] = draw(rng, y[part])
    return X, y


def shapes(n: int, seed: int | Sequence[int] = 0, style: str = "filled") -> tuple[np.ndarray, np.ndarray]:
    """Draw the source task: ten textured shapes on textured backgrounds.

    Args:
        n: number of images.
        seed: random seed; the same seed draws the same images.
        style: "filled" as in the source; "dashed", where only a thin dashed outline is drawn; or "patterned",
            where a faint checkerboard on the background shows the shape, not another colour. The same seed
            draws the same shapes in the same places in every style.

    Returns:
        Images, uint8 (n, 32, 32, 3), and classes, int64 (n,), indices into `CLASSES["shapes"]`.

    Raises:
        ValueError: If n is not a positive integer, or the style is unknown.

    Example:
        >>> X, y = shapes(4, seed=1)
        >>> X.shape, X.dtype.name
        ((4, 32, 32, 3), 'uint8')
    """
    if style not in STYLES:
        raise ValueError(f"Unknown style {style!r}. Use one of {', '.join(STYLES)}.")
    names = CLASSES["shapes"]
    return _batches(n, seed, len(names), lambda rng, y: draw_shapes(rng, y, names, style))


def new_shapes(n: int, seed: int | Sequence[int] = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw the similar target: ten other shapes in the style of `shapes`.

    Args:
        n: number of images.
        seed: random seed; the same seed draws the same images.

    Returns:
        Images, uint8 (n, 32, 32, 3), and classes, int64 (n,), indices into `CLASSES["new_shapes"]`.
    """
    names = CLASSES["new_shapes"]
    return _batches(n, seed, len(names), lambda rng, y: draw_shapes(rng, y, names))


def micrographs(n: int, seed: int | Sequence[int] = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw the different target: stained cells of five types.

    Args:
        n: number of images.
        seed: random seed; the same seed draws the same images.

    Returns:
        Images, uint8 (n, 32, 32, 3), and classes, int64 (n,), indices into `CLASSES["micrographs"]`.
    """
    return _batches(n, seed, len(CLASSES["micrographs"]), _draw_micrographs)


def streets(n: int, seed: int | Sequence[int] = 0, night: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Draw street scenes with or without a pedestrian, by day or by night.

    The label space stays the same, but the marginal P(X) changes: the lecture's pedestrian detector.

    Args:
        n: number of images.
        seed: random seed; day and night of one seed show the same scenes.
        night: draw the scenes by night.

    Returns:
        Images, uint8 (n, 32, 32, 3), and classes, int64 (n,): 0 empty, 1 pedestrian.
    """
    return _batches(n, seed, 2, lambda rng, y: _draw_streets(rng, y, night))


def balanced(name: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw exactly n images of each class of a built-in set.

    Args:
        name: one of `helpers.data.image_sets.BUILTIN`.
        n: images per class.
        seed: random seed.

    Returns:
        X uint8 (n * classes, 32, 32, 3) and class names y str (n * classes,).

    Example:
        >>> np.unique(balanced("streets_night", 2, seed=0)[1], return_counts=True)[1].tolist()
        [2, 2]
    """
    family = "streets" if name.startswith("streets") else name
    draw = {"shapes": shapes, "new_shapes": new_shapes, "micrographs": micrographs, "streets": streets}[
        family
    ]
    options = {"night": name == "streets_night"} if family == "streets" else {}
    classes = np.array(CLASSES[family])
    # Classes are drawn at random: five standard deviations more are nearly always enough.
    total = len(classes) * (n + 5 * math.isqrt(n) + 10)
    while True:
        X, y = draw(total, seed=seed, **options)
        if np.bincount(y, minlength=len(classes)).min() >= n:
            keep = np.sort(np.concatenate([np.flatnonzero(y == k)[:n] for k in range(len(classes))]))
            return X[keep], classes[y[keep]]
        total *= 2
