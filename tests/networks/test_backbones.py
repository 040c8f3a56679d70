import json

import keras
import numpy as np
import pytest

from helpers.__main__ import main
from helpers.data import synthetic
from helpers.networks import applications, backbones, heads, pretraining, source_models
from helpers.networks.backbones import Backbone


@pytest.fixture(scope="module")
def images():
    return synthetic.shapes(8, seed=1)[0]


def test_shipped_shapes_model_reaches_95_percent_of_unseen_shapes_and_beats_the_naive_one():
    record = source_models.source_record("shapes")
    assert record["validation_accuracy"] >= 0.95
    assert record["validation_accuracy"] > record["naive_accuracy"] + 0.3


def test_shipped_codes_separate_unseen_shapes():
    """Check the stored weights, not only the record, by a probe on 100 images per class."""
    from helpers.strategies import LinearProbe

    X, y = synthetic.shapes(1000, seed=[7, 1])
    X_out, y_out = synthetic.shapes(1000, seed=[7, 2])
    assert LinearProbe(Backbone("shapes")).fit(X, y).score(X_out, y_out) >= 0.95


def test_shipped_models_are_small():
    files = list(backbones.WEIGHTS_DIR.glob("*.npz"))
    assert {path.stem for path in files} == {*backbones.SHIPPED, "captions"}
    assert sum(path.stat().st_size for path in files) <= 6 * 2**20


def test_layers_are_named_as_in_vgg16():
    mini = {layer.name for layer in backbones.mini_vgg().layers}
    vgg = {layer.name for layer in backbones.load(Backbone("VGG16", "random")).layers}
    for name in ("block1_conv1", "block2_conv2", "block3_pool", "block4_conv1", "block4_pool"):
        assert name in mini and name in vgg


@pytest.mark.parametrize("name", ["MobileNet", "InceptionV3", "EfficientNetV2B0", "EfficientNetV2B2"])
def test_the_image_size_is_that_of_the_complete_network(name):
    complete = getattr(keras.applications, name)(weights=None, classes=2)
    assert Backbone(name).image_size == complete.input_shape[1] == complete.input_shape[2]


def test_weights_are_seeded():
    one, same, other = (backbones.mini_vgg(seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("name", ["VGG16", "MobileNet", "ResNet50", "DenseNet121", "MobileNetV2"])
def test_preprocessing_layers_equal_preprocess_input(name, images):
    module = {
        "VGG16": "vgg16",
        "MobileNet": "mobilenet",
        "ResNet50": "resnet",
        "DenseNet121": "densenet",
        "MobileNetV2": "mobilenet_v2",
    }[name]
    expected = getattr(keras.applications, module).preprocess_input(images.astype("float32"))
    x = images.astype("float32")
    for step in applications.preprocessing(name):
        x = step(x)
    np.testing.assert_allclose(np.asarray(x), expected, atol=1e-4)


def test_real_mobilenet_weights_give_the_same_codes_as_keras_applications(real_data):
    path = str(real_data("weights") / "mobilenet_0.75_224_no_top.weights.h5")
    ours = backbones.load(Backbone("MobileNet", path, (("alpha", 0.75),)))
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
def test_layers_before_the_block_are_frozen(from_block, frozen):
    model = heads.set_trainable_from(backbones.fresh(Backbone("shapes")), from_block)
    stays = {
        backbones.block_of(layer.name)
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D) and not layer.trainable_weights
    }
    assert stays == frozen


def test_blocks_of_mobilenet_v2_are_known():
    backbone = Backbone("MobileNetV2", "random")
    assert backbone.blocks[0] == "block1" and backbone.blocks[-1] == "block16"
    model = heads.set_trainable_from(backbones.fresh(backbone), "last")
    assert {backbones.block_of(w.path.split("/")[0]) for w in model.trainable_weights} >= {
        "block13",
        "block16",
    }


def test_a_network_without_block_numbers_says_so():
    from helpers.strategies import EarlierLayerSVM

    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="first")])
    with pytest.raises(ValueError, match="from_block='all'"):
        heads.set_trainable_from(model, "last")
    with pytest.raises(ValueError, match="no block numbers.*layer="):
        EarlierLayerSVM(Backbone("InceptionV3", "random")).pipeline()


def test_unknown_block_and_backbone_are_named():
    with pytest.raises(ValueError, match="block9.*block4"):
        heads.set_trainable_from(backbones.mini_vgg(), "block9")
    with pytest.raises(ValueError, match="Resnet5000.*VGG16"):
        Backbone("Resnet5000")
    for name in ("MobileNetV3Small", "EfficientNetB0"):  # their preprocessing cannot be built as layers
        with pytest.raises(ValueError, match=f"{name}.*preprocessing.*EfficientNetV2B0"):
            Backbone(name)
    for name in ("vgg16", 16):
        with pytest.raises(ValueError, match=f"Unknown backbone {name!r}. .*such as 'VGG16'"):
            Backbone(name)
    with pytest.raises(TypeError, match=r"such as Backbone\('shapes'\). Received: 'shapes', of type str"):
        backbones.fresh("shapes")
    for call in (heads.set_trainable_from, heads.classifier):
        with pytest.raises(TypeError, match=r"such as fresh\(Backbone\('shapes'\)\). Received: Backbone\("):
            call(Backbone("shapes"), 2)
    with pytest.raises(ValueError, match="classes must be an integer of at least 2. Received: 1"):
        heads.classifier(backbones.mini_vgg(), 1)
    with pytest.raises(ValueError, match="'photos' accepts no weights.*Received: weights="):
        Backbone("photos", __file__)
    with pytest.raises(FileNotFoundError, match="nowhere.h5"):
        Backbone("VGG16", "nowhere.h5")


def test_training_does_not_change_the_shared_backbone():
    before = backbones.fingerprint(Backbone("shapes"))
    own = backbones.fresh(Backbone("shapes"))
    own.layers[2].set_weights([w + 1 for w in own.layers[2].get_weights()])
    backbones.forget()
    assert backbones.fingerprint(Backbone("shapes")) == before


def test_layer_table_adds_up():
    model = heads.classifier(heads.set_trainable_from(backbones.mini_vgg(), "block4"), 10)
    rows = heads.layer_table(model)
    assert sum(row["parameters"] for row in rows) == model.count_params()
    assert sum(row["trainable"] for row in rows) == heads.count_trainable(model)
    assert [r for r in rows if r["layer"] == "block1_conv1"][0]["trainable"] == 0


def test_batchnorm_statistics_survive_fine_tuning():
    from helpers.strategies import FullFineTune

    tuned = FullFineTune(epochs=1).fit(*synthetic.streets(64, seed=1)).model_.get_layer("mini_vgg")
    source = backbones.load(Backbone("shapes"))
    for layer in source.layers:
        own = tuned.get_layer(layer.name).get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            for before, after in zip(layer.get_weights(), own, strict=True):
                np.testing.assert_array_equal(after, before)
        elif layer.weights:
            assert not np.array_equal(own[0], layer.get_weights()[0]), f"{layer.name} did not train"


def test_pretraining_on_photographs_needs_their_folder():
    with pytest.raises(ValueError, match="--folder"):
        pretraining.run("photos")


@pytest.mark.slow
def test_pretraining_trains_and_saves(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(source_models, "WEIGHTS_DIR", tmp_path)
    original = synthetic.shapes
    monkeypatch.setattr(synthetic, "shapes", lambda n, seed: original(min(n, 300), seed))
    main(["pretrain", "--source", "shapes", "--epochs", "1"])
    record = json.loads((tmp_path / "shapes.json").read_text())
    assert record["parameters"] == backbones.mini_vgg().count_params()
    with np.load(tmp_path / "shapes.npz", allow_pickle=False) as stored:
        assert set(stored) == {w.path for w in backbones.mini_vgg().weights}
    assert "validation accuracy" in capsys.readouterr().out


def test_augmentation_changes_images_during_training_only():
    model = heads.classifier(backbones.fresh(backbones.Backbone("shapes")), 2, augment=True)
    image = np.random.default_rng(0).integers(0, 255, (1, 32, 32, 3)).astype("uint8")
    plain = heads.classifier(backbones.fresh(backbones.Backbone("shapes")), 2)
    plain.get_layer("head").set_weights(model.get_layer("head").get_weights())
    np.testing.assert_allclose(model.predict(image, verbose=0), plain.predict(image, verbose=0), atol=1e-5)
    seen = {np.asarray(model(image, training=True)).round(4).tobytes() for _ in range(4)}
    assert len(seen) > 1


@pytest.mark.parametrize("from_block", ["block2", "last", None])
def test_a_classifier_is_cut_at_its_first_trainable_layer(from_block):
    base = heads.set_trainable_from(backbones.fresh(Backbone("shapes")), from_block)
    model = heads.classifier(base, 3)
    frozen, trained = heads.split_frozen(model)
    images = synthetic.streets(6, seed=1)[0]
    np.testing.assert_allclose(
        trained.predict(frozen.predict(images, verbose=0), verbose=0),
        model.predict(images, verbose=0),
        atol=1e-4,
    )
    assert frozen.trainable_weights == []
    assert {w.path for w in trained.trainable_weights} == {w.path for w in model.trainable_weights}


@pytest.mark.parametrize("options", [{"from_block": "all"}, {"from_block": None, "augment": True}])
def test_augmented_classifiers_are_not_cut(options):
    from_block = options.pop("from_block")
    base = heads.set_trainable_from(backbones.fresh(Backbone("shapes")), from_block)
    assert heads.split_frozen(heads.classifier(base, 3, **options)) is None


@pytest.mark.slow
def test_a_shortcut_around_the_cut_is_respected():
    """ResNet50: block5 begins with a unit whose shortcut starts before it, and others follow."""
    base = heads.set_trainable_from(backbones.fresh(Backbone("ResNet50", "random")), "block5")
    model = heads.classifier(base, 3)
    images = synthetic.streets(2, seed=1)[0]
    if split := heads.split_frozen(model):
        frozen, trained = split
        np.testing.assert_allclose(
            trained.predict(frozen.predict(images, verbose=0), verbose=0),
            model.predict(images, verbose=0),
            rtol=1e-3,
            atol=1e-3,
        )
    inside = [layer for layer in base.layers if layer.name.startswith("conv5_block2")][4:]
    for layer in base.layers[: base.layers.index(inside[0])]:
        layer.trainable = False
    assert heads.split_frozen(model) is None


def test_the_last_quarter_of_the_blocks():
    base = heads.set_trainable_from(backbones.fresh(Backbone("MobileNet", "random")), "last")
    trains = {backbones.block_of(la.name) for la in base.layers if la.trainable_weights}
    assert trains == {"block11", "block12", "block13"}


@pytest.mark.parametrize("blocks", [("block1",), ["block2", "block3"], ()])
def test_only_the_named_blocks_train(blocks):
    model = heads.set_trainable_blocks(backbones.fresh(Backbone("shapes")), blocks)
    trained = {backbones.block_of(layer.name) for layer in model.layers if layer.trainable_weights}
    assert trained == set(blocks)
    assert not any(layer.trainable for layer in model.layers if layer.name.endswith("_bn"))


def test_batchnorm_trains_where_it_is_asked_for():
    for model in (
        heads.set_trainable_blocks(backbones.mini_vgg(), ("block4",), batchnorm=True),
        heads.set_trainable_from(backbones.mini_vgg(), "block4", batchnorm=True),
    ):
        norms = {layer.name for layer in model.layers if layer.name.endswith("_bn") and layer.trainable}
        assert norms == {"block4_conv1_bn", "block4_conv2_bn"}


def test_blocks_that_cannot_train_are_named():
    with pytest.raises(TypeError, match=r"blocks must be a sequence of names, such as \('block1',\)"):
        heads.set_trainable_blocks(backbones.mini_vgg(), "block1")
    with pytest.raises(ValueError, match="Unknown block 'block9'. Use some of"):
        heads.set_trainable_blocks(backbones.mini_vgg(), ["block1", "block9"])
    plain = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="block1_conv1")])
    with pytest.raises(ValueError, match="has no BatchNorm, so it cannot train. Use batchnorm='keep'"):
        heads.set_trainable_blocks(plain, ["block1"], batchnorm=True)


def test_a_classifier_is_cut_before_the_first_of_the_named_blocks():
    base = heads.set_trainable_blocks(backbones.fresh(Backbone("shapes")), ["block2"])
    model = heads.classifier(base, 3)
    X = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), "uint8")
    frozen, trained = heads.split_frozen(model)
    assert frozen.output_shape[-1] == 32
    assert heads.count_trainable(trained) == heads.count_trainable(model) == 64 * 9 * (32 + 64) + 129 * 3
    np.testing.assert_allclose(trained(frozen(X)), model(X), atol=1e-4)
