"""Notebook 07 with the architecture that its readers have: VGG16, and photographs in a folder.

The stored run, and those in a browser, have neither and fall back to the shipped model. Weights are random
here and pictures few, so accuracies say nothing; that every cell runs does.
"""

import nbformat
import numpy as np
import pytest
from clean_outputs import code_cells
from PIL import Image
from run_notebooks import FOLDER, run

from helpers.data.image_sets import builtin
from helpers.networks.backend import keras

PICTURES = 5  # a class: 3 for training


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """A folder for TRANSFER_DATA_DIR with VGG16's layers and some pictures under the name of photographs."""
    data = builtin("micrographs", PICTURES, 0, 0)
    few = np.isin(data.y_train, data.classes[:3])
    for k, (picture, name) in enumerate(zip(data.X_train[few], data.y_train[few], strict=True)):
        folder = tmp_path / "flowers" / name
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).resize((96, 96)).save(folder / f"{k}.png")
    (tmp_path / "weights").mkdir()
    vgg = keras.applications.VGG16(weights=None, include_top=False)
    vgg.save_weights(tmp_path / "weights" / "vgg16_notop.weights.h5")
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))


def test_every_cell_runs_with_vgg16(data_folder):
    ran = run(next(FOLDER.glob("07*.ipynb")))
    printed = nbformat.writes(ran)
    assert "Backbone VGG16, pictures flowers" in printed and "Reduced version" not in printed
    assert "'block5': '7,079,424'" in printed
    assert all(cell.execution_count for cell in code_cells(ran))
