import pickle
import threading

import numpy as np
import pytest
from sklearn.model_selection import learning_curve

from helpers import strategies as s
from helpers.data import synthetic
from helpers.data.folders import load_folder
from helpers.data.image_sets import from_folder
from helpers.networks.backbones import Backbone, fresh
from helpers.strategies import export, trained_network, training


def named(drawer, key, n, seed):
    X, y = drawer(n, seed=seed)
    return X, np.array(synthetic.CLASSES[key])[y]


@pytest.fixture(scope="module")
def streets():
    return named(synthetic.streets, "streets", 60, 1)


@pytest.fixture(scope="module")
def new_shapes():
    return named(synthetic.new_shapes, "new_shapes", 200, 1)


@pytest.fixture(scope="module")
def unseen_shapes():
    return named(synthetic.new_shapes, "new_shapes", 500, 2)


def test_learning_curve_rises(new_shapes):
    _, _, held_out = learning_curve(
        s.LinearProbe(), *new_shapes, train_sizes=[20, 100], cv=2, shuffle=True, random_state=0
    )
    few, many = held_out.mean(axis=1)
    assert many > few > 0.3


@pytest.mark.slow
def test_probe_transfers_where_scratch_fails(new_shapes, unseen_shapes):
    probe = s.LinearProbe().fit(*new_shapes).score(*unseen_shapes)
    scratch = s.FromScratch().fit(*new_shapes).score(*unseen_shapes)
    assert probe > 0.8 and probe > scratch + 0.3


def test_fine_tuning_learns(new_shapes, unseen_shapes):
    assert s.FineTune().fit(*new_shapes).score(*unseen_shapes) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("data, key", [(synthetic.new_shapes, "new_shapes"), (synthetic.streets, "streets")])
def test_lp_ft_starts_as_the_probe(data, key):
    X, y = named(data, key, 80, 1)
    start = s.ProbeThenFineTune(epochs=1, base_lr=1e-12, head_lr=1e-12).fit(X, y)
    probe = s.LinearProbe().fit(X, y)
    np.testing.assert_array_equal(start.predict(X), probe.predict(X))


def test_frozen_blocks_stay_and_the_rest_moves(streets):
    tuned = s.FineTune(from_block="block4", epochs=1).fit(*streets).model_.get_layer("mini_vgg")
    before = fresh(Backbone("shapes"))
    for layer, moves in (("block1_conv1", False), ("block3_conv2", False), ("block4_conv1", True)):
        same = np.array_equal(
            tuned.get_layer(layer).get_weights()[0], before.get_layer(layer).get_weights()[0]
        )
        assert same != moves


def test_frozen_layers_that_run_once_change_nothing_but_the_time(streets, monkeypatch):
    once = s.FineTune(epochs=2).fit(*streets, validation=streets)
    monkeypatch.setattr(trained_network, "MOST_BYTES", 0)  # as for more images than memory holds
    again = s.FineTune(epochs=2).fit(*streets, validation=streets)
    np.testing.assert_allclose(
        once.decision_function(streets[0]), again.decision_function(streets[0]), atol=1e-3
    )
    np.testing.assert_allclose(once.history_["val_loss"], again.history_["val_loss"], rtol=1e-3)


def test_stop_is_heard_while_the_frozen_layers_run(streets):
    stop = threading.Event()
    stop.set()
    strategy = s.FineTune(epochs=30).fit(*streets, stop=stop)
    assert strategy.history_.get("loss", []) == []
    assert strategy.predict(streets[0]).shape == (60,)


def test_a_layer_that_is_named_is_the_one_used():
    for strategy, pooling, default in (
        (s.LinearProbe, "avg", None),
        (s.EarlierLayerSVM, "grid", "block2_pool"),
    ):
        for layer, used in (("block1_pool", "block1_pool"), (None, default)):
            codes = strategy(layer=layer).pipeline()[0]
            assert (codes.layer, codes.pooling) == (used, pooling)


def test_colours_alone_are_a_baseline():
    X = np.zeros((20, 8, 8, 3), np.uint8)
    X[10:, ..., 0] = 200
    y = np.repeat(["black", "red"], 10)
    assert s.NearestColours().fit(X[::2], y[::2]).score(X[1::2], y[1::2]) == 1
    assert s.NearestColours().fit(X[::10], y[::10]).predict(X[[0, 19]]).tolist() in (
        ["black"] * 2,
        ["black", "red"],
    )


@pytest.mark.parametrize(
    "kind, first_layer, head",  # whether they start from other weights for another seed
    [
        ("FineTune", False, True),
        ("FullFineTune", False, True),
        ("ProbeThenFineTune", False, False),
        ("FromScratch", True, True),
    ],
)
def test_a_network_is_made_and_trained_as_its_strategy_says(kind, first_layer, head, streets, monkeypatch):
    starts, settings = [], []

    def recorded(model, X, y, **given):
        starts.append((model.get_weights()[0], model.layers[-1].get_weights()[0]))
        settings.append(given)
        return {}

    monkeypatch.setattr(training, "fit", recorded)
    X, y = streets[0][:12], streets[1][:12]
    watched = {"stop": threading.Event(), "on_epoch": print}
    for seed in (3, 4, 3):
        strategy = getattr(s, kind)(epochs=5, batch_size=7, seed=seed).fit(X, y, validation=(X, y), **watched)
        given = settings[-1]
        assert len(given.pop("validation")) == 2
        rates = {"head_lr": strategy.rates_.head, "base_lr": strategy.rates_.backbone}
        assert given == {"epochs": 5, "batch_size": 7, "seed": seed} | rates | watched
    for one, other, again, changes in zip(*starts, (first_layer, head), strict=True):
        assert np.array_equal(one, again) and np.array_equal(one, other) != changes


@pytest.fixture
def given(monkeypatch):
    """What strategies hand over to the loop that trains, which itself does nothing."""
    calls = []
    monkeypatch.setattr(training, "fit", lambda model, X, y, **given: calls.append({"y": y, **given}) or {})
    return calls


@pytest.mark.parametrize("kind", ["FineTune", "ProbeThenFineTune"])
@pytest.mark.parametrize("block", [None, "block3", "last", "all"])
def test_only_the_blocks_that_are_asked_for_train(kind, block, streets, given):
    from helpers.networks.backbones import fresh
    from helpers.networks.heads import classifier, count_trainable, set_trainable_from

    expected = count_trainable(classifier(set_trainable_from(fresh(Backbone("shapes")), block), 2))
    made = getattr(s, kind)(from_block=block).fit(*streets)
    assert made.trainable_parameters_ == expected


def test_full_fine_tuning_trains_as_much_as_fine_tuning_of_all_blocks(streets, given):
    full, all_blocks = s.FullFineTune().fit(*streets), s.FineTune(from_block="all").fit(*streets)
    assert full.trainable_parameters_ == all_blocks.trainable_parameters_


def test_a_probe_that_is_regularised_more_starts_from_a_smaller_head(streets, given):
    norms = [
        np.linalg.norm(s.ProbeThenFineTune(C=C).fit(*streets).model_.get_layer("head").get_weights()[0])
        for C in (1e-4, 0.1, 10)
    ]
    assert norms[0] < norms[1] < norms[2]


def test_validation_labels_keep_their_class_although_another_class_is_absent(streets, given):
    X, y = streets
    held_out = y == "pedestrian"
    s.FineTune().fit(X, y, validation=(X[held_out], y[held_out]))
    labels = given[0]["validation"][1]
    assert set(labels) == set(given[0]["y"][held_out]) == {1}


def test_without_epochs_there_are_about_120_steps_and_at_least_8_epochs(streets, given):
    s.FineTune(batch_size=7).fit(streets[0][:20], streets[1][:20])
    assert given[0]["epochs"] == 40  # of 3 batches
    assert [trained_network.epochs_for(images, 32) for images in (1, 33, 480, 481, 10_000)] == [
        120,
        60,
        8,
        8,
        8,
    ]


def test_stop_and_history(streets):
    stop = threading.Event()
    strategy = s.FineTune(epochs=30)
    strategy.fit(*streets, stop=stop, on_epoch=lambda epoch, logs: stop.set(), validation=streets)
    assert len(strategy.history_["val_accuracy"]) == 1
    assert strategy.predict(streets[0]).shape == (60,)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda X, y: (X[..., :1], y), "channel"),
        (lambda X, y: (X[0], y), "shape|dimension"),
        (lambda X, y: (X / 255, y), "uint8"),
        (lambda X, y: (np.full(X.shape, np.nan), y), "NaN|nan"),
        (lambda X, y: (X, y[:-1]), "60|59"),
        (lambda X, y: (X, ["one"] * 60), "class"),
        (lambda X, y: (X[:0], y[:0]), "at least one image"),
    ],
)
@pytest.mark.parametrize("kind", ["LinearProbe", "FineTune"])
def test_bad_input_is_named(kind, change, message, streets):
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(s, kind)().fit(*change(*streets))


@pytest.mark.parametrize("kind", ["FromScratch", "FineTune", "ProbeThenFineTune"])
def test_images_that_are_too_small_are_refused(kind, streets):
    X, y = streets
    with pytest.raises(ValueError, match="^Images of 15 x 15 pixels are too small for"):
        getattr(s, kind)().fit(X[:, :15, :15], y)


def test_other_image_sizes_at_predict_are_named(streets):
    probe = s.LinearProbe().fit(*streets)
    with pytest.raises(ValueError, match="Resize"):
        probe.predict(streets[0][:, :16, :16])


@pytest.mark.slow
def test_real_ants_and_bees_with_real_mobilenet_weights(real_data):
    path = str(real_data("weights") / "mobilenet_0.75_224_no_top.weights.h5")
    mobilenet = Backbone("MobileNet", path, (("alpha", 0.75),))
    folder = real_data("hymenoptera")
    X, y, _ = load_folder(folder / "train", image_size=224)
    X_val, y_val, _ = load_folder(folder / "val", image_size=224)
    probe = s.LinearProbe(mobilenet).fit(X, y)
    assert probe.score(X_val, y_val) >= 0.91


@pytest.mark.slow
def test_real_ants_and_bees_with_the_shipped_photo_model(real_data):
    data = from_folder(real_data("hymenoptera"), image_size=64)
    probe = s.LinearProbe(Backbone("photos")).fit(data.X_train, data.y_train)
    assert probe.score(data.X_validation, data.y_validation) > 0.6


def test_only_the_named_blocks_change_and_the_head(streets):
    tuned = s.FineTune(blocks=("block1",), base_lr=1e-2, epochs=1).fit(*streets).model_.get_layer("mini_vgg")
    source = fresh(s.FineTune().backbone)
    changed = [
        layer.name
        for layer in tuned.layers
        if layer.weights and not np.array_equal(layer.weights[0], source.get_layer(layer.name).weights[0])
    ]
    assert changed == ["block1_conv1", "block1_conv2"]


@pytest.mark.parametrize("strategy", [s.FineTune, s.FullFineTune, s.ProbeThenFineTune])
def test_batchnorm_keeps_adapts_or_learns(streets, strategy):
    """Only the last layer's norm: its statistics, and its scale, which training alone changes."""
    last = {}
    for way in ("keep", "adapt", "learn"):
        model = strategy(epochs=1, batchnorm=way).fit(*streets).model_.get_layer("mini_vgg")
        last[way] = [np.array(w) for w in model.get_layer("block4_conv2_bn").weights]
    source = [np.array(w) for w in fresh(Backbone("shapes")).get_layer("block4_conv2_bn").weights]
    changed = {
        way: [not np.array_equal(a, b) for a, b in zip(last[way], source, strict=True)] for way in last
    }
    assert changed == {"keep": [False] * 4, "adapt": [False, False, True, True], "learn": [True] * 4}


@pytest.mark.parametrize("strategy", [s.LinearProbe, s.EarlierLayerSVM])
def test_a_frozen_backbone_adapts_its_batchnorm_and_is_exported_so(streets, strategy):
    kept, adapted = (strategy(batchnorm=way).fit(*streets) for way in ("keep", "adapt"))
    X = streets[0]
    assert not np.allclose(kept.decision_function(X), adapted.decision_function(X), atol=1e-2)
    again = pickle.loads(pickle.dumps(adapted))
    np.testing.assert_array_equal(again.decision_function(X), adapted.decision_function(X))
    scores = export.to_keras(adapted).predict(X, verbose=0)
    np.testing.assert_allclose(scores[:, 1] - scores[:, 0], adapted.decision_function(X), atol=1e-3)
    with pytest.raises(ValueError, match="must be 'keep' or 'adapt', not 'learn'"):
        strategy(batchnorm="learn").fit(*streets)


def test_a_probe_on_adapted_features_is_the_first_head(streets):
    tuned = s.ProbeThenFineTune(batchnorm="adapt", base_lr=1e-9, epochs=1).fit(*streets)
    probe = s.LinearProbe(batchnorm="adapt").fit(*streets)
    np.testing.assert_allclose(
        tuned.decision_function(streets[0]), probe.decision_function(streets[0]), atol=1e-2
    )


def test_a_pickle_of_an_older_version_gets_the_defaults_of_later_arguments(streets):
    probe = s.LinearProbe(C=0.5).fit(*streets)
    state = {name: value for name, value in probe.__getstate__().items() if name != "batchnorm"}
    restored = s.LinearProbe.__new__(s.LinearProbe)
    restored.__setstate__(state)
    assert restored.get_params() == probe.get_params()
    np.testing.assert_array_equal(restored.predict(streets[0]), probe.predict(streets[0]))
