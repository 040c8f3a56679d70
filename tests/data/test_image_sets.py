"""Image sets: the built-in ones, folders of images in many formats, splits, and the checks."""

import os
import shutil
import sys
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

from helpers.data import folders, image_sets, splits, synthetic, validation
from helpers.data.archives import unzip
from helpers.data.image_files.reading import pages
from helpers.findings.reports import report


def paint(path, colour=(200, 30, 30), size=(12, 12), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)


def classes(root, names=("a", "b"), n=5):
    for k, name in enumerate(names):
        for i in range(n):
            paint(root / name / f"{i}.png", (100 * k, 10 * i, 7))
    return root


def read_one(tmp_path, image, name, **options):
    """Save `image` as the only image of class "a" and return how it is read, uint8 (8, 8, 3)."""
    paint(tmp_path / "b" / "other.png")
    (tmp_path / "a").mkdir()
    image.save(tmp_path / "a" / name, **options)
    X, y, skipped = folders.load_folder(tmp_path, 8)
    assert skipped == () and X.dtype == np.uint8 and X.shape == (2, 8, 8, 3) and y.tolist() == ["a", "b"]
    return X[0]


# --- built-in sets ---


@pytest.mark.parametrize("name", image_sets.BUILTIN)
def test_builtin_counts_are_exact_per_class(name):
    drawn = image_sets.builtin(name, 4, 2, 3)
    names = synthetic.CLASSES["streets" if name.startswith("streets") else name]
    assert drawn.name == name and sorted(drawn.classes) == sorted(names)
    for X, y, n in (
        (drawn.X_train, drawn.y_train, 4),
        (drawn.X_validation, drawn.y_validation, 2),
        (drawn.X_test, drawn.y_test, 3),
    ):
        assert X.shape == (n * len(names), 32, 32, 3) and X.dtype == np.uint8 and y.dtype.kind == "U"
        assert all(np.sum(y == label) == n for label in names)


def test_builtin_names_belong_to_the_right_images():
    stream = int(np.random.SeedSequence([3, 0]).generate_state(1)[0])
    drawn = image_sets.builtin("streets_night", 2, 0, 0, seed=3)
    X, y = synthetic.streets(2 * (2 + 5 + 10), seed=stream, night=True)
    for image, label in zip(drawn.X_train, drawn.y_train, strict=True):
        match = np.flatnonzero((X == image).all((1, 2, 3)))
        assert len(match) == 1 and synthetic.CLASSES["streets"][y[match[0]]] == label


def test_builtin_is_seeded_with_independent_splits():
    one, same, other = (image_sets.builtin("streets_day", 5, 5, 0, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.X_train, same.X_train) and not np.array_equal(one.X_train, other.X_train)
    pixels = [image.tobytes() for image in np.concatenate([one.X_train, one.X_validation])]
    assert len(set(pixels)) == 20
    assert one.X_test.shape == (0, 32, 32, 3)


def test_night_is_darker_than_day():
    day, night = (image_sets.builtin(f"streets_{t}", 10, 0, 0).X_train.mean() for t in ("day", "night"))
    assert night < day


def test_digits_are_real_and_their_splits_disjoint():
    data = image_sets.digits(50, 20)
    assert data.X_train.shape == (500, 32, 32, 3) and data.X_validation.shape[0] == 200
    assert len(data.X_train) + len(data.X_validation) + len(data.X_test) == 1797
    counts = [np.unique(y, return_counts=True)[1] for y in (data.y_train, data.y_test)]
    assert set(counts[0]) == {50} and counts[1].min() >= 40
    # Zeros are dark in the middle, ones are not: images and labels belong together.
    middle = {k: data.X_train[data.y_train == f"digit_{k}"][:, 14:18, 14:18].mean() for k in (0, 1)}
    assert middle[0] < middle[1]
    assert not np.array_equal(image_sets.digits(50, 20, seed=1).X_train, data.X_train)
    with pytest.raises(ValueError, match="at most 134, .*Received: 150 \\+ 30"):
        image_sets.digits(150)


def test_builtin_errors():
    with pytest.raises(
        ValueError, match="'cats'.*shapes, new_shapes, micrographs, streets_day, streets_night"
    ):
        image_sets.builtin("cats")
    with pytest.raises(ValueError, match="n_train must be an integer of at least 1. Received: 0"):
        image_sets.builtin("shapes", 0)
    with pytest.raises(ValueError, match="n_test.*2.5"):
        image_sets.builtin("shapes", 1, 1, 2.5)


def test_repr_shows_counts_size_and_skipped():
    text = repr(image_sets.builtin("streets_day", 3, 2, 1))
    assert "streets_day" in text and "32x32" in text and "0 skipped" in text
    assert "train: 6 (empty 3, pedestrian 3)" in text and "test: 2" in text and len(text) < 400


def test_repr_has_no_line_that_a_narrow_window_would_break():
    text = repr(image_sets.builtin("new_shapes", 500, 100, 200))
    assert "pentagon 500" in text and max(map(len, text.splitlines())) <= 94


# --- image formats ---


@pytest.mark.parametrize("name", ["x.png", "x.bmp", "x.webp", "x.jpg", "x.tiff", "x.gif", "x.PPM"])
def test_formats_keep_the_colour(tmp_path, name):
    assert (
        np.abs(
            read_one(tmp_path, Image.new("RGB", (20, 20), (200, 30, 60)), name).astype(int) - (200, 30, 60)
        ).max()
        <= 6
    )


def test_exif_orientation_is_applied(tmp_path):
    image = Image.new("RGB", (64, 64), "black")
    image.paste("white", (0, 0, 64, 32))  # white on top
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise: the top goes to the right
    result = read_one(tmp_path, image, "x.jpg", exif=exif, quality=95)
    assert result[:, 5:].min() > 200 and result[:, :3].max() < 50


def test_the_image_covers_the_square_and_is_cropped_at_the_centre(tmp_path):
    image = Image.new("RGB", (48, 16), "red")
    image.paste("blue", (16, 0, 32, 16))
    result = read_one(tmp_path, image, "x.png")
    assert (result[:, 1:7] == (0, 0, 255)).all()


def test_big_jpeg_keeps_both_halves(tmp_path):
    image = Image.new("RGB", (900, 700), "red")
    image.paste("blue", (450, 0, 900, 700))
    result = read_one(tmp_path, image, "x.jpg")
    assert result[:, :3, 0].min() > 230 and result[:, 5:, 2].min() > 230


@pytest.mark.parametrize(
    "image, expected",
    [
        (Image.new("L", (9, 9), 90), (90, 90, 90)),
        (Image.new("1", (9, 9), 1), (255, 255, 255)),
        (Image.new("LA", (9, 9), (90, 0)), (255, 255, 255)),
        (Image.new("RGBA", (9, 9), (10, 20, 30, 0)), (255, 255, 255)),
        (Image.new("RGBA", (9, 9), (10, 20, 30, 255)), (10, 20, 30)),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 128)), (255, 127, 127)),
    ],
    ids=["L", "1", "LA", "clear", "opaque", "half"],
)
def test_grey_and_transparency(tmp_path, image, expected):
    assert np.abs(read_one(tmp_path, image, "x.png").astype(int) - expected).max() <= 1


def test_palette_with_transparency_lies_on_white(tmp_path):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (0, 4, 8, 8))
    result = read_one(tmp_path, image, "x.png", transparency=0)
    assert (result[:4] == 255).all() and (result[4:] == (0, 255, 0)).all()


def test_cmyk(tmp_path):
    result = read_one(tmp_path, Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "x.tiff")
    assert (result == (255, 0, 0)).all()


@pytest.mark.parametrize(
    "values, name, expected",
    [
        (np.full((9, 9), 40000, np.uint16), "x.tiff", 156),
        (np.full((9, 9), 40000, np.uint16), "x.png", 156),
        (np.full((9, 9), 40000, np.int32), "x.tiff", 156),
        (np.full((9, 9), 0.5, np.float32), "x.tiff", 128),
        (np.full((9, 9), np.nan, np.float32), "x.tiff", 0),
        (np.full((9, 9), -7, np.int32), "x.tiff", 0),
    ],
    ids=["16-bit-tiff", "16-bit-png", "I", "F", "F-nan", "I-negative"],
)
def test_deep_images_are_scaled_not_clipped(tmp_path, values, name, expected):
    assert (read_one(tmp_path, Image.fromarray(values), name) == expected).all()


def test_a_float_image_beyond_one_is_stretched(tmp_path):
    values = np.full((8, 8), -50, np.float32)
    values[4:] = 1000
    result = read_one(tmp_path, Image.fromarray(values), "x.tiff")
    assert (result[:4] == 0).all() and (result[4:] == 255).all()


@pytest.mark.parametrize("name", ["x.gif", "x.webp"])
def test_animation_gives_its_first_frame(tmp_path, name):
    frames = [Image.new("RGB", (9, 9), c) for c in ("red", "blue")]
    result = read_one(tmp_path, frames[0], name, save_all=True, append_images=frames[1:])
    assert result[..., 0].min() > 240 and result[..., 2].max() < 15


# --- folders ---


def test_load_folder_reads_in_sorted_order_and_ignores_hidden_files(tmp_path):
    classes(tmp_path, ("b", "a"), n=2)
    paint(tmp_path / "a" / ".hidden.png")
    paint(tmp_path / ".git" / "x.png")
    paint(tmp_path / "__MACOSX" / "a" / "x.png")
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "b" / "desktop.ini").write_text("x")
    (tmp_path / "README.md").write_text("my images")
    X, y, skipped = folders.load_folder(str(tmp_path), 8)
    assert y.tolist() == ["a", "a", "b", "b"] and skipped == ()
    assert X[:, 0, 0].tolist() == [[100, 0, 7], [100, 10, 7], [0, 0, 7], [0, 10, 7]]


def test_from_folder_splits_and_keeps_images_with_their_labels(tmp_path):
    data = image_sets.from_folder(classes(tmp_path, n=10), 8)
    assert data.classes == ("a", "b") and data.name == tmp_path.name and data.skipped == ()
    assert [len(y) for y in (data.y_train, data.y_validation, data.y_test)] == [12, 4, 4]
    everything = np.concatenate([data.X_train, data.X_validation, data.X_test])
    labels = np.concatenate([data.y_train, data.y_validation, data.y_test])
    assert len({image.tobytes() for image in everything}) == 20
    assert np.array_equal(everything[:, 0, 0, 0] == 100, labels == "b")
    again, other = image_sets.from_folder(tmp_path, 8), image_sets.from_folder(tmp_path, 8, seed=1)
    assert np.array_equal(data.X_train, again.X_train) and not np.array_equal(data.X_train, other.X_train)


def test_unreadable_files_are_listed_and_warned_about_once(tmp_path, monkeypatch):
    classes(tmp_path, n=20)
    (tmp_path / "a" / "notes.txt").write_text("not an image")
    (tmp_path / "a" / "zero.png").write_bytes(b"")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (40, 40, 3), np.uint8)).save(tmp_path / "b" / "cut.png")
    whole = (tmp_path / "b" / "cut.png").read_bytes()
    (tmp_path / "b" / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.warns(UserWarning, match="3 of 43 files were skipped. a/zero.png: ") as caught:
        data = image_sets.from_folder(tmp_path, 8)
    assert len(caught) == 1 and "3 skipped" in repr(data)
    assert [line.split(":")[0] for line in data.skipped] == [
        "a/notes.txt",
        "a/zero.png",
        "b/cut.png",
    ]
    assert "empty" in data.skipped[1] and "truncated" in data.skipped[2]
    with pytest.raises(ValueError, match="3 of 43.*zero.png.*Repair.*max_skipped=0.04"):
        image_sets.from_folder(tmp_path, 8, max_skipped=0.04)


@pytest.mark.parametrize(
    "limit", [300, 150], ids=["warning", "error"]
)  # Pillow raises an error at twice the limit
def test_decompression_bombs_are_skipped(tmp_path, monkeypatch, limit):
    classes(tmp_path, n=2)
    paint(tmp_path / "a" / "bomb.png", size=(20, 20))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    X, _, skipped = folders.load_folder(tmp_path, 8)
    assert len(X) == 4 and len(skipped) == 1 and "make" in skipped[0] and "smaller" in skipped[0]


def test_a_stray_image_beside_the_class_folders_is_listed(tmp_path):
    paint(classes(tmp_path) / "stray.png")
    assert folders.load_folder(tmp_path, 8)[2] == ("stray.png: outside the class folders",)


def test_links_and_pipes_do_not_hang(tmp_path):
    classes(tmp_path)
    (tmp_path / "a" / "loop.png").symlink_to(tmp_path / "a" / "loop.png")
    (tmp_path / "a" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    expected = ["a/gone.png: not a regular file", "a/loop.png: not a regular file"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a" / "pipe.png")
        expected.append("a/pipe.png: not a regular file")
    assert list(folders.load_folder(tmp_path, 8)[2]) == expected
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="'up'"):
        image_sets.from_folder(tmp_path, 8)


def test_folder_errors_name_the_path_and_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match="Folder not found: .*missing.*Check the path"):
        image_sets.from_folder(tmp_path / "missing")
    (tmp_path / "images.zip").write_bytes(b"x")
    with pytest.raises(NotADirectoryError, match="images.zip.*unpack it"):
        image_sets.from_folder(tmp_path / "images.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="empty' is empty.*Create one sub-folder per class"):
        image_sets.from_folder(tmp_path / "empty")
    classes(tmp_path / "single", ["only"])
    with pytest.raises(ValueError, match="single' contains only one class, 'only'.*one sub-folder per class"):
        image_sets.from_folder(tmp_path / "single")
    paint(tmp_path / "flat" / "x.png")
    with pytest.raises(
        ValueError, match=r"flat' contains files \(x.png.*no class folders.*one sub-folder per class"
    ):
        image_sets.from_folder(tmp_path / "flat")
    (classes(tmp_path / "hollow", ["a"]) / "b").mkdir()
    (tmp_path / "hollow" / "b" / "n.txt").write_text("x")
    with pytest.raises(ValueError, match="b' contains no readable image.*remove the folder.*b/n.txt"):
        image_sets.from_folder(tmp_path / "hollow")
    paint(classes(tmp_path / "nested") / "a" / "deep" / "x.png")
    with pytest.raises(ValueError, match="a' contains another folder, 'deep'. Move its images up"):
        image_sets.from_folder(tmp_path / "nested")


def test_images_have_64_pixels_unless_another_size_is_asked_for(tmp_path):
    assert image_sets.from_folder(classes(tmp_path)).X_train.shape[1:] == (64, 64, 3)


@pytest.mark.parametrize("size", [7, 1025, 32.0, True, "64"])
def test_image_size_is_checked(tmp_path, size):
    for read in (image_sets.from_folder, folders.load_folder):
        with pytest.raises(ValueError, match="image_size must be an integer between 8 and 1024"):
            read(classes(tmp_path), size)


def test_max_skipped_is_checked(tmp_path):
    with pytest.raises(ValueError, match="max_skipped.*2"):
        image_sets.from_folder(classes(tmp_path), max_skipped=2)
    with pytest.raises(ValueError, match="max_skipped.*'all'"):
        image_sets.from_folder(tmp_path, max_skipped="all")
    for k in range(2):  # of 12 files
        (tmp_path / "a" / f"empty_{k}.png").write_bytes(b"")
    with pytest.raises(ValueError, match="2 of 12 files"):
        image_sets.from_folder(tmp_path, 8)


@pytest.mark.parametrize("read", [image_sets.from_folder, folders.load_folder])
def test_no_path_is_not_the_current_folder(tmp_path, monkeypatch, read):
    monkeypatch.chdir(classes(tmp_path))
    with pytest.raises(FileNotFoundError, match="Folder not found: ''.*Check the path"):
        read("", 8)
    assert len(folders.load_folder(".", 8)[0]) == 10


def zipped(tmp_path, folder):
    with zipfile.ZipFile(tmp_path / "flowers.zip", "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return unzip(tmp_path / "flowers.zip")


@pytest.mark.parametrize("above", ["", "top"])
def test_images_from_a_zip_are_named_after_it(tmp_path, above):
    classes(tmp_path / "packed" / above)
    assert image_sets.from_folder(zipped(tmp_path, tmp_path / "packed"), 8).name == "flowers"


def test_errors_name_the_zip_and_not_its_temporary_folder(tmp_path):
    packed = classes(tmp_path / "packed" / "top")
    paint(packed / "a" / "deep" / "x.png")
    with pytest.raises(ValueError, match=r"folder 'flowers.zip.{1,2}top.{1,2}a' contains another folder"):
        image_sets.from_folder(zipped(tmp_path, tmp_path / "packed"), 8)
    paint(tmp_path / "flat" / "x.png")
    with pytest.raises(ValueError, match=r"^'flowers.zip' contains files \(x.png"):
        image_sets.from_folder(zipped(tmp_path, tmp_path / "flat"), 8)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match="^'flowers.zip' is empty"):
        image_sets.from_folder(zipped(tmp_path, tmp_path / "nothing"), 8)


@pytest.mark.parametrize(
    "train, validation, test",
    [
        ("train", "val", "test"),
        ("train", "valid", "test"),
        ("Train", "Validation", "Test"),
        ("TRAIN", "VAL", "TEST"),
        ("training", "validation", "testing"),
    ],
)
def test_predefined_splits(tmp_path, train, validation, test):
    for name, n in ((train, 4), (validation, 2), (test, 3)):
        classes(tmp_path / name, n=n)
    (tmp_path / ".cache").mkdir()
    data = image_sets.from_folder(tmp_path, 8)
    assert [len(y) for y in (data.y_train, data.y_validation, data.y_test)] == [8, 4, 6]
    assert data.classes == ("a", "b") and data.y_train.tolist() == ["a"] * 4 + ["b"] * 4


def test_missing_splits(tmp_path):
    classes(tmp_path / "train", n=10)
    data = image_sets.from_folder(tmp_path, 8)
    assert data.X_train.shape[0] == 16 and data.X_validation.shape[0] == 4
    assert data.X_test.shape == (0, 8, 8, 3) and data.X_test.dtype == np.uint8 and data.y_test.shape == (0,)
    assert not {x.tobytes() for x in data.X_train} & {x.tobytes() for x in data.X_validation}
    classes(tmp_path / "test", n=2)
    both = image_sets.from_folder(tmp_path, 8)
    assert np.array_equal(both.X_train, data.X_train) and both.y_test.tolist() == [
        "a",
        "a",
        "b",
        "b",
    ]


def test_predefined_splits_must_agree(tmp_path):
    classes(tmp_path / "train")
    classes(tmp_path / "test", ("a", "c"))
    with pytest.raises(ValueError, match="'train' and 'test'.*differ in: b, c"):
        image_sets.from_folder(tmp_path, 8)


def test_two_validation_folders_are_ambiguous(tmp_path):
    for name in ("train", "val", "valid"):
        classes(tmp_path / name)
    with pytest.raises(ValueError, match="several validation folders: val, valid. Keep one"):
        image_sets.from_folder(tmp_path, 8)


def test_two_training_folders_are_ambiguous(tmp_path):
    for name in ("train", "Training", "test"):
        classes(tmp_path / name)
    with pytest.raises(ValueError, match="several train folders: Training, train. Keep one"):
        image_sets.from_folder(tmp_path, 8)


def test_skipped_files_of_predefined_splits_name_their_split(tmp_path):
    classes(tmp_path / "train", n=20)
    classes(tmp_path / "val", n=3)
    (tmp_path / "val" / "a" / "bad.jpg").write_bytes(b"oops")
    with pytest.warns(UserWarning, match="1 of 47"):
        assert image_sets.from_folder(tmp_path, 8).skipped[0].startswith("val/a/bad.jpg: ")


def test_another_folder_beside_the_splits_is_named(tmp_path):
    for name in ("train", "test", "predict"):
        classes(tmp_path / name)
    with pytest.raises(ValueError, match="also other folders: predict.*Rename"):
        image_sets.from_folder(tmp_path, 8)
    classes(tmp_path / "only" / "test")
    with pytest.raises(ValueError, match="contains test, but no train"):
        image_sets.from_folder(tmp_path / "only", 8)


def test_an_accent_may_be_a_separate_character(tmp_path):
    classes(tmp_path / "train", ("l\u00ea", "b"))
    classes(tmp_path / "test", ("le\u0302", "b"))
    data = image_sets.from_folder(tmp_path, 8)
    assert data.classes == ("b", "l\u00ea") and set(data.y_test) == set(data.classes)


def test_notes_beside_the_images_do_not_stop_the_reading(tmp_path):
    classes(tmp_path)
    for k in range(5):
        (tmp_path / "a" / f"{k}.png.json").write_text("{}")
    with pytest.warns(UserWarning, match="5 of 15 files were skipped. a/0.png.json and 4 more: a note"):
        assert len(image_sets.from_folder(tmp_path, 8).skipped) == 5
    for k in range(5):
        (tmp_path / "a" / f"{k}.HEIC").write_bytes(b"HEIC")
    with pytest.raises(ValueError, match="HEIC image; export it as JPEG"):
        image_sets.from_folder(tmp_path, 8)


def test_train_and_another_word_are_ordinary_classes(tmp_path):
    data = image_sets.from_folder(classes(tmp_path, ("train", "bus")), 8)
    assert data.classes == ("bus", "train")


def test_real_photographs(real_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = image_sets.from_folder(real_data("hymenoptera"), 32)
    assert data.classes == ("ants", "bees") and data.skipped == ()
    assert len(data.y_validation) == 153 and data.X_test.shape == (0, 32, 32, 3)
    # The published 245 files of train include imageNotFound.gif, a placeholder, not a photograph.
    assert len(data.y_train) == 244 and 60 < data.X_train.mean() < 190


# --- choosing images ---


def test_a_set_is_reduced_but_never_enlarged():
    data = image_sets.builtin("shapes", 2, 1, 1)
    small = data.at_most(16)
    assert [small.split(part).X.shape[1:] for part in image_sets.SPLITS] == [(16, 16, 3)] * 3
    assert small.y_train is data.y_train and data.X_train.shape[1] == 32
    means = [X.mean(axis=(1, 2)) for X in (data.X_train, small.X_train)]
    np.testing.assert_allclose(*means, atol=2)  # the same images in the same order
    assert data.at_most(224).X_train is data.X_train


def many_and_few(many, few):
    """Build a training set of two classes; the first two pixels of each image identify it."""
    n = many + few
    X = np.zeros((n, 2, 2, 3), np.uint8)
    X[:, 0, 0, 0], X[:, 0, 1, 0] = np.arange(n) % 256, np.arange(n) // 256
    nothing = X[:0], np.empty(0, str)
    return image_sets.ImageSet("x", ("a", "b"), X, np.array(["a"] * many + ["b"] * few), *nothing, *nothing)


@pytest.mark.parametrize(
    "many, few, most, expected",
    [(297, 3, 100, [97, 3]), (300, 100, 100, [75, 25]), (40, 3, 4, [3, 3]), (9, 3, 50, [9, 3])],
)
def test_a_training_sample_is_stratified_with_at_least_three_per_class(many, few, most, expected):
    data = many_and_few(many, few)
    X, y, groups = splits.training_sample(data, most)
    assert groups is None
    assert [np.sum(y == name) for name in "ab"] == expected
    number = X[:, 0, 0, 0] + 256 * X[:, 0, 1, 0].astype(int)
    assert len(set(number)) == len(y) and data.y_train[number].tolist() == y.tolist()
    assert number.tolist() == sorted(number), "in another order, features kept on disk would be of no use"
    assert np.array_equal(X, splits.training_sample(data, most)[0]), "the same every time"


@pytest.mark.parametrize("few", [0, 2])
def test_a_class_that_is_too_small_for_a_training_sample_is_named(few):
    with pytest.raises(
        ValueError, match=f"Class 'b' must have at least 3 training images. Received: {few}.*Add"
    ):
        splits.training_sample(many_and_few(20, few), 100)


# --- checks ---

GOOD = np.zeros((2, 4, 4, 3), np.uint8)


def test_check_images_accepts_integers_up_to_255():
    assert validation.check_images(GOOD) is GOOD
    converted = validation.check_images(np.full((1, 2, 2, 3), 255, np.int64))
    assert converted.dtype == np.uint8 and (converted == 255).all()
    assert validation.check_images(GOOD.tolist()).shape == GOOD.shape


@pytest.mark.parametrize(
    "bad, error, message",
    [
        ([np.zeros((2, 2, 3)), np.zeros((3, 3, 3))], TypeError, "one size"),
        ("cat", TypeError, "dtype <U3"),
        (None, TypeError, "object"),
        (GOOD > 0, TypeError, "bool"),
        (GOOD[0], ValueError, r"\(4, 4, 3\).*X\[None\]"),
        (GOOD[..., 0], ValueError, r"\(2, 4, 4\).*grey"),
        (GOOD[..., :1], ValueError, r"\(2, 4, 4, 1\)"),
        (GOOD.transpose(0, 3, 1, 2), ValueError, "transpose"),
        (GOOD[:0], ValueError, r"at least one image.*\(0, 4, 4, 3\)"),
        (GOOD[:, :0], ValueError, r"at least one image.*\(2, 0, 4, 3\)"),
        (GOOD / 255, TypeError, "float64.*multiply them by 255.*uint8"),
        (GOOD.astype("float32") + 9, TypeError, "float32"),
        (np.full(GOOD.shape, np.nan), ValueError, "96 NaN or infinite"),
        (np.full(GOOD.shape, np.inf), ValueError, "NaN or infinite"),
        (GOOD.astype(int) - 1, ValueError, "from -1 to -1"),
        (GOOD.astype(int) + 256, ValueError, "256"),
    ],
)
def test_check_images_names_the_problem(bad, error, message):
    with pytest.raises(error, match=message):
        validation.check_images(bad)


def test_check_labels_returns_an_array():
    assert validation.check_labels(GOOD, ["cat", "dog"]).tolist() == ["cat", "dog"]
    assert validation.check_labels(GOOD, np.array(["cat", "dog"], object)).dtype.kind == "U"
    assert validation.check_labels(GOOD, np.array([0, 1])).dtype.kind == "i"


@pytest.mark.parametrize(
    "bad, message",
    [
        (np.eye(2), "argmax"),
        (np.array([[0], [1]]), "ravel"),
        ("cat", r"shape \(n,\)"),
        (["a"], r"len\(X\)=2, len\(y\)=1"),
        (["a", None], "1 missing"),
        (["a", float("nan")], "1 missing"),
        (np.array([0, np.nan]), "1 missing"),
        (["a", "a"], r"two classes.*\['a'\]"),
    ],
)
def test_check_labels_names_the_problem(bad, message):
    with pytest.raises(ValueError, match=message):
        validation.check_labels(GOOD, bad)


def test_every_image_knows_its_file(tmp_path):
    data = image_sets.from_folder(classes(tmp_path, n=10), 8)
    assert len(data.paths) == 20 == len({*data.paths})
    labels = np.concatenate([data.y_train, data.y_validation, data.y_test])
    assert [path.split("/")[0] for path in data.paths] == labels.tolist()
    with Image.open(tmp_path / data.paths[0]) as image:
        assert np.asarray(image.convert("RGB").resize((8, 8))).tolist() == data.X_train[0].tolist()


def test_what_does_not_fit_into_memory_is_refused_before_reading(tmp_path, monkeypatch):
    classes(tmp_path, n=10)
    monkeypatch.setattr(folders, "MOST_BYTES", 20 * 3 * 40 * 40)
    monkeypatch.setattr(folders, "try_image", lambda *a: pytest.fail("an image was read"))
    for read in (image_sets.from_folder, folders.load_folder):
        with pytest.raises(ValueError, match="20 images of 48 x 48 pixels need.*Use image_size=40 or less"):
            read(tmp_path, 48)


def test_many_images_show_progress(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(folders, "MANY", 20)
    image_sets.from_folder(classes(tmp_path, n=10), 8)
    assert "Reading" in capsys.readouterr().err
    monkeypatch.setattr(folders, "MANY", 21)
    image_sets.from_folder(tmp_path, 8)
    assert capsys.readouterr().err == ""


def test_per_class_reads_the_same_few_of_each_split(tmp_path):
    for part, count in (("train", 12), ("test", 3)):
        for name in "ab":
            (tmp_path / part / name).mkdir(parents=True)
            for k in range(count):
                Image.new("RGB", (9, 9), (k, 0, 0)).save(tmp_path / part / name / f"{k:02d}.png")
    data = image_sets.from_folder(tmp_path, 8, per_class=5)
    assert [len(y) for y in (data.y_train, data.y_validation, data.y_test)] == [8, 2, 6]
    assert image_sets.from_folder(tmp_path, 8, per_class=5).paths == data.paths
    reds = folders.load_folder(tmp_path / "train", 8, per_class=5)[0][:5, 0, 0, 0]
    assert len(set(reds)) == 5 and max(reds) > 4, "drawn, not the first ones"
    with pytest.raises(ValueError, match="per_class must be an integer of at least 1"):
        folders.load_folder(tmp_path / "train", 8, per_class=0)


def test_a_split_is_found_by_its_name():
    data = image_sets.builtin("shapes", 1, 2, 3)
    for name, images in (("train", 10), ("validation", 20), ("test", 30)):
        X, y = data.split(name)
        assert X is getattr(data, f"X_{name}") and y is data.split(name).y
        assert len(X) == len(y) == images
    with pytest.raises(ValueError, match="Unknown split 'val'. Use one of train, validation, test"):
        data.split("val")


def test_files_with_several_images_are_said(tmp_path):
    """Of a stack or an animation, only the first image is read, which is often black."""
    page = Image.new("L", (32, 32), 9)
    for k in range(6):
        path = tmp_path / "ab"[k % 2] / f"{k}.tif"
        path.parent.mkdir(exist_ok=True)
        page.save(path, save_all=True, append_images=[page] * 20)
    frames = [Image.new("L", (32, 32), grey) for grey in (0, 99, 199)]
    frames[0].save(tmp_path / "a" / "9.gif", save_all=True, append_images=frames[1:])
    page.save(tmp_path / "b" / "9.png")
    with pytest.warns(UserWarning, match=r"7 files contain several images .*, such as 21 in a/0\.tif\. Only"):
        data = image_sets.from_folder(tmp_path, 32)
    shutil.rmtree(tmp_path)  # the report opens no file for this
    assert "several images per file: 7 files contain several images" in str(report(data))


def test_smaller_copies_of_an_image_are_not_pages(tmp_path):
    page, small = Image.new("L", (64, 64)), Image.new("L", (16, 16))
    page.save(tmp_path / "pyramid.tif", save_all=True, append_images=[small])
    page.save(tmp_path / "one.tif")
    (tmp_path / "note.txt").write_text("page 2")
    assert [pages(tmp_path / name) for name in ("pyramid.tif", "one.tif", "note.txt")] == [1, 1, 1]


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are always Unicode there")
def test_names_that_are_not_utf_8_can_be_printed(tmp_path):
    for k in range(6):
        path = tmp_path / "ab"[k % 2] / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (32, 32), 9 * k).save(path)
    os.mkdir(os.fsencode(tmp_path) + b"/.tr\xe9sh")
    os.rename(tmp_path, tmp_path.parent / os.fsdecode(b"caf\xe9"))
    data = image_sets.from_folder(tmp_path.parent / os.fsdecode(b"caf\xe9"), 32)
    assert r".tr\xe9sh" in repr(data)
    for text in (repr(data), str(report(data, tmp_path.parent / os.fsdecode(b"caf\xe9")))):
        text.encode("utf-8")
