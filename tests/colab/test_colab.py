"""The series in an emulation of Google Colab: old widgets, no threads, cloned by the set-up cell."""

import ast
import json
import subprocess
from pathlib import Path

import nbformat
import pytest
from clean_outputs import assert_clean_outputs
from of_today import share

from helpers.authoring.opening import setup_line, write_opening

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# None: a class with no view. Colab draws its own Output (github.com/googlecolab/colab-widgets, outputs.ts).
MODULES = ("@jupyter-widgets/controls", "@jupyter-widgets/base", "@jupyter-widgets/output", None)
FORBIDDEN = ("enable_custom_widget_manager", "pip install", "TagsInput", "metadata.widgets")


def python_files():
    return sorted((ROOT / "helpers").rglob("*.py"))


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("path", share(NOTEBOOKS, 10), ids=lambda path: path.name)
def test_notebook_runs_in_colab(path, colab):
    """One notebook every day: in JupyterLab, all run every day."""
    notebook = nbformat.read(path, as_version=4)
    write_opening(notebook, path.name, "someone/course")
    assert_clean_outputs(colab(notebook, path.name))


BLOCKING = """
import _thread, threading
from helpers.environment import in_colab, runs_in_background
assert in_colab() and not runs_in_background()
from helpers.widgets import strategy_lab
lab = strategy_lab()
lab.strategy.value = "Linear probe"
lab.run_button.click()
assert "done" in lab.status.value, lab.status.value
lab.strategy.value = "Full fine-tune"
lab.images.value = lab.images.options[-1]
threading.Timer(15, _thread.interrupt_main).start()
lab.run_button.click()
assert "stopped" in lab.status.value, lab.status.value
assert len(lab.results) == 1 and not lab.run_button.disabled
"""
FIT = """
import _thread, threading
import numpy as np
from helpers.networks import backbones, heads
from helpers.strategies import training
from helpers.data.image_sets import builtin
data = builtin("new_shapes", 200, 20, 20)
y = np.searchsorted(data.classes, data.y_train)
model = heads.classifier(backbones.fresh(backbones.Backbone("shapes")), len(data.classes))
before = model.get_layer("head").kernel.numpy()
seen = []
def on_epoch(epoch, logs):
    seen.append(epoch)
    if epoch == 1:
        threading.Timer(0.5, _thread.interrupt_main).start()
history = training.fit(
    model, data.X_train, y, epochs=60, batch_size=32, seed=0, head_lr=1e-3, base_lr=1e-4, on_epoch=on_epoch
)
assert 2 <= len(history["loss"]) == len(seen) < 60, (history, seen)
assert abs(model.get_layer("head").kernel.numpy() - before).max() > 0
print("kept", len(history["loss"]))
"""

PHOTOGRAPHS = """
import io, types
import google.colab
import numpy as np
from PIL import Image
from helpers.widgets.few_photographs import FewPhotographs
from helpers.widgets.first_result import FirstResult
few = FewPhotographs()
result = FirstResult(few, lambda X, y: np.full((len(X), 2), 0.5))
def photographs(grey):
    files = {}
    for k in range(3):
        file = io.BytesIO()
        Image.new("RGB", (40, 30), (grey + k,) * 3).save(file, "JPEG")
        files[f"{grey}_{k}.jpg"] = file.getvalue()
    return files | {"IMG_1.HEIC": b"\\0\\0\\0\\x18ftypheic" + bytes(99)}
for thing, grey in zip(few.things, (0, 200)):
    google.colab.files = types.SimpleNamespace(upload=lambda: photographs(grey))
    thing.files.button.click()
assert "your uploads, 3 of first thing, 3 of second thing" in few.status.value, few.status.value
assert "IMG_1.HEIC: a HEIC image" in few.status.value
assert "on 6 images" in result.caption.value
print("replaced")
"""


@pytest.mark.timeout(600)
def test_uploads_by_colabs_dialog_replace_the_first_result(colab):
    setup = setup_line("notebook.ipynb", "someone/course")
    cells = [nbformat.v4.new_code_cell(text) for text in (setup, PHOTOGRAPHS)]
    last = colab(nbformat.v4.new_notebook(cells=cells)).cells[-1]
    assert "replaced" in last.outputs[-1].text


@pytest.mark.timeout(600)
def test_the_interrupt_keeps_model_and_history(colab):
    """Colab's own stop button raises KeyboardInterrupt in the cell that trains."""
    setup = setup_line("notebook.ipynb", "someone/course")
    cells = [nbformat.v4.new_code_cell(text) for text in (setup, BLOCKING, FIT)]
    last = colab(nbformat.v4.new_notebook(cells=cells)).cells[-1]
    assert "kept" in last.outputs[0].text


def test_only_widgets_that_colab_knows(colab_python):
    done = subprocess.run([colab_python, HERE / "describe.py"], capture_output=True, text=True, check=True)
    known = json.loads(done.stdout)
    uses = [(path, node) for path in python_files() for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    calls = [
        (path, node)
        for path, node in uses
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", None) == "ui"
    ]
    assert len(calls) > 30
    for path, call in calls:
        place = f"{path.name}:{call.lineno}: ui.{call.func.attr}"
        assert call.func.attr in known, place
        module, names = known[call.func.attr]
        assert module in MODULES, place
        unknown = {keyword.arg for keyword in call.keywords if keyword.arg} - set(names)
        assert not unknown, f"{place} has no {unknown}"


def test_nothing_that_breaks_colab():
    inside = [path for path in python_files() if path.parent.name != "authoring"]  # the rest is for authors
    texts = {path: path.read_text("utf-8") for path in inside}
    for path in NOTEBOOKS:
        texts[path] = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code")
    assert [(path.name, word) for path, text in texts.items() for word in FORBIDDEN if word in text] == []
