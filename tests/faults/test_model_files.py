"""A model file from a stranger may contain code: it is refused, and its code does not run."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from helpers.networks.backend import keras
from helpers.strategies.export import write_script

ROOT = Path(__file__).resolve().parents[2]
UNSAFE = re.compile(
    r"safe_mode\s*=\s*False|enable_unsafe_deserialization|allow_pickle\s*=\s*True"
    r"|\bpickle\.load|\bjoblib\.load|\bdill\b|\bcloudpickle\b|\beval\(|(?<!\.)\bexec\("
)


@pytest.fixture
def poisoned(tmp_path, monkeypatch) -> Path:
    """Save a model whose Lambda layer creates a file named `ran` in the working folder when it runs."""
    monkeypatch.chdir(tmp_path)
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Lambda(lambda x: (open("ran", "w").close(), x)[1])(inputs)
    keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x)).save(tmp_path / "model.keras")
    (tmp_path / "ran").unlink()  # building the model ran it here
    return tmp_path / "model.keras"


def test_lambda_layers_are_refused_as_notebooks_07_and_08_load_models(poisoned):
    with pytest.raises(ValueError, match="[Ll]ambda"):
        keras.saving.load_model(poisoned, compile=False)
    assert not Path("ran").exists()


def test_lambda_layers_are_refused_by_the_exported_script(poisoned, tmp_path):
    write_script(tmp_path)
    (tmp_path / "labels.json").write_text('{"labels": ["a", "b", "c"], "size": [8, 8]}', encoding="utf-8")
    Image.new("RGB", (8, 8)).save(tmp_path / "image.png")
    done = subprocess.run(
        [sys.executable, "predict.py", "image.png"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode != 0 and "ambda" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_nothing_is_loaded_unsafely():
    """Neither helpers nor notebooks unpickle, evaluate text, or switch off the safe mode of Keras."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "helpers").rglob("*.py")}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        sources[path] = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert len(sources) > 40
    found = [f"{path.name}: {m[0]}" for path, text in sources.items() for m in UNSAFE.finditer(text)]
    assert found == []
