"""Notebook 07 with VGG16: with the real weights where they are at hand, otherwise with random ones.

The browser tests have neither and use the shipped model.
"""

import re
import shutil

import nbformat
import numpy as np
import pytest
from clean_outputs import code_cells
from of_today import is_turn_of
from PIL import Image
from run_notebooks import FOLDER, run

from helpers.data.image_sets import builtin
from helpers.networks.backend import keras

DRAWN = 10  # images per class in place of the photographs: 4 for training, 1 for validation
PHOTOGRAPHS = {"train": 15, "test": 10}  # per class: a fifth of "train" validates; a third of the time of all
WHOLE, SHORT = "FineTune(here.backbone)", "FineTune(here.backbone, epochs=12)"  # instead of 60
WEIGHTS = "weights/vgg16_imagenet_notop.weights.h5"


def copy_photographs(root, folder):
    """Put the real weights and a few of the photographs into a folder for TRANSFER_DATA_DIR."""
    (folder / "weights").mkdir()
    shutil.copyfile(root / WEIGHTS, folder / WEIGHTS)
    for split, images in PHOTOGRAPHS.items():
        for source in sorted((root / "flowers" / split).iterdir()):
            target = folder / "flowers" / split / source.name
            target.mkdir(parents=True)
            for path in sorted(source.iterdir())[:images]:
                shutil.copyfile(path, target / path.name)


def draw_images(folder):
    """Put random weights and small drawn images into a folder for TRANSFER_DATA_DIR."""
    data = builtin("micrographs", DRAWN, 0, 0)
    few = np.isin(data.y_train, data.classes[:3])
    for k, (image, name) in enumerate(zip(data.X_train[few], data.y_train[few], strict=True)):
        target = folder / "flowers" / name
        target.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).resize((96, 96)).save(target / f"{k}.png")
    (folder / "weights").mkdir()
    vgg = keras.applications.VGG16(weights=None, include_top=False)
    vgg.save_weights(folder / "weights" / "vgg16_notop.weights.h5")


@pytest.fixture(scope="module")
def ran(real_data_root, tmp_path_factory):
    """The notebook, run once with VGG16; one training is cut short."""
    if not is_turn_of("notebook 07"):
        pytest.skip("runs every third day; with the shipped model, it runs every day")
    folder = tmp_path_factory.mktemp("data")
    notebook = nbformat.read(next(FOLDER.glob("07*.ipynb")), as_version=4)
    (cell,) = (cell for cell in code_cells(notebook) if WHOLE in cell.source)
    cell.source = cell.source.replace(WHOLE, SHORT)
    nbformat.write(notebook, folder / "07.ipynb")
    real = (real_data_root / WEIGHTS).is_file() and (real_data_root / "flowers").is_dir()
    copy_photographs(real_data_root, folder) if real else draw_images(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSFER_DATA_DIR", str(folder))
        return run(folder / "07.ipynb")


@pytest.mark.timeout(1200)
def test_every_cell_runs_with_vgg16(ran):
    printed = nbformat.writes(ran)
    assert "Backbone VGG16, images flowers" in printed and "Reduced version" not in printed
    assert "'block5': '7,079,424'" in printed
    assert all(cell.execution_count for cell in code_cells(ran))


@pytest.mark.timeout(1200)
def test_with_real_weights_it_shows_what_the_lecture_says(real_data, ran):
    real_data(WEIGHTS)
    real_data("flowers")
    (largest,), (colours,) = (percentages(ran, f"{name}: ") for name in ("largest class", "nearest colours"))
    (head,) = percentages(ran, "head: validation accuracy ")
    (test,) = percentages(ran, "test accuracy: ")
    (tuned,) = percentages(ran, "FineTune: validation ")
    print(f"nearest colours {colours:.0%}, head {head:.0%}, test {test:.0%}, FineTune {tuned:.0%}")
    assert largest == 0.2 and colours + 0.15 < head
    assert test >= 0.55  # four standard errors below what the study measured with as many images
    assert tuned >= 0.35  # of 15 images, so that a standard error is 12 points


def test_the_steps_after_training_use_a_copy_that_earlier_steps_do_not_change():
    """A reader runs step 3 again, which makes an untrained `model`, and then looks at a later step."""
    sources = [
        cell.source for cell in code_cells(nbformat.read(next(FOLDER.glob("07*.ipynb")), as_version=4))
    ]
    (copied,) = [
        k for k, source in enumerate(sources) if "trained.set_weights(model.get_weights())" in source
    ]
    later = [line for source in sources[copied + 1 :] for line in source.splitlines()]
    assert [line for line in later if re.search(r"^(?!def ).*(?<![.\w])model\b", line)] == []


def percentages(notebook, label):
    """Return the accuracies that stand after a label in the printed outputs."""
    printed = "\n".join(o.get("text", "") for cell in code_cells(notebook) for o in cell.outputs)
    return [float(value) / 100 for value in re.findall(rf"(?m)^{label}(\d+\.\d)%", printed)]
