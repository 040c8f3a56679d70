import json
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from sklearn.exceptions import NotFittedError

from helpers import strategies
from helpers.data.folders import load_folder
from helpers.data.image_files.reading import printable, read_image
from helpers.data.image_files.value_range import measured
from helpers.data.image_sets import builtin, from_folder
from helpers.networks.backbones import Backbone
from helpers.networks.backend import keras
from helpers.strategies.export import SCRIPT, TAKEN_ALONG, export, to_keras, write_script


@pytest.mark.parametrize("name", ["new_shapes", "streets_day"])
@pytest.mark.parametrize(
    "make",
    [strategies.LinearProbe, strategies.EarlierLayerSVM, lambda: strategies.FineTune(epochs=1)],
    ids=["probe", "svm", "fine-tune"],
)
def test_the_keras_model_says_what_the_strategy_says(name, make, tmp_path):
    data = builtin(name, 10, 0, 10)
    fitted = make().fit(data.X_train, data.y_train)
    folder = export(fitted, tmp_path / "out")
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    about = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    predicted = np.array(about["labels"])[model.predict(data.X_test, verbose=0).argmax(axis=1)]
    np.testing.assert_array_equal(predicted, fitted.predict(data.X_test))


@pytest.mark.parametrize("below", ["", "out", "out/last"])
def test_a_file_is_no_folder_to_export_to(below, tmp_path):
    file = tmp_path / "model.keras"
    file.write_bytes(b"mine")
    with pytest.raises(NotADirectoryError, match="need a folder.*model.keras.*Choose another name"):
        export(strategies.LinearProbe(), file / below)
    assert file.read_bytes() == b"mine"


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 30])
def test_the_script_runs_without_this_project(classes, tmp_path):
    """Transparent, turned, grey and large images are read as in training; labels may have any letters.

    Brackets in a name do not make it a pattern.
    """
    data = builtin("new_shapes", 9, 0, 2)
    names = np.array(["táo", "lê", *(f"class {k}" for k in range(2, classes))])
    y = names[np.arange(len(data.X_train)) % classes]
    fitted = strategies.LinearProbe().fit(data.X_train, y)
    folder = export(fitted, tmp_path / "my model")
    image = Image.fromarray(data.X_test[0]).resize((300, 200), Image.Resampling.NEAREST)
    clear = image.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(image.size))
    clear.save(tmp_path / "clear.png")
    turned = Image.Exif()
    turned[274] = 6
    for name in ("turned[1].jpg", "turned1.jpg"):
        image.save(tmp_path / name, exif=turned)
    (tmp_path / "broken.jpg").write_text("hello")
    (tmp_path / "in [here]").mkdir()
    image.convert("L").save(tmp_path / "in [here]" / "grey.png")
    (tmp_path / "in [here]" / ".DS_Store").write_text("not an image")
    files = ["clear.png", "turned[1].jpg", "in [here]/grey.png"]
    given = ["clear.png", "broken.jpg", "turned[1].jpg", "in [here]"]
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "predict.py"), *given],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    X = np.stack([read_image(tmp_path / name, (32, 32)) for name in files])
    scores = keras.ops.convert_to_numpy(keras.ops.softmax(to_keras(fitted).predict(X, verbose=0)))
    lines = done.stdout.splitlines()
    assert "broken.jpg: cannot be read" in lines.pop(1), done.stderr
    for line, name, label, score in zip(lines, files, fitted.predict(X), scores.max(axis=1), strict=True):
        assert line == f"{name}: {label} (score {score:.2f})", done.stderr


@pytest.fixture
def script(tmp_path, monkeypatch, capsys):
    """Run the script on some names, with a model that only records pixels; return its lines and status."""
    folder = tmp_path / "exported"
    folder.mkdir()
    write_script(folder)
    seen = []

    def predict(pixels, verbose):
        seen.extend(pixels)
        return np.array([[0, 3]], "float32")

    def run(*names, labels=("a", "b"), ranges=None):
        about = {"labels": labels, "size": [32, 32], "ranges": ranges or {}}
        (folder / "labels.json").write_text(json.dumps(about), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["predict.py", *map(str, names)])
        status = 0
        try:
            runpy.run_path(str(folder / "predict.py"))
        except SystemExit as end:
            status = end.code
        return capsys.readouterr().out.splitlines(), status

    run.pixels = seen
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: SimpleNamespace(predict=predict))
    monkeypatch.chdir(tmp_path)
    yield run
    for module in TAKEN_ALONG:
        sys.modules.pop(module.stem, None)


@pytest.mark.parametrize("kind", ["uint16", "12 bits", "int32", "float32", "beyond", "constant"])
def test_the_script_reads_scans_as_training_does(kind, tmp_path, script):
    """Scanners and microscopes write images with more than 8 bits per channel."""
    rng = np.random.default_rng(0)
    values = {
        "uint16": rng.integers(0, 65536, (40, 60)).astype("uint16"),
        "12 bits": rng.integers(0, 4096, (40, 60)).astype("uint16"),
        "int32": rng.integers(0, 65536, (40, 60)).astype("int32"),
        "float32": rng.random((40, 60)).astype("float32"),
        "beyond": (rng.random((40, 60)) * 900 - 200).astype("float32"),
        "constant": np.full((40, 60), -7, "float32"),
    }[kind]
    path = tmp_path / ("scan.png" if values.dtype == np.uint16 else "scan.tiff")
    Image.fromarray(values).save(path)
    assert script(path, ranges=measured([path])) == ([f"{path}: b (score 0.95)"], 0)
    (pixels,) = script.pixels
    np.testing.assert_array_equal(pixels, load_folder(as_class_folder(path), 32)[0][0])
    # Neither white nor black, unless there is nothing to see.
    assert pixels.std() > 20 or (kind == "constant" and not pixels.any())


def as_class_folder(path):
    """A folder for training whose first image is the file."""
    for name in ("first", "second"):
        (path.parent / "classes" / name).mkdir(parents=True)
        shutil.copy(path, path.parent / "classes" / name)
    return path.parent / "classes"


def test_the_script_says_which_names_hold_no_images(script, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    (tmp_path / "broken.jpg").write_text("hello")
    lines, status = script("empty", "outer", "missing.png", "broken.jpg")
    assert lines[:4] == [
        "empty contains no images.",
        "outer: sub-folders are left out, such as inner",
        "outer contains no images.",
        "There is no file missing.png.",
    ]
    assert lines[4].startswith("broken.jpg: cannot be read (") and len(lines) == 5
    assert status == "No image could be read."  # Python prints it and exits with status 1
    Image.new("RGB", (8, 8)).save(tmp_path / "outer" / "image.png")
    assert script("empty", "outer") == (
        [
            "empty contains no images.",
            "outer: sub-folders are left out, such as inner",
            f"{Path('outer/image.png')}: b (score 0.95; enlarged from 8 x 8 pixels)",
        ],
        0,
    )


def test_a_new_image_is_stretched_as_the_set_was(tmp_path, script):
    """A dark 16-bit image alone does not show which values its camera can have."""
    for k, brightest in enumerate((4095, 4095, 500, 4095, 4095, 4095)):
        path = tmp_path / "set" / "ab"[k % 2] / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((40, 40), brightest, "uint16")).save(path)
    with pytest.warns(UserWarning, match="stretched"):
        data = from_folder(tmp_path / "set", 32)
    fitted = strategies.LinearProbe().fit(*builtin("streets_day", 3, 0, 0).split("train"))
    folder = export(fitted, tmp_path / "out", data)
    ranges = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["ranges"]
    assert ranges == {"integer": [500, 4095, 0]}
    path = tmp_path / "new.png"
    Image.fromarray(np.full((40, 40), 2000, "uint16")).save(path)
    script(path, ranges=ranges)
    assert (script.pixels[0] == round((2000 - 500) / (4095 - 500) * 255)).all()


def test_the_script_says_that_it_has_no_range_for_a_dark_16_bit_image(tmp_path, script):
    """Without data, `export` does not know the range; a model of 8-bit images has none."""
    values = np.random.default_rng(0).integers(0, 4096, (40, 40)).astype("uint16")
    Image.fromarray(values).save(tmp_path / "dark.png")
    ((line,), status) = script("dark.png")
    assert status == 0 and line.startswith("dark.png: b (score 0.95; this 16-bit image uses the values ")
    assert "no range of the training images" in line and "export(strategy, folder, data)" in line
    assert script("dark.png", ranges={"integer": [0, 4095, 0]})[0] == ["dark.png: b (score 0.95)"]
    Image.fromarray(16 * values).save(tmp_path / "bright.png")
    Image.fromarray((values // 16).astype("uint8")).save(tmp_path / "of_8_bits.png")
    assert script("bright.png", "of_8_bits.png")[0] == [
        "bright.png: b (score 0.95)",
        "of_8_bits.png: b (score 0.95)",
    ]


def test_the_script_says_that_it_reads_the_first_page_only(tmp_path, script):
    image = Image.new("RGB", (40, 40))
    image.save(tmp_path / "stack.tif", save_all=True, append_images=[image] * 4)
    assert script("stack.tif")[0] == ["stack.tif: b (score 0.95; the first of 5 images)"]


def test_the_script_reads_files_with_odd_names_and_metadata(tmp_path, script):
    names = ["-1.png", "--help.png", "a%s{}.png", "photo[1].png", "*.png", "a: b.png"]
    if os.name != "nt":
        names += ["two\nlines.png", os.fsdecode(b"caf\xe9.png")]
    long = PngImagePlugin.PngInfo()
    long.add_text("prompt", "x" * 2_000_000, zip=True)  # Pillow refuses such a text
    for name in names:
        Image.new("RGB", (40, 40)).save(tmp_path / name, pnginfo=long)
    lines, status = script(*names, labels=["a", "50 % {} $1\n"])
    assert status == 0
    assert lines == [rf"{printable(name)}: 50 % {{}} $1\n (score 0.95)" for name in names]
    Image.new("RGB", (40, 40)).save(tmp_path / "-h", "PNG")
    assert script("-h", "photo[2].png")[0] == ["-h: b (score 0.95)", "There is no file photo[2].png."]


def test_the_script_says_what_a_file_is_that_it_cannot_read(tmp_path, script):
    (tmp_path / "photo.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    (tmp_path / "page.jpg").write_text("<!doctype html>")
    lines, status = script("photo.jpg", "page.jpg")
    assert lines[0] == "photo.jpg: cannot be read (a HEIC image; export it as JPEG or PNG)"
    assert lines[1].startswith("page.jpg: cannot be read (a web page; the download")
    assert status == "No image could be read."


@pytest.mark.parametrize("names, status", [((), 2), (("-h",), 0)])
def test_the_script_explains_its_use(names, status, script, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    lines, ended = script(*names)
    assert ended == status
    assert lines[0].startswith("usage: predict.py [-h] IMAGE_OR_FOLDER")


def test_the_script_is_short():
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 50


def test_images_that_are_not_square_keep_both_sides(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (12, 32, 48, 3), dtype=np.uint8), np.tile(["a", "b"], 6)
    folder = export(strategies.LinearProbe().fit(X, y), tmp_path / "out")
    assert json.loads((folder / "labels.json").read_text(encoding="utf-8"))["size"] == [48, 32]


def test_what_has_no_network_says_so(tmp_path):
    data = builtin("new_shapes", 5, 0, 0)
    with pytest.raises(ValueError, match="no network to export"):
        to_keras(strategies.NearestColours().fit(data.X_train, data.y_train))


def test_a_loaded_model_says_the_same_to_the_last_bit(tmp_path):
    data = builtin("new_shapes", 10, 0, 10)
    fitted = strategies.ProbeThenFineTune(epochs=1).fit(data.X_train, data.y_train)
    folder = export(fitted, tmp_path)
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    before = to_keras(fitted).predict(data.X_test, verbose=0)
    np.testing.assert_array_equal(model.predict(data.X_test, verbose=0), before)


@pytest.mark.slow
@pytest.mark.parametrize("make", [strategies.LinearProbe, strategies.FullFineTune])
def test_no_layer_of_ours_travels(make, tmp_path):
    """VGG16 takes BGR; the exported model has to do without our layer that swaps the channels."""
    backbone = Backbone("VGG16", "random")
    data = builtin("streets_day", 4, 0, 2)
    fitted = make(backbone)
    if make is strategies.FullFineTune:
        fitted.set_params(epochs=1)
    fitted.fit(data.X_train, data.y_train)
    folder = export(fitted, tmp_path / "out")
    with zipfile.ZipFile(folder / "model.keras") as file:
        assert "ReverseChannels" not in file.read("config.json").decode()
    loaded = keras.saving.load_model(folder / "model.keras", compile=False)
    labels = fitted.classes_[loaded.predict(data.X_test, verbose=0).argmax(axis=1)]
    np.testing.assert_array_equal(labels, fitted.predict(data.X_test))
    if make is strategies.FullFineTune:
        np.testing.assert_array_equal(
            loaded.predict(data.X_test, verbose=0), fitted.model_.predict(data.X_test, verbose=0)
        )


def test_not_fitted():
    with pytest.raises(NotFittedError):
        to_keras(strategies.LinearProbe())
