"""The recipe is the same everywhere, and the code on its card runs as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers.networks.backend import keras

ROOT = Path(__file__).resolve().parents[2]
CARD = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
STEPS = re.findall(r"(?m)^## (\d)\. (.+)$", CARD)


def texts(name):
    cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_the_card_has_eight_steps():
    assert [number for number, _ in STEPS] == [str(k) for k in range(1, 9)]


def test_notebook_07_follows_the_card():
    headings = re.findall(r"(?m)^## Step (\d): (.+)$", texts("07_vgg16_on_a_gpu.ipynb"))
    assert [(number, name.lower()) for number, name in headings] == [
        (number, name.lower()) for number, name in STEPS
    ]


def test_the_empty_notebook_has_the_same_steps():
    text = texts("exercises/07_write_it_yourself.ipynb")
    assert re.findall(r"(?m)^## (\d)\. (.+)$", text) == STEPS


def test_notebook_08_keeps_the_order():
    headings = re.findall(r"(?m)^## (Step .+)$", texts("08_your_own_images.ipynb"))
    numbers = [number for heading in headings for number in re.findall(r"(?i)step (\d)", heading)]
    assert numbers == [number for number, _ in STEPS]


def test_the_code_of_the_card_runs(tmp_path):
    """With random weights and small images, because the real ones take minutes."""
    rng = np.random.default_rng(0)
    for part, images in (("train", 10), ("test", 2)):
        for shade, kind in enumerate(("ants", "bees")):
            folder = tmp_path / "my_images" / part / kind
            folder.mkdir(parents=True)
            for k in range(images):
                pixels = rng.integers(100 * shade, 100 * shade + 100, (40, 30, 3), np.uint8)
                Image.fromarray(pixels).save(folder / f"{k}.jpg")
    Image.fromarray(pixels).save(tmp_path / "new.jpg")
    code = "\n".join(re.findall(r"(?s)```python\n(.+?)```", CARD))
    small = code.replace('weights="imagenet"', "weights=None").replace("224", "32")
    assert small.count("weights=None") == 1 and "epochs=20" in small
    (tmp_path / "card.py").write_text(small.replace("epochs=20", "epochs=1").replace("epochs=12", "epochs=1"))
    done = subprocess.run(
        [sys.executable, "card.py"],
        cwd=tmp_path,
        env=os.environ | {"KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"test accuracy: \d+\.\d%", done.stdout)
    assert done.stdout.split()[-1] in ("ants", "bees")


@pytest.mark.parametrize("frozen", [True, False])
def test_only_freezing_protects_batchnorm_inside_a_model_that_trains(frozen):
    """`training=False` alone does not, as the card says."""
    pixels = keras.Input((4,))
    inside = keras.Model(pixels, keras.layers.BatchNormalization()(pixels))
    inside.trainable = not frozen
    inputs = keras.Input((4,))
    outer = keras.Model(inputs, keras.layers.Dense(1)(inside(inputs, training=False)))
    outer.compile("sgd", "mse")
    before = np.array(inside.layers[-1].moving_mean)
    outer.fit(np.full((8, 4), 5.0), np.zeros(8), verbose=0)
    assert np.array_equal(before, np.array(inside.layers[-1].moving_mean)) == frozen


def test_training_without_compiling_again_is_what_the_card_says():
    """TensorFlow goes on as before; JAX stops with an error."""
    inside = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    inside.trainable = False
    model = keras.Sequential([inside, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    X, y = np.ones((8, 4)), np.zeros(8)
    model.fit(X, y, verbose=0)
    before = inside.get_weights()[0]
    inside.trainable = True
    if keras.backend.backend() == "jax":
        with pytest.raises(ValueError, match="trainable"):
            model.fit(X, y, verbose=0)
    else:
        model.fit(X, y, verbose=0)
    np.testing.assert_array_equal(inside.get_weights()[0], before)
