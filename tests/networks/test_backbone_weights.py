"""Which weights a backbone has: random ones only by request, and those of a file as the file is now."""

import copy
import os
import pickle
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from downloading import isolate
from made_weights import older_format

from helpers.data.image_sets import builtin
from helpers.findings import advisor
from helpers.findings.similarity import similarity
from helpers.networks import applications, backbones
from helpers.networks.backbones import Backbone
from helpers.networks.default_sources import Sources
from helpers.networks.features import CNNCodes
from helpers.strategies import EarlierLayerSVM, LinearProbe
from helpers.strategies.export import export, to_keras

ALPHA = {"alpha": 0.25}  # a small network: its file has less than 1 MB
RANDOM = Backbone("MobileNet", "random", ALPHA)
X = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def data():
    return builtin("micrographs", 6, 0, 0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two files of the same size for the same network, with different weights."""
    folder = tmp_path_factory.mktemp("weights")
    made = []
    for seed in range(2):
        made.append(folder / f"{seed}.weights.h5")
        keras.utils.set_random_seed(seed)
        keras.applications.MobileNet(include_top=False, weights=None, **ALPHA).save_weights(made[-1])
    assert made[0].stat().st_size == made[1].stat().st_size
    return made


@pytest.fixture
def path(files, tmp_path):
    return Path(shutil.copy(files[0], tmp_path / "own.weights.h5"))


def from_file(path):
    return Backbone("MobileNet", path, ALPHA)


def first_weights(backbone):
    return backbones.load(backbone).get_weights()[0]


def of_file(path):
    model = keras.applications.MobileNet(include_top=False, weights=None, **ALPHA)
    model.load_weights(path)
    return model.get_weights()[0]


# Random weights are asked for by name.


def test_named_networks_have_imagenet_weights_as_in_keras():
    for name in ("VGG16", "MobileNet", "DenseNet121"):
        assert Backbone(name).weights == "imagenet" and "ImageNet weights" in repr(Backbone(name))
        assert Backbone(name, "random") == Backbone(name, None) != Backbone(name)
    assert Backbone("shapes").weights == "shipped" and Backbone("MiniVGG").weights == "random"


@pytest.mark.parametrize("backbone", [RANDOM, Backbone("MiniVGG", seed=3), Backbone("VGG16", None)], ids=repr)
def test_random_weights_are_said(backbone):
    assert backbone.is_random
    for text in (
        repr(backbone),
        backbone.title,
        repr(LinearProbe(backbone)),
        repr(Sources((backbone,), (), ())),
    ):
        assert "random weights" in text
    assert f"seed={backbone.seed}" in repr(backbone)


def test_other_weights_are_not_called_random(path):
    for backbone in (Backbone("shapes"), Backbone("VGG16"), from_file(path)):
        assert not backbone.is_random
        assert "random" not in f"{backbone!r} {backbone.title} {Sources((backbone,), (), ())!r}"
    assert "own.weights.h5" in repr(from_file(path))


def test_tables_and_advice_say_random_weights(data):
    assert "MiniVGG (random weights)" in repr(similarity(data, [Backbone("MiniVGG")]))
    advice = advisor.recommend(data, [Backbone("MiniVGG")])
    assert "The best source is MiniVGG (random weights)" in repr(advice)
    assert advisor.UNTRAINED in repr(advice) and "MiniVGG (random weights)" in advice._repr_html_()
    assert advisor.UNTRAINED not in repr(advisor.recommend(data, [Backbone("shapes")]))


def test_shipped_models_have_no_other_weights():
    for weights in (None, "random", "imagenet", __file__):
        with pytest.raises(ValueError, match=r"'shapes' accepts no weights.*Backbone\('MiniVGG'\)"):
            Backbone("shapes", weights)
    with pytest.raises(TypeError, match="'imagenet', 'random' or the path.*Received: 5"):
        Backbone("VGG16", 5)


def test_missing_imagenet_weights_name_the_remedies(monkeypatch, tmp_path):
    isolate(monkeypatch, tmp_path)

    def failing(*_, **__):
        raise Exception("URL fetch failure on https://example.org: None")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", failing)
    with pytest.raises(ConnectionError, match="ImageNet weights of MobileNetV2.*URL fetch.*weights='random'"):
        backbones.load(Backbone("MobileNetV2"))
    with pytest.raises(ValueError, match=r"no ImageNet weights for the options {'alpha': 0.6}.*'random'"):
        backbones.load(Backbone("MobileNetV2", options={"alpha": 0.6}))


def test_imagenet_weights_are_found_in_the_data_folder(monkeypatch, tmp_path):
    isolate(monkeypatch, tmp_path)
    monkeypatch.setenv("TRANSFER_DATA_DIR", str(tmp_path))
    (tmp_path / "weights").mkdir()
    made = keras.applications.MobileNet(alpha=0.75, weights=None, include_top=False)
    older_format(tmp_path / "weights" / "mobilenet_7_5_224_tf_no_top.h5", made)
    loaded = backbones.load(Backbone("MobileNet", options={"alpha": 0.75}))
    np.testing.assert_array_equal(loaded.get_weights()[0], made.get_weights()[0])


# Every form of options and paths.


@pytest.mark.parametrize(
    "options",
    [
        {"depth_multiplier": 1, "alpha": 0.25},
        [("alpha", 0.25), ("depth_multiplier", 1)],
        (["depth_multiplier", np.int64(1)], ["alpha", np.float64(0.25)]),
        {"alpha": 0.25, "depth_multiplier": 1}.items(),
    ],
    ids=["dict", "list", "lists", "items"],
)
def test_options_have_one_form(options):
    backbone = Backbone("MobileNet", "random", options)
    assert backbone.options == (("alpha", 0.25), ("depth_multiplier", 1))
    assert hash(backbone) == hash(Backbone("MobileNet", "random", {"alpha": 0.25, "depth_multiplier": 1}))
    assert backbones.load(backbone).count_params() == backbones.load(RANDOM).count_params()


@pytest.mark.parametrize(
    "name, options, error, words",
    [
        ("MobileNet", {"alfa": 0.5}, ValueError, "Unknown option 'alfa' of MobileNet. Use one of: .*alpha"),
        ("VGG16", {"alpha": 0.5}, ValueError, "Unknown option 'alpha' of VGG16. VGG16 has no options"),
        ("MobileNet", {"pooling": "avg"}, ValueError, "Unknown option 'pooling'"),
        ("EfficientNetV2B0", {"include_preprocessing": 0}, ValueError, "Unknown option"),
        ("MobileNet", {"alpha": [0.5]}, TypeError, "'alpha' of MobileNet must be a number"),
        ("MobileNet", [("alpha", 1), ("alpha", 2)], ValueError, "occurs twice"),
        ("MobileNet", "alpha", TypeError, r"a dict or \(name, value\) pairs"),
        ("MobileNet", 0.5, TypeError, r"a dict or \(name, value\) pairs"),
        ("shapes", {"alpha": 0.5}, ValueError, "'shapes' accepts no options"),
    ],
)
def test_unsuitable_options_are_named_at_once(name, options, error, words):
    with pytest.raises(error, match=words):
        Backbone(name, options=options)


def test_values_that_a_network_refuses_are_named():
    with pytest.raises(ValueError, match="MobileNet cannot be built with the options {'depth_multiplier'"):
        backbones.load(Backbone("MobileNet", "random", {"depth_multiplier": -1}))
    with pytest.raises(ValueError, match="MobileNet cannot be built with the options {'alpha': inf}"):
        backbones.load(Backbone("MobileNet", "random", {"alpha": float("inf")}))


def test_an_unknown_user_is_a_missing_file():
    with pytest.raises(FileNotFoundError, match="Weights file not found: '~nobody_here/x"):
        Backbone("MobileNet", "~nobody_here/x.weights.h5")


def test_seeds_are_checked():
    assert Backbone("MiniVGG", seed=np.int64(3)) == Backbone("MiniVGG", seed=3)
    for seed in (-1, 0.5, None, 2**32):
        with pytest.raises(ValueError, match="seed must be an integer"):
            Backbone("MiniVGG", seed=seed)


def test_paths_have_one_form(path, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    forms = [from_file(form) for form in (path, str(path), path.name, f"~/{path.name}")]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(set(forms)) == 1 and forms[0].weights == str(path)
    np.testing.assert_array_equal(first_weights(forms[2]), of_file(path))


def test_copies_and_pickles_are_equal(path):
    for backbone in (Backbone(), RANDOM, from_file(path), Backbone("VGG16")):
        for made in (pickle.loads(pickle.dumps(backbone)), copy.deepcopy(backbone), copy.copy(backbone)):
            assert made == backbone and hash(made) == hash(backbone) and repr(made) == repr(backbone)


def test_pickles_of_older_versions_keep_their_weights():
    for name, expected in (("photos", Backbone("photos")), ("MobileNet", Backbone("MobileNet", "random"))):
        older = object.__new__(Backbone)
        older.__setstate__({"name": name, "weights": None, "options": (), "seed": 0})
        assert older == expected


# A cached network is that of the file as it is now.


def overwritten(path, other):
    shutil.copyfile(other, path)


def same_time_and_size(path, other):
    before = path.stat()
    shutil.copyfile(other, path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path, other):
    os.replace(shutil.copy2(other, path.with_name("new.h5")), path)


def linked(path, other):
    path.unlink()
    path.symlink_to(other)


@pytest.mark.parametrize("change", [overwritten, same_time_and_size, replaced, linked])
def test_a_changed_file_gives_the_new_network(change, path, files):
    np.testing.assert_array_equal(first_weights(from_file(path)), of_file(files[0]))
    before, hashed = CNNCodes(from_file(path)).fit_transform(X), backbones.fingerprint(from_file(path))
    change(path, files[1])
    np.testing.assert_array_equal(first_weights(from_file(path)), of_file(files[1]))
    assert backbones.fingerprint(from_file(path)) != hashed
    codes = CNNCodes(from_file(path)).fit_transform(X)
    assert not np.array_equal(codes, before)
    np.testing.assert_array_equal(codes, CNNCodes(from_file(files[1]), cache=False).fit_transform(X))


@pytest.mark.parametrize("cache", [True, False])
def test_a_fitted_head_refuses_other_weights(cache, path, files):
    codes = CNNCodes(from_file(path), cache=cache).fit(X)
    before = codes.transform(X)
    os.utime(path)
    np.testing.assert_array_equal(codes.transform(X), before)
    overwritten(path, files[1])
    for use in (codes.transform, lambda X: codes.check_weights()):
        with pytest.raises(ValueError, match="own.weights.h5.*not those that fit saw.*call fit again"):
            use(X)
    overwritten(path, files[0])
    np.testing.assert_array_equal(codes.transform(X), before)


@pytest.mark.parametrize("kind", [LinearProbe, EarlierLayerSVM])
def test_an_old_head_is_not_exported_with_other_weights(kind, data, path, files, tmp_path):
    fitted = kind(from_file(path)).fit(data.X_train, data.y_train)
    before = to_keras(fitted).predict(data.X_train, verbose=0)
    fitted.set_params(backbone=from_file(files[1]))  # for the next fit
    np.testing.assert_array_equal(to_keras(fitted).predict(data.X_train, verbose=0), before)
    overwritten(path, files[1])
    for make in (to_keras, lambda strategy: export(strategy, tmp_path / "out")):
        with pytest.raises(ValueError, match="own.weights.h5.*not those that fit saw"):
            make(fitted)
    assert not (tmp_path / "out").exists()


def test_a_deleted_file_is_named(path):
    backbone = from_file(path)
    backbones.load(backbone)
    path.unlink()
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match="own.weights.h5.*no longer exists.*Restore it"):
            backbones.load(backbone)
        path.mkdir(exist_ok=True)  # a folder in its place


def test_a_newly_trained_source_model_is_loaded(monkeypatch, tmp_path):
    shutil.copy(backbones.WEIGHTS_DIR / "photos.npz", tmp_path / "shapes.npz")
    before = first_weights(Backbone("shapes"))
    monkeypatch.setattr(backbones, "WEIGHTS_DIR", tmp_path)
    assert not np.array_equal(first_weights(Backbone("shapes")), before)


def test_the_precision_of_keras_is_respected():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert backbones.load(RANDOM).get_layer("conv1").compute_dtype == "bfloat16"
    finally:
        keras.config.set_dtype_policy(policy)
    assert backbones.load(RANDOM).get_layer("conv1").compute_dtype == "float32"


# The shared network stays as it is.


def changed_by(backbone, spoil):
    """Return whether features change when someone changes a network that was handed out."""
    before = CNNCodes(backbone, cache=False).fit_transform(X)
    spoil(backbones.load(backbone))
    spoil(backbones.fresh(backbone))
    after = CNNCodes(backbone, cache=False).fit_transform(X)
    fresh = backbones.fresh(backbone).get_weights()[0]
    return not (np.array_equal(before, after) and np.array_equal(fresh, first_weights(backbone)))


def trained(model):
    model.trainable = True
    assert model.trainable_weights
    outer = keras.Sequential([model, keras.layers.GlobalAveragePooling2D()])
    outer.compile(keras.optimizers.SGD(0.1), "mse")
    outer.fit(X, np.ones((len(X), model.output_shape[-1])), verbose=0)


def overwritten_weights(model):
    model.set_weights([weights + 1 for weights in model.get_weights()])


def assigned(model):
    model.layers[2].weights[0].assign(model.layers[2].weights[0] + 1)


def cut_and_changed(model):
    overwritten_weights(keras.Model(model.input, model.layers[-2].output))


@pytest.mark.parametrize("spoil", [trained, overwritten_weights, assigned, cut_and_changed])
@pytest.mark.parametrize("backbone", [Backbone("shapes"), RANDOM], ids=["shapes", "random"])
def test_what_is_handed_out_changes_nobody_elses_features(backbone, spoil):
    assert not changed_by(backbone, spoil)


def test_loaded_networks_are_frozen_and_separate():
    one, other = (backbones.load(Backbone("shapes")) for _ in range(2))
    assert one is not other and not one.trainable_weights
    assert all(layer.trainable for layer in backbones.fresh(Backbone("shapes")).layers)
    one.trainable = True
    assert one.trainable_weights and not other.trainable_weights
    np.testing.assert_allclose(one.predict(X, verbose=0), other.predict(X, verbose=0))


def test_options_that_keras_offers_are_known():
    assert applications.checked_options("MobileNetV2", {"alpha": 1.4}) == (("alpha", 1.4),)
