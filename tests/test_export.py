import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.exceptions import NotFittedError

from helpers import strategies
from helpers.datasets import builtin
from helpers.export import export, to_keras
from helpers.models import keras


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


def test_the_script_runs_without_this_project(tmp_path):
    data = builtin("new_shapes", 10, 0, 1)
    fitted = strategies.LinearProbe().fit(data.X_train, data.y_train)
    folder = export(fitted, tmp_path / "out")
    Image.fromarray(data.X_test[0]).save(tmp_path / "picture.png")
    done = subprocess.run(
        [sys.executable, str(folder / "predict.py"), "picture.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith(f"picture.png: {fitted.predict(data.X_test[:1])[0]} ("), done.stderr


def test_not_fitted():
    with pytest.raises(NotFittedError):
        to_keras(strategies.LinearProbe())
