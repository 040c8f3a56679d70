"""Lists of corrections: written, read, refused if they are malformed, and used when images are read again."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers.data.corrections import COLUMNS, Correction, corrected, read_corrections, write_corrections
from helpers.data.image_sets import builtin
from helpers.findings import reports

HEAD = ",".join(COLUMNS) + "\n"


@pytest.fixture
def data():
    """Three training images, one validation and one test image of each of two classes, with file names."""
    streets = builtin("streets_day", 3, 1, 1)
    return replace(streets, paths=tuple(f"{name}/{k}.png" for k, name in enumerate(streets.labels)))


def test_a_list_comes_back_as_it_was_written(tmp_path):
    listed = {
        'odd, "name"\n.png': Correction("a b", "c,d"),
        "caf\udce9.png": Correction("caf\udce9", None),  # not UTF-8
        "=1+1.png": Correction("x", "y"),
    }
    path = tmp_path / "list.csv"
    write_corrections(path, listed)
    assert read_corrections(path) == listed and [*read_corrections(path)] == [*listed]
    write_corrections(path, {})
    assert read_corrections(path) == {} and path.read_text() == HEAD
    assert [*tmp_path.iterdir()] == [path], "no other file is left behind"


def test_no_other_file_is_replaced_or_left_behind(tmp_path):
    other = tmp_path / "list.csv.part"
    other.write_text("mine")
    path = tmp_path / "list.csv"
    write_corrections(path, {"a.png": Correction("x", None)})
    with pytest.raises(AttributeError):
        write_corrections(path, {"a.png": "x"})
    assert other.read_text() == "mine" and {*tmp_path.iterdir()} == {other, path}
    assert read_corrections(path) == {"a.png": Correction("x", None)}
    assert path.stat().st_mode == other.stat().st_mode, "whoever can read other files can read it, too"


def test_a_list_that_excel_saved_is_read(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode() + b"a.png,x,drop,\r\n\r\n")
    assert read_corrections(path) == {"a.png": Correction("x", None)}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "must begin with the line file,label,action,new_label"),
        ("file;label;action;new_label\na;x;drop;\n", "Save it with commas"),
        (HEAD + "a.png,x,drop\n", "line 2: there are 4 columns, but this line has 3"),
        (HEAD + "a.png,x,drop,\na.png,x,relabel,y\n", "line 3: 'a.png' occurs twice"),
        (HEAD + "a.png,x,delete,\n", "line 2: the action must be relabel or drop. Received: 'delete'"),
        (HEAD + "a.png,x,drop,y\n", "line 2: new_label must be empty for the action drop"),
        (HEAD + "a.png,x,relabel,\n", "line 2: new_label must name a class"),
        ("PK\x03\x04" + "x" * 200_000, "is not a CSV file|must begin with the line"),
    ],
)
def test_a_malformed_list_is_refused_with_its_line(tmp_path, content, named):
    path = tmp_path / "list.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=named):
        read_corrections(path)


def test_a_missing_list_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no list of corrections .*nowhere.csv.*corrections=None"):
        read_corrections(tmp_path / "nowhere.csv")


def test_labels_change_and_images_go_and_all_others_keep_their_place(data):
    wrong, gone = data.paths[0], data.paths[-1]
    other = next(name for name in data.classes if name != data.labels[0])
    found = corrected(
        data, {wrong: Correction(str(data.labels[0]), other), gone: Correction(str(data.labels[-1]), None)}
    )
    assert found.paths == data.paths[:-1] and found.y_train[0] == other
    np.testing.assert_array_equal(found.X_train, data.X_train)
    np.testing.assert_array_equal(found.labels[1:], data.labels[1:-1])
    assert "labels changed 1, images left out 1" in found.layout and data.layout == ""
    assert corrected(data, {}).layout == ""


def test_a_longer_label_is_not_cut(data):
    short = replace(
        data,
        classes=("ab", "much longer"),
        **{f"y_{part}": np.where(data.split(part).y == "empty", "ab", "much longer") for part in ("train",)},
        y_validation=np.array(["ab", "ab"]),
        y_test=np.array(["ab", "ab"]),
    )
    found = corrected(short, {short.paths[-1]: Correction("ab", "much longer")})
    assert found.y_test.tolist() == ["ab", "much longer"]


def test_corrections_that_do_not_fit_the_set_are_refused(data):
    with pytest.raises(ValueError, match="1 files that are not among the images: elsewhere.png"):
        corrected(data, {"elsewhere.png": Correction("empty", None)})
    with pytest.raises(
        ValueError, match="not classes of the set: cyclist. The classes are empty, pedestrian"
    ):
        corrected(data, {data.paths[0]: Correction("empty", "cyclist")})
    everyone = [path for path, name in zip(data.paths, data.labels, strict=True) if name == "empty"]
    with pytest.raises(ValueError, match="class 'empty' has no training image left"):
        corrected(data, dict.fromkeys(everyone, Correction("empty", None)))


def test_a_list_of_another_folder_with_the_same_file_names_is_refused(data):
    label = str(data.labels[0])
    other = next(name for name in data.classes if name != label)
    with pytest.raises(
        ValueError, match=f"of other images.*: {data.paths[0]} is {label}, not {other}. Write"
    ):
        corrected(data, {data.paths[0]: Correction(other, label)})


def test_a_list_is_used_when_a_folder_is_read_again_and_no_file_changes(tmp_path):
    for name, grey in (("dark", 0), ("light", 255)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for k in range(6):
            Image.new("L", (9, 9), grey).save(tmp_path / "images" / name / f"{k}.png")
    before = {path: path.read_bytes() for path in (tmp_path / "images").rglob("*.png")}
    write_corrections(
        tmp_path / "list.csv",
        {"dark/3.png": Correction("dark", "light"), "light/0.png": Correction("light", None)},
    )
    first, _ = reports.read(tmp_path / "images", 16)
    data, _ = reports.read(tmp_path / "images", 16, corrections=tmp_path / "list.csv")
    labels = dict(zip(data.paths, data.labels, strict=True))
    assert labels["dark/3.png"] == "light" and "light/0.png" not in labels and len(labels) == 11
    assert {path: data.parts[k] for k, path in enumerate(data.paths)}.items() <= {
        path: first.parts[k] for k, path in enumerate(first.paths)
    }.items()
    assert dict(reports.report(data).rows)["layout"].endswith("labels changed 1, images left out 1")
    assert {path: path.read_bytes() for path in (tmp_path / "images").rglob("*.png")} == before
