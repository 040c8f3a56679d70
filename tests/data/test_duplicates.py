import dataclasses
import io
import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from PIL import Image, ImageDraw, ImageOps

from helpers.data import duplicates
from helpers.data.folders import load_folder
from helpers.data.image_files.reading import decode
from helpers.data.image_sets import ImageSet, builtin


def as_set(train, test, y_train=None):
    """Build a set of one class from training and test images, without validation images."""
    nothing, size = np.empty(0, str), train.shape[1:]
    y_train = np.array(["a"] * len(train)) if y_train is None else y_train
    empty = np.empty((0, *size), np.uint8)
    return ImageSet("s", ("a",), train, y_train, empty, nothing, test, np.array(["a"] * len(test)))


def recoded(image, size, quality=85):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return decode(buffer, (size, size))


CHANGES = {
    "re-encoded": lambda image: image,
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "stretched": lambda image: image.resize((image.width, round(1.05 * image.height))),
    "5 % cropped": lambda image: ImageOps.crop(image, round(0.05 * min(image.size))),
    "squeezed into a square": lambda image: image.resize((224, 224)),
    "cropped on two sides": lambda image: image.crop((image.width // 10, image.height // 10, *image.size)),
    "cropped on one side": lambda image: image.crop((round(0.1 * image.width), 0, *image.size)),
    "brighter": lambda image: image.point(lambda v: min(255, round(1.2 * v))),
    "without colour": lambda image: image.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "turned by 90 degrees": lambda image: image.rotate(90, expand=True),
    "turned by 7 degrees": lambda image: image.rotate(7, Image.Resampling.BICUBIC),
    "turned by 15 degrees on a larger canvas": lambda image: image.rotate(15, expand=True),
    "mirrored and turned by 200 degrees": lambda image: ImageOps.mirror(image).rotate(200, fillcolor="white"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_copies_of_photographs_are_found_and_only_they(real_data, change):
    folder = real_data("hymenoptera") / "train"
    X, _, _ = load_folder(folder, 64)
    files = [file for inner in sorted(folder.iterdir()) for file in sorted(inner.iterdir())][::10]
    copies = []
    for file in files:
        with Image.open(file) as image:
            copies.append(recoded(CHANGES[change](image.convert("RGB")), 64))
    found = duplicates.near(as_set(X, np.stack(copies)))
    assert len(found.leaks) >= 0.9 * len(files)
    assert len(found.sets) == len(found.leaks)  # no image is taken for a copy of another one


@pytest.mark.parametrize("name", ["new_shapes", "micrographs", "streets_day"])
def test_synthetic_images_of_one_class_are_not_copies(name):
    data = builtin(name, 60, 0, 20)
    assert duplicates.near(data).extra == 0 == duplicates.exact(data).extra


def test_exact_copies_leaks_and_conflicting_labels_are_distinguished():
    data = builtin("streets_day", 5, 5, 0)
    X, held = data.X_train.copy(), data.X_validation.copy()
    other = int(np.flatnonzero(data.y_train != data.y_train[0])[0])
    X[other], held[0] = X[0], X[2]
    data = dataclasses.replace(data, X_train=X, X_validation=held)
    found = duplicates.exact(data)
    assert found.extra == 2 and found.leaks.tolist() == [len(X)]
    assert [places.tolist() for places in found.conflicts][0] == [0, other]
    near = duplicates.near(data)
    assert near.extra == 2 and near.leaks.tolist() == found.leaks.tolist()


def test_many_copies_of_one_image_are_one_group():
    X = np.repeat(builtin("new_shapes", 1, 0, 0).X_train[:1], 30, axis=0)
    found = duplicates.near(as_set(X[:20], X[20:]))
    assert len(found.sets) == 1 and found.extra == 29 and len(found.leaks) == 10


def test_blank_images_of_different_colours_are_not_copies():
    X = np.stack([np.full((32, 32, 3), v, np.uint8) for v in (0, 100, 255)])
    assert duplicates.near(as_set(X, X[:0])).extra == 0


def test_leaks_leave_training_only():
    data = builtin("streets_day", 5, 5, 0)
    held = data.X_validation.copy()
    held[0] = data.X_train[2]
    paths = tuple(f"{k}" for k in range(20))
    data = dataclasses.replace(data, X_validation=held, paths=paths)
    clean = duplicates.without_leaks(data, duplicates.near(data))
    assert len(clean.X_train) == 9 and len(clean.X_validation) == 10 and "2" not in clean.paths
    assert len(clean.paths) == 19 and len(duplicates.near(clean).leaks) == 0


def test_copies_of_another_set_are_refused():
    data = builtin("streets_day", 5, 2, 2)
    for other in (builtin("streets_day", 6, 2, 2), builtin("streets_day", 5, 3, 1)):
        for function in (duplicates.without_leaks, duplicates.removable):
            with pytest.raises(ValueError, match="of another image set. Received: .* there, 18 in the set"):
                function(data, duplicates.exact(other))


def with_similar(of_each):
    """30 training images per class, the first of which have a brighter copy among the test images."""
    data = builtin("streets_day", 30, 0, 30)
    X, y, chosen = data.X_test.copy(), data.y_test.copy(), []
    for name in data.classes:
        chosen.extend(np.flatnonzero(data.y_train == name)[:of_each])
    X[: len(chosen)] = np.minimum(data.X_train[chosen], 254) + 1
    y[: len(chosen)] = data.y_train[chosen]
    return dataclasses.replace(data, X_test=X, y_test=y)


@pytest.mark.parametrize("of_each, believed", [(1, True), (2, False), (28, False)])
def test_too_many_similar_images_are_kept_until_asked(of_each, believed):
    data = with_similar(of_each)
    near = duplicates.near(data)
    assert np.count_nonzero(~near.clean) == 2 * of_each
    removed = duplicates.removable(data, near)
    assert np.count_nonzero(~removed.clean) == (2 * of_each if believed else 0)
    assert len(duplicates.without_leaks(data, near).y_train) == 60 - 2 * of_each


def test_similar_images_stay_where_a_class_needs_them_but_exact_copies_never_do():
    data = with_similar(1)
    rare = np.flatnonzero(data.y_train == data.classes[0])[:3]
    kept = np.sort([*rare, *np.flatnonzero(data.y_train == data.classes[1])])
    data = dataclasses.replace(data, X_train=data.X_train[kept], y_train=data.y_train[kept])
    data.X_test[-1], data.y_test[-1] = data.X_train[-1], data.y_train[-1]
    removed = duplicates.removable(data, duplicates.near(data))
    assert np.flatnonzero(~removed.clean).tolist() == [len(kept) - 1]
    enough = duplicates.removable(data, duplicates.near(data), least=2)
    assert np.count_nonzero(~enough.clean) == 3
    said = duplicates.reason_to_look(data, duplicates.near(data))
    assert said == f"Without them, class {data.classes[0]!r} would have 2 training images; it needs 3."


@pytest.mark.parametrize("copied, gone", [(1, 1), (3, 3), (4, 0)])
def test_up_to_three_copies_are_left_out_of_a_small_set(copied, gone):
    data = with_similar(copied)
    kept = np.flatnonzero(data.y_train == data.classes[0])[:6]
    other = np.flatnonzero(data.y_train == data.classes[1])[-6:]
    rows = np.concatenate([kept, other])
    data = dataclasses.replace(data, X_train=data.X_train[rows], y_train=data.y_train[rows])
    near = duplicates.near(data)
    assert np.count_nonzero(~near.clean) == copied > duplicates.MOST_LOST * len(rows)
    assert np.count_nonzero(~duplicates.removable(data, near, least=2).clean) == gone
    assert bool(gone) == (not duplicates.reason_to_look(data, near, least=2))


def test_a_class_that_was_small_before_does_not_keep_the_copies_of_another_class():
    data = with_similar(1)
    rare = np.flatnonzero(data.y_train == data.classes[0])[-2:]
    rows = np.concatenate([rare, np.flatnonzero(data.y_train == data.classes[1])])
    data = dataclasses.replace(data, X_train=data.X_train[rows], y_train=data.y_train[rows])
    assert np.count_nonzero(~duplicates.removable(data, duplicates.near(data)).clean) == 1


@pytest.mark.parametrize("change", [0, 1], ids=["exact", "near"])
def test_copies_in_another_class_are_kept_until_asked(change):
    data = builtin("streets_day", 30, 0, 30)
    wrong = int(np.flatnonzero(data.y_test != data.y_train[3])[0])
    data.X_test[wrong] = np.minimum(data.X_train[3], 255 - change) + change
    near = duplicates.near(data)
    assert np.flatnonzero(near.contested).tolist() == [3, 60 + wrong]
    assert [places.tolist() for places in near.conflicts] == [[3, 60 + wrong]]
    assert duplicates.removable(data, near).clean.all()
    assert len(duplicates.without_leaks(data, near).y_train) == 59


def parts_of_one_kind(n, seed=0):
    """Images of a fixed camera: each part lies a little differently, every second one has a scratch."""
    rng, images = np.random.default_rng(seed), []
    for k in range(n):
        image = Image.new("RGB", (128, 128), (90, 95, 100))
        drawing, (x, y) = ImageDraw.Draw(image), rng.integers(-2, 3, 2)
        drawing.ellipse((24 + x, 24 + y, 104 + x, 104 + y), fill=(170, 150, 60))
        drawing.ellipse((54 + x, 54 + y, 74 + x, 74 + y), fill=(40, 40, 45))
        if k % 2:
            left, top = rng.integers(40, 80, 2)
            drawing.line((left, top, left + 14, top + 10), fill=(245, 240, 230), width=4)
        noisy = np.asarray(image) * rng.uniform(0.9, 1.1) + rng.normal(0, 5, (128, 128, 3))
        images.append(Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).resize((64, 64)))
    return np.stack([np.asarray(image) for image in images])


def test_images_of_a_few_spots_of_light_are_not_copies():
    """Two or three spots can be laid over those of any other image by turning, scaling and moving them."""
    rows, columns = np.mgrid[:64, :64]
    rng = np.random.default_rng(0)
    places, light = rng.uniform(5, 59, (200, 3, 2)), rng.uniform(60, 255, (200, 3))
    spots = np.exp(-sum((axis - places[..., k, None, None]) ** 2 for k, axis in enumerate((rows, columns))))
    X = (light[..., None, None] * spots).sum(axis=1).clip(0, 255).astype(np.uint8)[..., None].repeat(3, -1)
    assert duplicates.near(as_set(X[:100], X[100:])).extra == 0


@pytest.mark.parametrize("n", [12, 100])
def test_images_of_a_fixed_camera_are_not_copies(n):
    X = parts_of_one_kind(n)
    assert duplicates.near(as_set(X[: n // 2], X[n // 2 :])).extra == 0


@pytest.mark.parametrize("name", ["spoken_digits", "pacs_sketch"])
def test_different_images_that_look_alike_are_kept(real_data, name):
    X, y, _ = load_folder(real_data(name) / "train", 64)
    found = duplicates.near(as_set(X, X[:0], y))
    assert found.extra <= 0.01 * len(X)


def test_what_looks_alike_is_not_passed_on():
    """One image is like two others, which differ: only one of the two pairs makes a set."""
    parts = np.array(["train", "train", "test"])
    found = duplicates.Copies(np.arange(3), parts, np.array(["a"] * 3), np.array([[0, 1], [1, 2]]))
    assert [places.tolist() for places in found.sets] == [[0, 1]] and found.extra == 1
    assert found.leaks.tolist() == [2] and found.clean.tolist() == [True, False, True]
    assert not found.contested.any()


@given(data=strategies.data())
@settings(max_examples=200, deadline=None)
def test_all_members_of_a_set_look_alike(data):
    n = data.draw(strategies.integers(1, 8))
    group = strategies.integers(0, n - 1)
    pairs = sorted(data.draw(strategies.sets(strategies.tuples(group, group).filter(lambda p: p[0] < p[1]))))
    alike = np.array(pairs, int).reshape(-1, 2)
    groups = np.array([*range(n), *data.draw(strategies.lists(group, max_size=4))])
    found = duplicates.Copies(groups, np.array(["train"] * len(groups)), np.array(["a"] * len(groups)), alike)
    seen = np.concatenate([np.empty(0, int), *found.sets])
    assert len(seen) == len(set(seen.tolist())) == found.extra + len(found.sets)
    for places in found.sets:
        for a, b in itertools.combinations(sorted(groups[places].tolist()), 2):
            assert a == b or (a, b) in pairs


@given(angle=strategies.integers(0, 359), mirrored=strategies.booleans())
@settings(max_examples=10, deadline=None)
def test_a_copy_turned_by_any_angle_is_found_in_any_order(angle, mirrored):
    X = builtin("streets_day", 6, 0, 0).X_train
    original = Image.fromarray(X[2])
    copy = (ImageOps.mirror(original) if mirrored else original).rotate(angle, Image.Resampling.BICUBIC)
    copies = np.asarray(copy)[None]
    assert pairs(duplicates.near(as_set(X, copies))) == [(2, len(X))]
    assert pairs(duplicates.near(as_set(copies, X))) == [(0, 3)]


def test_several_near_copies_of_one_image_do_not_hide_each_other():
    X = builtin("streets_day", 20, 0, 0).X_train
    changes = ("brighter", "without colour", "mirrored", "turned by 90 degrees", "turned by 7 degrees")
    copies = [np.asarray(CHANGES[change](Image.fromarray(X[k]))) for k in (3, 8) for change in changes]
    found = duplicates.near(as_set(X, np.stack(copies)))
    assert sorted(pairs(found)) == [(3, *range(40, 45)), (8, *range(45, 50))]


def test_copies_of_many_images_do_not_hide_each_other():
    """Twenty images with two copies each: most images of the set have some that look like them."""
    X = builtin("streets_day", 10, 0, 0).X_train
    mirrored, turned = X[:, :, ::-1], np.rot90(X, axes=(1, 2))
    found = duplicates.near(as_set(X, np.concatenate([mirrored, turned])))
    assert sorted(pairs(found)) == [(k, 20 + k, 40 + k) for k in range(20)]


def pairs(found):
    return [tuple(places.tolist()) for places in found.sets]


def test_the_search_takes_little_time():
    """6,000 images should take less than 20 s on two cores; the time per image hardly grows up to there."""
    X = builtin("new_shapes", 40, 0, 0).X_train
    start = time.process_time()
    duplicates.near(as_set(X, X[:0]))
    assert time.process_time() - start < 20 * len(X) / 6000 * 4  # a busy computer may be four times slower


def test_copies_of_a_single_colour_are_found():
    """They have no gradients that could correlate."""
    black = np.zeros((3, 32, 32, 3), np.uint8)
    grey = np.full((1, 32, 32, 3), 128, np.uint8)
    found = duplicates.near(as_set(black, np.concatenate([black[:1], grey])))
    assert [len(group) for group in found.sets] == [4] and found.groups[-1] != found.groups[0]


def test_different_images_with_the_same_frame_are_not_copies():
    """As through a microscope or an endoscope: a round field of view on black."""
    X = builtin("micrographs", 40, 0, 0).X_train.copy()
    rows, columns = np.mgrid[-1:1:32j, -1:1:32j]
    X[:, rows**2 + columns**2 > 0.9] = 0
    found = duplicates.near(as_set(X, X[:0]))
    assert found.extra < 40  # of 200 cells, all in the centre; by the frame alone, it would be 199


def test_copies_of_two_classes_are_shown_first_then_those_of_two_splits():
    from helpers.plots import images

    X = builtin("shapes", 3, 0, 0).X_train[[0, 0, 1, 2, 2, 2]]
    data = as_set(X, X[2:3], np.array(["a", "a", "a", "a", "a", "b"]))
    drawing = images.copies(data, duplicates.exact(data), most=2)
    assert drawing.alt.startswith("3 groups of copies. a in train = b in train; a in train = a in test")
    assert drawing.alt.endswith("Groups of copies not shown: 1.")
