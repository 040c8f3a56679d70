"""`python -m helpers advise FOLDER`: the report and the recommendation in the terminal."""

import dataclasses
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from helpers.__main__ import main, parser
from helpers.data import catalogue, duplicates, folders
from helpers.data.image_sets import MAX_SKIPPED, builtin
from helpers.findings import advisor, similarity


def written(data, folder):
    for k, (picture, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name / f"{k}.png")
    return folder


def test_report_similarity_recommendation_and_run(tmp_path, capsys):
    folder = written(builtin("streets_day", 30, 0, 0), tmp_path)
    (folder / "empty" / "broken.jpg").write_bytes(b"no picture")
    main(["advise", str(folder), "--image-size", "32", "--sources", "shapes", "--run"])
    printed = capsys.readouterr().out
    for words in (
        "images: 60 in 2 classes",
        "files that cannot be read: 1. empty/broken.jpg",
        "near duplicates",
    ):
        assert words in printed
    assert re.search(r"^shapes, 32 pixels: shift, first block \d\.\d\d", printed, re.MULTILINE)
    assert "Recommended:" in printed and re.search(r"test accuracy \d+\.\d% on 12 images \(95 %", printed)
    assert "Nearest colours: " in printed


@pytest.fixture
def shown_sizes(monkeypatch):
    """What the report says of the size at which images are read; nothing is computed from them."""
    monkeypatch.setattr(advisor, "recommend", lambda *_: "advice")
    monkeypatch.setattr(similarity, "similarity", lambda *_: "similarity")


def test_the_limits_are_those_of_the_advisor(capsys):
    with pytest.raises(SystemExit):
        main(["advise", "--help"])
    assert f"pixels, {advisor.LEAST_SIDE} to 1024" in " ".join(capsys.readouterr().out.split())
    arguments = parser().parse_args(["advise", "x"])
    assert arguments.seconds == advisor.MOST_SECONDS and arguments.max_skipped == MAX_SKIPPED


def test_images_are_read_at_the_size_of_the_largest_source(tmp_path, shown_sizes, monkeypatch, capsys):
    folder = written(builtin("streets_day", 6, 0, 0), tmp_path)
    main(["advise", str(folder), "--sources", "shapes"])
    assert "read as: 32 x 32 pixels\n" in capsys.readouterr().out
    main(["advise", str(folder), "--sources", "photos", "shapes"])
    assert "read as: 64 x 64 pixels; 12 of 12 files are smaller and were enlarged" in capsys.readouterr().out
    monkeypatch.setattr(folders, "MOST_BYTES", 12 * 3 * 40**2)
    main(["advise", str(folder), "--sources", "photos"])
    printed = capsys.readouterr().out
    assert "Images of 64 pixels would not fit into memory: read at 40 pixels." in printed
    assert "read as: 40 x 40 pixels" in printed


def test_without_weights_the_loss_is_said_and_the_advice_goes_on(tmp_path, shown_sizes, monkeypatch, capsys):
    def offline(name):
        raise OSError("'w.h5' could not be downloaded: no connection to the server. Or put w.h5 somewhere.")

    monkeypatch.setattr(catalogue, "weights", offline)
    main(["advise", str(written(builtin("streets_day", 6, 0, 0), tmp_path))])
    printed = capsys.readouterr().out
    assert "MobileNet is missing. 'w.h5' could not be downloaded: no connection to the server." in printed
    assert "Source models: photos (64 pixels), shapes (32 pixels)." in printed and "advice" in printed


@pytest.mark.parametrize("classes", [2, 30])
def test_a_zip_of_few_or_many_classes(classes, tmp_path, capsys):
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as file:
        for k in range(classes):
            for n in range(10):
                picture = np.clip(rng.normal(255 * k / classes, 20, (16, 16, 3)), 0, 255).astype("uint8")
                Image.fromarray(picture).save(tmp_path / "one.png")
                file.write(tmp_path / "one.png", f"set/class {k:02d}/{n}.png")
    main(["advise", str(tmp_path / "set.zip"), "--image-size", "32"])
    printed = capsys.readouterr().out
    assert f"images: {10 * classes} in {classes} classes" in printed and "Recommended:" in printed


@pytest.mark.parametrize(
    "problem", ["missing", "empty", "single class", "no zip", "too few", "size", "small"]
)
def test_what_is_wrong_is_said_in_one_line(problem, tmp_path, capsys):
    good = written(builtin("streets_day", 5, 0, 0), tmp_path / "good")
    (tmp_path / "empty").mkdir()
    (tmp_path / "no zip.zip").write_bytes(b"hello")
    written(builtin("streets_day", 5, 0, 0), tmp_path / "single class")
    for file in (tmp_path / "single class" / "empty").iterdir():
        file.unlink()
    (tmp_path / "single class" / "empty").rmdir()
    few = written(builtin("streets_day", 5, 0, 0), tmp_path / "too few") / "empty"
    for file in sorted(few.iterdir())[2:]:
        file.unlink()
    name = {"no zip": "no zip.zip", "size": good.name, "small": good.name}.get(problem, problem)
    arguments = {"size": ["--image-size", "5000"], "small": ["--image-size", "15"]}.get(problem, [])
    with pytest.raises(SystemExit) as stopped:
        main(["advise", str(tmp_path / name), *arguments])
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and said.count("\n") == 1 and said.startswith("python -m helpers advise: ")
    words = {
        "missing": "Folder not found",
        "empty": "is empty",
        "single class": "two are needed",
        "no zip": "not a zip file",
        "too few": "Add images",
        "size": "between 16 and 1024",
        "small": "between 16 and 1024",
    }
    assert words[problem] in said


@pytest.fixture
def with_copies(tmp_path):
    """Predefined splits whose test pictures are all in training, too, two of them in another size."""
    data = builtin("streets_day", 20, 0, 4)
    written(data, tmp_path / "train")
    test = dataclasses.replace(data, X_train=data.X_test, y_train=data.y_test)
    written(test, tmp_path / "test")
    for k, (picture, name) in enumerate(zip(data.X_test, data.y_test, strict=True)):
        side = 32 if k > 1 else 48
        copy = Image.fromarray(picture).resize((side, side))
        copy.save(tmp_path / "train" / name / f"copy {k}.png")
    return tmp_path


def test_copies_of_test_pictures_are_left_out_before_the_test(with_copies, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(advisor, "recommend", lambda data, *_: seen.append(data))
    monkeypatch.setattr(advisor, "run", lambda data, advice: seen.append(data))
    main(["advise", str(with_copies), "--image-size", "32", "--run"])
    printed = capsys.readouterr().out
    assert "in two splits: 8 (a leak!)" in printed
    for what, n in (("an equal one", 6), ("one that looks the same", 2)):
        assert f"images left out, because a later split has {what}: {n} (" in printed
    for data in seen:
        assert not len(duplicates.near(data).leaks) and not any("copy" in path for path in data.paths)
        assert len(data.y_train) + len(data.y_validation) == 40 and len(data.y_test) == 8
    assert len(seen) == 2


@pytest.fixture
def of_one_layout(tmp_path):
    """Images of one layout, which differ in details only, and one exact copy in the test set."""
    rng = np.random.default_rng(0)
    layout = rng.integers(0, 200, (32, 32, 3))
    for part, images in (("train", 8), ("test", 4)):
        for name in ("c0", "c1"):
            (tmp_path / part / name).mkdir(parents=True)
            for k in range(images):
                image = layout + rng.integers(0, 50, layout.shape)
                Image.fromarray(image.astype(np.uint8)).save(tmp_path / part / name / f"{k}.png")
    (tmp_path / "test" / "c0" / "copy.png").write_bytes((tmp_path / "train" / "c0" / "0.png").read_bytes())
    return tmp_path


def test_images_of_one_layout_are_kept_but_for_exact_copies(of_one_layout, shown_sizes, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(advisor, "recommend", lambda data, *_: seen.append(data))
    main(["advise", str(of_one_layout), "--image-size", "32", "--sources", "shapes"])
    printed = capsys.readouterr().out
    assert "images left out, because a later split has an equal one: 1 (" in printed
    assert "near duplicates, exact ones included: 1 extra copy" in printed and "images kept" not in printed
    assert len(seen[0].y_train) + len(seen[0].y_validation) == 15


def test_copies_that_leave_no_class_are_named_as_the_cause(tmp_path, capsys):
    data = builtin("streets_day", 5, 0, 0)
    written(data, tmp_path / "train")
    written(data, tmp_path / "test")
    with pytest.raises(SystemExit):
        main(["advise", str(tmp_path), "--image-size", "32", "--sources", "shapes"])
    said = capsys.readouterr().err
    assert "training images left without copies of validation or test images; it needs 3" in said


@pytest.mark.parametrize("error", [ValueError("of\nno use"), MemoryError()])
def test_what_goes_wrong_in_the_run_is_said_in_one_line(error, tmp_path, monkeypatch, capsys):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(advisor, "recommend", lambda *_: "advice")
    monkeypatch.setattr(advisor, "run", fail)
    folder = written(builtin("streets_day", 10, 0, 0), tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(["advise", str(folder), "--image-size", "32", "--run"])
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and said.count("\n") == 1
    assert ("not enough memory" if isinstance(error, MemoryError) else "of no use") in said


def test_groups_stay_together_in_the_splits_and_in_the_quick_probes(
    tmp_path, shown_sizes, monkeypatch, capsys
):
    seen = []
    monkeypatch.setattr(advisor, "recommend", lambda data, *_: seen.append(data))
    data = builtin("streets_day", 24, 0, 0)
    for k, (image, name) in enumerate(zip(data.X_train, data.y_train, strict=True)):
        (tmp_path / name).mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / name / f"street{k // 4}_{k}.png")
    main(["advise", str(tmp_path), "--image-size", "32", "--sources", "shapes", "--groups", r"^(street\d+)"])
    assert "groups: 12. Each is in one split. Independent originals: " in capsys.readouterr().out
    assert len(seen[0].groups) == len(seen[0].paths) and not set(seen[0].groups_of("train")) & set(
        seen[0].groups_of("test")
    )
    with pytest.raises(SystemExit):
        main(["advise", str(tmp_path), "--image-size", "32", "--sources", "shapes", "--groups", "street"])
    assert "with the group's name in parentheses" in capsys.readouterr().err


@pytest.fixture
def numbered(tmp_path):
    """24 images with the names of their numbers, and what reads them in the terminal."""
    folder = written(builtin("streets_day", 12, 0, 0), tmp_path / "set")
    return folder, ["advise", str(folder), "--image-size", "32", "--sources", "shapes"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_groups_from_a_table(numbered, separator, tmp_path, shown_sizes, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(advisor, "recommend", lambda data, *_: seen.append(data))
    _, command = numbered
    rows = ["image,age,patient", *(f"{k},{k % 3},00{k // 2}" for k in range(24)), "not there,1,NA"]
    table = tmp_path / "patients.csv"
    table.write_text("\n".join(rows).replace(",", separator), encoding="utf-8-sig")
    main([*command, "--groups-table", str(table), "--groups-column", "patient"])
    assert "groups: 12. Each is in one split." in capsys.readouterr().out
    groups = {path.split("/")[1]: group for path, group in zip(seen[0].paths, seen[0].groups, strict=True)}
    assert groups["0.png"] == groups["1.png"] == "000"


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("image,age,patient\n1,2,3\n", [], "The other columns are: 'age', 'patient'"),
        (
            "image,age\n1,2\n",
            ["--groups-column", "patient"],
            "Received: 'patient'; the other columns are: 'age'",
        ),
        ("image\tgroup\n1", ["--groups-column", ""], "'group'"),
        ("image\n1\n", [], "other columns are: none"),
        ("", [], "cannot be read as a table"),
        ("\0\xff\xfe\0\0", [], "groups.csv"),
        ("image,patient\n0.png,\n", [], "no group for the file"),
        ("image,patient\n0.png,a\n0.png,b\n", [], "lists '0.png' several times"),
    ],
)
def test_an_unusable_table_is_named(numbered, content, options, words, tmp_path, capsys):
    table = tmp_path / "groups.csv"
    table.write_bytes(content.encode("latin-1"))
    with pytest.raises(SystemExit):
        main([*numbered[1], "--groups-table", str(table), *options])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--groups-table", "missing.csv"], "no table 'missing.csv'"),
        (["--groups-column", "patient"], "add --groups-table FILE"),
        (["--groups", "(a)", "--groups-table", "a.csv"], "not allowed with"),
        (["--max-skipped", "2"], "--max-skipped must be a fraction between 0 and 1"),
        (["--max-skipped", "nan"], "--max-skipped must be a fraction between 0 and 1"),
        (["--max-skipped", "few"], "--max-skipped"),
    ],
)
def test_wrong_options_are_named(numbered, options, words, capsys):
    with pytest.raises(SystemExit):
        main([*numbered[1], *options])
    assert words in capsys.readouterr().err


def test_more_unreadable_files_are_allowed_where_asked(numbered, shown_sizes, capsys):
    folder, command = numbered
    for k in range(8):
        (folder / "empty" / f"broken {k}.jpg").write_bytes(b"no image")
    with pytest.raises(SystemExit):
        main(command)
    enough = capsys.readouterr().err.partition("(in the terminal: --max-skipped ")[2].partition(")")[0]
    main([*command, "--max-skipped", enough])
    assert "files that cannot be read: 8" in capsys.readouterr().out
