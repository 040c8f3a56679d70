import dataclasses
import re

import numpy as np
import pytest
from PIL import Image

from helpers.data.image_sets import builtin, from_folder
from helpers.findings import reports


def row(report, name):
    return dict(report.rows)[name]


def test_a_report_counts_classes_splits_and_baselines():
    found = reports.report(builtin("micrographs", 10, 5, 5))
    text = repr(found)
    assert "images: 100 in 5 classes (20 in the largest" in text
    assert "train 50, validation 25, test 25" in text and "lobed_cell 20" in text
    assert row(found, "exact duplicates") == "none" == row(found, "near duplicates, exact ones included")
    assert row(found, "always the largest class") == "validation accuracy 20%"
    assert row(found, "classes that ImageNet has").startswith("none found")


def test_leaks_wrong_labels_and_files_are_named(tmp_path):
    data = builtin("streets_day", 20, 0, 0, seed=1)
    for k, (picture, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
        for part in ("train", "test"):
            (tmp_path / part / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(tmp_path / ("train" if k % 4 else "test") / name / f"{k}.png")
    first = sorted((tmp_path / "test" / "empty").iterdir())[0]
    with Image.open(first) as picture:
        picture.save(tmp_path / "train" / "empty" / "again.jpg", quality=95)
        picture.save(tmp_path / "train" / "pedestrian" / "wrong.png")
    found = reports.report(from_folder(tmp_path, 32), tmp_path)
    told = row(found, "near duplicates, exact ones included")
    assert told.startswith(
        "2 extra copies; in two splits: 1 (a leak!); in two classes: 1 (a wrong label, or ima"
    )
    for name in (f"test/empty/{first.name}", "train/empty/again.jpg", "train/pedestrian/wrong.png"):
        assert name in told
    assert row(found, "original sizes") == "32 x 32: 42 (one size in 42 files)"
    assert "<script" not in found._repr_html_() and "a leak!" in found._repr_html_()


def test_images_that_were_enlarged_are_counted(tmp_path):
    for k in range(12):
        side = 16 if k % 4 == 0 else 64
        (tmp_path / "ab"[k % 2]).mkdir(exist_ok=True)
        Image.new("RGB", (side + 8, side), (20 * k, 0, 0)).save(tmp_path / "ab"[k % 2] / f"{k}.png")
    data = from_folder(tmp_path, 32)
    read = row(reports.report(data, tmp_path), "read as")
    assert read == "32 x 32 pixels; 3 of 12 files are smaller and were enlarged, 2.0 times in the median"
    assert row(reports.report(data), "read as") == "32 x 32 pixels"
    assert row(reports.report(data.at_most(16), tmp_path), "read as") == "16 x 16 pixels"


def test_colours_alone_can_decide():
    data = builtin("streets_day", 20, 20, 0)
    red = np.where((data.y_train == "empty")[:, None, None, None], [200, 0, 0], data.X_train // 4)
    held = np.where((data.y_validation == "empty")[:, None, None, None], [200, 0, 0], data.X_validation // 4)
    easy = dataclasses.replace(data, X_train=red.astype("uint8"), X_validation=held.astype("uint8"))
    assert reports.colour_baseline(easy) == 1


def test_the_majority_is_that_of_training():
    data = builtin("streets_day", 20, 10, 5)
    rare = np.flatnonzero(data.y_train == "empty")[:5]
    train = np.concatenate([rare, np.flatnonzero(data.y_train != "empty")])
    data = dataclasses.replace(data, X_train=data.X_train[train], y_train=data.y_train[train])
    held = np.flatnonzero(data.y_test == "empty")
    data = dataclasses.replace(data, X_test=data.X_test[held], y_test=data.y_test[held])
    assert reports.majority_baseline(data) == 0.5 and reports.majority_baseline(data, "test") == 0


def test_confidence_is_the_lead_of_the_predicted_class():
    class Scores:
        def __init__(self, *rows):
            self.rows = np.array(rows)

        def decision_function(self, X):
            return self.rows

    assert reports.confidence(Scores([0.2, 0.9, 0.5], [3, 1, 3]), None).tolist() == [pytest.approx(0.4), 0]
    assert reports.confidence(Scores(-2.0, 0.5), None).tolist() == [2, 0.5]


def test_on_real_photographs(real_data):
    folder = real_data("hymenoptera")
    data = from_folder(folder, 64)
    assert 0.5 < reports.colour_baseline(data) < 0.8
    found = reports.report(data, folder)
    assert "2 of 2 by name: ants ~ ant, bees ~ bee" in row(found, "classes that ImageNet has")
    assert "sizes in 397 files" in row(found, "original sizes")


def test_a_set_without_validation_pictures_has_no_baselines():
    found = reports.report(builtin("micrographs", 10, 0, 5))
    assert "validation 0" in row(found, "splits") and "nearest colours" not in dict(found.rows)


def test_original_sizes_are_those_of_upright_pictures_that_are_read(tmp_path):
    turned = Image.Exif()
    turned[274] = 6  # by a quarter
    for name in ("a", "b", "__MACOSX", ".ipynb_checkpoints"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (60, 40)).save(tmp_path / name / "1.jpg", exif=turned)
        Image.new("RGB", (60, 40)).save(tmp_path / name / "2.tif", exif=turned)  # which Pillow turns itself
    assert reports.original_sizes(tmp_path) == {(40, 60): 4}


def test_a_report_says_how_16_bit_images_were_stretched(tmp_path):
    for name, brightest in (("a", 4095), ("b", 3000)):
        (tmp_path / name).mkdir()
        for k in range(5):
            values = np.random.default_rng(k).integers(0, brightest + 1, (20, 20))
            values[0, 0] = brightest
            Image.fromarray(values.astype("uint16")).save(tmp_path / name / f"{k}.png")
    data, folder = reports.read(tmp_path, 16)
    assert " to 4095 of 0 to 65535: all were stretched" in row(
        reports.report(data, folder), "more than 8 bits"
    )


def test_a_damaged_file_that_opens_without_pixels_has_no_size(tmp_path):
    """Pillow opens the first bytes of an HDF5 file as an image without any pixel."""
    (tmp_path / "damaged.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    Image.new("RGB", (30, 20)).save(tmp_path / "good.png")
    assert reports.original_sizes(tmp_path) == {(30, 20): 1}


def written(folder, names):
    folder.mkdir(parents=True)
    for k, name in enumerate(names):
        Image.fromarray(np.random.default_rng(k).integers(0, 256, (9, 9, 3), np.uint8)).save(folder / name)


def test_a_report_says_how_the_folder_was_read_and_what_was_ignored(tmp_path):
    for part in ("training_set", "test_set"):
        for name in ("cat", "dog"):
            written(tmp_path / part / name, [f"{k}.png" for k in range(5)])
    (tmp_path / "@eaDir").mkdir()
    found = reports.report(*reports.read(tmp_path, 8))
    assert row(found, "layout").startswith(
        "2 classes, the folders cat, dog, in predefined splits: train from 'tra"
    )
    assert row(found, "ignored") == "1: @eaDir"
    assert row(found, "groups") == "none given, and none found in the names of the files"
    assert not {"layout", "ignored", "groups"} & {
        name for name, _ in reports.report(builtin("shapes", 2, 1, 1)).rows
    }


def test_groups_that_names_suggest_are_said_with_their_leaks(tmp_path):
    for name in ("cat", "dog"):
        written(tmp_path / name, [f"img_{k // 12}_0_{997 * k % 10_000}.jpg" for k in range(192)])
    said = row(reports.report(*reports.read(tmp_path, 8)), "groups")
    assert said.startswith("none given. The file names look like augmented copies of one original: 'img_")
    assert "cat 16 (192 images), dog 16 (192 images)" in said and "In two splits: 16 groups (a leak!)" in said
    pattern = re.search("--groups '(.+?)'", said)[1]
    said = row(reports.report(*reports.read(tmp_path, 8, pattern)), "groups")
    assert said.startswith("16. Each is in one split. Independent originals: cat 16 (192 images), dog 16")
    assert said.endswith("The number of originals counts, not the number of images.")


def test_groups_in_two_predefined_splits_are_reported(tmp_path):
    for part, patients in (("train", range(8)), ("test", range(7, 10))):
        for name in ("cat", "dog"):
            written(tmp_path / part / name, [f"patient{p}_{part}{k}.png" for p in patients for k in range(2)])
    suggested = row(reports.report(*reports.read(tmp_path, 8)), "groups")
    given = row(reports.report(*reports.read(tmp_path, 8, r"^(patient\d+)")), "groups")
    assert "In two splits: 8 groups" not in given and "patient7" in given.split("(a leak!)")[1]
    assert "In two splits: " in suggested


def test_numbers_that_begin_anew_in_each_split_show_no_leak(tmp_path):
    for part in ("train", "val", "test"):
        for name in ("cat", "dog"):
            written(tmp_path / part / name, [f"{k // 2:04d}_{'ab'[k % 2]}.png" for k in range(40)])
    said = row(reports.report(*reports.read(tmp_path, 8)), "groups")
    assert "would belong to the group '00" in said and "leak" not in said


@pytest.mark.parametrize("truth, predicted", [([], []), (["a"], ["a", "b"]), ([["a"]], [["a"]])])
def test_an_accuracy_needs_one_prediction_per_image(truth, predicted):
    with pytest.raises(ValueError, match="^truth and predicted must have one label"):
        reports.accuracy_in_words(np.array(truth), np.array(predicted))


def test_an_empty_split_has_no_accuracy():
    with pytest.raises(ValueError, match="no test images"):
        reports.majority_baseline(builtin("streets_day", 3, 1, 0), "test")


def test_what_is_left_out_is_named_and_a_split_that_is_empty_then():
    data = builtin("streets_day", 30, 0, 30)
    held = np.concatenate([data.X_test[:2], data.X_test[3:5, :, ::-1]])
    labels = data.y_test[[0, 1, 3, 4]]
    paths = tuple(f"{k}.png" for k in range(124))
    data = dataclasses.replace(data, X_validation=held, y_validation=labels, paths=paths)
    clean, sentences = reports.to_learn_from(data, reports.report(data).copies)
    left_out = "training and validation images left out, because a later split has"
    assert sentences == (
        f"{left_out} an equal one: 2 (60.png, 61.png)",
        f"{left_out} one that looks the same: 2 (62.png, 63.png)",
        "No validation images are left: each of them has a copy in the test split.",
    )
    assert len(clean.y_train) == 60 and not len(clean.y_validation)


@pytest.mark.parametrize(
    "copied, empty, labels, said",
    [
        (4, 20, "own", "similar one: 4 (0.png, 1.png, 2.png, 3.png). They are 4 of 40 images. So many"),
        (1, 3, "own", "similar one: 1 (0.png). Without them, class 'empty' would have 2 training images; it"),
        (1, 20, "other", "another class: 1 (0.png). Correct"),
    ],
)
def test_copies_that_are_kept_are_named_with_the_reason(copied, empty, labels, said):
    data = builtin("streets_day", 20, 0, 20)
    sizes = ("empty", empty), ("pedestrian", 20)
    rows = np.concatenate([np.flatnonzero(data.y_train == name)[:n] for name, n in sizes])
    X, y, held = data.X_train[rows], data.y_train[rows], data.X_test.copy()
    held[:copied] = X[:copied, :, ::-1]
    truth = np.where(np.arange(40) < copied, "empty" if labels == "own" else "pedestrian", data.y_test)
    paths = tuple(f"{k}.png" for k in range(len(rows) + 40))
    data = dataclasses.replace(data, X_train=X, y_train=y, X_test=held, y_test=truth, paths=paths)
    clean, sentences = reports.to_learn_from(data, reports.report(data).copies)
    assert len(clean.y_train) == len(rows) and len(sentences) == 1 and said in sentences[0]
