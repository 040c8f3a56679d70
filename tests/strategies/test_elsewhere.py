"""Saved models load in another Python, which has Keras but not this package; workers find the package."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from helpers import strategies
from helpers.networks import backbones, heads
from helpers.networks.applications import ReverseChannels
from helpers.networks.backend import keras
from helpers.networks.hardware import mixed_precision
from helpers.strategies.export import export, to_keras
from helpers.strategies.training import fit

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {"epochs": 1, "batch_size": 8, "seed": 0, "head_lr": 1e-2, "base_lr": 1e-3}
X = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
Y = np.arange(8) % 2
ELSEWHERE = """
import sys, keras, numpy as np
for path in sys.argv[2:]:
    for options in ({}, {"compile": False}):
        model = keras.saving.load_model(path, **options)
        scores = model.predict(np.load(sys.argv[1]), verbose=0)
        np.testing.assert_allclose(scores, np.load(path + ".npy"), atol=1e-3, err_msg=path)
    print("loaded", path)
assert "helpers" not in sys.modules
"""


def trained(**options):
    """A small network after `fit`; its BatchNorm trains, so all weights differ from the first ones."""
    model = heads.classifier(backbones.mini_vgg(0, (4, 4)), 2, **options)
    fit(model, X, Y, **SETTINGS)
    return model


def with_swapped_channels():
    """As VGG16 and ResNet50 begin."""
    inputs = keras.Input((None, None, 3))
    return heads.classifier(keras.Model(inputs, keras.layers.Conv2D(4, 3)(ReverseChannels()(inputs))), 2)


def mixed():
    try:
        mixed_precision("mixed_float16")
        return trained()
    finally:
        mixed_precision("float32")


MODELS = {
    "saved after fit": trained,
    "in 16 bits": mixed,
    "augmented": lambda: to_keras(trained(augment=True, dropout=0.5)),
    "channels swapped": lambda: to_keras(with_swapped_channels()),
    "from scratch": lambda: strategies.FromScratch(epochs=1).fit(X, Y).model_,
    "fine-tuned": lambda: strategies.FineTune(epochs=1).fit(X, Y).model_,
    "probe": lambda: to_keras(strategies.LinearProbe().fit(X, Y)),
}


def test_saved_models_load_in_a_python_without_this_package(tmp_path):
    np.save(tmp_path / "X.npy", X)
    paths = []
    for name, make in MODELS.items():
        model = make()
        path = tmp_path / f"{name}.keras"
        model.save(path)
        np.save(f"{path}.npy", model.predict(X, verbose=0))
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-I", "-c", ELSEWHERE, str(tmp_path / "X.npy"), *paths],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.stdout.splitlines() == [f"loaded {path}" for path in paths], done.stderr[-2000:]


@pytest.mark.parametrize("make", [trained, lambda: trained(augment=True, dropout=0.5)])
def test_a_copy_to_save_says_what_the_network_says_and_leaves_it_alone(make):
    model = make()
    copy = to_keras(model)
    np.testing.assert_allclose(copy.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-5)
    before = model.get_weights()
    copy.set_weights([0 * w for w in copy.get_weights()])
    for weights, same in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, same)


def test_what_cannot_be_exported_is_named_with_the_remedy(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(TypeError, match=r"labels.*fitted strategy.*to_keras\(model\).save"):
        export(model, tmp_path / "out")
    with pytest.raises(TypeError, match="Received: Pipeline.*the strategy in it"):
        export(strategies.LinearProbe().pipeline(), tmp_path / "out")
    with pytest.raises(NotFittedError):
        export(strategies.LinearProbe(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


WORKERS = """
import os, sys
sys.path[:0] = {paths}
from helpers.data import catalogue
from helpers.environment import cache_dir
os.chdir({folder!r})
if __name__ == "__main__":
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    from joblib import Parallel, delayed
    named = [catalogue.data_folder, cache_dir]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        there = [pool.submit(function).result() for function in named]
    there += Parallel(2)(delayed(function)() for function in named)
    print(*there, sep="\\n")
"""


@pytest.mark.parametrize(
    "start, paths", [("notebooks", [".."]), (".", [""])], ids=["in a notebook", "in the root"]
)
def test_workers_find_the_package_and_its_folders_after_chdir(start, paths, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(WORKERS.format(paths=paths, folder=str(tmp_path)))
    env = os.environ | {"TRANSFER_DATA_DIR": "some/data", "TRANSFER_CACHE_DIR": "cache", "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT / start, capture_output=True, text=True, env=env
    )
    folders = [str(ROOT / start / "some" / "data"), str(ROOT / start / "cache")]
    assert done.stdout.splitlines() == 2 * folders, done.stderr[-2000:]


SCORING = """
import os, sys
sys.path.insert(0, ".")
import numpy as np
from sklearn.model_selection import cross_val_score
from helpers.strategies import NearestColours
os.chdir(sys.argv[1])
X, y = np.zeros((12, 8, 8, 3), "uint8"), np.arange(12) % 2
print(cross_val_score(NearestColours(), X, y, cv=2, n_jobs=2, error_score="raise").tolist())
"""


def test_two_processes_cross_validate_a_strategy_after_chdir(tmp_path):
    command = [sys.executable, "-c", SCORING, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[0.5, 0.5]\n", done.stderr[-2000:]


def test_a_checkpoint_stays_where_it_was_when_the_reader_changes_folders(tmp_path, monkeypatch):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    model = heads.classifier(backbones.mini_vgg(0, (4, 4)), 2)
    fit(
        model,
        X,
        Y,
        **SETTINGS | {"epochs": 2},
        checkpoint="run.npz",
        on_epoch=lambda epoch, logs: os.chdir(tmp_path / "there"),
    )
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["run.npz"]
    assert not [*(tmp_path / "there").iterdir()]
