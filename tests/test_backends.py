"""The package without TensorFlow: the same tests, on Keras' JAX backend, in a process of their own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from of_today import is_turn_of, share

from helpers.studies.engine import tables

ROOT = Path(__file__).resolve().parents[1]
NO_TENSORFLOW = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        return None if name == "tensorflow" else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]  # as if it were not installed
"""

ON_JAX = [  # a quarter of them every day; the first takes as long as the others together
    "strategies/test_training",
    "networks/test_explain",
    "strategies/test_rate_finder",
    "networks/test_augmentation",
    "networks/test_hardware",
    "networks/test_activation_maximisation",
]
needs_jax = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="jax is not installed: see requirements-dev.txt"
)


def without_tensorflow(code: str, timeout: int, **environment) -> str:
    """Run Python code where TensorFlow cannot be imported; return what it prints."""
    clean = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", NO_TENSORFLOW + code],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@needs_jax
def test_every_module_imports_and_keras_runs_on_jax():
    code = """
import importlib, pkgutil
import helpers
from helpers import environment
for module in pkgutil.walk_packages(helpers.__path__, "helpers."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(environment.report())
"""
    assert "jax 0." in without_tensorflow(code + "assert 'tensorflow' not in sys.modules", 200)


@needs_jax
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", share(ON_JAX, 4))
def test_the_tests_of_a_module_pass_on_jax(name):
    # In one process: xdist's would be new ones, with TensorFlow. What does not depend on the backend need
    # not be tested twice.
    code = f"""
import importlib.util
import pytest
assert importlib.util.find_spec("tensorflow") is None
chosen = "not (early_stopping or mixed_float16 or checkpoint_of_another or error_of_the_reader)"
chosen += " and not (same_seed or finished_run or class_indices)"
chosen += " and not (nothing_fits or another_error or another_seed or mixed_bfloat16)"
chosen += " and not (been[2] or been[8] or same_on_jax or shortcut)"
sys.exit(pytest.main(["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-k", chosen, "tests/{name}.py"]))
"""
    # Most of the time of such small networks goes into compiling them, and half of that into optimising.
    settings = {"KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    assert " passed" in without_tensorflow(code, 900, **settings)


@needs_jax
def test_jax_and_tensorflow_compute_the_same_codes_and_strategies_work(tmp_path):
    import numpy as np

    code = f"""
import pickle
import numpy as np
from helpers import strategies
from helpers.data import synthetic
from helpers.networks.backbones import Backbone
from helpers.networks.features import CNNCodes
X, y = synthetic.streets(40, seed=1)
np.save({str(tmp_path / "codes.npy")!r}, CNNCodes(Backbone("shapes"), cache=False).fit_transform(X))
for kind in (strategies.FineTune, strategies.ProbeThenFineTune, strategies.FromScratch):
    strategy = kind(epochs=1).fit(X, y)
    scores = strategy.decision_function(X)
    copy = pickle.loads(pickle.dumps(strategy))
    assert np.allclose(copy.decision_function(X), scores, atol=1e-4) and scores.std() > 0
print("done")
"""
    from helpers.data import synthetic
    from helpers.networks.backbones import Backbone
    from helpers.networks.features import CNNCodes

    assert "done" in without_tensorflow(code, 300, TRANSFER_CACHE_DIR=str(tmp_path))
    X, _ = synthetic.streets(40, seed=1)
    here = CNNCodes(Backbone("shapes"), cache=False).fit_transform(X)
    np.testing.assert_allclose(np.load(tmp_path / "codes.npy"), here, atol=2e-3)


@needs_jax
def test_a_gpu_computes_the_same():
    code = """
import threading
import jax
import numpy as np
from helpers.data import synthetic
from helpers.networks import backbones, heads, jax_gpu
from helpers.strategies import training
from helpers.strategies.trained_network import frozen_activations

X, y = synthetic.streets(20, seed=1)
y = (y == y[0]).astype(int)
base = heads.set_trainable_from(backbones.fresh(backbones.Backbone("shapes")), "block4")
model = heads.classifier(base, 2)
frozen, trained = heads.split_frozen(model)
start = trained.get_weights()
found = []
for there in (False, True):
    jax_gpu.stays_on_gpu = lambda size: there  # as if this were a GPU
    trained.set_weights(start)
    kept = frozen_activations(frozen, X, batch_size=16)  # 40 images: the last batch is short
    assert isinstance(kept, jax.Array) == isinstance(training.Batches(X, y, 8).X, jax.Array) == there
    history = training.fit(
        trained, kept, y, epochs=2, batch_size=16, seed=0, head_lr=1e-3, base_lr=1e-4, validation=(kept, y)
    )
    found.append((np.asarray(kept), history["loss"], history["val_loss"]))
for one, other in zip(*found):
    np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-5)
stop = threading.Event()
stop.set()
nothing = frozen_activations(frozen, X, stop)
assert nothing.shape == kept.shape and not nothing.any()
print("done")
"""
    assert "done" in without_tensorflow(code, 300)


@needs_jax
def test_quick_pooling_computes_the_same_and_is_not_saved():
    code = """
import jax
import numpy as np
from helpers.networks import jax_gpu
from helpers.networks.backend import keras

jax_gpu.has_gpu = lambda: True
usual, quick = (
    keras.Sequential([keras.Input((None, None, 2)), keras.layers.MaxPooling2D(name="pool")]) for _ in range(2)
)
jax_gpu.quick_pooling(quick)
assert "call" in vars(quick.layers[-1])
assert "call" not in vars(keras.models.clone_model(quick).layers[-1])
x = np.random.default_rng(0).standard_normal((3, 7, 4, 2)).astype("float32")  # 7: the last row is left out
for f in (lambda model, x: model(x), lambda model, x: jax.grad(lambda x: (model(x) ** 2).sum())(x)):
    np.testing.assert_array_equal(f(quick, x), f(usual, x))
ties = jax.grad(lambda x: quick(x).sum())(np.ones((1, 2, 2, 2), "float32"))
assert (np.asarray(ties) == 0.25).all()
print("done")
"""
    assert "done" in without_tensorflow(code, 200)


BENCHMARK = "from benchmarks import vgg16; vgg16.main(['--small', '--out', {path!r}])"


def rows_of(folder):
    rows = tables.read_results("vgg16", folder)
    assert [*zip(rows["trains"], rows["recipe"], strict=True)] == [
        (trains, recipe)
        for trains in ("head only", "block5", "all layers")
        for recipe in ("plain", "this series")
    ]
    # No upper limit: on a busy CPU the peak may be measured low.
    assert (rows[["images_per_second", "percent_of_peak"]] > 0).all(axis=None)
    once = (rows["recipe"] == "this series") & (rows["trains"] != "all layers")
    assert ((rows["seconds_once"] > 0) == once).all()
    return (folder / "vgg16.csv").read_text()


@needs_jax
@pytest.mark.skipif(not is_turn_of("benchmark, jax"), reason="runs every third day")
@pytest.mark.timeout(900)
def test_the_small_benchmark_runs_on_jax_alone(tmp_path):
    printed = without_tensorflow(BENCHMARK.format(path=str(tmp_path / "vgg16.csv")), 600)
    assert printed.count("images/s") == 6 and "x plain" in printed
    text = rows_of(tmp_path)
    assert "jax" in text and "matrix product measured" in text


@pytest.mark.skipif(not is_turn_of("benchmark, tensorflow"), reason="runs every third day")
@pytest.mark.timeout(900)
def test_the_small_benchmark_runs_on_tensorflow(tmp_path):
    from benchmarks import vgg16

    vgg16.main(["--small", "--out", str(tmp_path / "vgg16.csv")])
    assert "tensorflow" in rows_of(tmp_path)
