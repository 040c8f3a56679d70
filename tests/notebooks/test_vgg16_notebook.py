"""Notebook 07 with VGG16: with random weights and few images, and with the real ones where they are at hand.

The browser tests have neither and use the shipped model.
"""

import re

import nbformat
import numpy as np
import pytest
from clean_outputs import code_cells
from PIL import Image
from run_notebooks import FOLDER, run

from helpers.data.image_sets import builtin
from helpers.networks.backend import keras

IMAGES = 10  # per class: 4 for training, 1 for validation


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
    """The accuracies are those of random weights: only that the cells run is checked."""
    ran = run(next(FOLDER.glob("07*.ipynb")))
    printed = nbformat.writes(ran)
    assert "Backbone VGG16, images flowers" in printed and "Reduced version" not in printed
    assert "'block5': '7,079,424'" in printed
    assert all(cell.execution_count for cell in code_cells(ran))


def test_the_steps_after_training_use_a_copy_that_earlier_steps_do_not_change():
    """A reader runs step 3 again, which makes an untrained `model`, and then looks at a later step."""
    sources = [
        cell.source for cell in code_cells(nbformat.read(next(FOLDER.glob("07*.ipynb")), as_version=4))
    ]
    (copied,) = [
        k for k, source in enumerate(sources) if "trained.set_weights(model.get_weights())" in source
    ]
    assert not any(re.search(r"(?<![.\w])model\b", source) for source in sources[copied + 1 :])


def percentages(notebook, label):
    """Return the accuracies that stand after a label in the printed outputs."""
    printed = "\n".join(o.get("text", "") for cell in code_cells(notebook) for o in cell.outputs)
    return [float(value) / 100 for value in re.findall(rf"(?m)^{label}(\d+\.\d)%", printed)]


@pytest.mark.timeout(1200)
def test_with_real_weights_it_shows_what_the_lecture_says(real_data, monkeypatch):
    root = real_data("weights/vgg16_imagenet_notop.weights.h5").parents[1]
    real_data("flowers")
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(root))
    ran = run(next(FOLDER.glob("07*.ipynb")))
    (largest,), (colours,) = (percentages(ran, f"{name}: ") for name in ("largest class", "nearest colours"))
    (head,) = percentages(ran, "head: validation accuracy ")
    (test,) = percentages(ran, "test accuracy: ")
    (tuned,) = percentages(ran, "FineTune: validation ")
    assert largest == 0.2 and colours + 0.15 < head
    assert test >= 0.8  # four standard errors below what the study measured
    assert tuned >= 0.5  # of 50 images, so that a standard error is 6 points
