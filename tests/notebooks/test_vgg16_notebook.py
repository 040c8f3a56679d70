"""Notebook 07 with VGG16 and photographs in a folder, as readers with a GPU have them.

The stored run and the browser tests have neither and use the shipped model. Here, the weights are random and
the images few: the test checks that every cell runs, not its accuracies.
"""

import nbformat
import numpy as np
import pytest
from clean_outputs import code_cells
from PIL import Image
from run_notebooks import FOLDER, run

from helpers.data.image_sets import builtin
from helpers.networks.backend import keras

IMAGES = 5  # per class: 3 for training


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """A folder for TRANSFER_DATA_DIR with weights for VGG16, and with images in place of the photographs."""
    data = builtin("micrographs", IMAGES, 0, 0)
    few = np.isin(data.y_train, data.classes[:3])
    for k, (image, name) in enumerate(zip(data.X_train[few], data.y_train[few], strict=True)):
        folder = tmp_path / "flowers" / name
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).resize((96, 96)).save(folder / f"{k}.png")
    (tmp_path / "weights").mkdir()
    vgg = keras.applications.VGG16(weights=None, include_top=False)
    vgg.save_weights(tmp_path / "weights" / "vgg16_notop.weights.h5")
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))


def test_every_cell_runs_with_vgg16(data_folder):
    ran = run(next(FOLDER.glob("07*.ipynb")))
    printed = nbformat.writes(ran)
    assert "Backbone VGG16, images flowers" in printed and "Reduced version" not in printed
    assert "'block5': '7,079,424'" in printed
    assert all(cell.execution_count for cell in code_cells(ran))
