"""A full disk or a read-only home: stored files stay, and new ones raise an error."""

import contextlib
import errno
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from helpers.data import archives
from helpers.networks import features
from helpers.studies.engine import tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def full_disk():
    """Return a context in which no file can exceed 20 kB: writing fails as on a full disk."""
    resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")

    @contextlib.contextmanager
    def limited(size=20_000):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


def test_the_fixture_fills_the_disk(full_disk, tmp_path):
    with full_disk(), pytest.raises(OSError) as caught:
        (tmp_path / "large").write_bytes(bytes(30_000))
    assert caught.value.errno in (errno.EFBIG, errno.ENOSPC)


def test_the_cache_keeps_its_old_entry_and_no_half_one(full_disk, tmp_path):
    path = tmp_path / "codes.npy"
    features._write(path, np.ones(1000))
    with full_disk():
        features._write(path, np.zeros((100, 1000)))
        features._write(tmp_path / "other.npy", np.zeros((100, 1000)))
    np.testing.assert_array_equal(features._read(path), np.ones(1000))
    assert [p.name for p in tmp_path.iterdir()] == ["codes.npy"]


def test_a_grid_continues_after_a_full_disk(full_disk, tmp_path):
    cells, calls = [{"n": n} for n in range(40)], []

    def measure(cell):
        calls.append(cell["n"])
        return {"square": cell["n"] ** 2, "text": "x" * 1000}

    with full_disk(), pytest.raises(OSError):
        tables.complete("table", cells, measure, tmp_path)
    before = len(calls)
    assert 10 < before < 40
    tables.complete("table", cells, measure, tmp_path)
    rows = tables.read_results("table", tmp_path)
    assert rows["square"].tolist() == [n**2 for n in range(40)]
    assert (rows["text"].str.len() == 1000).all()
    assert len(calls) == 41, "only the cell that could not be written is measured again"


def test_an_export_keeps_the_last_good_one(full_disk, tmp_path, monkeypatch):
    from types import SimpleNamespace

    from helpers.networks.backbones import mini_vgg
    from helpers.networks.backend import keras
    from helpers.networks.heads import classifier
    from helpers.strategies import export

    def build(classes):
        return classifier(mini_vgg(widths=(4, 4, 4, 64)), classes)

    fitted = SimpleNamespace(classes_=["a", "b"], image_shape_=(32, 32, 3))
    monkeypatch.setattr(export, "to_keras", lambda strategy: build(2))
    export.export(fitted, tmp_path)
    monkeypatch.setattr(export, "to_keras", lambda strategy: build(3))
    fitted.classes_ = ["a", "b", "c"]
    with full_disk(), pytest.raises(OSError):
        export.export(fitted, tmp_path)
    model = keras.saving.load_model(tmp_path / "model.keras")
    about = json.loads((tmp_path / "labels.json").read_text(encoding="utf-8"))
    assert model.output_shape[-1] == len(about["labels"]) == 2
    names = ["labels.json", "model.keras", "predict.py"]
    names += [module.name for module in export.TAKEN_ALONG]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)


def test_unpacking_on_a_full_disk_says_so_and_leaves_nothing(full_disk, tmp_path, monkeypatch):
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with zipfile.ZipFile(tmp_path / "images.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.png", bytes(10))
        archive.writestr("dog/1.png", bytes(100_000))
    with full_disk(), pytest.raises(OSError):
        archives.unzip(tmp_path / "images.zip")
    assert list((tmp_path / "temporary").iterdir()) == []


USE = """
import numpy as np
from helpers.data.image_sets import builtin
from helpers.strategies import LinearProbe
from helpers import plots
from helpers.widgets import strategy_lab
data = builtin("new_shapes", 5, 0, 20)
print(LinearProbe().fit(data.X_train, data.y_train).score(data.X_test, data.y_test))
plots.image_sheet(data.X_train, data.y_train)._repr_mimebundle_()
strategy_lab()
"""


def test_a_home_that_cannot_be_written_costs_only_time(tmp_path):
    """The home is a file, so not even an administrator can write into it."""
    home = tmp_path / "home"
    home.write_text("not a folder")
    settings = {
        k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "TRANSFER_", "KERAS_", "MPLC"))
    }
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=ROOT,
        env=settings | {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.4
    assert "Traceback" not in done.stderr
    assert home.read_text() == "not a folder"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator can write anywhere"
)
def test_a_cache_that_is_read_only_costs_only_time(tmp_path):
    tmp_path.chmod(0o500)
    features._write(tmp_path / "codes.npy", np.zeros(3))
    assert features._read(tmp_path / "codes.npy") is None
