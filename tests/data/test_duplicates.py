import dataclasses
import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from helpers.data import duplicates
from helpers.data.folders import load_folder
from helpers.data.image_sets import ImageSet, builtin
from helpers.data.reading import read_image


def as_set(train, test, y_train=None):
    """Build a set of one class from training and test images, without validation images."""
    nothing, size = np.empty(0, str), train.shape[1:]
    y_train = np.array(["a"] * len(train)) if y_train is None else y_train
    empty = np.empty((0, *size), np.uint8)
    return ImageSet("s", ("a",), train, y_train, empty, nothing, test, np.array(["a"] * len(test)))


def recoded(image, size, quality=85):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return read_image(buffer, (size, size))


CHANGES = {
    "re-encoded": lambda image: image,
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "stretched": lambda image: image.resize((image.width, round(1.05 * image.height))),
    "2 % cropped": lambda image: ImageOps.crop(image, round(0.02 * min(image.size))),
    "5 % cropped": lambda image: ImageOps.crop(image, round(0.05 * min(image.size))),
    "brighter": lambda image: image.point(lambda v: min(255, round(1.2 * v))),
    "mirrored": ImageOps.mirror,
}


@pytest.mark.parametrize("change", CHANGES)
def test_copies_of_photographs_are_found_and_only_they(real_data, change):
    folder = real_data("hymenoptera") / "train"
    X, _, _ = load_folder(folder, 64)
    files = [file for inner in sorted(folder.iterdir()) for file in sorted(inner.iterdir())][::8]
    copies = []
    for file in files:
        with Image.open(file) as image:
            copies.append(recoded(CHANGES[change](image.convert("RGB")), 64))
    found = duplicates.near(as_set(X, np.stack(copies)))
    assert len(found.leaks) >= 0.97 * len(files)
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
    X, chosen = data.X_test.copy(), []
    for name in data.classes:
        chosen.extend(np.flatnonzero(data.y_train == name)[:of_each])
    X[: len(chosen)] = np.minimum(data.X_train[chosen], 254) + 1
    return dataclasses.replace(data, X_test=X)


@pytest.mark.parametrize("of_each, believed", [(1, True), (2, False), (28, False)])
def test_too_many_similar_images_are_no_copies(of_each, believed):
    data = with_similar(of_each)
    near = duplicates.near(data)
    assert np.count_nonzero(~near.clean) == 2 * of_each
    removed = duplicates.removable(data, near)
    assert np.count_nonzero(~removed.clean) == (2 * of_each if believed else 0)


def test_similar_images_stay_where_a_class_needs_them_but_exact_copies_never_do():
    data = with_similar(1)
    rare = np.flatnonzero(data.y_train == data.classes[0])[:3]
    kept = np.sort([*rare, *np.flatnonzero(data.y_train == data.classes[1])])
    data = dataclasses.replace(data, X_train=data.X_train[kept], y_train=data.y_train[kept])
    data.X_test[-1] = data.X_train[-1]
    removed = duplicates.removable(data, duplicates.near(data))
    assert np.flatnonzero(~removed.clean).tolist() == [len(kept) - 1]
    enough = duplicates.removable(data, duplicates.near(data), least=2)
    assert np.count_nonzero(~enough.clean) == (3 if 2 / len(kept) <= duplicates.MOST_LOST else 1)


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
    assert drawing.alt == "3 groups of copies. a in train = b in train; a in train = a in test"
