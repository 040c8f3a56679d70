import json

import keras
import numpy as np
import pytest

from helpers import models, synthetic
from helpers.models import Backbone


@pytest.fixture(scope="module")
def pictures():
    return synthetic.shapes(8, seed=1)[0]


def test_shipped_shapes_model_reaches_95_percent_of_unseen_shapes_and_beats_the_naive_one():
    record = models.source_record("shapes")
    assert record["validation_accuracy"] >= 0.95
    assert record["validation_accuracy"] > record["naive_accuracy"] + 0.3


def test_shipped_codes_separate_unseen_shapes():
    """The stored weights, not only the record, are good: a probe on 100 a class says so."""
    from helpers.strategies import LinearProbe

    X, y = synthetic.shapes(1000, seed=[7, 1])
    X_out, y_out = synthetic.shapes(1000, seed=[7, 2])
    assert LinearProbe(Backbone("shapes")).fit(X, y).score(X_out, y_out) >= 0.95


def test_shipped_models_are_small():
    files = list(models.WEIGHTS_DIR.glob("*.npz"))
    assert {path.stem for path in files} == set(models.SHIPPED)
    assert sum(path.stat().st_size for path in files) <= 6 * 2**20


def test_layers_are_named_as_in_vgg16():
    mini = {layer.name for layer in models.mini_vgg().layers}
    vgg = {layer.name for layer in models.load(Backbone("VGG16")).layers}
    for name in ("block1_conv1", "block2_conv2", "block3_pool", "block4_conv1", "block4_pool"):
        assert name in mini and name in vgg


def test_weights_are_seeded():
    one, same, other = (models.mini_vgg(seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("name", ["VGG16", "MobileNet", "ResNet50", "DenseNet121", "MobileNetV2"])
def test_preprocessing_inside_equals_the_applications_own(name, pictures):
    module = {
        "VGG16": "vgg16",
        "MobileNet": "mobilenet",
        "ResNet50": "resnet",
        "DenseNet121": "densenet",
        "MobileNetV2": "mobilenet_v2",
    }[name]
    expected = getattr(keras.applications, module).preprocess_input(pictures.astype("float32"))
    x = pictures.astype("float32")
    for step in models._preprocessing(name):
        x = step(x)
    np.testing.assert_allclose(np.asarray(x), expected, atol=1e-4)


def test_real_mobilenet_weights_give_the_same_codes_as_keras_applications(real_data):
    path = str(real_data("weights") / "mobilenet_0.75_224_no_top.weights.h5")
    ours = models.load(Backbone("MobileNet", path, (("alpha", 0.75),)))
    theirs = keras.applications.MobileNet(
        alpha=0.75, include_top=False, weights=path, input_shape=(224, 224, 3)
    )
    X = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    expected = theirs.predict(X / 127.5 - 1, verbose=0)
    np.testing.assert_allclose(ours.predict(X, verbose=0), expected, atol=1e-3)


@pytest.mark.parametrize(
    "from_block, frozen",
    [
        ("block3", {"block1", "block2"}),
        ("all", set()),
        (None, {"block1", "block2", "block3", "block4"}),
    ],
)
def test_freezing_stops_where_it_says(from_block, frozen):
    model = models.set_trainable_from(models.fresh(Backbone("shapes")), from_block)
    stays = {
        models.block_of(layer.name)
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D) and not layer.trainable_weights
    }
    assert stays == frozen


def test_blocks_of_mobilenet_v2_are_known():
    backbone = Backbone("MobileNetV2")
    assert backbone.blocks[0] == "block1" and backbone.blocks[-1] == "block16"
    model = models.set_trainable_from(models.fresh(backbone), "last")
    assert {models.block_of(w.path.split("/")[0]) for w in model.trainable_weights} >= {"block13", "block16"}


def test_a_network_that_tells_of_no_blocks_says_so():
    from helpers.strategies import EarlierLayerSVM

    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="first")])
    with pytest.raises(ValueError, match="from_block='all'"):
        models.set_trainable_from(model, "last")
    with pytest.raises(ValueError, match="name one with layer="):
        EarlierLayerSVM(Backbone("InceptionV3")).pipeline()


def test_unknown_block_and_backbone_are_named():
    with pytest.raises(ValueError, match="block9.*block4"):
        models.set_trainable_from(models.mini_vgg(), "block9")
    with pytest.raises(ValueError, match="Resnet5000.*VGG16"):
        Backbone("Resnet5000")
    for name in ("MobileNetV3Small", "EfficientNetB0"):  # cannot be prepared for in layers
        with pytest.raises(ValueError, match=f"{name}.*preparation of pictures.*EfficientNetV2B0"):
            Backbone(name)
    with pytest.raises(ValueError, match="'photos' takes no weights"):
        Backbone("photos", __file__)
    with pytest.raises(FileNotFoundError, match="nowhere.h5"):
        Backbone("VGG16", "nowhere.h5")


def test_the_shared_backbone_is_not_what_training_changes():
    before = models.fingerprint(Backbone("shapes"))
    own = models.fresh(Backbone("shapes"))
    own.layers[2].set_weights([w + 1 for w in own.layers[2].get_weights()])
    models.fingerprint.cache_clear()
    assert models.fingerprint(Backbone("shapes")) == before


def test_layer_table_adds_up():
    model = models.classifier(models.set_trainable_from(models.mini_vgg(), "block4"), 10)
    rows = models.layer_table(model)
    assert sum(row["parameters"] for row in rows) == model.count_params()
    assert sum(row["trainable"] for row in rows) == models.count_trainable(model)
    assert [r for r in rows if r["layer"] == "block1_conv1"][0]["trainable"] == 0


def test_batchnorm_statistics_survive_fine_tuning():
    from helpers.strategies import FullFineTune

    tuned = FullFineTune(epochs=1).fit(*synthetic.streets(64, seed=1)).model_.get_layer("mini_vgg")
    source = models.load(Backbone("shapes"))
    for layer in source.layers:
        own = tuned.get_layer(layer.name).get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            for before, after in zip(layer.get_weights(), own, strict=True):
                np.testing.assert_array_equal(after, before)
        elif layer.weights:
            assert not np.array_equal(own[0], layer.get_weights()[0]), f"{layer.name} did not train"


def test_pretraining_on_photographs_needs_their_folder():
    with pytest.raises(ValueError, match="--folder"):
        models.main(["pretrain", "--source", "photos"])


def test_pretraining_trains_and_saves(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(models, "WEIGHTS_DIR", tmp_path)
    original = synthetic.shapes
    monkeypatch.setattr(synthetic, "shapes", lambda n, seed: original(min(n, 300), seed))
    models.main(["pretrain", "--source", "shapes", "--epochs", "1"])
    record = json.loads((tmp_path / "shapes.json").read_text())
    assert record["parameters"] == models.mini_vgg().count_params()
    with np.load(tmp_path / "shapes.npz", allow_pickle=False) as stored:
        assert set(stored) == {w.path for w in models.mini_vgg().weights}
    assert "validation accuracy" in capsys.readouterr().out


def test_augmentation_changes_pictures_while_training_only():
    model = models.classifier(models.fresh(models.Backbone("shapes")), 2, augment=True)
    picture = np.random.default_rng(0).integers(0, 255, (1, 32, 32, 3)).astype("uint8")
    plain = models.classifier(models.fresh(models.Backbone("shapes")), 2)
    plain.get_layer("head").set_weights(model.get_layer("head").get_weights())
    np.testing.assert_allclose(
        model.predict(picture, verbose=0), plain.predict(picture, verbose=0), atol=1e-5
    )
    seen = {np.asarray(model(picture, training=True)).round(4).tobytes() for _ in range(4)}
    assert len(seen) > 1


@pytest.mark.parametrize("from_block", ["block2", "last", None])
def test_a_classifier_is_cut_where_its_training_begins(from_block):
    base = models.set_trainable_from(models.fresh(Backbone("shapes")), from_block)
    model = models.classifier(base, 3)
    frozen, trained = models.split_frozen(model)
    pictures = synthetic.streets(6, seed=1)[0]
    np.testing.assert_allclose(
        trained.predict(frozen.predict(pictures, verbose=0), verbose=0),
        model.predict(pictures, verbose=0),
        atol=1e-4,
    )
    assert frozen.trainable_weights == []
    assert {w.path for w in trained.trainable_weights} == {w.path for w in model.trainable_weights}


@pytest.mark.parametrize("options", [{"from_block": "all"}, {"from_block": None, "augment": True}])
def test_nothing_is_cut_where_every_epoch_is_different(options):
    from_block = options.pop("from_block")
    base = models.set_trainable_from(models.fresh(Backbone("shapes")), from_block)
    assert models.split_frozen(models.classifier(base, 3, **options)) is None


def test_a_shortcut_around_the_cut_is_respected():
    """ResNet50: block5 begins with a unit whose shortcut starts before it, in the middle there is another."""
    base = models.set_trainable_from(models.fresh(Backbone("ResNet50")), "block5")
    model = models.classifier(base, 3)
    pictures = synthetic.streets(2, seed=1)[0]
    if split := models.split_frozen(model):
        frozen, trained = split
        np.testing.assert_allclose(
            trained.predict(frozen.predict(pictures, verbose=0), verbose=0),
            model.predict(pictures, verbose=0),
            rtol=1e-3,
            atol=1e-3,
        )
    inside = [layer for layer in base.layers if layer.name.startswith("conv5_block2")][4:]
    for layer in base.layers[: base.layers.index(inside[0])]:
        layer.trainable = False
    assert models.split_frozen(model) is None


def test_the_last_quarter_of_the_blocks():
    base = models.set_trainable_from(models.fresh(Backbone("MobileNet")), "last")
    trains = {models.block_of(la.name) for la in base.layers if la.trainable_weights}
    assert trains == {"block11", "block12", "block13"}
