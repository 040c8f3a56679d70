"""How many copies does `helpers.data.duplicates.near` find, and how many images does it take for copies?

Each row is one image set. First the set is searched as it is: `touched` counts the images that are taken for
copies of another one, `identical` those that are equal to another one. Then copies of some images are added,
40 of each kind, each of another image; the row holds the share of each kind that is found. In a third search,
eight images have one copy of each kind, so that all copies of an image are copies of each other, too:
`many_copies` is the share found of these. The copies are made of images of 128 pixels and saved as JPEG
files; the search sees 64 pixels. The built-in images have 32.

The constants of `helpers.data.copy_search` were chosen on the sets in DESIGN, except that the last choice of
the threshold LEAST also looked at some of the others, without planted copies.
Seconds are wall time and processor time of the first search. The folders are those of the folder that
`TRANSFER_DATA_DIR` names.
"""

import io
import time

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from helpers.data import duplicates
from helpers.data.folders import load_folder
from helpers.data.image_sets import BUILTIN, ImageSet, builtin, digits, reduced
from helpers.studies._photographs import root

DESIGN = ("flowers", "trashnet", "spoken_digits", "plankton", "shapes", "streets_day", "camera_ring")
FOLDERS = (
    *("flowers", "trashnet", "spoken_digits", "plankton", "elpv_solar", "hymenoptera", "cats_vs_dogs"),
    *("pacs_photo", "pacs_cartoon", "pacs_sketch"),
)
CAMERAS = ("camera_ring", "camera_board")
PLANTED = 40  # copies of each kind
WITH_MANY = 8  # images that have a copy of each kind
LARGE, SEEN = 128, 64  # sides of the images that are copied, and of those that are searched


def cells() -> list[dict]:
    return [{"target": name, "seed": 0} for name in (*FOLDERS, *CAMERAS, *BUILTIN, "digits")]


def measure(cell: dict) -> dict:
    X = images(cell["target"])
    clean = _as_set(reduced(X, SEEN))
    wall, processor = time.perf_counter(), time.process_time()
    found = duplicates.near(clean)
    seconds = {"seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}
    counts = {"images": len(X), "touched": copied(found), "identical": copied(duplicates.exact(clean))}
    many = found_shares(X, cell["seed"], WITH_MANY, together=True)
    shares = found_shares(X, cell["seed"]) | {"many_copies": float(np.mean([*many.values()]))}
    return counts | shares | seconds


def images(name: str) -> np.ndarray:
    """Return all images of a set, uint8 (n, side, side, 3)."""
    if name in CAMERAS:
        return camera(name, 400)
    if name in FOLDERS:
        parts = sorted(folder for folder in (root() / name).iterdir() if folder.is_dir())
        return np.concatenate([load_folder(folder, LARGE)[0] for folder in parts])
    data = digits() if name == "digits" else builtin(name, 60, 20, 20)
    return np.concatenate([data.X_train, data.X_validation, data.X_test])


def copied(found: duplicates.Copies) -> int:
    """Return the number of images that are taken for a copy of another one."""
    counts = np.bincount(found.groups)
    counts[found.alike.ravel()] += 1
    return int(np.count_nonzero(counts[found.groups] > 1))


def found_shares(
    X: np.ndarray, seed: int = 0, planted: int = PLANTED, together: bool = False
) -> dict[str, float]:
    """Add copies of each kind to images, and return the share of each kind that is found with its original.

    Args:
        X: uint8 (n, side, side, 3).
        seed: of the choice of images and of the changes.
        planted: copies of each kind.
        together: make all kinds of copies of the same images, instead of each copy of another image.
    """
    rng = np.random.default_rng(seed)
    kinds = list(KINDS) * planted
    if together:
        originals = np.repeat(rng.permutation(len(X))[:planted], len(KINDS))
    else:
        originals = rng.permutation(np.resize(rng.permutation(len(X)), len(kinds)))
    copies = [
        _saved(KINDS[kind](Image.fromarray(X[k]), rng), kind, X.shape[1])
        for kind, k in zip(kinds, originals, strict=True)
    ]
    found = duplicates.near(_as_set(reduced(np.concatenate([X, np.stack(copies)]), SEEN)))
    pairs = {tuple(sorted(pair)) for pair in found.alike.tolist()}
    ours = found.groups[originals], found.groups[len(X) :]
    hits = [
        a == b or tuple(sorted((a, b))) in pairs
        for a, b in zip(*(each.tolist() for each in ours), strict=True)
    ]
    return {kind: float(np.mean(hits[place :: len(KINDS)])) for place, kind in enumerate(KINDS)}


def _saved(image, kind, side):
    """Save an image as a JPEG file and read it as a square."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40 if kind == "resaved" else 90)
    with Image.open(file) as opened:
        return np.asarray(ImageOps.fit(opened, (side, side)))


def _recoloured(image, rng):
    change = rng.choice([ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color])
    return change(image).enhance(rng.choice([0.6, 1.4]))


def _cropped(image, rng):
    left, top, right, bottom = rng.uniform(0, 0.1, 4) * image.width
    return image.crop((round(left), round(top), round(image.width - right), round(image.height - bottom)))


def _squashed(image, rng):
    """What a square part of a 4:3 photograph becomes if a tool forces the whole photograph into a square."""
    return image.resize((round(4 / 3 * image.width), image.height))


def _turned(image, degrees, expand=False):
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand)


KINDS = {
    "resaved": lambda image, rng: image,
    "resized": lambda image, rng: image.resize((round(0.6 * image.width), round(0.6 * image.height))),
    "mirrored": lambda image, rng: ImageOps.mirror(image),
    "recoloured": _recoloured,
    "cropped": _cropped,
    "squashed": _squashed,
    "quarter_turn": lambda image, rng: image.rotate(90 * rng.integers(1, 4)),
    "seven_degrees": lambda image, rng: _turned(image, 7),
    "any_angle": lambda image, rng: _turned(image, rng.uniform(0, 360)),
    "larger_canvas": lambda image, rng: _turned(image, rng.uniform(0, 360), expand=True),
    "mirrored_any_angle": lambda image, rng: _turned(ImageOps.mirror(image), rng.uniform(0, 360)),
}


def camera(name: str, n: int, seed: int = 0) -> np.ndarray:
    """Draw images of a fixed camera: metal rings, or circuit boards; every second part has a fault.

    Args:
        name: one of CAMERAS.
        n: number of images.
        seed: random seed.

    Returns:
        uint8 (n, 128, 128, 3).

    Example:
        >>> camera("camera_ring", 2).shape
        (2, 128, 128, 3)
    """
    rng, drawn = np.random.default_rng(seed), []
    for k in range(n):
        image = Image.new("RGB", (LARGE, LARGE), (90, 95, 100) if name == "camera_ring" else (20, 90, 40))
        (_draw_ring if name == "camera_ring" else _draw_board)(ImageDraw.Draw(image), rng, faulty=k % 2 == 1)
        noisy = np.asarray(image) * rng.uniform(0.9, 1.1) + rng.normal(0, 5, (LARGE, LARGE, 3))
        drawn.append(noisy.clip(0, 255).astype(np.uint8))
    return np.stack(drawn)


def _draw_ring(drawing, rng, faulty):
    x, y = rng.integers(-2, 3, 2)
    drawing.ellipse((24 + x, 24 + y, 104 + x, 104 + y), fill=(170, 150, 60))
    drawing.ellipse((54 + x, 54 + y, 74 + x, 74 + y), fill=(40, 40, 45))
    if faulty:
        left, top = rng.integers(36, 80, 2)
        drawing.line((left, top, left + 14, top + 10), fill=(245, 240, 230), width=4)


def _draw_board(drawing, rng, faulty):
    layout = np.random.default_rng(5)
    for _ in range(25):
        (x, y), (width, height) = layout.integers(0, 115, 2), layout.integers(5, 25, 2)
        drawing.rectangle((x, y, x + width, y + height), fill=tuple(layout.integers(0, 255, 3).tolist()))
    if faulty:
        x, y = rng.integers(10, 110, 2)
        drawing.ellipse((x, y, x + 12, y + 12), fill=(200, 200, 190))


def _as_set(X):
    """Return a set of one class whose images are all in the training set."""
    nothing, empty = np.empty(0, str), np.empty((0, *X.shape[1:]), np.uint8)
    return ImageSet("images", ("image",), X, np.repeat("image", len(X)), empty, nothing, empty, nothing)
