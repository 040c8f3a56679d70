"""Notebook 08 tries image sizes that the images have, and its demonstration has mistakes."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CODE = [
    cell
    for cell in nbformat.read(FOLDER / "08_your_own_images.ipynb", as_version=4).cells
    if cell.cell_type == "code"
]


@pytest.mark.parametrize(
    ("side", "tried"), [(16, [16]), (64, [32, 64]), (100, [32, 64, 100]), (224, [32, 64, 128, 224])]
)
def test_no_image_size_is_tried_that_the_images_do_not_have(side, tried):
    (source,) = [cell.source for cell in CODE if "sizes = " in cell.source]
    lines = re.findall(r"(?m)^(?:largest|sizes) = .+$", source)
    names = {"data": SimpleNamespace(X_train=np.zeros((1, side, side, 3), np.uint8))}
    exec("\n".join(lines), names)
    assert names["sizes"] == tried


def test_the_stored_demonstration_has_mistakes():
    shown = [str(output.get("data", {}).get("text/plain", "")) for cell in CODE for output in cell.outputs]
    (correct,) = [re.match(r"(\d+) of (\d+) correct", text) for text in shown if " correct. " in text]
    assert int(correct[1]) < int(correct[2])
    assert not any(text.startswith("0 mistakes") for text in shown)
