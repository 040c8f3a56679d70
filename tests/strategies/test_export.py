import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from sklearn.exceptions import NotFittedError

from helpers import strategies
from helpers.data.folders import read_image
from helpers.data.image_sets import builtin
from helpers.networks.backbones import Backbone
from helpers.networks.backend import keras
from helpers.strategies.export import SCRIPT, export, to_keras


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
    given = ["*.png", "broken.jpg", "turned[1].jpg", "in [here]"]
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "predict.py"), *given],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    X = np.stack([read_image(tmp_path / name, 32) for name in files])
    scores = keras.ops.convert_to_numpy(keras.ops.softmax(to_keras(fitted).predict(X, verbose=0)))
    lines = done.stdout.splitlines()
    assert "broken.jpg: cannot be read" in lines.pop(1), done.stderr
    for line, name, label, score in zip(lines, files, fitted.predict(X), scores.max(axis=1), strict=True):
        assert line == f"{name}: {label} (score {score:.2f})", done.stderr


@pytest.mark.parametrize("kind", ["uint16", "int32", "float32", "beyond"])
def test_the_script_reads_scans_as_training_does(kind, tmp_path, monkeypatch):
    """Scanners and microscopes write images with more than 8 bits per channel."""
    rng = np.random.default_rng(0)
    values = {
        "uint16": rng.integers(0, 65536, (40, 60)).astype("uint16"),
        "int32": rng.integers(0, 65536, (40, 60)).astype("int32"),
        "float32": rng.random((40, 60)).astype("float32"),
        "beyond": (rng.random((40, 60)) * 900 - 200).astype("float32"),
    }[kind]
    path = tmp_path / ("scan.png" if kind == "uint16" else "scan.tiff")
    Image.fromarray(values).save(path)
    shutil.copy(SCRIPT, tmp_path)
    (tmp_path / "labels.json").write_text('{"labels": ["a", "b"], "size": [32, 32]}', encoding="utf-8")
    model = SimpleNamespace(predict=lambda pixels, verbose: np.zeros((1, 2), "float32"))
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: model)
    monkeypatch.setattr(sys, "argv", ["predict.py", str(path)])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    pixels = runpy.run_path(str(tmp_path / "predict.py"))["pixels"]
    np.testing.assert_array_equal(pixels, read_image(path, 32))
    assert pixels.std() > 20  # neither white nor black


def test_the_script_explains_its_use_when_no_image_is_named(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["predict.py"])
    with pytest.raises(SystemExit, match=r"python predict.py IMAGE_OR_FOLDER \.\.\."):
        runpy.run_path(str(SCRIPT))


def test_the_script_is_short():
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 40


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
    backbone = Backbone("VGG16")
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
