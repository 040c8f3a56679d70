"""No function changes what belongs to the whole process: random states, warnings, figures, folders."""

import pickle
import random
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from global_state import unchanged

from helpers.data.image_sets import builtin
from helpers.exercises import workflow
from helpers.networks import backbones, basics, explain, surgery
from helpers.networks.backbones import Backbone
from helpers.networks.seeding import seeded
from helpers.strategies import export, registry, silent_bugs
from helpers.strategies.rate_finder import find_rates

ROOT = Path(__file__).resolve().parents[1]
MOBILENET = Backbone("MobileNet", "random", {"alpha": 0.25})

# In a process of its own: what others change when they are imported comes first.
IMPORTS = """
import importlib, json, sys
sys.path[:0] = [{root!r}, {tests!r}]
import keras, matplotlib.pyplot, pandas, PIL.Image, scipy.special, sklearn.pipeline, ipywidgets, requests
import sklearn.svm, sklearn.linear_model, sklearn.model_selection, joblib, nbformat, IPython.display
keras.ops.zeros(1)
from global_state import changes, global_state
from test_examples import modules
before = global_state()
for name, _ in modules():
    importlib.import_module(name)
after = global_state()
allowed = {{"TF_CPP_MIN_LOG_LEVEL": "3"}}
assert after["environment"] == allowed | before["environment"], "environment"
before["environment"] = after["environment"]
before["logging"]["tensorflow"] = after["logging"]["tensorflow"]  # TensorFlow's advice is switched off
print("changed:", changes(before, after))
"""


@pytest.fixture(scope="module")
def data():
    return builtin("new_shapes", 3, 2, 2)


def test_importing_the_package_changes_nothing():
    script = IMPORTS.format(root=str(ROOT), tests=str(ROOT / "tests"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1:] == ["changed: []"], done.stdout + done.stderr


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: entry.name)
def test_strategies_leave_the_global_state(entry, data):
    strategy = entry.make(Backbone("shapes"))
    if entry.trains_network:
        strategy.set_params(epochs=1)
    validation = {"validation": (data.X_validation, data.y_validation)} if entry.trains_network else {}
    with unchanged():
        fitted = pickle.loads(pickle.dumps(strategy.fit(data.X_train, data.y_train, **validation)))
        fitted.score(data.X_test, data.y_test)
        if hasattr(fitted, "backbone"):
            export.to_keras(fitted)


@pytest.mark.parametrize(
    "call",
    [
        lambda data: backbones.load(MOBILENET),
        lambda data: backbones.fresh(Backbone("MiniVGG", seed=4)),
        lambda data: basics.train(basics.conv_net(), basics.digits(20), epochs=1),
        lambda data: silent_bugs.CASES["softmax"].train(data, 0),
        lambda data: find_rates(Backbone("shapes"), data.X_train, data.y_train),
        lambda data: surgery.swapped(backbones.load(MOBILENET), "conv_pw_8", "conv_pw_9"),
        lambda data: explain.grad_cam(workflow.small_network(), data.X_train[0], 1),
    ],
    ids=["load", "fresh", "basics", "silent bugs", "rates", "surgery", "grad_cam"],
)
def test_networks_leave_the_global_state(call, data, monkeypatch):
    monkeypatch.setattr(silent_bugs, "EPOCHS", 1)
    backbones.forget()
    with unchanged():
        call(data)


def test_random_subsets_between_fits_differ(data):
    """Fits that reset `np.random` would make all "random" subsets, and so their accuracies, the same."""
    chosen, coins = set(), set()
    for _ in range(3):
        rows = np.random.permutation(len(data.y_train))[:20]
        chosen.add(tuple(rows))
        coins.add(random.random())
        registry.get("Fine-tune").make(MOBILENET, epochs=1).fit(data.X_train[rows], data.y_train[rows])
    assert len(chosen) == len(coins) == 3


def test_a_seeded_block_draws_the_same_and_hides_it():
    def weights(seed):
        with seeded(seed):
            layer = keras.layers.Dense(3)
            layer.build((None, 2))
        return layer.get_weights()[0].tolist()

    with unchanged():
        assert weights(1) == weights(1) != weights(2)


def test_a_seeded_block_restores_after_an_error():
    with unchanged(), pytest.raises(KeyError), seeded(0):
        random.random(), np.random.rand()
        raise KeyError


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX has no global random state")
def test_the_readers_tensorflow_numbers_continue():
    import tensorflow as tf

    def numbers(between):
        tf.random.set_seed(5)
        first = [tf.random.uniform([]).numpy(), tf.random.uniform([], seed=7).numpy()]
        between()
        return [*first, tf.random.uniform([]).numpy(), tf.random.uniform([], seed=7).numpy()]

    def fit():
        basics.train(basics.dense_net((4,)), basics.digits(20), epochs=1)

    assert numbers(fit) == numbers(lambda: None)
