import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image
from sklearn.exceptions import NotFittedError

from helpers import strategies
from helpers.datasets import builtin
from helpers.export import SCRIPT, export, to_keras
from helpers.folders import read_picture
from helpers.models import Backbone, keras


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


@pytest.mark.parametrize("classes", [2, 30])
def test_the_script_runs_without_this_project(classes, tmp_path):
    """Transparent, turned, grey and large pictures are read as in training; labels may be in any writing."""
    data = builtin("new_shapes", 9, 0, 2)
    names = np.array(["táo", "lê", *(f"class {k}" for k in range(2, classes))])
    y = names[np.arange(len(data.X_train)) % classes]
    fitted = strategies.LinearProbe().fit(data.X_train, y)
    folder = export(fitted, tmp_path / "my model")
    assert len(SCRIPT.splitlines()) <= 20
    picture = Image.fromarray(data.X_test[0]).resize((300, 200), Image.Resampling.NEAREST)
    clear = picture.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(picture.size))
    clear.save(tmp_path / "clear.png")
    turned = Image.Exif()
    turned[274] = 6
    picture.save(tmp_path / "turned.jpg", exif=turned)
    picture.convert("L").save(tmp_path / "grey.png")
    files = ["clear.png", "turned.jpg", "grey.png"]
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "predict.py"), *files],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    X = np.stack([read_picture(tmp_path / name, 32) for name in files])
    scores = keras.ops.convert_to_numpy(keras.ops.softmax(to_keras(fitted).predict(X, verbose=0)))
    for line, name, label, score in zip(
        done.stdout.splitlines(), files, fitted.predict(X), scores.max(axis=1), strict=True
    ):
        assert line == f"{name}: {label} (score {score:.2f})", done.stderr


def test_a_loaded_model_says_the_same_to_the_last_bit(tmp_path):
    data = builtin("new_shapes", 10, 0, 10)
    fitted = strategies.ProbeThenFineTune(epochs=1).fit(data.X_train, data.y_train)
    folder = export(fitted, tmp_path)
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    before = to_keras(fitted).predict(data.X_test, verbose=0)
    np.testing.assert_array_equal(model.predict(data.X_test, verbose=0), before)


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
